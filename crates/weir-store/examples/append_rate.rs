//! What it costs to write logs: `cargo run --release -p weir-store --example append_rate [ROWS]`.
//!
//! Batches of 500 rows are made beforehand, then appended one after the other as fast as the store
//! takes them. Processor time is that of the whole process while it appends and closes, so it
//! holds the last checkpoint too. Bodies have 1 KB each, of three kinds:
//!
//! * chat: JSON as clients and providers send it; half of each prompt is a system prompt, the same
//!   in every row, and words follow Zipf's law, as in prose.
//! * words: drawn evenly from 2000, with nothing in common between rows: the hardest to compress.
//! * noise: random bytes, as an image would be.

use std::error::Error;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};
use weir_core::log::{LogRecord, Payload, PayloadReason};
use weir_core::log_filter::{LogFilter, LogOrder};
use weir_core::store::{LogBatch, LogQuery};
use weir_store::OpenOptions;

#[path = "made/rows.rs"]
mod rows;

use rows::{Random, chat, record, stored};

const BATCH: usize = 500;

fn main() -> Result<(), Box<dyn Error>> {
    let rows = std::env::args().nth(1).map_or(Ok(50_000), |text| text.parse::<usize>())?;
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    type Make = fn(&mut Random) -> Payload;
    let bodies: [(&str, Make); 4] = [
        ("rows only", |_| Payload::Omitted(PayloadReason::OptedOut)),
        ("rows + chat", chat),
        ("rows + words", |random| stored(random.words(1024), random.words(1024))),
        ("rows + noise", |random| stored(random.noise(1024), random.noise(1024))),
    ];
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    for (name, payload) in bodies {
        let batches = batches(rows, || payload(&mut random));
        let dir = tempfile::tempdir()?;
        let line = runtime.block_on(measure(dir.path(), &batches))?;
        writeln!(std::io::stdout(), "{name:13} {line}")?;
    }
    Ok(())
}

async fn measure(dir: &Path, batches: &[Arc<LogBatch>]) -> Result<String, Box<dyn Error>> {
    let stores = weir_store::open(&OpenOptions::new(dir))?;
    let (began, busy) = (Instant::now(), processor_time());
    let mut slowest = Duration::ZERO;
    for batch in batches {
        let began = Instant::now();
        stores.logs.append(Arc::clone(batch)).await?;
        slowest = slowest.max(began.elapsed());
    }
    let read = Instant::now();
    let LogRecord { account, gateway, .. } = batches[0].records[0].clone();
    let (filter, order) = (LogFilter::default(), LogOrder::CreatedAt);
    let query =
        LogQuery { account, gateway, filter, order, ascending: false, offset: 0, limit: 50 };
    stores.logs.list(&query).await?;
    let read = read.elapsed();
    stores.logs.close().await?;
    let (took, busy) = (began.elapsed(), processor_time() - busy);
    let rows = batches.iter().map(|batch| batch.records.len()).sum::<usize>() as f64;
    let size = std::fs::metadata(dir.join("logs.db"))?.len() as f64;
    Ok(format!(
        "{:>7.0} rows/s {:>6.2} us CPU/row {:>6.0} bytes/row, \
         slowest batch {slowest:.1?}, page of 50 {read:.1?}",
        rows / took.as_secs_f64(),
        busy.as_secs_f64() * 1e6 / rows,
        size / rows,
    ))
}

fn batches(rows: usize, mut payload: impl FnMut() -> Payload) -> Vec<Arc<LogBatch>> {
    let records: Vec<LogRecord> = (0..rows).map(|number| record(number, payload())).collect();
    let batch =
        |records: &[LogRecord]| LogBatch { records: records.to_vec(), uncollected: Vec::new() };
    records.chunks(BATCH).map(|chunk| Arc::new(batch(chunk))).collect()
}

fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or_default())
}
