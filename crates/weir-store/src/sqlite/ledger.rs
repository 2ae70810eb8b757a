//! `ledger.db`: what was spent, what is reserved, and the credit journal (spec: data-plane 11.2).
//!
//! The books in memory are the truth while the process lives; a call looks at nothing else. One
//! thread ([`writer`]) takes what changed since it last asked and commits it as a whole ([`file`]),
//! a few milliseconds after it happened. What it cannot write it puts back and tries again, so a
//! disk that refuses costs neither calls nor money, and memory only as much as there are buckets.
//!
//! At the start everything is read back ([`load`]). What a process had reserved when it was killed
//! stays reserved until its lease ends. Only one process may have the file open ([`lock`]): two
//! would each let a whole limit pass.

mod file;
mod journal;
mod load;
mod lock;
mod row;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use weir_core::ledger::{
    Claim, CreditEntry, CreditPage, CreditQuery, CreditSum, CreditSumQuery, Ledger, Measure, Purse,
    Refused, Reservation, Settlement, Standing,
};
use weir_core::store::StoreResult;
use weir_core::{AccountId, Clock, Timestamp};

use self::file::LedgerFile;
use self::writer::Writer;
use super::fault::Fault;
use crate::memory::ledger::{Books, LedgerFigures, MOST, check_entry};

/// [`Ledger`] in memory and on disk.
pub(crate) struct SqliteLedger {
    path: PathBuf,
    books: Arc<Books>,
    writer: Writer,
}

impl SqliteLedger {
    /// Opens the file, creating it if need be, reads everything and starts the writer. Blocks.
    pub(crate) fn open(path: &Path, lease: Duration, clock: Arc<dyn Clock>) -> StoreResult<Self> {
        let open = || {
            let mut file = LedgerFile::open(path, lease)?;
            let books = Arc::new(Books::new(MOST, Some(file.owner())));
            load::load(&mut file, &books, clock.now())?;
            let writer = Writer::start(path, file, Arc::clone(&books), lease, clock)?;
            Ok(Self { path: path.to_owned(), books, writer })
        };
        open().map_err(|fault: Fault| fault.at(path))
    }

    /// Forgets buckets that stand at nothing. To be called now and then.
    pub(crate) fn sweep(&self, now: Timestamp) {
        self.books.sweep(now);
    }

    /// What it holds.
    pub(crate) fn figures(&self) -> LedgerFigures {
        self.books.figures()
    }

    /// Reads the journal, with everything in it that was settled before.
    async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Path) -> Result<T, Fault> + Send + 'static,
    ) -> StoreResult<T> {
        self.writer.flush(true).await?;
        let path = self.path.clone();
        let task =
            tokio::task::spawn_blocking(move || read(&path).map_err(|fault| fault.at(&path)));
        // Fails only when the runtime is going down.
        task.await.unwrap_or_else(|_| Err(Fault::Closed.at(&self.path)))
    }

    /// Returns when everything that changed is written.
    #[cfg(test)]
    pub(crate) async fn flush(&self) -> StoreResult<()> {
        self.writer.flush(false).await
    }

    /// Ends the writer as a crash would: what it has not written is lost.
    #[cfg(test)]
    pub(crate) fn crash(&self) {
        self.writer.crash();
    }
}

#[async_trait]
impl Ledger for SqliteLedger {
    async fn reserve(&self, claims: Arc<[Claim]>, now: Timestamp) -> Result<Reservation, Refused> {
        let reserved = self.books.reserve(claims, now)?;
        let asks = |claim: &Claim| claim.amount > 0 || claim.measure == Measure::Elapsed;
        if reserved.claims().iter().any(asks) {
            self.writer.wake();
        }
        Ok(reserved)
    }

    fn settle(&self, reservation: Reservation, settlement: Settlement, now: Timestamp) {
        self.books.settle(reservation, settlement, now);
        self.writer.wake();
    }

    async fn standing(&self, claim: &Claim, now: Timestamp) -> Standing {
        self.books.standing(claim, now)
    }

    async fn reset(&self, claim: &Claim, now: Timestamp) -> StoreResult<()> {
        self.books.reset(claim, now);
        self.writer.flush(false).await
    }

    async fn purse(&self, account: &AccountId) -> Purse {
        self.books.purse(account)
    }

    async fn credit(&self, entry: CreditEntry) -> StoreResult<bool> {
        check_entry(&entry)?;
        self.writer.credit(entry).await
    }

    async fn journal(&self, query: &CreditQuery) -> StoreResult<CreditPage> {
        let query = query.clone();
        self.read(move |path| journal::page(path, &query)).await
    }

    async fn credit_sums(&self, query: &CreditSumQuery) -> StoreResult<Vec<CreditSum>> {
        self.writer.flush(true).await?;
        let (path, query) = (self.path.clone(), query.clone());
        let read = move || journal::sums(&path, &query).map_err(|fault| fault.at(&path));
        let task = tokio::task::spawn_blocking(read);
        // Fails only when the runtime is going down.
        task.await.unwrap_or_else(|_| Err(Fault::Closed.at(&self.path)))
    }

    async fn close(&self) -> StoreResult<()> {
        self.writer.close().await
    }
}

#[cfg(test)]
mod tests;
