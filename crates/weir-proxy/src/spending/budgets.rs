//! Budgets of the account and of the caller's token: which hold for a call, and by which buckets
//! (spec: observability 8).

use std::borrow::Cow;

use weir_core::budget::{Budget, BudgetBy, BudgetTerms, BudgetUnit};
use weir_core::ledger::Claim;

use super::Scope;
use super::demand::{Demand, Of, Unit};
use super::target::Target;
use crate::exchange::Facts;

/// What a call may use, in each unit.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Amounts {
    /// Pico-dollars that are set apart.
    pub(super) cost: u64,
    /// Tokens that are set apart.
    pub(super) tokens: u64,
}

impl Amounts {
    /// What is set apart in a unit.
    const fn of(self, unit: BudgetUnit) -> u64 {
        match unit {
            BudgetUnit::Dollars => self.cost,
            // A call that nobody could estimate finds a full budget full.
            BudgetUnit::Tokens => {
                if self.tokens == 0 {
                    1
                } else {
                    self.tokens
                }
            }
            BudgetUnit::Requests => 1,
            BudgetUnit::Seconds => 0,
        }
    }
}

/// Adds what a budget asks of a call: for each value of what it goes by that the call has.
pub(super) fn of_account(
    facts: &Facts,
    budget: &Budget,
    target: &Target,
    amounts: Amounts,
    into: &mut Vec<Demand>,
) {
    if !counts(facts.scope, &budget.terms) || budget.gateway_id.is_some() && !of_gateway(facts) {
        return;
    }
    for value in values(facts, budget, target) {
        let claim = budget.claim(&value, amounts.of(budget.terms.unit));
        let value = (value != Budget::ALL).then(|| value.into());
        into.push(demand(&budget.name, &budget.terms, claim, value));
    }
}

/// Adds what the budgets of the caller's token ask of a call.
pub(super) fn of_token(facts: &Facts, amounts: Amounts, into: &mut Vec<Demand>) {
    let Some(token) = &facts.caller.token else { return };
    for terms in token.budgets.iter().filter(|terms| counts(facts.scope, terms)) {
        let key = terms.token_key(&token.account_id, &token.id);
        let claim = terms.claim(key, amounts.of(terms.unit));
        into.push(demand(&format!("token {}", token.name), terms, claim, None));
    }
}

/// Whether a call of this scope counts in such a budget. What serves another call is no request of
/// its own.
fn counts(scope: Scope, terms: &BudgetTerms) -> bool {
    let is_of_calls = matches!(terms.unit, BudgetUnit::Requests | BudgetUnit::Seconds);
    !(is_of_calls && scope == Scope::Beside)
}

fn of_gateway(facts: &Facts) -> bool {
    facts.scope != Scope::Account
}

fn demand(name: &str, terms: &BudgetTerms, claim: Claim, value: Option<Box<str>>) -> Demand {
    // One that only warns refuses nobody.
    let limit = if terms.hard { claim.limit } else { u64::MAX };
    let unit = match terms.unit {
        BudgetUnit::Dollars => Unit::Cost,
        BudgetUnit::Tokens => Unit::Tokens,
        BudgetUnit::Requests => Unit::Requests,
        BudgetUnit::Seconds => Unit::Time,
    };
    let of = Of::Budget { name: name.into(), terms: *terms };
    Demand { claim: Claim { limit, ..claim }, unit, of, value }
}

/// The call's values of what a budget goes by, less those that it is not about. A call without any
/// is not limited by it.
fn values<'a>(facts: &'a Facts, budget: &Budget, target: &Target) -> Vec<Cow<'a, str>> {
    let one = |value: Option<Cow<'a, str>>| value.into_iter().collect::<Vec<_>>();
    let text = |value: &'a str| one(Some(Cow::Borrowed(value)));
    let label = |name: &str| facts.options.metadata.as_ref().and_then(|labels| labels.text(name));
    let claims = facts.caller.claims.as_deref();
    let found = match &budget.by {
        BudgetBy::Account => return text(Budget::ALL),
        BudgetBy::Gateway => text(facts.gateway.id.as_str()),
        BudgetBy::User => {
            let user = claims.and_then(|claims| claims.user_id.as_deref());
            one(user.map(Cow::Borrowed).or_else(|| label("cf.user_id")))
        }
        BudgetBy::Team => match claims.and_then(|claims| claims.user_groups.as_deref()) {
            Some(groups) if !groups.is_empty() => {
                let mut groups: Vec<Cow<'a, str>> =
                    groups.iter().map(|group| Cow::Borrowed(group.as_str())).collect();
                // One that is named twice counts once.
                groups.sort_unstable();
                groups.dedup();
                groups
            }
            _ => one(label("team")),
        },
        BudgetBy::Token => one(facts.caller.token.as_ref().map(|token| Cow::Borrowed(&*token.id))),
        BudgetBy::Provider => one(Some(target.provider.as_str().to_owned().into())),
        BudgetBy::Model => {
            if target.model.is_empty() {
                return Vec::new();
            }
            // Models that a pattern stands for are counted together, under the pattern.
            let fits = budget.values.iter().find(|pattern| target.named().fits(pattern));
            return match (budget.values.is_empty(), fits) {
                (true, _) => one(Some(target.named().full_name().into())),
                (false, Some(pattern)) => one(Some(pattern.clone().into())),
                (false, None) => Vec::new(),
            };
        }
        BudgetBy::Session => one(facts.options.session.as_deref().map(Cow::Borrowed)),
        BudgetBy::Metadata(name) => one(label(name)),
    };
    let is_meant = |value: &Cow<'_, str>| {
        budget.values.is_empty() || budget.values.iter().any(|it| it == value)
    };
    found.into_iter().filter(is_meant).collect()
}
