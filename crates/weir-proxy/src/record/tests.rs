use std::sync::atomic::AtomicU32;

use async_trait::async_trait;
use weir_core::analytics::{AnalyticsQuery, AnalyticsRow};
use weir_core::log::Side;
use weir_core::log_filter::LogFilter;
use weir_core::store::{
    Appended, LogCap, LogPage, LogPatch, LogQuery, LogSummary, Repricing, StoreError, StoreResult,
    StoredLog,
};
use weir_core::{AccountId, GatewayId, LogId, Timestamp};

use super::*;

/// A store that remembers ids and counts, and refuses, hangs or is full on request.
#[derive(Default)]
struct Scripted {
    written: Mutex<Vec<LogId>>,
    counted: Mutex<Vec<(RollupKey, RollupSums)>>,
    /// Rows that fill it; 0 for no end.
    full_at: AtomicU32,
    refusals: AtomicU32,
    stuck: AtomicBool,
}

#[async_trait]
impl LogStore for Scripted {
    async fn append(&self, batch: Arc<LogBatch>) -> StoreResult<Appended> {
        while self.stuck.load(Ordering::Relaxed) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        if self.refusals.load(Ordering::Relaxed) > 0 {
            self.refusals.fetch_sub(1, Ordering::Relaxed);
            return Err(StoreError::Other("disk full".into()));
        }
        self.counted.lock().unwrap().extend(batch.uncollected.iter().cloned());
        let full = usize::try_from(self.full_at.load(Ordering::Relaxed)).unwrap();
        let mut written = self.written.lock().unwrap();
        let room = if full == 0 { usize::MAX } else { full - written.len() };
        written.extend(batch.records.iter().take(room).map(|record| record.id));
        let kept = batch.records.len().min(room);
        Ok(Appended { kept: kept as u64, refused: (batch.records.len() - kept) as u64 })
    }

    async fn close(&self) -> StoreResult<()> {
        Ok(())
    }

    async fn list(&self, _: &LogQuery) -> StoreResult<LogPage> {
        unreachable!()
    }

    async fn summarise(
        &self,
        _: &AccountId,
        _: &GatewayId,
        _: &LogFilter,
    ) -> StoreResult<LogSummary> {
        unreachable!()
    }

    async fn get(&self, _: &AccountId, _: &GatewayId, _: LogId) -> StoreResult<Option<StoredLog>> {
        unreachable!()
    }

    async fn body(
        &self,
        _: &AccountId,
        _: &GatewayId,
        _: LogId,
        _: Side,
        _: Option<usize>,
    ) -> StoreResult<Option<Vec<u8>>> {
        unreachable!()
    }

    async fn patch(
        &self,
        _: &AccountId,
        _: &GatewayId,
        _: LogId,
        _: &LogPatch,
    ) -> StoreResult<bool> {
        unreachable!()
    }

    async fn reprice(&self, _: &AccountId, _: &GatewayId, _: &[Repricing]) -> StoreResult<u64> {
        unreachable!()
    }

    async fn delete(&self, _: &LogQuery) -> StoreResult<u64> {
        unreachable!()
    }

    async fn delete_gateway(&self, _: &AccountId, _: &GatewayId) -> StoreResult<u64> {
        unreachable!()
    }

    async fn set_caps(&self, _: Vec<LogCap>) -> StoreResult<()> {
        unreachable!()
    }

    async fn enforce_caps(&self) -> StoreResult<u64> {
        unreachable!()
    }

    async fn analyse(&self, _: &AnalyticsQuery) -> StoreResult<Vec<AnalyticsRow>> {
        unreachable!()
    }

    async fn sizes(&self, _: &AccountId) -> StoreResult<Vec<(GatewayId, u64)>> {
        unreachable!()
    }
}

fn record(body: usize) -> LogRecord {
    let id = LogId::generate();
    LogRecord {
        id,
        request_id: id,
        event_id: None,
        created_at: Timestamp::now(),
        account: "acc1".into(),
        gateway: "gw1".into(),
        provider: "openai".into(),
        model: "m".into(),
        model_type: None,
        path: "chat/completions".into(),
        method: "POST".into(),
        request_type: "http",
        request_content_type: None,
        response_content_type: None,
        status_code: Some(200),
        upstream_status_code: Some(200),
        success: true,
        cached: false,
        duration_ms: 1,
        latency_ms: None,
        ttft_ms: None,
        overhead_us: 1,
        usage: None,
        cost: None,
        custom_cost: false,
        price_id: None,
        provider_reported_cost: None,
        metadata: None,
        step: 0,
        attempt_index: 0,
        authentication: true,
        key_id: None,
        wholesale: false,
        byok: false,
        user_agent: None,
        stream: false,
        finish_reason: None,
        error: None,
        trail: None,
        request_size: 0,
        response_size: 0,
        payload: Payload::Stored { request: vec![0; body], response: Vec::new() },
    }
}

fn queue(rows: usize, bytes: usize) -> LogQueue {
    let interval = Duration::from_millis(10);
    LogQueue::new(QueueConfig { rows, bytes, counts: 3, batch: 4, interval }, Arc::default())
}

fn start(queue: &LogQueue, store: &Arc<Scripted>) -> tokio::task::JoinHandle<()> {
    let (queue, store) = (queue.clone(), Arc::clone(store) as Arc<dyn LogStore>);
    tokio::spawn(async move { queue.write_to(store).await })
}

#[tokio::test]
async fn closing_writes_everything_that_was_accepted() {
    let (queue, store) = (queue(100, 1 << 20), Arc::new(Scripted::default()));
    let writer = start(&queue, &store);
    for _ in 0..30 {
        queue.push(record(10));
    }
    queue.close();
    writer.await.unwrap();
    assert_eq!(store.written.lock().unwrap().len(), 30);
    assert_eq!((queue.depth(), queue.depth_bytes()), (0, 0));
}

#[tokio::test]
async fn a_refused_batch_is_tried_again_and_nothing_is_lost_or_doubled() {
    let (queue, store) = (queue(100, 1 << 20), Arc::new(Scripted::default()));
    store.refusals.store(2, Ordering::Relaxed);
    let writer = start(&queue, &store);
    for _ in 0..6 {
        queue.push(record(0));
    }
    queue.close();
    writer.await.unwrap();
    let mut written = store.written.lock().unwrap().clone();
    written.sort();
    written.dedup();
    assert_eq!(written.len(), 6);
    assert_eq!(queue.queue.metrics.log_write_failures.get(), 2);
}

#[tokio::test]
async fn a_stuck_store_costs_bodies_then_rows_and_each_is_counted() {
    let (queue, store) = (queue(10, 50), Arc::new(Scripted::default()));
    store.stuck.store(true, Ordering::Relaxed);
    let writer = start(&queue, &store);
    for _ in 0..15 {
        queue.push(record(20));
    }
    let metrics = &queue.queue.metrics;
    assert_eq!(metrics.log_rows_accepted.get(), 10);
    assert_eq!(metrics.log_rows_dropped.get(), 5);
    assert!(metrics.log_bodies_dropped.get() >= 8, "two bodies fit in 50 bytes");
    store.stuck.store(false, Ordering::Relaxed);
    queue.close();
    writer.await.unwrap();
    assert_eq!(store.written.lock().unwrap().len(), 10);
}

#[tokio::test(start_paused = true)]
async fn rows_given_up_at_shutdown_are_dropped_and_not_written() {
    let (queue, store) = (queue(100, 1 << 20), Arc::new(Scripted::default()));
    store.refusals.store(u32::MAX, Ordering::Relaxed);
    queue.push(record(0));
    queue.close();
    queue.write_to(Arc::clone(&store) as Arc<dyn LogStore>).await;
    let metrics = &queue.queue.metrics;
    assert_eq!((metrics.log_rows_dropped.get(), metrics.log_rows_written.get()), (1, 0));
    assert_eq!(queue.depth(), 0);
}

fn unlogged(model: &str) -> (RollupKey, RollupSums) {
    let record = LogRecord { model: model.into(), ..record(0) };
    // One moment, so that the turn of a minute does not matter.
    (RollupKey { minute: 7, ..RollupKey::of(&record) }, RollupSums::of(&record))
}

#[tokio::test]
async fn calls_without_a_row_are_added_up_and_written() {
    let (queue, store) = (queue(100, 1 << 20), Arc::new(Scripted::default()));
    for model in ["a", "b", "a", "a"] {
        let (key, sums) = unlogged(model);
        queue.count(key, &sums);
    }
    queue.close();
    queue.write_to(Arc::clone(&store) as Arc<dyn LogStore>).await;
    let mut counted: Vec<(String, u64)> = (store.counted.lock().unwrap().iter())
        .map(|(key, sums)| (key.model.to_string(), sums.requests))
        .collect();
    counted.sort();
    assert_eq!(counted, [("a".to_owned(), 3), ("b".to_owned(), 1)]);
    assert_eq!(queue.queue.metrics.log_rows_written.get(), 0);
}

#[tokio::test(start_paused = true)]
async fn counts_beyond_the_bound_or_given_up_are_told() {
    let (queue, store) = (queue(100, 1 << 20), Arc::new(Scripted::default()));
    for model in ["a", "b", "c", "d", "e", "a"] {
        let (key, sums) = unlogged(model);
        queue.count(key, &sums);
    }
    let lost = &queue.queue.metrics.log_counts_dropped;
    assert_eq!(lost.get(), 2, "three kinds fit");
    store.refusals.store(u32::MAX, Ordering::Relaxed);
    queue.close();
    queue.write_to(Arc::clone(&store) as Arc<dyn LogStore>).await;
    assert_eq!(lost.get(), 6);
}

#[tokio::test]
async fn rows_that_a_full_gateway_refuses_are_told_apart() {
    let (queue, store) = (queue(100, 1 << 20), Arc::new(Scripted::default()));
    store.full_at.store(3, Ordering::Relaxed);
    for _ in 0..5 {
        queue.push(record(0));
    }
    queue.close();
    queue.write_to(Arc::clone(&store) as Arc<dyn LogStore>).await;
    let metrics = &queue.queue.metrics;
    assert_eq!((metrics.log_rows_written.get(), metrics.log_rows_refused.get()), (3, 2));
    assert_eq!(metrics.log_rows_dropped.get(), 0);
}
