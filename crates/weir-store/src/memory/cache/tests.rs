use std::sync::atomic::{AtomicBool, Ordering};

use proptest::prelude::*;

use super::*;
use crate::contract::model::{self, Step};
use crate::contract::{cache_key, cached_answer, response_cache};

const MB: usize = 1 << 20;

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn keep(cache: &MemoryCache, seed: u32, length: usize, used: i64) {
    cache.keep(cache_key(seed), Arc::new(cached_answer(seed, length, used, 1_000_000)), at(used));
}

fn has(cache: &MemoryCache, seed: u32, now: i64) -> bool {
    cache.find(&cache_key(seed), at(now)).is_some()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_keeps_the_contract() {
    for budget in [64 << 10, 1 << 20, 4 << 20] {
        response_cache(async |_| Arc::new(MemoryCache::new(budget)) as Arc<dyn ResponseCache>)
            .await;
    }
}

#[test]
fn the_least_recently_used_answer_goes_first_whatever_its_shard() {
    let one = cached_answer(0, 1000, 0, 1).weight() as u64;
    // The model's name is one byte longer for the others.
    let cache = MemoryCache::new(100 * (one + 2));
    for seed in 0..100 {
        keep(&cache, seed, 1000, i64::from(seed));
    }
    assert_eq!(cache.size().entries, 100);
    assert!(has(&cache, 0, 200), "all are there; this one is young again");
    for seed in 100..110 {
        keep(&cache, seed, 1000, 300 + i64::from(seed));
    }
    let gone: Vec<u32> = (0..110).filter(|seed| !has(&cache, *seed, 500)).collect();
    assert!((9..=11).contains(&gone.len()), "{gone:?}");
    assert_eq!(gone, (1..=u32::try_from(gone.len()).unwrap()).collect::<Vec<_>>());
}

#[test]
fn an_answer_of_the_largest_kind_finds_room_in_an_ordinary_budget() {
    let cache = MemoryCache::new(64 * MB as u64);
    for seed in 0..20_000 {
        keep(&cache, seed, 4000, i64::from(seed));
    }
    for seed in 100_000..100_004 {
        keep(&cache, seed, 25 * MB, i64::from(seed));
        assert!(has(&cache, seed, i64::from(seed)));
        assert!(cache.size().bytes <= cache.size().budget);
    }
    assert!(has(&cache, 100_002, 200_000), "two of them fit");
}

#[test]
fn a_budget_of_nothing_keeps_nothing() {
    let cache = MemoryCache::new(0);
    keep(&cache, 0, 0, 0);
    assert_eq!(cache.size(), CacheSize::default());
}

#[test]
fn an_answer_that_was_given_up_stays_with_whoever_has_it() {
    let cache = MemoryCache::new(10_000);
    keep(&cache, 0, 8000, 0);
    let held = cache.find(&cache_key(0), at(1)).unwrap();
    keep(&cache, 1, 8000, 2);
    assert!(!has(&cache, 0, 3));
    assert_eq!(held.body, cached_answer(0, 8000, 0, 0).body);
}

/// Threads that put, ask and remove as fast as they can, beside one that looks at the count. Sizes
/// are such that most puts must make room.
#[test]
fn the_budget_holds_at_every_moment() {
    const THREADS: u32 = 8;
    let cache = MemoryCache::new(200_000);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let watcher = scope.spawn(|| {
            let mut most = 0;
            while !done.load(Ordering::Relaxed) {
                most = most.max(cache.size().bytes);
            }
            most
        });
        let workers: Vec<_> = (0..THREADS)
            .map(|thread| {
                let cache = &cache;
                scope.spawn(move || {
                    for turn in 0..5000_u32 {
                        let seed = turn.wrapping_mul(2_654_435_761).rotate_left(thread) % 200;
                        match turn % 5 {
                            0..3 => {
                                let length = [100, 3000, 50_000][seed as usize % 3];
                                keep(cache, seed, length, i64::from(turn));
                            }
                            3 => cache.forget(&cache_key(seed)),
                            _ => {
                                if let Some(found) = cache.find(&cache_key(seed), at(0)) {
                                    assert_eq!(found.model, cached_answer(seed, 0, 0, 0).model);
                                }
                            }
                        }
                        assert!(cache.size().bytes <= 200_000);
                    }
                })
            })
            .collect();
        for worker in workers {
            worker.join().unwrap();
        }
        done.store(true, Ordering::Relaxed);
        assert!(watcher.join().unwrap() <= 200_000);
    });
    let held: u64 = (0..200)
        .filter_map(|seed| cache.find(&cache_key(seed), at(0)))
        .map(|answer| answer.weight() as u64)
        .sum();
    assert_eq!(cache.size().bytes, held, "the count is what is there");
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        3 => (0..8_u32, 0..70_u32, 0..50_u32)
            .prop_map(|(key, share, ttl)| Step::Put { key, share, ttl }),
        3 => (0..8_u32).prop_map(|key| Step::Get { key }),
        1 => (0..8_u32).prop_map(|key| Step::Remove { key }),
        1 => (0..20_u32).prop_map(|seconds| Step::Wait { seconds }),
    ];
    proptest::collection::vec(step, 0..120)
}

proptest! {
    #[test]
    fn it_behaves_like_a_map_that_forgets(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(model::hold(&MemoryCache::new(100_000), &steps));
    }
}
