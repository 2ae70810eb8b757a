//! The traits behind which durable data lies. Business words, owned values, one error type.
//!
//! A store is done when it passes the contract suite of `weir-store`; which one is there, nobody
//! above these traits asks.

use std::sync::Arc;

use async_trait::async_trait;

use crate::analytics::{AnalyticsQuery, AnalyticsRow, RollupKey, RollupSums};
use crate::audit::{AuditPage, AuditQuery, AuditRecord};
use crate::clock::Timestamp;
use crate::config::{Commit, Configuration};
use crate::cost::Cost;
use crate::id::{AccountId, GatewayId, LogId};
use crate::log::{LogRecord, Side};
use crate::log_filter::{LogFilter, LogOrder};
use crate::trail::PriceTrail;

/// Why a store could not do something.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Somebody else's change came first: look again and try again.
    #[error("the configuration was changed by somebody else at the same moment")]
    Conflict,
    /// The answer would be larger than its asker permits: ask for less.
    #[error("the answer would have too many groups")]
    TooManyGroups,
    /// Anything else: locked, full, broken. For the operator.
    #[error("store failed: {0}")]
    Other(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// What a store answers.
pub type StoreResult<T> = Result<T, StoreError>;

/// Everything operators made, and the record of who made it: the one source of truth. The data
/// plane never reads it, only the [`crate::Snapshot`] made from [`ConfigStore::load`].
///
/// It checks nothing but the generation. What may be stored is the business of whoever makes the
/// commit, and since a commit holds only for the state it was made against, its checks hold, too.
#[async_trait]
pub trait ConfigStore: Send + Sync {
    /// Everything, as of one generation.
    async fn load(&self) -> StoreResult<Configuration>;
    /// The present generation; cheap, asked every second or so to notice other writers.
    async fn generation(&self) -> StoreResult<u64>;
    /// Makes all changes and keeps all audit records, or nothing. The generation is then
    /// `commit.base + 1`, and is returned. `Conflict` when it was not `commit.base`.
    async fn commit(&self, commit: &Commit) -> StoreResult<u64>;
    /// Keeps an audit record of a deed that changed no configuration.
    async fn record(&self, record: &AuditRecord) -> StoreResult<()>;
    /// A page of audit records, newest first.
    async fn audit(&self, query: &AuditQuery) -> StoreResult<AuditPage>;
}

/// Log rows to keep, and calls to count.
#[derive(Clone, Debug, Default)]
pub struct LogBatch {
    /// Rows to keep. Each counts in the roll-ups by itself.
    pub records: Vec<LogRecord>,
    /// Calls that count in the roll-ups and leave no row.
    pub uncollected: Vec<(RollupKey, RollupSums)>,
}

/// What became of a batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Appended {
    /// Rows that are kept now, those of an earlier try included.
    pub kept: u64,
    /// Rows not kept because their gateway is full (`STOP_INSERTING`). They count in the roll-ups.
    pub refused: u64,
}

/// How many rows a gateway may have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogCap {
    /// Account of the gateway.
    pub account: AccountId,
    /// The gateway.
    pub gateway: GatewayId,
    /// Rows.
    pub rows: u64,
    /// Refuse new rows at the cap; otherwise the oldest are deleted, in the background.
    pub stop_inserting: bool,
}

/// Which rows of one gateway to list.
#[derive(Clone, Debug)]
pub struct LogQuery {
    /// Account of the gateway.
    pub account: AccountId,
    /// The gateway.
    pub gateway: GatewayId,
    /// Which rows.
    pub filter: LogFilter,
    /// Sorted by what.
    pub order: LogOrder,
    /// Smallest first.
    pub ascending: bool,
    /// Rows to pass over.
    pub offset: u64,
    /// Rows to give at most.
    pub limit: u32,
}

/// A page of rows.
#[derive(Clone, Debug)]
pub struct LogPage {
    /// The rows, without bodies (`Payload::Omitted` or empty).
    pub rows: Vec<StoredLog>,
    /// Rows that the query matches in all.
    pub total: u64,
}

/// A row as read back.
#[derive(Clone, Debug)]
pub struct StoredLog {
    /// The row; its payload is never filled in.
    pub record: LogRecord,
    /// Whether the bodies can be read.
    pub payload_stored: bool,
    /// A person's verdict, from -1 to 1.
    pub feedback: Option<f64>,
    /// A score, from 0 to 100.
    pub score: Option<f64>,
    /// Costs that it had before it was priced anew, the oldest first. Like the trail it is read with
    /// whole rows only.
    pub cost_history: Vec<FormerCost>,
}

/// A cost that a row had once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormerCost {
    /// The cost, if one was known.
    pub cost: Option<Cost>,
    /// The price row it came of.
    pub price_id: Option<Arc<str>>,
    /// When another took its place. Each of a row has a moment of its own.
    pub at: Timestamp,
}

/// A row priced anew.
#[derive(Clone, Debug)]
pub struct Repricing {
    /// The row.
    pub id: LogId,
    /// The cost it is taken to have. A row that has another meanwhile stays as it is, so that nothing
    /// is corrected twice.
    pub was: Option<Cost>,
    /// The cost it gets.
    pub cost: Cost,
    /// What that is made of; its `id` is the row's price from now on.
    pub price: PriceTrail,
    /// Now.
    pub at: Timestamp,
}

/// What to change in a row: `None` leaves it, `Some(None)` clears it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LogPatch {
    /// See [`StoredLog::feedback`].
    pub feedback: Option<Option<f64>>,
    /// See [`StoredLog::score`].
    pub score: Option<Option<f64>>,
    /// The metadata as JSON text.
    pub metadata: Option<Option<Box<str>>>,
}

/// Figures over all rows that match a filter.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LogSummary {
    /// Rows.
    pub rows: u64,
    /// Smallest and largest cost, of rows that have one.
    pub cost: Option<(Cost, Cost)>,
    /// Sum of the costs.
    pub cost_sum: Cost,
    /// Rows with a known cost.
    pub cost_rows: u64,
    /// Smallest and largest duration in milliseconds.
    pub duration: Option<(u64, u64)>,
    /// Sum of the durations.
    pub duration_sum: u64,
    /// Smallest and largest number of input tokens, of rows that have one.
    pub tokens_in: Option<(u64, u64)>,
    /// Smallest and largest number of output tokens, of rows that have one.
    pub tokens_out: Option<(u64, u64)>,
    /// Smallest and largest sum of both, of rows that have one.
    pub total_tokens: Option<(u64, u64)>,
    /// Rows with positive feedback.
    pub positive: u64,
    /// Rows with negative feedback.
    pub negative: u64,
}

/// Log rows and their bodies, and the roll-ups over them.
#[async_trait]
pub trait LogStore: Send + Sync {
    /// Adds rows and counts calls, all or none; a row whose id is there already is passed over, so
    /// a batch may be sent again after a failure. May take as long as the disk takes: never called
    /// on the request path.
    async fn append(&self, batch: Arc<LogBatch>) -> StoreResult<Appended>;
    /// A page of a gateway's rows.
    async fn list(&self, query: &LogQuery) -> StoreResult<LogPage>;
    /// The same page with everything of each row, as [`LogStore::get`] gives it. Rows that are deleted
    /// meanwhile may be missing.
    async fn list_whole(&self, query: &LogQuery) -> StoreResult<LogPage> {
        let page = self.list(query).await?;
        let mut rows = Vec::with_capacity(page.rows.len());
        for row in page.rows {
            rows.extend(self.get(&query.account, &query.gateway, row.record.id).await?);
        }
        Ok(LogPage { rows, total: page.total })
    }
    /// Figures over a gateway's rows.
    async fn summarise(
        &self,
        account: &AccountId,
        gateway: &GatewayId,
        filter: &LogFilter,
    ) -> StoreResult<LogSummary>;
    /// One row of a gateway.
    async fn get(
        &self,
        account: &AccountId,
        gateway: &GatewayId,
        id: LogId,
    ) -> StoreResult<Option<StoredLog>>;
    /// A body, decoded, or `None` when it is not kept. With `limit`, its first bytes only.
    async fn body(
        &self,
        account: &AccountId,
        gateway: &GatewayId,
        id: LogId,
        side: Side,
        limit: Option<usize>,
    ) -> StoreResult<Option<Vec<u8>>>;
    /// Changes a row. `false` when there is none.
    async fn patch(
        &self,
        account: &AccountId,
        gateway: &GatewayId,
        id: LogId,
        patch: &LogPatch,
    ) -> StoreResult<bool>;
    /// Gives rows of a gateway other costs, keeps those they had ([`StoredLog::cost_history`]) and
    /// corrects the roll-ups by the difference, all or none. Returns how many rows changed. To be
    /// called with some hundred rows at most: others wait meanwhile.
    async fn reprice(
        &self,
        account: &AccountId,
        gateway: &GatewayId,
        rows: &[Repricing],
    ) -> StoreResult<u64>;
    /// Deletes the rows that `query` lists (its offset counts, too), with their bodies, in pieces
    /// that let others write in between. Roll-ups stay. Returns how many.
    async fn delete(&self, query: &LogQuery) -> StoreResult<u64>;
    /// Deletes everything of a gateway, roll-ups included. Returns how many rows. It is out of sight
    /// at once, and what is appended under that name meanwhile stays; a deletion that is cut short
    /// is finished by a later [`LogStore::enforce_caps`].
    async fn delete_gateway(&self, account: &AccountId, gateway: &GatewayId) -> StoreResult<u64>;
    /// States all caps anew: gateways not named have none. Those that stop inserting hold for every
    /// later [`LogStore::append`].
    async fn set_caps(&self, caps: Vec<LogCap>) -> StoreResult<()>;
    /// Deletes the oldest rows of every gateway above its cap that is not to stop inserting, down
    /// to 99 % of the cap, in pieces. Returns how many.
    async fn enforce_caps(&self) -> StoreResult<u64>;
    /// Counts and sums over an account's calls, in no order. `TooManyGroups` when there are more
    /// than the query permits.
    async fn analyse(&self, query: &AnalyticsQuery) -> StoreResult<Vec<AnalyticsRow>>;
    /// How many rows each gateway of an account has.
    async fn sizes(&self, account: &AccountId) -> StoreResult<Vec<(GatewayId, u64)>>;
    /// Writes everything accepted so far to the disk and closes cleanly.
    async fn close(&self) -> StoreResult<()>;
}
