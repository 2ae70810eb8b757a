//! The story of a [`ResponseCache`].

pub(crate) mod model;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use weir_core::cache::{CacheKey, CacheSize, CachedAnswer, CachedFrame, ResponseCache};
use weir_core::{Cost, LogId, Timestamp, Units, Usage};

use self::model::Step;
use super::sample::random::Random;

/// Smallest budget that the suite can work with, in bytes.
const BUDGET: u64 = 64 << 10;

/// Holds a response cache to its contract; see the [module](super) for `open`. The cache needs a
/// budget of 64 KiB to 64 MiB; what it held before counts for nothing.
///
/// # Panics
///
/// When the cache differs from what it must do.
pub async fn response_cache(open: impl AsyncFn(&str) -> Arc<dyn ResponseCache>) {
    what_is_put_comes_back(&*open("fields").await).await;
    the_last_answer_counts(&*open("replaced").await).await;
    nothing_is_given_once_it_has_expired(&*open("expiry").await).await;
    what_is_heavier_than_the_budget_is_not_kept(&*open("heavy").await).await;
    it_stays_within_its_budget(&*open("full").await).await;
    many_may_use_it_at_once(&open("at once").await).await;
    for seed in 0..8 {
        let steps = random_steps(seed);
        model::hold(&*open(&format!("model {seed}")).await, &steps).await;
    }
}

/// A key; equal seeds give equal keys.
pub fn cache_key(seed: u32) -> CacheKey {
    let mut bytes = [0; 32];
    // All bytes differ from key to key, as those of a hash do.
    for (place, byte) in (0_u32..).zip(&mut bytes) {
        let mixed = seed.wrapping_add(place).wrapping_mul(0x9e37_79b1);
        *byte = mixed.to_be_bytes()[0];
    }
    bytes[28..].copy_from_slice(&seed.to_be_bytes());
    CacheKey(bytes)
}

/// An answer with every field set and a body of `length` bytes, kept from `stored_at` (milliseconds
/// since 1970) for `ttl` milliseconds.
pub fn cached_answer(seed: u32, length: usize, stored_at: i64, ttl: i64) -> CachedAnswer {
    let wide = u64::from(seed);
    let pattern: Vec<u8> =
        (0..251).map(|place| seed.wrapping_add(place).to_le_bytes()[0]).collect();
    let mut body = pattern.repeat(length.div_ceil(pattern.len()));
    body.truncate(length);
    CachedAnswer {
        status: 200,
        content_type: Some("text/event-stream".into()),
        body: body.into_boxed_slice().into(),
        frames: vec![CachedFrame { end: 7, at_ms: seed }, CachedFrame { end: u32::MAX, at_ms: 9 }],
        stored_at: Timestamp::from_millis(stored_at),
        expires_at: Timestamp::from_millis(stored_at + ttl),
        log_id: LogId::generate(),
        usage: Some(Usage {
            input: wide + 1,
            output: wide + 2,
            total: u64::MAX,
            reasoning: wide + 4,
            cache_read: wide + 5,
            cache_write: wide + 6,
            cache_write_1h: wide + 7,
            audio_in: wide + 8,
            audio_out: wide + 9,
            image_in: wide + 10,
            image_out: wide + 11,
            web_searches: wide + 12,
            units: Units { images: 1, audio_ms: wide, characters: 2, queries: 3, pages: 4 },
        }),
        cost: Some(Cost::from_pico(i64::MAX - i64::from(seed))),
        model: format!("gpt-{seed} \u{1f30a}").into(),
    }
}

async fn what_is_put_comes_back(cache: &dyn ResponseCache) {
    let now = now();
    assert_eq!(cache.size().entries, 0, "a new cache is empty");
    assert!(cache.get(&cache_key(0), now).await.is_none(), "nobody put that");
    let full = cached_answer(1, 5000, now.as_millis(), 60_000);
    let bare = CachedAnswer {
        content_type: None,
        body: bytes::Bytes::new(),
        frames: Vec::new(),
        usage: None,
        cost: None,
        model: "".into(),
        ..cached_answer(2, 0, now.as_millis(), 60_000)
    };
    for (seed, answer) in [(1, &full), (2, &bare)] {
        cache.put(cache_key(seed), answer.clone());
        assert_eq!(cache.get(&cache_key(seed), now).await.as_deref(), Some(answer));
    }
    let CacheSize { entries, bytes, .. } = cache.size();
    assert_eq!((entries, bytes), (2, (full.weight() + bare.weight()) as u64));
    cache.remove(&cache_key(1));
    cache.remove(&cache_key(1));
    assert!(cache.get(&cache_key(1), now).await.is_none(), "it was removed");
    assert_eq!(cache.get(&cache_key(2), now).await.as_deref(), Some(&bare), "this was not");
    assert_eq!(cache.size().bytes, bare.weight() as u64);
}

async fn the_last_answer_counts(cache: &dyn ResponseCache) {
    let now = now();
    for seed in 0..20 {
        let answer = cached_answer(seed, 100 + seed as usize, now.as_millis(), 60_000);
        cache.put(cache_key(0), answer.clone());
        assert_eq!(cache.get(&cache_key(0), now).await.as_deref(), Some(&answer));
        let CacheSize { entries, bytes, .. } = cache.size();
        assert_eq!((entries, bytes), (1, answer.weight() as u64));
    }
}

async fn nothing_is_given_once_it_has_expired(cache: &dyn ResponseCache) {
    let now = now().as_millis();
    cache.put(cache_key(0), cached_answer(0, 10, now, 60_000));
    let at = |millis| Timestamp::from_millis(now + millis);
    assert!(cache.get(&cache_key(0), at(59_999)).await.is_some(), "its last millisecond");
    assert!(cache.get(&cache_key(0), at(60_000)).await.is_none(), "expired");
    let CacheSize { entries, bytes, .. } = cache.size();
    assert_eq!((entries, bytes), (0, 0), "and gone");
    cache.put(cache_key(0), cached_answer(1, 10, now, 120_000));
    assert!(cache.get(&cache_key(0), at(60_000)).await.is_some(), "stored anew");
    cache.put(cache_key(1), cached_answer(1, 10, now, 0));
    assert!(cache.get(&cache_key(1), at(0)).await.is_none(), "expired when it came");
}

async fn what_is_heavier_than_the_budget_is_not_kept(cache: &dyn ResponseCache) {
    let now = now();
    let budget = usize::try_from(cache.size().budget).expect("a small budget");
    let empty = cached_answer(0, 0, now.as_millis(), 60_000).weight();
    cache.put(cache_key(0), cached_answer(0, 10, now.as_millis(), 60_000));
    cache.put(cache_key(0), cached_answer(0, budget - empty + 1, now.as_millis(), 60_000));
    assert!(cache.get(&cache_key(0), now).await.is_none(), "neither it nor what was there before");
    assert_eq!(cache.size().bytes, 0);
    let largest = cached_answer(0, budget - empty, now.as_millis(), 60_000);
    cache.put(cache_key(1), cached_answer(1, 10, now.as_millis(), 60_000));
    cache.put(cache_key(0), largest.clone());
    assert_eq!(cache.get(&cache_key(0), now).await.as_deref(), Some(&largest), "it just fits");
    let CacheSize { entries, bytes, budget } = cache.size();
    assert_eq!((entries, bytes), (1, budget), "with nothing beside it");
}

async fn it_stays_within_its_budget(cache: &dyn ResponseCache) {
    let now = now();
    let CacheSize { budget, .. } = cache.size();
    assert!(budget >= BUDGET, "the suite needs a larger budget");
    let length = usize::try_from(budget / 50).expect("a small budget");
    for seed in 0..200 {
        let length = length * (seed as usize % 4);
        let answer = cached_answer(seed, length, now.as_millis(), 60_000);
        cache.put(cache_key(seed), answer.clone());
        let size = cache.size();
        assert!(size.bytes <= budget, "{size:?}");
        assert_eq!(cache.get(&cache_key(seed), now).await.as_deref(), Some(&answer));
    }
    assert!(cache.size().entries > 10, "it does not give up more than it must");
}

async fn many_may_use_it_at_once(cache: &Arc<dyn ResponseCache>) {
    const KEYS: u32 = 64;
    let start = now();
    let budget = cache.size().budget;
    let done = Arc::new(AtomicBool::new(false));
    let watcher = tokio::task::spawn_blocking({
        let (cache, done) = (Arc::clone(cache), Arc::clone(&done));
        move || {
            while !done.load(Ordering::Relaxed) {
                let size = cache.size();
                assert!(size.bytes <= budget, "{size:?}");
                std::thread::yield_now();
            }
        }
    });
    let length = usize::try_from(budget / 40).expect("a small budget");
    let tasks: Vec<_> = (0..8_u32)
        .map(|task| {
            let cache = Arc::clone(cache);
            tokio::spawn(async move {
                for turn in 0..400_u32 {
                    let seed = (turn * 7 + task * 13) % KEYS;
                    let key = cache_key(seed);
                    match (turn + task) % 8 {
                        0..3 => {
                            let length = length * (seed as usize % 4);
                            cache.put(key, cached_answer(seed, length, start.as_millis(), 60_000));
                        }
                        7 => cache.remove(&key),
                        _ => {
                            if let Some(answer) = cache.get(&key, start).await {
                                let wanted = cached_answer(seed, answer.body.len(), 0, 0);
                                assert_eq!(answer.model, wanted.model, "another key's answer");
                                assert_eq!(answer.body, wanted.body);
                            }
                        }
                    }
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.expect("a task");
    }
    done.store(true, Ordering::Relaxed);
    watcher.await.expect("never above its budget");
    for seed in 0..KEYS {
        cache.remove(&cache_key(seed));
    }
    let CacheSize { entries, bytes, .. } = cache.size();
    assert_eq!((entries, bytes), (0, 0), "everything that was taken was given back");
}

fn random_steps(seed: u64) -> Vec<Step> {
    let mut random = Random(seed + 1);
    let mut below = |limit: u32| u32::try_from(random.below(limit as usize)).unwrap_or(0);
    (0..300)
        .map(|_| match below(8) {
            0..3 => Step::Put { key: below(12), share: below(60), ttl: below(50) },
            3..6 => Step::Get { key: below(12) },
            6 => Step::Wait { seconds: below(20) },
            _ => Step::Remove { key: below(12) },
        })
        .collect()
}

fn now() -> Timestamp {
    Timestamp::now()
}
