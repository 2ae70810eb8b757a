//! Budgets as the API shows them.

use serde::Serialize;
use weir_core::budget::{Budget, BudgetBy, BudgetPeriod, BudgetTerms};
use weir_core::route::Technique;
use weir_core::{GatewayId, Timestamp};

/// A budget.
#[derive(Serialize)]
pub(super) struct View<'a> {
    id: &'a str,
    name: &'a str,
    gateway_id: Option<&'a GatewayId>,
    by: &'a BudgetBy,
    values: &'a [String],
    #[serde(flatten)]
    terms: TermsView,
    enabled: bool,
    created_at: Timestamp,
    modified_at: Timestamp,
}

/// Terms with every field, so that readers need not know the defaults.
#[derive(Clone, Copy, Serialize)]
pub(in crate::v4) struct TermsView {
    unit: &'static str,
    limit: f64,
    period: Option<BudgetPeriod>,
    window: Option<u64>,
    technique: Technique,
    soft: Option<f64>,
    hard: bool,
}

impl<'a> View<'a> {
    pub(super) fn of(budget: &'a Budget) -> Self {
        Self {
            id: &budget.id,
            name: &budget.name,
            gateway_id: budget.gateway_id.as_ref(),
            by: &budget.by,
            values: &budget.values,
            terms: TermsView::of(&budget.terms),
            enabled: budget.enabled,
            created_at: budget.created_at,
            modified_at: budget.modified_at,
        }
    }
}

impl TermsView {
    pub(in crate::v4) fn of(terms: &BudgetTerms) -> Self {
        Self {
            unit: terms.unit.label(),
            limit: terms.limit,
            period: terms.period,
            window: terms.window,
            technique: terms.technique,
            soft: terms.soft,
            hard: terms.hard,
        }
    }
}
