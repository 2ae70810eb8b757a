//! What it costs to keep accounts: `cargo run --release -p weir-store --example ledger_cost`.
//!
//! Nanoseconds to reserve and settle on one thread, with one claim and with four, in memory and with
//! a file behind; how long the slowest of them took while the file was being written; then the
//! resident memory of a hundred thousand buckets (Linux).

use std::error::Error;
use std::fs;
use std::io::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use weir_core::Timestamp;
use weir_core::clock::SystemClock;
use weir_core::counters::{CounterKey, Window};
use weir_core::ledger::{Claim, Ledger, Measure, Settlement, Span};
use weir_core::policy::Period;
use weir_core::route::Technique;
use weir_store::{LedgerOptions, MemoryLedger, open_ledger};

const CALLS: u64 = 400_000;
const BUCKETS: u64 = 100_000;

fn main() -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build()?;
    let _inside = runtime.enter();
    let mut out = std::io::stdout();
    let memory: Arc<dyn Ledger> = Arc::new(MemoryLedger::default());
    let folder = std::env::temp_dir().join(format!("weir-ledger-cost-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let lease = Duration::from_secs(60);
    let clock = Arc::new(SystemClock);
    let store = open_ledger(&LedgerOptions { data_dir: folder.clone(), lease, clock })?;
    for (name, ledger) in [("memory", memory), ("file", store.ledger())] {
        for claims in [1, 4] {
            let (nanos, slowest) = runtime.block_on(measure(&*ledger, claims));
            writeln!(
                out,
                "{name:<7} {claims} claims: {nanos:>6} ns to reserve and settle, slowest {slowest:?}"
            )?;
        }
    }
    runtime.block_on(store.ledger().close())?;
    fs::remove_dir_all(&folder)?;

    let before = resident()?;
    let many = MemoryLedger::default();
    runtime.block_on(fill(&many));
    let bytes = resident()?.saturating_sub(before);
    let figures = many.figures();
    writeln!(out, "{} buckets: {bytes} bytes, {} each", figures.buckets, bytes / BUCKETS)?;
    Ok(())
}

/// A claim of one of the spans that budgets have.
fn claim(number: u64, amount: u64) -> Claim {
    let window = |technique| Span::Window(Window { seconds: 60, technique });
    let span = match number % 4 {
        0 => window(Technique::Sliding),
        1 => Span::Calendar(Period::Monthly),
        2 => window(Technique::Fixed),
        _ => Span::Forever,
    };
    let key = CounterKey::of(&[&number.to_le_bytes()]);
    Claim { key, span, measure: Measure::Sum, limit: u64::MAX, amount }
}

/// Nanoseconds for a call, and the longest that one took.
async fn measure(ledger: &dyn Ledger, claims: u64) -> (u128, Duration) {
    let calls: Vec<Arc<[Claim]>> = (0..10_000)
        .map(|call| (0..claims).map(|step| claim(call * claims + step, 1000)).collect())
        .collect();
    let (begun, mut slowest) = (Instant::now(), Duration::ZERO);
    for turn in 0..CALLS {
        let place = usize::try_from(turn.wrapping_mul(7919) % 10_000).unwrap_or(0);
        let (now, started) = (Timestamp::now(), Instant::now());
        if let Ok(reservation) = ledger.reserve(Arc::clone(&calls[place]), now).await {
            let spent = reservation.claims().iter().map(|_| 700).collect();
            ledger.settle(reservation, Settlement { spent, credit: None }, now);
        }
        slowest = slowest.max(started.elapsed());
    }
    (begun.elapsed().as_nanos() / u128::from(CALLS), slowest)
}

async fn fill(ledger: &MemoryLedger) {
    let now = Timestamp::now();
    for number in 0..BUCKETS {
        if let Ok(reservation) = ledger.reserve([claim(number, 0)].into(), now).await {
            ledger.settle(reservation, Settlement { spent: vec![1], credit: None }, now);
        }
    }
}

/// Resident memory of this process in bytes.
fn resident() -> Result<u64, Box<dyn Error>> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()).ok_or("no VmRSS")?;
    Ok(kilobytes.parse::<u64>()? * 1024)
}
