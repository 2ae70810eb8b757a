//! What it costs to count: `cargo run --release -p weir-store --example counter_cost`.
//!
//! Nanoseconds for a draw on one thread, from one counter among ten thousand; then the resident
//! memory that ten thousand counters with four uses each take (Linux).

use std::error::Error;
use std::fs;
use std::io::Write as _;
use std::time::Instant;

use weir_core::Timestamp;
use weir_core::counters::{CounterKey, Counters, Draw, Window};
use weir_core::route::Technique;
use weir_store::MemoryCounters;

const KEYS: u64 = 10_000;
const DRAWS: u64 = 2_000_000;
const NOON: i64 = 1_795_176_000_000;

fn main() -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let mut out = std::io::stdout();
    // Kept, so that none finds the memory that another gave back.
    let mut kept = Vec::new();
    for (name, technique, limit) in [
        ("fixed", Technique::Fixed, u64::MAX),
        ("sliding, exact", Technique::Sliding, 10_000),
        ("sliding, large", Technique::Sliding, u64::MAX),
    ] {
        let window = Window { seconds: 60, technique };
        let draws: Vec<Draw> = (0..KEYS)
            .map(|key| CounterKey::of(&[name.as_bytes(), &key.to_le_bytes()]))
            .map(|key| Draw { key, window, limit, amount: 1 })
            .collect();
        let counters = MemoryCounters::default();
        let before = resident()?;
        let mut now = NOON;
        for _ in 0..4 {
            for draw in &draws {
                runtime.block_on(counters.draw(draw, Timestamp::from_millis(now)));
            }
            now += 1;
        }
        let bytes = resident()?.saturating_sub(before);
        let begun = Instant::now();
        runtime.block_on(async {
            for turn in 0..DRAWS {
                // A thousand draws in a millisecond, spread over all keys.
                let at = Timestamp::from_millis(now + i64::try_from(turn / 1000).unwrap_or(0));
                let place = usize::try_from(turn.wrapping_mul(7919) % KEYS).unwrap_or(0);
                counters.draw(&draws[place], at).await;
            }
        });
        let nanos = begun.elapsed().as_nanos() / u128::from(DRAWS);
        kept.push(counters);
        writeln!(out, "{name:<16} {nanos:>5} ns a draw, {bytes:>9} bytes for {KEYS} counters")?;
    }
    Ok(())
}

/// Resident memory of this process in bytes.
fn resident() -> Result<u64, Box<dyn Error>> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()).ok_or("no VmRSS")?;
    Ok(kilobytes.parse::<u64>()? * 1024)
}
