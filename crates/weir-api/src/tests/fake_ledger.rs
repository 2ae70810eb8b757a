//! A ledger in memory: buckets stand at what a test puts in, credits are what the journal says.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use weir_core::counters::CounterKey;
use weir_core::ledger::{
    Claim, CreditEntry, CreditKind, CreditPage, CreditQuery, Ledger, Purse, Refused, Reservation,
    Settlement, Span, Standing,
};
use weir_core::store::StoreResult;
use weir_core::{AccountId, Cost, Timestamp};

/// Everything behind two locks.
#[derive(Default)]
pub(crate) struct FakeLedger {
    standings: Mutex<HashMap<(CounterKey, Span), Standing>>,
    journal: Mutex<Vec<CreditEntry>>,
}

impl FakeLedger {
    pub(crate) fn set(&self, claim: &Claim, standing: Standing) {
        self.standings.lock().unwrap().insert((claim.key, claim.span), standing);
    }

    /// Writes a line as a settlement would.
    pub(crate) fn write(&self, entry: CreditEntry) {
        self.journal.lock().unwrap().push(entry);
    }

    pub(crate) fn lines(&self) -> Vec<CreditEntry> {
        self.journal.lock().unwrap().clone()
    }
}

#[async_trait]
impl Ledger for FakeLedger {
    async fn reserve(&self, _: Arc<[Claim]>, _: Timestamp) -> Result<Reservation, Refused> {
        unreachable!("the API reserves nothing")
    }

    fn settle(&self, _: Reservation, _: Settlement, _: Timestamp) {
        unreachable!("the API reserves nothing")
    }

    async fn standing(&self, claim: &Claim, _: Timestamp) -> Standing {
        let standings = self.standings.lock().unwrap();
        standings.get(&(claim.key, claim.span)).copied().unwrap_or_default()
    }

    async fn reset(&self, claim: &Claim, _: Timestamp) -> StoreResult<()> {
        if let Some(standing) = self.standings.lock().unwrap().get_mut(&(claim.key, claim.span)) {
            standing.spent = 0;
        }
        Ok(())
    }

    async fn purse(&self, account: &AccountId) -> Purse {
        let journal = self.journal.lock().unwrap();
        let mut purse = Purse::default();
        for entry in journal.iter().filter(|entry| entry.account == *account) {
            match entry.kind {
                CreditKind::Usage => {
                    purse.used = purse.used + Cost::from_pico(-entry.amount.pico());
                }
                _ => purse.granted = purse.granted + entry.amount,
            }
        }
        purse
    }

    async fn credit(&self, entry: CreditEntry) -> StoreResult<bool> {
        let mut journal = self.journal.lock().unwrap();
        if journal.iter().any(|other| other.id == entry.id) {
            return Ok(false);
        }
        journal.push(entry);
        Ok(true)
    }

    async fn journal(&self, query: &CreditQuery) -> StoreResult<CreditPage> {
        let mut lines: Vec<CreditEntry> = self
            .lines()
            .into_iter()
            .filter(|entry| entry.account == query.account)
            .filter(|entry| query.kinds.is_empty() || query.kinds.contains(&entry.kind))
            .filter(|entry| query.from.is_none_or(|from| from <= entry.at))
            .filter(|entry| query.to.is_none_or(|to| entry.at < to))
            .collect();
        lines.sort_by_key(|entry| entry.at);
        if !query.ascending {
            lines.reverse();
        }
        let total = lines.len() as u64;
        let offset = usize::try_from(query.offset).unwrap();
        let entries = lines.into_iter().skip(offset).take(query.limit as usize).collect();
        Ok(CreditPage { entries, total })
    }

    async fn close(&self) -> StoreResult<()> {
        Ok(())
    }
}
