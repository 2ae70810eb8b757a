//! Log rows on their way to the store: a queue bounded in rows and bytes, and the task that empties
//! it in batches. The request path only ever pushes; nothing it does waits for the store. Calls that
//! leave no row are counted here, and the counts travel with the rows.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;
use weir_core::analytics::{RollupKey, RollupSums};
use weir_core::log::{LogRecord, Payload, PayloadReason};
use weir_core::store::{LogBatch, LogStore};

use crate::metrics::Metrics;

/// Bounds and pace of the queue.
#[derive(Clone, Debug)]
pub struct QueueConfig {
    /// Rows held at most.
    pub rows: usize,
    /// Bytes of bodies held at most. When they are reached, bodies are given up before rows.
    pub bytes: usize,
    /// Kinds of unlogged calls told apart at most, until they are written.
    pub counts: usize,
    /// Rows written in one transaction at most.
    pub batch: usize,
    /// Longest time a row waits before it is written: what a crash can lose.
    pub interval: Duration,
}

impl Default for QueueConfig {
    fn default() -> Self {
        Self {
            rows: 50_000,
            bytes: 48 * 1024 * 1024,
            counts: 4096,
            batch: 500,
            interval: Duration::from_millis(100),
        }
    }
}

/// The queue: a cheap handle.
#[derive(Clone)]
pub struct LogQueue {
    queue: Arc<Queue>,
}

struct Queue {
    config: QueueConfig,
    waiting: Mutex<Waiting>,
    /// Rows and bytes taken out but not yet written: they hold memory, too.
    writing: AtomicUsize,
    writing_bytes: AtomicUsize,
    /// A batch is full, or the queue is closing.
    wake: Notify,
    closing: AtomicBool,
    metrics: Arc<Metrics>,
}

#[derive(Default)]
struct Waiting {
    rows: VecDeque<LogRecord>,
    bytes: usize,
    counts: HashMap<RollupKey, RollupSums>,
}

/// Memory a row holds apart from its bodies, its trail included, roughly.
const ROW_BYTES: usize = 1408;

impl LogQueue {
    /// An empty queue.
    pub fn new(config: QueueConfig, metrics: Arc<Metrics>) -> Self {
        Self {
            queue: Arc::new(Queue {
                config,
                waiting: Mutex::default(),
                writing: AtomicUsize::new(0),
                writing_bytes: AtomicUsize::new(0),
                wake: Notify::new(),
                closing: AtomicBool::new(false),
                metrics,
            }),
        }
    }

    /// Adds a row, or drops it and counts that when the queue is full. Never waits.
    pub(crate) fn push(&self, mut record: LogRecord) {
        let queue = &*self.queue;
        let in_hand = queue.writing_bytes.load(Ordering::Relaxed);
        let size = record.payload.size();
        let mut waiting = queue.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if size > 0 && waiting.bytes + in_hand + size > queue.config.bytes {
            record.payload = Payload::Omitted(PayloadReason::QueueFull);
            queue.metrics.log_bodies_dropped.inc();
        }
        if waiting.rows.len() + queue.writing.load(Ordering::Relaxed) >= queue.config.rows {
            drop(waiting);
            queue.metrics.log_rows_dropped.inc();
            return;
        }
        waiting.bytes += record.payload.size();
        waiting.rows.push_back(record);
        let full = waiting.rows.len() == queue.config.batch;
        drop(waiting);
        queue.metrics.log_rows_accepted.inc();
        if full {
            queue.wake.notify_one();
        }
    }

    /// Counts a call that leaves no row; analytics know every call (spec: observability 1.3). When
    /// too many kinds of calls wait to be written, drops it and counts that. Never waits.
    pub(crate) fn count(&self, key: RollupKey, sums: &RollupSums) {
        let queue = &*self.queue;
        let mut waiting = queue.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = waiting.counts.get_mut(&key) {
            known.add(sums);
        } else if waiting.counts.len() < queue.config.counts {
            waiting.counts.insert(key, *sums);
        } else {
            drop(waiting);
            queue.metrics.log_counts_dropped.inc_by(sums.requests);
        }
    }

    /// Rows that are not yet in the store.
    pub fn depth(&self) -> usize {
        let waiting = self.queue.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.rows.len() + self.queue.writing.load(Ordering::Relaxed)
    }

    /// Memory held by rows that are not yet in the store, in bytes, roughly.
    pub fn depth_bytes(&self) -> usize {
        let waiting = self.queue.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let rows = waiting.rows.len() + self.queue.writing.load(Ordering::Relaxed);
        waiting.bytes + self.queue.writing_bytes.load(Ordering::Relaxed) + rows * ROW_BYTES
    }

    /// Lets [`Self::write_to`] empty the queue and return.
    pub fn close(&self) {
        self.queue.closing.store(true, Ordering::Release);
        self.queue.wake.notify_one();
    }

    /// Writes rows to the store until the queue is closed and empty. Run it as one task.
    ///
    /// A batch that fails is tried again, with growing pauses, for as long as it takes: meanwhile
    /// the queue fills, and what finds no room is counted.
    pub async fn write_to(&self, store: Arc<dyn LogStore>) {
        let queue = &*self.queue;
        loop {
            let closing = queue.closing.load(Ordering::Acquire);
            let batch = self.take();
            if batch.records.is_empty() && batch.uncollected.is_empty() {
                if closing {
                    return;
                }
                let _ = tokio::time::timeout(queue.config.interval, queue.wake.notified()).await;
                continue;
            }
            let partial = batch.records.len() < queue.config.batch;
            self.write(&store, batch).await;
            if partial && !queue.closing.load(Ordering::Acquire) {
                let _ = tokio::time::timeout(queue.config.interval, queue.wake.notified()).await;
            }
        }
    }

    fn take(&self) -> Arc<LogBatch> {
        let queue = &*self.queue;
        let mut waiting = queue.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let count = waiting.rows.len().min(queue.config.batch);
        let records: Vec<LogRecord> = waiting.rows.drain(..count).collect();
        let bytes = records.iter().map(|record| record.payload.size()).sum::<usize>();
        waiting.bytes -= bytes.min(waiting.bytes);
        if waiting.rows.is_empty() {
            // A burst must not leave its memory behind.
            waiting.rows.shrink_to(queue.config.batch);
        }
        // The map keeps its room, which is bounded, for the calls to come.
        let uncollected = waiting.counts.drain().collect();
        queue.writing.store(count, Ordering::Relaxed);
        queue.writing_bytes.store(bytes, Ordering::Relaxed);
        Arc::new(LogBatch { records, uncollected })
    }

    async fn write(&self, store: &Arc<dyn LogStore>, batch: Arc<LogBatch>) {
        let queue = &*self.queue;
        let mut pause = Duration::from_millis(100);
        let began = Instant::now();
        let rows = batch.records.len();
        let appended = loop {
            match store.append(Arc::clone(&batch)).await {
                Ok(appended) => break Some(appended),
                Err(error) => {
                    queue.metrics.log_write_failures.inc();
                    if queue.closing.load(Ordering::Acquire)
                        && began.elapsed() > Duration::from_secs(5)
                    {
                        tracing::error!(rows, %error, "log rows lost at shutdown");
                        queue.metrics.log_rows_dropped.inc_by(rows as u64);
                        let calls = batch.uncollected.iter().map(|(_, sums)| sums.requests).sum();
                        queue.metrics.log_counts_dropped.inc_by(calls);
                        break None;
                    }
                    tracing::warn!(rows, %error, "log rows not written, trying again");
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(Duration::from_secs(5));
                }
            }
        };
        if let Some(appended) = appended {
            queue.metrics.log_rows_written.inc_by(appended.kept);
            queue.metrics.log_rows_refused.inc_by(appended.refused);
            queue.metrics.log_write_seconds.observe(began.elapsed().as_secs_f64());
        }
        queue.writing.store(0, Ordering::Relaxed);
        queue.writing_bytes.store(0, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests;
