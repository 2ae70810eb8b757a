//! The traits behind which durable data lies. Business words, owned values, one error type.
//!
//! A store is done when it passes the contract suite of `weir-store`; which one is there, nobody
//! above these traits asks.

use std::sync::Arc;

use async_trait::async_trait;

use crate::clock::Timestamp;
use crate::gateway::Gateway;
use crate::id::{AccountId, GatewayId, LogId};
use crate::log::{LogRecord, Side};
use crate::provider::CustomProvider;
use crate::snapshot::Configuration;
use crate::token::ApiToken;

/// Why a store could not do something.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// An object of that name is already there.
    #[error("{0} already exists")]
    AlreadyExists(&'static str),
    /// No such object.
    #[error("{0} not found")]
    NotFound(&'static str),
    /// Anything else: locked, full, broken. For the operator.
    #[error("store failed: {0}")]
    Other(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// What a store answers.
pub type StoreResult<T> = Result<T, StoreError>;

/// Accounts' gateways, custom providers and tokens: the one source of truth. The data plane never
/// reads it, only the [`crate::Snapshot`] made from [`ConfigStore::load`].
///
/// Every successful write raises the generation by at least one before it returns.
#[async_trait]
pub trait ConfigStore: Send + Sync {
    /// Everything, as of one generation.
    async fn load(&self) -> StoreResult<Configuration>;
    /// The present generation; cheap, asked every second or so to notice other writers.
    async fn generation(&self) -> StoreResult<u64>;
    /// Adds a gateway. `AlreadyExists` when the account has one of that id.
    async fn create_gateway(&self, gateway: &Gateway) -> StoreResult<()>;
    /// Adds a custom provider. `AlreadyExists` when the account has one of that slug.
    async fn create_custom_provider(&self, provider: &CustomProvider) -> StoreResult<()>;
    /// Adds a token. `AlreadyExists` when the id or the hash is taken.
    async fn create_token(&self, token: &ApiToken) -> StoreResult<()>;
    /// Marks a token revoked as of `now`. `NotFound` when there is none of that id.
    async fn revoke_token(&self, id: &str, now: Timestamp) -> StoreResult<()>;
}

/// Which rows of one gateway to list.
#[derive(Clone, Debug)]
pub struct LogQuery {
    /// Account of the gateway.
    pub account: AccountId,
    /// The gateway.
    pub gateway: GatewayId,
    /// Oldest first instead of newest first.
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
}

/// Log rows and their bodies.
#[async_trait]
pub trait LogStore: Send + Sync {
    /// Adds rows, all or none; a row whose id is there already is passed over, so a batch may be
    /// sent again after a failure. May take as long as the disk takes: never called on the
    /// request path.
    async fn append(&self, batch: Arc<Vec<LogRecord>>) -> StoreResult<()>;
    /// A page of a gateway's rows, by creation time.
    async fn list(&self, query: &LogQuery) -> StoreResult<LogPage>;
    /// One row of a gateway.
    async fn get(
        &self,
        account: &AccountId,
        gateway: &GatewayId,
        id: LogId,
    ) -> StoreResult<Option<StoredLog>>;
    /// A body, decoded, or `None` when it is not kept.
    async fn body(
        &self,
        account: &AccountId,
        gateway: &GatewayId,
        id: LogId,
        side: Side,
    ) -> StoreResult<Option<Vec<u8>>>;
    /// Writes everything accepted so far to the disk and closes cleanly.
    async fn close(&self) -> StoreResult<()>;
}
