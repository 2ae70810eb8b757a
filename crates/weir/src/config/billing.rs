//! `[billing]`: what the operator takes for platform-managed keys.

use serde::{Deserialize, Serialize};

use super::Problem;

/// Percentages, zero by default.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct BillingSection {
    /// On top of a top-up.
    pub(crate) fee_percent: f64,
    /// On what a call costs at its provider.
    pub(crate) markup_percent: f64,
}

impl BillingSection {
    /// What the data plane takes.
    pub(crate) fn rates(self) -> weir_proxy::Billing {
        weir_proxy::Billing::of_percent(self.markup_percent, self.fee_percent)
    }

    pub(super) fn validate(&self, problems: &mut Vec<Problem>) {
        if !(0.0..=100.0).contains(&self.fee_percent) {
            problems.push(Problem::new("billing.fee_percent", "must be from 0 to 100"));
        }
        if !(0.0..=1000.0).contains(&self.markup_percent) {
            problems.push(Problem::new("billing.markup_percent", "must be from 0 to 1000"));
        }
    }
}
