//! What the response cache costs:
//! `cargo run --profile release-fast -p weir-store --example cache_cost`.
//!
//! Tells how long `get` and `put` of a 1 KB answer take, alone and on two threads, and how much
//! memory 10,000 and 50,000 such answers really take beside their counted weight (Linux only).

use std::error::Error;
use std::future::Future;
use std::io::Write as _;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use weir_core::cache::{CacheKey, CachedAnswer, ResponseCache};
use weir_core::{Cost, LogId, Timestamp, Usage};
use weir_store::{CacheOptions, open_cache};

type Failure = Box<dyn Error>;

const COUNT: u32 = 10_000;
const BODY: usize = 1024;

fn main() -> Result<(), Failure> {
    let mut out = std::io::stdout();
    // Kept, so that the second does not take over the memory of the first.
    let mut filled = Vec::new();
    for count in [COUNT, 5 * COUNT] {
        let before = resident()?;
        let cache = open(256 << 20)?;
        fill(&*cache, count);
        let counted = cache.size().bytes;
        let real = resident()?.saturating_sub(before);
        writeln!(out, "{count} answers: counted {counted} B, resident {real} B")?;
        filled.push(cache);
    }

    let cache = open(256 << 20)?;
    fill(&*cache, COUNT);
    let alone = gets(&*cache, 2_000_000);
    writeln!(out, "get of a hit: {alone:?}; of a miss: {:?}", misses(&*cache, 2_000_000))?;
    let both = std::thread::scope(|scope| {
        let threads = [0, 1].map(|_| scope.spawn(|| gets(&*cache, 2_000_000)));
        threads.map(|thread| thread.join().unwrap_or_default())
    });
    writeln!(out, "get of a hit, two threads: {both:?}")?;

    let cache = open(10 << 20)?;
    fill(&*cache, COUNT);
    let answers: Vec<_> = (0..4 * COUNT).map(|seed| (key(seed), answer(seed))).collect();
    let count = u32::try_from(answers.len())?;
    let started = Instant::now();
    for (key, answer) in answers {
        cache.put(key, answer);
    }
    writeln!(out, "put into a full cache: {:?}", started.elapsed() / count)?;
    Ok(())
}

fn open(memory_bytes: u64) -> Result<Arc<dyn ResponseCache>, Failure> {
    let data_dir = std::env::temp_dir().join("weir-cache-cost");
    Ok(open_cache(&CacheOptions { data_dir, memory_bytes, disk_bytes: 0 })?.answers())
}

fn fill(cache: &dyn ResponseCache, count: u32) {
    for seed in 0..count {
        cache.put(key(seed), answer(seed));
    }
}

fn gets(cache: &dyn ResponseCache, times: u32) -> Duration {
    run(times, |turn| get(cache, key(turn.wrapping_mul(7919) % COUNT)))
}

fn misses(cache: &dyn ResponseCache, times: u32) -> Duration {
    run(times, |turn| !get(cache, key(COUNT + turn)))
}

fn run(times: u32, ask: impl Fn(u32) -> bool) -> Duration {
    let started = Instant::now();
    let right = (0..times).filter(|turn| ask(*turn)).count();
    let taken = started.elapsed() / times;
    if right == times as usize { taken } else { Duration::MAX }
}

/// Memory alone never waits, so no runtime is needed.
fn get(cache: &dyn ResponseCache, key: CacheKey) -> bool {
    let future = pin!(cache.get(&key, Timestamp::from_millis(1)));
    match future.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(found) => found.is_some(),
        Poll::Pending => false,
    }
}

fn key(seed: u32) -> CacheKey {
    let mut bytes = [0; 32];
    let mut mixed = u64::from(seed) + 1;
    for piece in bytes.chunks_exact_mut(8) {
        mixed = (mixed ^ (mixed >> 31)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        piece.copy_from_slice(&mixed.to_be_bytes());
    }
    CacheKey(bytes)
}

fn answer(seed: u32) -> CachedAnswer {
    CachedAnswer {
        status: 200,
        content_type: Some("application/json".into()),
        body: vec![b'x'; BODY].into(),
        frames: Vec::new(),
        stored_at: Timestamp::from_millis(i64::from(seed)),
        expires_at: Timestamp::from_millis(i64::MAX),
        log_id: LogId::generate(),
        usage: Some(Usage::default()),
        cost: Some(Cost::ZERO),
        model: "gpt-4o-mini".into(),
    }
}

/// Memory of this process, in bytes.
fn resident() -> Result<u64, Failure> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).ok_or("no VmRSS")?;
    let kilobytes: u64 = line.split_whitespace().nth(1).ok_or("no figure")?.parse()?;
    Ok(kilobytes * 1024)
}
