//! A log store in memory, and rows to put into it.

use std::sync::Arc;

use async_trait::async_trait;
use weir_core::log::{LogError, Payload, PayloadReason, Side};
use weir_core::store::{LogPage, LogQuery, LogStore, StoreError, StoreResult, StoredLog};
use weir_core::{AccountId, Cost, GatewayId, LogId, LogRecord, Timestamp, Usage};

/// Rows in the order of their creation.
#[derive(Default)]
pub(super) struct FakeLogs {
    rows: Vec<LogRecord>,
    broken: bool,
}

impl FakeLogs {
    pub(super) fn of(rows: Vec<LogRecord>) -> Self {
        Self { rows, broken: false }
    }

    /// A store whose disk is gone.
    pub(super) fn broken() -> Self {
        Self { rows: Vec::new(), broken: true }
    }

    fn of_gateway(&self, account: &AccountId, gateway: &GatewayId) -> StoreResult<Vec<&LogRecord>> {
        if self.broken {
            return Err(StoreError::Other("disk of /secret/path is gone".into()));
        }
        let here = |row: &&LogRecord| row.account == *account && row.gateway == *gateway;
        Ok(self.rows.iter().filter(here).collect())
    }
}

fn without_bodies(row: &LogRecord) -> StoredLog {
    let payload_stored = matches!(row.payload, Payload::Stored { .. });
    let mut record = row.clone();
    if payload_stored {
        record.payload = Payload::Stored { request: Vec::new(), response: Vec::new() };
    }
    StoredLog { record, payload_stored }
}

#[async_trait]
impl LogStore for FakeLogs {
    async fn append(&self, _: Arc<Vec<LogRecord>>) -> StoreResult<()> {
        Err(StoreError::Other("the API never writes rows".into()))
    }

    async fn list(&self, query: &LogQuery) -> StoreResult<LogPage> {
        let mut rows = self.of_gateway(&query.account, &query.gateway)?;
        if !query.ascending {
            rows.reverse();
        }
        let total = rows.len() as u64;
        let offset = usize::try_from(query.offset).unwrap();
        let page = rows.into_iter().skip(offset).take(query.limit as usize);
        Ok(LogPage { rows: page.map(without_bodies).collect(), total })
    }

    async fn get(
        &self,
        account: &AccountId,
        gateway: &GatewayId,
        id: LogId,
    ) -> StoreResult<Option<StoredLog>> {
        let rows = self.of_gateway(account, gateway)?;
        Ok(rows.into_iter().find(|row| row.id == id).map(without_bodies))
    }

    async fn body(
        &self,
        account: &AccountId,
        gateway: &GatewayId,
        id: LogId,
        side: Side,
    ) -> StoreResult<Option<Vec<u8>>> {
        let rows = self.of_gateway(account, gateway)?;
        let row = rows.into_iter().find(|row| row.id == id);
        Ok(row.and_then(|row| match (&row.payload, side) {
            (Payload::Stored { request, .. }, Side::Request) => Some(request.clone()),
            (Payload::Stored { response, .. }, Side::Response) => Some(response.clone()),
            (Payload::Omitted(_), _) => None,
        }))
    }

    async fn close(&self) -> StoreResult<()> {
        Ok(())
    }
}

/// The id of row `n`.
pub(super) fn log_id(n: u8) -> LogId {
    LogId::from_bytes([0, 0, 0, 0, 0, 0, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, n])
}

/// A row of `acc1/shop` in which everything is known.
pub(super) fn full_row(n: u8) -> LogRecord {
    LogRecord {
        id: log_id(n),
        request_id: log_id(n),
        event_id: Some("my-event".into()),
        created_at: Timestamp::from_millis(1_795_206_896_040 + i64::from(n)),
        account: "acc1".into(),
        gateway: "shop".into(),
        provider: "openai".into(),
        model: "gpt-4o-mini".into(),
        model_type: Some("text-generation"),
        path: "chat/completions".into(),
        method: "POST".into(),
        request_type: "http",
        request_content_type: Some("application/json".into()),
        response_content_type: Some("text/event-stream; charset=utf-8".into()),
        status_code: Some(200),
        upstream_status_code: Some(200),
        success: true,
        cached: false,
        duration_ms: 1200,
        latency_ms: Some(300),
        ttft_ms: Some(320),
        overhead_us: 250,
        usage: Some(Usage { input: 10, output: 5, total: 15, cache_read: 4, ..Usage::default() }),
        cost: Some(Cost::from_pico(20_000_000)),
        custom_cost: false,
        price_id: Some("openai/gpt-4o-mini@2026-11-20".into()),
        provider_reported_cost: None,
        metadata: Some(r#"{"team":"ai","n":1}"#.into()),
        step: 0,
        attempt_index: 1,
        authentication: true,
        key_id: Some("key-1".into()),
        wholesale: false,
        byok: false,
        user_agent: Some("curl/8".into()),
        stream: true,
        finish_reason: Some("stop".into()),
        error: None,
        request_size: 17,
        response_size: 9000,
        payload: Payload::Stored {
            request: br#"{"model":"gpt"}"#.to_vec(),
            response: "x".repeat(9000).into_bytes(),
        },
    }
}

/// A row in which whatever can be unknown is unknown, without bodies.
pub(super) fn bare_row(n: u8) -> LogRecord {
    LogRecord {
        event_id: None,
        model: "".into(),
        model_type: None,
        request_type: "compat",
        request_content_type: None,
        response_content_type: None,
        status_code: None,
        upstream_status_code: None,
        success: false,
        latency_ms: None,
        ttft_ms: None,
        usage: None,
        cost: None,
        price_id: None,
        metadata: None,
        authentication: false,
        key_id: None,
        user_agent: None,
        stream: false,
        finish_reason: None,
        error: Some(LogError { code: "timeout".into(), message: "no answer in time".into() }),
        response_size: 0,
        payload: Payload::Omitted(PayloadReason::TooLarge),
        ..full_row(n)
    }
}
