//! Prepaid credits of an account (spec: management-api 9). Amounts are US cents.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::id::AccountId;

/// An account's credits. There is at most one for each account, under its own id.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BillingAccount {
    /// Same as `account_id`.
    pub id: Arc<str>,
    /// Whose it is.
    pub account_id: AccountId,
    /// Every purchase, oldest first.
    pub topups: Vec<Topup>,
    /// When to buy more by itself, and how much.
    pub topup_config: Option<TopupConfig>,
}

/// A purchase of credits.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Topup {
    /// The `payment_intent_id` of the API.
    pub id: Arc<str>,
    /// Cents.
    pub amount: u64,
    /// Bought by the automatic rule.
    pub automatic: bool,
    /// When.
    pub created_at: Timestamp,
}

/// Buys `amount` when the balance falls below `threshold`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TopupConfig {
    /// Cents, at least 1000.
    pub amount: u64,
    /// Cents, at least 500.
    pub threshold: u64,
}

impl BillingAccount {
    /// Everything bought so far, in cents.
    pub fn bought(&self) -> u64 {
        self.topups.iter().map(|topup| topup.amount).fold(0, u64::saturating_add)
    }
}
