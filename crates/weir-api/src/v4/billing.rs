//! Prepaid credits: a ledger kept here, without a payment service (spec: management-api 9,
//! observability 8.2). All amounts are US cents.
//!
//! Credits come from top-ups, which complete at once. They are used up by calls with
//! platform-managed keys, as the roll-ups count them; what a call costs is not written down twice.

mod balance;
mod invoices;
mod preview;
mod spending_limit;
mod topup;
mod topup_config;
mod usage;
mod wholesale;

use std::sync::Arc;

use serde_json::Number;
use weir_core::billing::BillingAccount;
use weir_core::config::Configuration;
use weir_core::{AccountId, Cost};

use crate::error::ApiError;
use crate::routes::Table;

/// Cents of the smallest top-up (spec: management-api 9).
const LEAST_TOPUP: f64 = 1_000.0;
/// Cents of the largest top-up: a million dollars.
const MOST_TOPUP: f64 = 100_000_000.0;

/// The currency of every amount.
const CURRENCY: &str = "usd";

pub(crate) fn routes(table: Table) -> Table {
    let table = balance::routes(table);
    let table = invoices::routes(table);
    let table = preview::routes(table);
    let table = usage::routes(table);
    let table = spending_limit::routes(table);
    let table = topup::routes(table);
    topup_config::routes(table)
}

/// The account's ledger; an empty one before its first entry.
fn ledger(now: &Configuration, account: &AccountId) -> Arc<BillingAccount> {
    now.get::<BillingAccount>(account, account.as_str()).cloned().unwrap_or_else(|| {
        Arc::new(BillingAccount {
            id: account.as_str().into(),
            account_id: account.clone(),
            topups: Vec::new(),
            topup_config: None,
        })
    })
}

/// A JSON number as whole cents. Clients that count in floats send `1000.0`.
fn whole_cents(field: &str, amount: &Number) -> Result<u64, ApiError> {
    let refuse = || ApiError::body(field, format!("{field} must be a whole number of cents"));
    if let Some(cents) = amount.as_u64() {
        return Ok(cents);
    }
    // The schema keeps amounts far below the point where floats skip whole numbers.
    let cents = amount.as_f64().filter(|cents| cents.fract() == 0.0).ok_or_else(refuse)?;
    format!("{cents:.0}").parse().map_err(|_| refuse())
}

/// A cost in whole cents; what is begun counts.
fn cents_of(cost: Cost) -> u64 {
    const PICO_IN_A_CENT: u64 = Cost::SCALE.unsigned_abs() / 100;
    cost.pico().max(0).unsigned_abs().div_ceil(PICO_IN_A_CENT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cent_that_is_begun_counts() {
        for (pico, cents) in [(0, 0), (1, 1), (10_000_000_000, 1), (10_000_000_001, 2), (-5, 0)] {
            assert_eq!(cents_of(Cost::from_pico(pico)), cents);
        }
    }

    #[test]
    fn cents_are_whole_however_they_are_written() {
        let read = |text: &str| whole_cents("amount", &serde_json::from_str(text).unwrap()).ok();
        assert_eq!(read("1000"), Some(1000));
        assert_eq!(read("1000.0"), Some(1000));
        assert_eq!(read("1e5"), Some(100_000));
        assert_eq!(read("1000.5"), None);
    }
}
