//! `logs.db`: log rows, and their bodies in packs (spec: observability 1.2, 1.11).
//!
//! One thread writes ([`writer`], on a [`ledger`]), fed through a bounded queue; reads have
//! connections of their own ([`reader`]) and so never stand in that queue. A row is narrow, because
//! lists must not touch bodies: texts that repeat are numbers ([`words`]), bodies lie apart, many to
//! a zstd frame ([`pack`]). Which columns there are and in which order, [`columns`] says.
//!
//! Beside the rows lie two things made of them in the same transaction: [`segment`]s, the columns
//! that filters and orders read ([`query`], [`filter`]), and roll-ups ([`rollup`]), which
//! [`analyse`] reads. [`scan`] reads the rows themselves, where segments cannot help.
//!
//! The layout was chosen with `examples/append_rate.rs`. In batches of 500, a row costs 4.4 us of
//! processor time and 213 bytes without bodies, about 10 us and 730 bytes with 1 KB of chat on each
//! side; most of the difference is compression, and 1.5 us are roll-ups and segments. An ordinary
//! [`trail`] adds 118 bytes and a fifth of the time of a row without bodies. Against it:
//!
//! * An ordinary table with a unique index takes as long, but 18 bytes more, and it scatters the
//!   rows of a gateway over the whole file.
//! * Repeated texts written out in each row take 10 % more time and twice the space.

mod analyse;
mod batch;
mod columns;
mod damage;
mod decode;
mod delete;
mod encode;
mod filter;
mod gateways;
mod known;
mod ledger;
mod pack;
mod patch;
mod query;
mod reader;
mod recover;
mod reprice;
mod rollup;
mod scan;
mod segment;
mod select;
mod summary;
mod trail;
mod values;
mod words;
mod writer;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use weir_core::analytics::{AnalyticsQuery, AnalyticsRow};
use weir_core::log::Side;
use weir_core::log_filter::{LogFilter, LogOrder};
use weir_core::store::{
    Appended, LogBatch, LogCap, LogPage, LogPatch, LogQuery, LogStore, LogSummary, Repricing,
    StoreResult, StoredLog,
};
use weir_core::{AccountId, GatewayId, LogId};

use self::reader::{Reader, Readers};
use self::writer::Writer;
use super::fault::Fault;

/// Most ids looked up at a time when many rows are to be deleted.
const DELETED_AT_A_TIME: u32 = 10_000;

/// The log store on SQLite. Dropping it without [`LogStore::close`] loses nothing that was
/// accepted, but does not wait for it either.
pub(super) struct SqliteLogStore {
    writer: Writer,
    readers: Arc<Readers>,
    /// Those to enforce; the writer has its own copy of those that stop it.
    caps: Mutex<Vec<LogCap>>,
}

impl SqliteLogStore {
    /// Opens the file, or a fresh one when it is damaged, and starts the writer.
    pub(super) fn open(path: &Path) -> StoreResult<Self> {
        let connection = recover::open(path).map_err(|fault| fault.at(path))?;
        let writer = Writer::start(path, connection).map_err(|fault| fault.at(path))?;
        Ok(Self { writer, readers: Arc::new(Readers::new(path)), caps: Mutex::default() })
    }

    /// Reads, and has the writer mend what turned out to be damaged.
    async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&mut Reader) -> Result<T, Fault> + Send + 'static,
    ) -> StoreResult<T> {
        let result = self.readers.run(read).await;
        for gateway in self.readers.damage.take() {
            self.writer.run(move |ledger| ledger.rebuild(gateway)).await?;
        }
        result
    }

    /// Deletes rows of a gateway, piece by piece.
    async fn delete_ids(&self, gateway: i64, mut ids: Vec<LogId>) -> StoreResult<u64> {
        // Neighbours share packs.
        ids.sort_unstable();
        let ids: Arc<[LogId]> = ids.into();
        let (mut seen, mut deleted) = (0, 0);
        while seen < ids.len() {
            let ids = Arc::clone(&ids);
            let piece = self.writer.run(move |ledger| ledger.delete(gateway, &ids[seen..])).await?;
            seen += piece.seen;
            deleted += piece.rows;
        }
        Ok(deleted)
    }

    /// Deletes everything of a gateway without a name, then the gateway itself.
    async fn sweep(&self, number: i64) -> StoreResult<u64> {
        let mut deleted = 0;
        loop {
            let oldest =
                move |reader: &mut reader::Reader| reader.oldest(number, DELETED_AT_A_TIME);
            let ids = self.readers.run(oldest).await?;
            if ids.is_empty() {
                break;
            }
            deleted += self.delete_ids(number, ids).await?;
        }
        while !self.writer.run(move |ledger| ledger.forget_gateway(number)).await? {}
        self.writer.run(|ledger| ledger.settle()).await?;
        Ok(deleted)
    }
}

#[async_trait]
impl LogStore for SqliteLogStore {
    async fn append(&self, batch: Arc<LogBatch>) -> StoreResult<Appended> {
        if batch.records.is_empty() && batch.uncollected.is_empty() {
            return Ok(Appended::default());
        }
        self.writer.run(move |ledger| ledger.append(&batch)).await
    }

    async fn list(&self, query: &LogQuery) -> StoreResult<LogPage> {
        let query = query.clone();
        self.read(move |reader| reader.list(&query)).await
    }

    async fn list_whole(&self, query: &LogQuery) -> StoreResult<LogPage> {
        let query = query.clone();
        self.read(move |reader| reader.list_whole(&query)).await
    }

    async fn summarise(
        &self,
        account: &AccountId,
        gateway: &GatewayId,
        filter: &LogFilter,
    ) -> StoreResult<LogSummary> {
        let (account, gateway, filter) = (account.clone(), gateway.clone(), filter.clone());
        self.read(move |reader| reader.summarise(&account, &gateway, &filter)).await
    }

    async fn get(
        &self,
        account: &AccountId,
        gateway: &GatewayId,
        id: LogId,
    ) -> StoreResult<Option<StoredLog>> {
        let (account, gateway) = (account.clone(), gateway.clone());
        self.read(move |reader| reader.get(&account, &gateway, id)).await
    }

    async fn body(
        &self,
        account: &AccountId,
        gateway: &GatewayId,
        id: LogId,
        side: Side,
        limit: Option<usize>,
    ) -> StoreResult<Option<Vec<u8>>> {
        let (account, gateway) = (account.clone(), gateway.clone());
        self.read(move |reader| reader.body(&account, &gateway, id, side, limit)).await
    }

    async fn patch(
        &self,
        account: &AccountId,
        gateway: &GatewayId,
        id: LogId,
        patch: &LogPatch,
    ) -> StoreResult<bool> {
        let (account, gateway, patch) = (account.clone(), gateway.clone(), patch.clone());
        self.writer.run(move |ledger| ledger.patch(&account, &gateway, id, &patch)).await
    }

    async fn reprice(
        &self,
        account: &AccountId,
        gateway: &GatewayId,
        rows: &[Repricing],
    ) -> StoreResult<u64> {
        let (account, gateway, rows) = (account.clone(), gateway.clone(), rows.to_vec());
        self.writer.run(move |ledger| ledger.reprice(&account, &gateway, &rows)).await
    }

    async fn delete(&self, query: &LogQuery) -> StoreResult<u64> {
        let query = query.clone();
        let found = self.read(move |reader| reader.select(&query)).await?;
        let Some((gateway, ids)) = found else { return Ok(0) };
        let deleted = self.delete_ids(gateway, ids).await?;
        if deleted > 0 {
            self.writer.run(|ledger| ledger.settle()).await?;
        }
        Ok(deleted)
    }

    async fn delete_gateway(&self, account: &AccountId, gateway: &GatewayId) -> StoreResult<u64> {
        let (account, gateway) = (account.clone(), gateway.clone());
        match self.writer.run(move |ledger| ledger.detach_gateway(&account, &gateway)).await? {
            Some(number) => self.sweep(number).await,
            None => Ok(0),
        }
    }

    async fn set_caps(&self, caps: Vec<LogCap>) -> StoreResult<()> {
        self.caps.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&caps);
        self.writer
            .run(move |ledger| {
                ledger.kept.gateways.set_caps(&caps);
                Ok(())
            })
            .await
    }

    async fn enforce_caps(&self) -> StoreResult<u64> {
        // Deletions that the end of the program, or of whoever asked for them, cut short.
        for number in self.readers.run(|reader| reader.detached()).await? {
            self.sweep(number).await?;
        }
        let caps = self.caps.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut deleted = 0;
        for cap in caps.into_iter().filter(|cap| !cap.stop_inserting) {
            let (account, gateway) = (cap.account.clone(), cap.gateway.clone());
            let found = self.read(move |reader| reader.gateway(&account, &gateway)).await?;
            let rows = found.map_or(0, |found| found.rows);
            if rows <= cap.rows {
                continue;
            }
            let mut surplus = rows - (cap.rows - cap.rows.div_ceil(100));
            while surplus > 0 {
                let limit = u32::try_from(surplus).unwrap_or(u32::MAX).min(DELETED_AT_A_TIME);
                let query = LogQuery {
                    account: cap.account.clone(),
                    gateway: cap.gateway.clone(),
                    filter: LogFilter::default(),
                    order: LogOrder::CreatedAt,
                    ascending: true,
                    offset: 0,
                    limit,
                };
                let gone = self.delete(&query).await?;
                deleted += gone;
                // Fewer than asked for: somebody else deletes, too.
                surplus = if gone < limit.into() { 0 } else { surplus - gone };
            }
        }
        Ok(deleted)
    }

    async fn analyse(&self, query: &AnalyticsQuery) -> StoreResult<Vec<AnalyticsRow>> {
        let query = query.clone();
        self.read(move |reader| reader.analyse(&query)).await
    }

    async fn sizes(&self, account: &AccountId) -> StoreResult<Vec<(GatewayId, u64)>> {
        let account = account.clone();
        self.read(move |reader| reader.sizes(&account)).await
    }

    async fn close(&self) -> StoreResult<()> {
        // Readers first: a checkpoint cannot pass a read that is under way.
        self.readers.close().await;
        self.writer.close().await
    }
}

#[cfg(test)]
mod tests;
