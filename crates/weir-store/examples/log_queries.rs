//! How long questions about many log rows take:
//! `cargo run --profile release-fast -p weir-store --example log_queries [ROWS] [SECONDS]`.
//!
//! Makes a gateway of ROWS rows (1,000,000) with 2 KB of bodies each, over thirty days, and asks
//! every question of a list a few times: alone, and while 500 rows a second are written. Then
//! writes 3,000 rows a second for SECONDS (30) and tells how far behind the store ever was, with
//! questions asked all the while, and how long a row waits behind the deletion of 10,000 others.

use std::error::Error;
use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use weir_core::analytics::{AnalyticsFilter, AnalyticsQuery, Bucket, Dimension};
use weir_core::log::{LogError, LogRecord, Payload};
use weir_core::log_filter::{Condition, FilterValue, LogField, LogFilter, LogOrder, Operator};
use weir_core::store::{LogBatch, LogQuery, LogStore};
use weir_core::{Cost, Timestamp, Usage};
use weir_store::OpenOptions;

#[path = "made/rows.rs"]
#[expect(dead_code, reason = "shared with another example")]
mod rows;

use rows::{Random, chat, record};

type Failure = Box<dyn Error>;

const DAY: i64 = 86_400_000;
const REPEATS: usize = 9;

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let rows = arguments.next().map_or(Ok(1_000_000), |text| text.parse::<usize>())?;
    let seconds = arguments.next().map_or(Ok(30), |text| text.parse::<u64>())?;
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_time().build()?;
    runtime.block_on(measure(rows, seconds))
}

async fn measure(rows: usize, seconds: u64) -> Result<(), Failure> {
    let dir = tempfile::tempdir()?;
    let logs = weir_store::open(&OpenOptions::new(dir.path()))?.logs;
    let mut maker = Maker::new(rows);
    let began = Instant::now();
    for start in (0..rows).step_by(500) {
        logs.append(maker.batch(500.min(rows - start))).await?;
    }
    say(&format!("{rows} rows written in {:.1?}", began.elapsed()))?;

    let (lists, charts) = (lists(), charts());
    say(
        "| question | matches | alone, ms | while 500 rows/s are written, ms |\n|---|--:|--:|--:|",
    )?;
    let mut alone = Vec::new();
    for (_, query) in &lists {
        alone.push(list(&*logs, query).await?);
    }
    for (_, query) in &charts {
        alone.push(chart(&*logs, query).await?);
    }
    let (writing, stop) = write(&logs, maker, 500);
    let names = lists.iter().map(|(name, _)| name).chain(charts.iter().map(|(name, _)| name));
    for (position, (name, (found, quiet))) in names.zip(alone).enumerate() {
        let (_, busy) = match lists.get(position) {
            Some((_, query)) => list(&*logs, query).await?,
            None => chart(&*logs, &charts[position - lists.len()].1).await?,
        };
        say(&format!("| {name} | {found} | {:.1} | {:.1} |", ms(quiet), ms(busy)))?;
    }
    stop.store(true, Ordering::Relaxed);
    let (mut maker, _) = writing.await??;

    let waited = {
        let (other, batch) = (Arc::clone(&logs), maker.batch(50));
        let deleting = tokio::spawn(async move {
            let query = LogQuery { ascending: true, limit: 10_000, ..everything() };
            let began = Instant::now();
            other.delete(&query).await.map(|deleted| (deleted, began.elapsed()))
        });
        let mut slowest = Duration::ZERO;
        while !deleting.is_finished() {
            let began = Instant::now();
            logs.append(Arc::clone(&batch)).await?;
            slowest = slowest.max(began.elapsed());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let (deleted, took) = deleting.await??;
        format!(
            "{deleted} rows deleted in {took:.0?}; meanwhile a batch waited {slowest:.1?} at most"
        )
    };
    say(&waited)?;

    let (writing, stop) = write(&logs, maker, 3000);
    let until = Instant::now() + Duration::from_secs(seconds);
    let mut times = Vec::new();
    while Instant::now() < until {
        for (_, query) in &lists {
            let began = Instant::now();
            logs.list(query).await?;
            times.push(began.elapsed());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    stop.store(true, Ordering::Relaxed);
    let (_, late) = writing.await??;
    times.sort();
    say(&format!(
        "3,000 rows/s for {seconds} s: {late:.1?} behind at most; a page took {:.1} ms at the median",
        ms(times[times.len() / 2])
    ))?;
    logs.close().await?;
    let size = std::fs::metadata(dir.path().join("logs.db"))?.len();
    say(&format!("file: {} MB", size / 1_000_000))
}

fn say(line: &str) -> Result<(), Failure> {
    Ok(writeln!(std::io::stdout(), "{line}")?)
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// Gives back the maker, and the longest time that a batch came late.
type Writing = tokio::task::JoinHandle<weir_core::store::StoreResult<(Maker, Duration)>>;

/// Writes rows at a pace until told to stop.
fn write(
    logs: &Arc<dyn LogStore>,
    mut maker: Maker,
    per_second: usize,
) -> (Writing, Arc<AtomicBool>) {
    let stop = Arc::new(AtomicBool::new(false));
    let (logs, stopped) = (Arc::clone(logs), Arc::clone(&stop));
    let task = tokio::spawn(async move {
        let (mut due, mut late) = (tokio::time::Instant::now(), Duration::ZERO);
        while !stopped.load(Ordering::Relaxed) {
            let batch = maker.batch(per_second / 10);
            tokio::time::sleep_until(due).await;
            logs.append(batch).await?;
            late = late.max(due.elapsed());
            due += Duration::from_millis(100);
        }
        Ok((maker, late))
    });
    (task, stop)
}

async fn list(logs: &dyn LogStore, query: &LogQuery) -> Result<(u64, Duration), Failure> {
    let (mut times, mut total) = (Vec::new(), 0);
    for _ in 0..REPEATS {
        let began = Instant::now();
        total = logs.list(query).await?.total;
        times.push(began.elapsed());
    }
    times.sort();
    Ok((total, times[REPEATS / 2]))
}

async fn chart(logs: &dyn LogStore, query: &AnalyticsQuery) -> Result<(u64, Duration), Failure> {
    let (mut times, mut groups) = (Vec::new(), 0);
    for _ in 0..REPEATS {
        let began = Instant::now();
        groups = logs.analyse(query).await?.len() as u64;
        times.push(began.elapsed());
    }
    times.sort();
    Ok((groups, times[REPEATS / 2]))
}

/// Makes rows one after another, over thirty days and then on.
struct Maker {
    random: Random,
    next: usize,
    began: i64,
    step: i64,
    bodies: Vec<Payload>,
}

impl Maker {
    fn new(rows: usize) -> Self {
        let mut random = Random(0x9E37_79B9_7F4A_7C15);
        let bodies = (0..2000).map(|_| chat(&mut random)).collect();
        let began = Timestamp::now().as_millis() - 30 * DAY;
        Self { random, next: 0, began, step: 30 * DAY / rows.max(1) as i64, bodies }
    }

    fn batch(&mut self, rows: usize) -> Arc<LogBatch> {
        let records = (0..rows).map(|_| self.record()).collect();
        Arc::new(LogBatch { records, uncollected: Vec::new() })
    }

    fn below(&mut self, end: u64) -> u64 {
        (self.random.next() >> 20) % end
    }

    fn record(&mut self) -> LogRecord {
        let number = self.next;
        self.next += 1;
        let payload = self.bodies[number % self.bodies.len()].clone();
        let provider = self.below(6) * self.below(6) / 6;
        let failed = self.below(20) == 0;
        let (input, output) = (50 + self.below(4000), self.below(900));
        let user = self.below(5000);
        let team = self.below(8);
        let model = self.below(4);
        let cost = (!failed).then(|| Cost::from_pico((input * 150_000 + output * 600_000) as i64));
        LogRecord {
            created_at: Timestamp::from_millis(self.began + number as i64 * self.step),
            gateway: "default".into(),
            provider: format!("provider-{provider}").into(),
            model: format!("model-{provider}-{model}").into(),
            status_code: Some(if failed { 500 } else { 200 }),
            success: !failed,
            cached: self.below(10) == 0,
            duration_ms: 200 + (self.below(3000) * self.below(100) / 20) as u32,
            ttft_ms: Some(100 + self.below(900) as u32),
            usage: Some(Usage { input, output, total: input + output, ..Usage::default() }),
            cost,
            event_id: number.is_multiple_of(10).then(|| format!("event {number}").into()),
            metadata: Some(format!(r#"{{"team":"team-{team}","user":"u-{user}"}}"#).into()),
            user_agent: Some(format!("client/{}", self.below(20)).into()),
            error: failed.then(|| LogError { code: "overloaded".into(), message: "busy".into() }),
            ..record(number, payload)
        }
    }
}

fn everything() -> LogQuery {
    LogQuery {
        account: "0123456789abcdef0123456789abcdef".into(),
        gateway: "default".into(),
        filter: LogFilter::default(),
        order: LogOrder::CreatedAt,
        ascending: false,
        offset: 0,
        limit: 50,
    }
}

fn is(field: &str, operator: &str, value: FilterValue) -> Condition {
    Condition {
        field: LogField::parse(field).unwrap_or(LogField::Id),
        operator: Operator::parse(operator).unwrap_or(Operator::Eq),
        values: vec![value],
    }
}

fn text(text: &str) -> FilterValue {
    FilterValue::Text(text.to_owned())
}

fn lists() -> Vec<(String, LogQuery)> {
    use FilterValue::{Flag, Number};
    let plain: [(&str, Vec<Condition>); 16] = [
        ("no filter", vec![]),
        ("provider eq (many)", vec![is("provider", "eq", text("provider-0"))]),
        ("provider neq", vec![is("provider", "neq", text("provider-0"))]),
        ("model eq", vec![is("model", "eq", text("model-3-1"))]),
        ("success eq false", vec![is("success", "eq", Flag(false))]),
        ("cost gt (few)", vec![is("cost", "gt", Number(0.001_12))]),
        ("duration gt", vec![is("duration", "gt", Number(10_000.0))]),
        (
            "tokens_in lt, tokens_out gt",
            vec![is("tokens_in", "lt", Number(100.0)), is("tokens_out", "gt", Number(800.0))],
        ),
        (
            "metadata.key and metadata.value eq",
            vec![
                is("metadata.key", "eq", text("user")),
                is("metadata.value", "eq", text("u-1234")),
            ],
        ),
        ("metadata.value contains", vec![is("metadata.value", "contains", text("u-12"))]),
        (
            "metadata.team eq, success eq false, cost eq null",
            vec![
                is("metadata.team", "eq", text("team-3")),
                is("success", "eq", Flag(false)),
                is("cost", "eq", FilterValue::Null),
            ],
        ),
        ("event_id eq (one row)", vec![is("event_id", "eq", text("event 500000"))]),
        ("id contains", vec![is("id", "contains", text("abcd"))]),
        (
            "user_agent contains, model neq",
            vec![is("user_agent", "contains", text("/1")), is("model", "neq", text("model-0-0"))],
        ),
        ("nothing matches", vec![is("error.code", "eq", text("no such code"))]),
        (
            "created_at: the last day",
            vec![is(
                "created_at",
                "gt",
                FilterValue::Time(Timestamp::from_millis(Timestamp::now().as_millis() - DAY)),
            )],
        ),
    ];
    let mut lists = Vec::new();
    for (name, conditions) in plain {
        let filter = LogFilter { conditions, search: String::new() };
        lists.push((name.to_owned(), LogQuery { filter, ..everything() }));
    }
    let search = LogFilter { conditions: Vec::new(), search: "u-4321\"".to_owned() };
    lists.push(("search".to_owned(), LogQuery { filter: search, ..everything() }));
    let failed =
        LogFilter { conditions: vec![is("success", "eq", Flag(false))], search: String::new() };
    for (name, order) in [
        ("cost", LogOrder::Cost),
        ("duration", LogOrder::Duration),
        ("tokens_in", LogOrder::TokensIn),
        ("provider", LogOrder::Provider),
        ("cached", LogOrder::Cached),
        ("feedback", LogOrder::Feedback),
    ] {
        lists.push((format!("no filter, by {name}"), LogQuery { order, ..everything() }));
    }
    let slowest = LogQuery { filter: failed, order: LogOrder::Duration, ..everything() };
    lists.push(("success eq false, by duration".to_owned(), slowest));
    let deep = LogQuery { offset: 500_000, ..everything() };
    lists.push(("no filter, row 500,000".to_owned(), deep.clone()));
    lists.push((
        "no filter, by cost, row 500,000".to_owned(),
        LogQuery { order: LogOrder::Cost, ..deep },
    ));
    lists
}

fn charts() -> Vec<(String, AnalyticsQuery)> {
    let now = Timestamp::now().as_millis();
    let chart = |bucket, group_by| AnalyticsQuery {
        account: "0123456789abcdef0123456789abcdef".into(),
        from: Some(Timestamp::from_millis(now - 30 * DAY + 1_234_567)),
        to: Some(Timestamp::from_millis(now)),
        bucket,
        group_by,
        filter: AnalyticsFilter::All(Vec::new()),
        most_groups: AnalyticsQuery::MOST_GROUPS,
    };
    vec![
        ("30 days, in all".to_owned(), chart(None, vec![])),
        ("30 days by day and model".to_owned(), chart(Some(Bucket::Day), vec![Dimension::Model])),
        (
            "30 days by hour and provider".to_owned(),
            chart(Some(Bucket::Hour), vec![Dimension::Provider]),
        ),
        ("30 days by user agent (rows)".to_owned(), chart(None, vec![Dimension::UserAgent])),
    ]
}
