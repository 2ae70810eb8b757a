//! The ledger of one process, in memory. It begins at nothing when it starts.
//!
//! [`books`] reserves and settles: buckets lie in [`shard`]s under a lock each; a call with several
//! claims takes the locks it needs in order, looks at all buckets, and changes them or none. What is
//! reserved is noted once more by call ([`open`]), and what credits pay by account ([`purses`]).
//! The ledger on disk is the same books, and a thread that writes what changed.

mod books;
mod bucket;
mod journal;
mod open;
mod purses;
mod shard;
mod slot;

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use weir_core::ledger::{
    Claim, CreditEntry, CreditPage, CreditQuery, Ledger, Purse, Refused, Reservation, Settlement,
    Standing,
};
use weir_core::store::StoreResult;
use weir_core::{AccountId, Timestamp};

pub use self::books::LedgerFigures;
pub(crate) use self::books::{Books, Changes};
use self::journal::Journal;
pub(crate) use self::journal::check as check_entry;
pub(crate) use self::open::{Held, Row};
pub(crate) use self::purses::{Line, Target};
pub(crate) use self::slot::Slot;
use super::table::locked;

/// Buckets that are kept at most; each takes some 100 bytes.
pub(crate) const MOST: usize = 1_000_000;

/// [`Ledger`] in the memory of one process.
///
/// Its journal of credits is kept whole for as long as the process lives, so it is for tests and
/// rehearsals. Calls of the same target that end between two looks at the journal share a line.
pub struct MemoryLedger {
    books: Arc<Books>,
    journal: Mutex<Journal>,
}

impl Default for MemoryLedger {
    fn default() -> Self {
        Self::with_capacity(MOST)
    }
}

impl MemoryLedger {
    /// Holds about `most` buckets. A key that comes when there is no room shares one bucket with
    /// all such keys of the same limit and span in its shard: they get less than their limit
    /// together, never more. Credits always have a bucket of their own.
    pub fn with_capacity(most: usize) -> Self {
        Self { books: Arc::new(Books::new(most, None)), journal: Mutex::default() }
    }

    /// Forgets buckets that stand at nothing. To be called now and then.
    pub fn sweep(&self, now: Timestamp) {
        self.books.sweep(now);
    }

    /// What it holds.
    pub fn figures(&self) -> LedgerFigures {
        self.books.figures()
    }
}

#[async_trait]
impl Ledger for MemoryLedger {
    async fn reserve(&self, claims: Arc<[Claim]>, now: Timestamp) -> Result<Reservation, Refused> {
        self.books.reserve(claims, now)
    }

    fn settle(&self, reservation: Reservation, settlement: Settlement, now: Timestamp) {
        self.books.settle(reservation, settlement, now);
    }

    async fn standing(&self, claim: &Claim, now: Timestamp) -> Standing {
        self.books.standing(claim, now)
    }

    async fn reset(&self, claim: &Claim, now: Timestamp) -> StoreResult<()> {
        self.books.reset(claim, now);
        Ok(())
    }

    async fn purse(&self, account: &AccountId) -> Purse {
        self.books.purse(account)
    }

    async fn credit(&self, entry: CreditEntry) -> StoreResult<bool> {
        check_entry(&entry)?;
        let mut journal = locked(&self.journal);
        let added = journal.add(entry.clone());
        if added {
            self.books.grant(&entry);
        }
        Ok(added)
    }

    async fn journal(&self, query: &CreditQuery) -> StoreResult<CreditPage> {
        let mut journal = locked(&self.journal);
        let ended = self.books.take_changes(Timestamp::from_millis(0), true).lines.ended;
        for (target, line) in ended {
            journal.add(line.entry(&target));
        }
        Ok(journal.page(query))
    }

    async fn close(&self) -> StoreResult<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
