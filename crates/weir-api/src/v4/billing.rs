//! Prepaid credits (spec: management-api 9, observability 8.2). Without a payment service behind it,
//! whoever may write grants them; amounts are US cents unless a field says otherwise.
//!
//! The books are the ledger's credit journal: lines for what was bought or corrected, and for what
//! calls with platform-managed keys used. Nothing here is counted a second time from elsewhere, so
//! balance, history, invoices and statement agree.

mod adjustments;
mod balance;
mod credit;
mod invoices;
mod journal;
mod money;
mod month;
mod preview;
mod spending_limit;
mod statement;
mod topup;
mod topup_config;
mod usage;

use std::sync::Arc;

use weir_core::AccountId;
use weir_core::billing::BillingAccount;
use weir_core::config::Configuration;

use crate::routes::Table;

/// Cents of the smallest top-up (spec: management-api 9).
const LEAST_TOPUP: f64 = 1_000.0;
/// Cents of the largest top-up: a million dollars.
const MOST_TOPUP: f64 = 100_000_000.0;

/// The currency of every amount.
const CURRENCY: &str = "usd";

pub(crate) fn routes(table: Table) -> Table {
    let table = adjustments::routes(table);
    let table = balance::routes(table);
    let table = invoices::routes(table);
    let table = journal::routes(table);
    let table = preview::routes(table);
    let table = statement::routes(table);
    let table = usage::routes(table);
    let table = spending_limit::routes(table);
    let table = topup::routes(table);
    topup_config::routes(table)
}

/// What is set for the account's credits; nothing before anybody set it.
fn settings(now: &Configuration, account: &AccountId) -> Arc<BillingAccount> {
    now.get::<BillingAccount>(account, account.as_str()).cloned().unwrap_or_else(|| {
        Arc::new(BillingAccount {
            id: account.as_str().into(),
            account_id: account.clone(),
            topups: Vec::new(),
            topup_config: None,
        })
    })
}
