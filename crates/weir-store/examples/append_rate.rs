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
use weir_core::{Cost, LogId, Timestamp, Usage};

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
    let stores = weir_store::open(dir)?;
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

/// A row as a busy installation makes them: some gateways, models and client programs.
fn record(number: usize, payload: Payload) -> LogRecord {
    let id = LogId::generate();
    LogRecord {
        id,
        request_id: id,
        event_id: None,
        created_at: Timestamp::now(),
        account: "0123456789abcdef0123456789abcdef".into(),
        gateway: ["default", "team-a", "team-b", "batch"][number % 4].into(),
        provider: ["openai", "anthropic", "google-ai-studio"][number % 3].into(),
        model: ["gpt-4o-mini", "claude-sonnet-4-5", "gemini-2.5-flash"][number % 3].into(),
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
        duration_ms: 1200 + (number % 900) as u32,
        latency_ms: Some(300),
        ttft_ms: Some(310),
        overhead_us: 140,
        usage: Some(Usage { input: 250, output: 240, total: 490, ..Usage::default() }),
        cost: Some(Cost::from_pico(181_500_000)),
        custom_cost: false,
        price_id: Some("openai/gpt-4o-mini@2026-11-20".into()),
        provider_reported_cost: None,
        metadata: Some(r#"{"team":"search","user":"u-1234"}"#.into()),
        step: 0,
        attempt_index: 0,
        authentication: true,
        key_id: Some("b7f7e6e0-1c1d-4f5a-9d53-000000000001".into()),
        wholesale: false,
        byok: false,
        user_agent: Some("OpenAI/Python 2.8.1".into()),
        stream: true,
        finish_reason: Some("stop".into()),
        error: None,
        request_size: 1024,
        response_size: 1024,
        payload,
    }
}

fn stored(request: Vec<u8>, response: Vec<u8>) -> Payload {
    Payload::Stored { request, response }
}

fn chat(random: &mut Random) -> Payload {
    let (system, question) = (Random(7).prose(400), random.prose(480));
    let (id, answer) = (random.next(), random.prose(620));
    let request = format!(
        "{{\"model\":\"gpt-4o-mini\",\"temperature\":0.2,\"messages\":[{{\"role\":\"system\",\
         \"content\":\"{system}\"}},{{\"role\":\"user\",\"content\":\"{question}\"}}]}}"
    );
    let response = format!(
        "{{\"id\":\"chatcmpl-{id:x}\",\"object\":\"chat.completion\",\"created\":{},\
         \"model\":\"gpt-4o-mini-2024-07-18\",\"choices\":[{{\"index\":0,\
         \"message\":{{\"role\":\"assistant\",\"content\":\"{answer}\",\"refusal\":null}},\
         \"logprobs\":null,\"finish_reason\":\"stop\"}}],\"usage\":{{\"prompt_tokens\":{},\
         \"completion_tokens\":{},\
         \"prompt_tokens_details\":{{\"cached_tokens\":0}}}},\
         \"system_fingerprint\":\"fp_7fcd609668\"}}",
        1_795_000_000 + id % 100_000,
        id % 900,
        id % 700,
    );
    stored(request.into_bytes(), response.into_bytes())
}

fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or_default())
}

/// A small generator (xorshift), the same in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn words(&mut self, length: usize) -> Vec<u8> {
        self.text(length, |random| random.next() % 2000).into_bytes()
    }

    fn prose(&mut self, length: usize) -> String {
        // The n-th word about 1/n as often as the first.
        self.text(length, |random| {
            let below = 1 + random.next() % 2000;
            random.next() % below
        })
    }

    fn text(&mut self, length: usize, draw: impl Fn(&mut Self) -> u64) -> String {
        let mut text = String::new();
        while text.len() < length {
            let word = Self((draw(self) + 1).wrapping_mul(0x2545_F491_4F6C_DD1D)).next();
            let letters = 3 + (word % 6) as u32;
            text.extend(
                (0..letters).map(|at| char::from(b'a' + (word >> (8 + at * 5)) as u8 % 26)),
            );
            text.push(' ');
        }
        text.truncate(length);
        text
    }

    fn noise(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| (self.next() >> 32) as u8).collect()
    }
}
