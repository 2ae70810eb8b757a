//! `logs.db`: log rows, and their bodies in packs (spec: observability 1.2, 1.11).
//!
//! One thread writes ([`writer`]), fed through a bounded queue; reads have connections of their own
//! ([`reader`]) and so never stand in that queue. A row is narrow, because lists must not touch
//! bodies: texts that repeat are numbers ([`words`]), bodies lie apart, many to a zstd frame
//! ([`pack`]). Which columns there are and in which order, [`columns`] says.
//!
//! The layout was chosen with `examples/append_rate.rs`. In batches of 500, a row costs 3.1 us of
//! processor time and 190 bytes without bodies, about 10 us and 700 bytes with 1 KB of chat on each
//! side; most of the difference is compression. Against it:
//!
//! * An ordinary table with a unique index takes 3.0 us, but 208 bytes, and it scatters the rows of
//!   a gateway over the whole file.
//! * Repeated texts written out in each row take 10 % more time and twice the space.

mod batch;
mod columns;
mod decode;
mod encode;
mod known;
mod pack;
mod reader;
mod recover;
mod words;
mod writer;

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use weir_core::log::{LogRecord, Side};
use weir_core::store::{LogPage, LogQuery, LogStore, StoreResult, StoredLog};
use weir_core::{AccountId, GatewayId, LogId};

use reader::Readers;
use writer::Writer;

/// The log store on SQLite. Dropping it without [`LogStore::close`] loses nothing that was
/// accepted, but does not wait for it either.
///
/// "By creation time" means by id: an id carries the time at which it was made, to the
/// millisecond, and more digits that keep ids of one process in their order.
pub(super) struct SqliteLogStore {
    writer: Writer,
    readers: Arc<Readers>,
}

impl SqliteLogStore {
    /// Opens the file, or a fresh one when it is damaged, and starts the writer.
    pub(super) fn open(path: &Path) -> StoreResult<Self> {
        let connection = recover::open(path).map_err(|fault| fault.at(path))?;
        let writer = Writer::start(path, connection).map_err(|fault| fault.at(path))?;
        Ok(Self { writer, readers: Arc::new(Readers::new(path)) })
    }
}

#[async_trait]
impl LogStore for SqliteLogStore {
    async fn append(&self, batch: Arc<Vec<LogRecord>>) -> StoreResult<()> {
        self.writer.append(batch).await
    }

    async fn list(&self, query: &LogQuery) -> StoreResult<LogPage> {
        let query = query.clone();
        self.readers.run(move |reader| reader.list(&query)).await
    }

    async fn get(
        &self,
        account: &AccountId,
        gateway: &GatewayId,
        id: LogId,
    ) -> StoreResult<Option<StoredLog>> {
        let (account, gateway) = (account.clone(), gateway.clone());
        self.readers.run(move |reader| reader.get(&account, &gateway, id)).await
    }

    async fn body(
        &self,
        account: &AccountId,
        gateway: &GatewayId,
        id: LogId,
        side: Side,
    ) -> StoreResult<Option<Vec<u8>>> {
        let (account, gateway) = (account.clone(), gateway.clone());
        self.readers.run(move |reader| reader.body(&account, &gateway, id, side)).await
    }

    async fn close(&self) -> StoreResult<()> {
        // Readers first: a checkpoint cannot pass a read that is under way.
        self.readers.close().await;
        self.writer.close().await
    }
}

#[cfg(test)]
mod tests;
