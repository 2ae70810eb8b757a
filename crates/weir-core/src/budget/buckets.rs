//! From budgets to buckets of the ledger, and from the ledger's figures back to a budget's unit.

use super::{Budget, BudgetTerms, BudgetUnit};
use crate::cost::Cost;
use crate::counters::CounterKey;
use crate::id::AccountId;
use crate::ledger::Claim;

impl BudgetTerms {
    /// What a call asks of the bucket `key`, held to these terms.
    pub fn claim(&self, key: CounterKey, amount: u64) -> Claim {
        Claim { key, span: self.span(), measure: self.unit.measure(), limit: self.most(), amount }
    }

    /// A figure of the ledger in the unit of the budget: dollars, tokens, requests, seconds.
    #[expect(clippy::cast_precision_loss, reason = "a figure to show; sums use the integer")]
    pub fn in_unit(&self, figure: u64) -> f64 {
        let scale = match self.unit {
            BudgetUnit::Dollars => Cost::SCALE as f64,
            BudgetUnit::Tokens | BudgetUnit::Requests => 1.0,
            BudgetUnit::Seconds => 1000.0,
        };
        figure as f64 / scale
    }

    /// Names the bucket of a token's own budget of these terms. A token has one budget at most for
    /// each unit and time, see [`BudgetTerms::shares_a_bucket`].
    pub fn token_key(&self, account: &AccountId, token_id: &str) -> CounterKey {
        let parts = ["token-budget", account.as_str(), token_id, self.unit.label()];
        CounterKey::of(&parts.map(str::as_bytes))
    }

    /// Whether two budgets of one token would count in the same bucket, and so count twice.
    pub fn shares_a_bucket(&self, other: &Self) -> bool {
        self.unit == other.unit && self.span() == other.span()
    }
}

impl Budget {
    /// The value that stands for all calls together, where the budget does not tell them apart.
    pub const ALL: &'static str = "";

    /// What a call asks of the bucket of a value.
    pub fn claim(&self, value: &str, amount: u64) -> Claim {
        self.terms.claim(self.key(value), amount)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::BudgetPeriod;
    use crate::route::Technique;

    #[test]
    fn figures_come_back_in_the_unit_they_were_set_in() {
        for (unit, limit) in [
            (BudgetUnit::Dollars, 12.5),
            (BudgetUnit::Tokens, 1000.0),
            (BudgetUnit::Requests, 3.0),
            (BudgetUnit::Seconds, 0.25),
        ] {
            let terms = BudgetTerms {
                unit,
                limit,
                period: Some(BudgetPeriod::Daily),
                window: None,
                technique: Technique::Fixed,
                soft: None,
                hard: true,
            };
            assert!((terms.in_unit(terms.most()) - limit).abs() < 1e-9, "{unit:?}");
            let claim = terms.claim(terms.token_key(&"acc".into(), "t"), 7);
            assert_eq!((claim.limit, claim.amount, claim.span), (terms.most(), 7, terms.span()));
            assert!(terms.shares_a_bucket(&BudgetTerms { limit: 1.0, ..terms }));
            let forever = BudgetTerms { period: Some(BudgetPeriod::Total), ..terms };
            assert!(!terms.shares_a_bucket(&forever));
        }
    }
}
