//! A ledger with a journal of credits and nothing spent: the API reserves nothing.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use weir_core::ledger::{
    Claim, CreditEntry, CreditKind, CreditPage, CreditQuery, Ledger, Purse, Refused, Reservation,
    Settlement, Standing,
};
use weir_core::store::StoreResult;
use weir_core::{AccountId, Cost, Timestamp};

/// The journal; a test may add lines of any kind.
#[derive(Default)]
pub(crate) struct FakeLedger(Mutex<Vec<CreditEntry>>);

#[async_trait]
impl Ledger for FakeLedger {
    async fn reserve(&self, _: Arc<[Claim]>, _: Timestamp) -> Result<Reservation, Refused> {
        unreachable!("the API reserves nothing")
    }

    fn settle(&self, _: Reservation, _: Settlement, _: Timestamp) {
        unreachable!("the API settles nothing")
    }

    async fn standing(&self, _: &Claim, _: Timestamp) -> Standing {
        Standing::default()
    }

    async fn reset(&self, _: &Claim, _: Timestamp) -> StoreResult<()> {
        Ok(())
    }

    async fn purse(&self, account: &AccountId) -> Purse {
        let journal = self.0.lock().unwrap();
        let mut purse = Purse::default();
        for entry in journal.iter().filter(|entry| entry.account == *account) {
            if entry.kind == CreditKind::Usage {
                purse.used = purse.used + Cost::from_pico(-entry.amount.pico());
            } else {
                purse.granted = purse.granted + entry.amount;
            }
        }
        purse
    }

    async fn credit(&self, entry: CreditEntry) -> StoreResult<bool> {
        let mut journal = self.0.lock().unwrap();
        let new = journal.iter().all(|other| other.id != entry.id);
        if new {
            journal.push(entry);
        }
        Ok(new)
    }

    async fn journal(&self, query: &CreditQuery) -> StoreResult<CreditPage> {
        let journal = self.0.lock().unwrap();
        let wanted = |entry: &&CreditEntry| {
            entry.account == query.account
                && (query.kinds.is_empty() || query.kinds.contains(&entry.kind))
                && query.from.is_none_or(|from| entry.at >= from)
                && query.to.is_none_or(|to| entry.at < to)
        };
        let mut found: Vec<CreditEntry> = journal.iter().filter(wanted).cloned().collect();
        found.sort_by_key(|entry| entry.at);
        if !query.ascending {
            found.reverse();
        }
        let total = found.len() as u64;
        let (offset, limit) = (query.offset as usize, query.limit as usize);
        let entries = found.into_iter().skip(offset).take(limit).collect();
        Ok(CreditPage { entries, total })
    }

    async fn close(&self) -> StoreResult<()> {
        Ok(())
    }
}
