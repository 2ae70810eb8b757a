//! A log store in memory, by the definition of filters alone, and rows to put into it.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use weir_core::analytics::{AnalyticsQuery, AnalyticsRow};
use weir_core::log::{LogError, Payload, PayloadReason, Side};
use weir_core::log_filter::LogFilter;
use weir_core::log_filter::LogOrder;
use weir_core::store::{
    Appended, FormerCost, LogBatch, LogCap, LogPage, LogPatch, LogQuery, LogStore, LogSummary,
    Repricing, StoreError, StoreResult, StoredLog,
};
use weir_core::{AccountId, Cost, GatewayId, LogId, LogRecord, Timestamp, Usage};

/// Rows in the order of their creation. Its analytics are what a test puts in, or else are made from
/// the rows.
#[derive(Default)]
pub(crate) struct FakeLogs {
    rows: Mutex<Vec<StoredLog>>,
    pub(crate) analytics: Mutex<Vec<AnalyticsRow>>,
    /// Every question asked about them.
    pub(crate) questions: Mutex<Vec<AnalyticsQuery>>,
    broken: AtomicBool,
}

impl FakeLogs {
    pub(crate) fn of(records: Vec<LogRecord>) -> Self {
        let rows = records.into_iter().map(|record| StoredLog {
            payload_stored: matches!(record.payload, Payload::Stored { .. }),
            record,
            feedback: None,
            score: None,
            cost_history: Vec::new(),
        });
        Self { rows: Mutex::new(rows.collect()), ..Self::default() }
    }

    /// Adds a row, as the data plane would.
    pub(crate) fn add(&self, record: LogRecord) {
        let added = Self::of(vec![record]).rows.into_inner().unwrap();
        self.rows.lock().unwrap().extend(added);
    }

    /// A store whose disk is gone.
    pub(crate) fn broken() -> Self {
        Self { broken: true.into(), ..Self::default() }
    }

    /// Takes the disk away, or gives it back.
    pub(crate) fn set_broken(&self, broken: bool) {
        self.broken.store(broken, Relaxed);
    }

    fn of_gateway(&self, account: &AccountId, gateway: &GatewayId) -> StoreResult<Vec<StoredLog>> {
        if self.broken.load(Relaxed) {
            return Err(StoreError::Other("disk of /secret/path is gone".into()));
        }
        let here =
            |row: &&StoredLog| row.record.account == *account && row.record.gateway == *gateway;
        Ok(self.rows.lock().unwrap().iter().filter(here).cloned().collect())
    }

    fn matching(&self, query: &LogQuery) -> StoreResult<Vec<StoredLog>> {
        let mut rows = self.of_gateway(&query.account, &query.gateway)?;
        rows.retain(|row| query.filter.matches(row));
        rows.sort_by(|one, other| {
            let ordering =
                compare(query.order, one, other).then_with(|| one.record.id.cmp(&other.record.id));
            if query.ascending { ordering } else { ordering.reverse() }
        });
        Ok(rows)
    }
}

fn compare(order: LogOrder, one: &StoredLog, other: &StoredLog) -> Ordering {
    let (a, b) = (&one.record, &other.record);
    match order {
        LogOrder::CreatedAt => a.created_at.cmp(&b.created_at),
        LogOrder::Provider => a.provider.cmp(&b.provider),
        LogOrder::Model => a.model.cmp(&b.model),
        LogOrder::ModelType => a.model_type.cmp(&b.model_type),
        LogOrder::Success => a.success.cmp(&b.success),
        LogOrder::Cached => a.cached.cmp(&b.cached),
        LogOrder::Cost => a.cost.cmp(&b.cost),
        LogOrder::TokensIn => a.usage.map(|u| u.input).cmp(&b.usage.map(|u| u.input)),
        LogOrder::TokensOut => a.usage.map(|u| u.output).cmp(&b.usage.map(|u| u.output)),
        LogOrder::Duration => a.duration_ms.cmp(&b.duration_ms),
        LogOrder::Feedback => one.feedback.partial_cmp(&other.feedback).unwrap_or(Ordering::Equal),
    }
}

fn without_bodies(mut row: StoredLog) -> StoredLog {
    if row.payload_stored {
        row.record.payload = Payload::Stored { request: Vec::new(), response: Vec::new() };
    }
    row
}

fn widen(range: &mut Option<(u64, u64)>, value: Option<u64>) {
    if let Some(value) = value {
        let (least, most) = range.unwrap_or((value, value));
        *range = Some((least.min(value), most.max(value)));
    }
}

#[async_trait]
impl LogStore for FakeLogs {
    async fn append(&self, _: Arc<LogBatch>) -> StoreResult<Appended> {
        Err(StoreError::Other("the API never writes rows".into()))
    }

    async fn list(&self, query: &LogQuery) -> StoreResult<LogPage> {
        let rows = self.matching(query)?;
        let total = rows.len() as u64;
        let offset = usize::try_from(query.offset).unwrap();
        let page = rows.into_iter().skip(offset).take(query.limit as usize);
        Ok(LogPage { rows: page.map(without_bodies).collect(), total })
    }

    async fn summarise(
        &self,
        account: &AccountId,
        gateway: &GatewayId,
        filter: &LogFilter,
    ) -> StoreResult<LogSummary> {
        let mut sums = LogSummary::default();
        for row in self.of_gateway(account, gateway)?.iter().filter(|row| filter.matches(row)) {
            let record = &row.record;
            sums.rows += 1;
            if let Some(cost) = record.cost {
                let (least, most) = sums.cost.unwrap_or((cost, cost));
                sums.cost = Some((least.min(cost), most.max(cost)));
                sums.cost_sum = sums.cost_sum + cost;
                sums.cost_rows += 1;
            }
            widen(&mut sums.duration, Some(u64::from(record.duration_ms)));
            sums.duration_sum += u64::from(record.duration_ms);
            widen(&mut sums.tokens_in, record.usage.map(|usage| usage.input));
            widen(&mut sums.tokens_out, record.usage.map(|usage| usage.output));
            widen(&mut sums.total_tokens, record.usage.map(|usage| usage.input + usage.output));
            sums.positive += u64::from(row.feedback.is_some_and(|verdict| verdict > 0.0));
            sums.negative += u64::from(row.feedback.is_some_and(|verdict| verdict < 0.0));
        }
        Ok(sums)
    }

    async fn get(
        &self,
        account: &AccountId,
        gateway: &GatewayId,
        id: LogId,
    ) -> StoreResult<Option<StoredLog>> {
        let rows = self.of_gateway(account, gateway)?;
        Ok(rows.into_iter().find(|row| row.record.id == id).map(without_bodies))
    }

    async fn body(
        &self,
        account: &AccountId,
        gateway: &GatewayId,
        id: LogId,
        side: Side,
        limit: Option<usize>,
    ) -> StoreResult<Option<Vec<u8>>> {
        let rows = self.of_gateway(account, gateway)?;
        let row = rows.into_iter().find(|row| row.record.id == id);
        let body = row.and_then(|row| match (row.record.payload, side) {
            (Payload::Stored { request, .. }, Side::Request) => Some(request),
            (Payload::Stored { response, .. }, Side::Response) => Some(response),
            (Payload::Omitted(_), _) => None,
        });
        Ok(body.map(|mut body| {
            body.truncate(limit.unwrap_or(usize::MAX));
            body
        }))
    }

    async fn patch(
        &self,
        account: &AccountId,
        gateway: &GatewayId,
        id: LogId,
        patch: &LogPatch,
    ) -> StoreResult<bool> {
        self.of_gateway(account, gateway)?;
        let mut rows = self.rows.lock().unwrap();
        let found = rows.iter_mut().find(|row| {
            row.record.account == *account && row.record.gateway == *gateway && row.record.id == id
        });
        let Some(row) = found else { return Ok(false) };
        row.feedback = patch.feedback.unwrap_or(row.feedback);
        row.score = patch.score.unwrap_or(row.score);
        if let Some(metadata) = &patch.metadata {
            row.record.metadata.clone_from(metadata);
        }
        Ok(true)
    }

    async fn reprice(
        &self,
        account: &AccountId,
        gateway: &GatewayId,
        changes: &[Repricing],
    ) -> StoreResult<u64> {
        self.of_gateway(account, gateway)?;
        let mut rows = self.rows.lock().unwrap();
        let mut changed = 0;
        for change in changes {
            let found = rows.iter_mut().find(|row| {
                let record = &row.record;
                record.account == *account && record.gateway == *gateway && record.id == change.id
            });
            let Some(row) = found.filter(|row| row.record.cost == change.was) else { continue };
            let record = &mut row.record;
            let (cost, price_id) = (record.cost, record.price_id.clone());
            row.cost_history.push(FormerCost { cost, price_id, at: change.at });
            record.cost = Some(change.cost);
            record.price_id.clone_from(&change.price.id);
            record.trail.get_or_insert_default().price = Some(change.price.clone());
            changed += 1;
        }
        Ok(changed)
    }

    async fn delete(&self, query: &LogQuery) -> StoreResult<u64> {
        let page = self.list(query).await?.rows;
        let gone = |row: &StoredLog| page.iter().any(|listed| listed.record.id == row.record.id);
        self.rows.lock().unwrap().retain(|row| !gone(row));
        Ok(page.len() as u64)
    }

    async fn delete_gateway(&self, account: &AccountId, gateway: &GatewayId) -> StoreResult<u64> {
        let rows = self.of_gateway(account, gateway)?.len();
        let here =
            |row: &StoredLog| row.record.account == *account && row.record.gateway == *gateway;
        self.rows.lock().unwrap().retain(|row| !here(row));
        Ok(rows as u64)
    }

    async fn set_caps(&self, _: Vec<LogCap>) -> StoreResult<()> {
        Ok(())
    }

    async fn enforce_caps(&self) -> StoreResult<u64> {
        Ok(0)
    }

    async fn analyse(&self, query: &AnalyticsQuery) -> StoreResult<Vec<AnalyticsRow>> {
        self.questions.lock().unwrap().push(query.clone());
        if self.broken.load(Relaxed) {
            return Err(StoreError::Other("disk of /secret/path is gone".into()));
        }
        let canned = self.analytics.lock().unwrap().clone();
        if !canned.is_empty() {
            return Ok(canned);
        }
        super::fake_analytics::analyse(&self.rows.lock().unwrap(), query)
    }

    async fn sizes(&self, account: &AccountId) -> StoreResult<Vec<(GatewayId, u64)>> {
        let mut sizes = BTreeMap::<GatewayId, u64>::new();
        for row in self.rows.lock().unwrap().iter().filter(|row| row.record.account == *account) {
            *sizes.entry(row.record.gateway.clone()).or_default() += 1;
        }
        Ok(sizes.into_iter().collect())
    }

    async fn close(&self) -> StoreResult<()> {
        Ok(())
    }
}

/// The id of row `n`.
pub(crate) fn log_id(n: u8) -> LogId {
    LogId::from_bytes([0, 0, 0, 0, 0, 0, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, n])
}

/// A row of `acc1/shop` in which everything is known.
pub(crate) fn full_row(n: u8) -> LogRecord {
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
        trail: None,
        request_size: 17,
        response_size: 9000,
        payload: Payload::Stored {
            request: br#"{"model":"gpt"}"#.to_vec(),
            response: "x".repeat(9000).into_bytes(),
        },
    }
}

/// A row in which whatever can be unknown is unknown, without bodies.
pub(crate) fn bare_row(n: u8) -> LogRecord {
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
        trail: None,
        response_size: 0,
        payload: Payload::Omitted(PayloadReason::TooLarge),
        ..full_row(n)
    }
}
