//! Prepaid credits: what calls with the operator's keys may still cost (spec: data-plane 11.3).
//!
//! Bought credits stand in the configuration; used ones are summed here as calls finish, on top of
//! what the log store had when the process started. As in the original a call is let in while
//! anything is left, and the balance may fall below zero by what was under way.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use weir_core::billing::BillingAccount;
use weir_core::{AccountId, Cost, Snapshot};

const PICO_IN_A_CENT: i128 = Cost::SCALE as i128 / 100;

/// The used credits of every account.
#[derive(Debug, Default)]
pub struct Credits {
    used: Mutex<HashMap<AccountId, Cost>>,
}

impl Credits {
    /// Begins with what was used before.
    pub fn starting_with(used: HashMap<AccountId, Cost>) -> Self {
        Self { used: Mutex::new(used) }
    }

    /// Whether the account has anything left.
    pub(crate) fn is_left(&self, snapshot: &Snapshot, account: &AccountId) -> bool {
        let configuration = snapshot.configuration();
        let bought = configuration.get::<BillingAccount>(account, account.as_str());
        let bought = bought.map_or(0, |ledger| ledger.bought());
        let used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let used = used.get(account).copied().unwrap_or_default();
        i128::from(bought) * PICO_IN_A_CENT > i128::from(used.pico())
    }

    /// Takes the cost of a finished call off.
    pub(crate) fn charge(&self, account: &AccountId, cost: Cost) {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let sum = used.entry(account.clone()).or_default();
        *sum = [*sum, cost].into_iter().sum();
    }
}

#[cfg(test)]
mod tests {
    use weir_core::Timestamp;
    use weir_core::billing::Topup;
    use weir_core::config::{Configuration, Resource as _};

    use super::*;

    #[test]
    fn credits_are_used_up() {
        let account = AccountId::from("acc1");
        let topup = Topup {
            id: "t".into(),
            amount: 1,
            automatic: false,
            created_at: Timestamp::from_millis(0),
        };
        let ledger = BillingAccount {
            id: "acc1".into(),
            account_id: account.clone(),
            topups: vec![topup],
            topup_config: None,
        };
        let mut configuration = Configuration::default();
        configuration.put(&ledger.into_object());
        let snapshot = Snapshot::new(configuration);
        let credits = Credits::default();
        assert!(credits.is_left(&snapshot, &account));
        assert!(!credits.is_left(&snapshot, &"acc2".into()));
        credits.charge(&account, Cost::from_pico(10_000_000_000));
        assert!(!credits.is_left(&snapshot, &account));
    }
}
