mod model;

use std::sync::Arc;

use weir_core::route::Technique;

use super::*;
use crate::contract;

fn counting(name: u64, seconds: u64, technique: Technique, limit: u64) -> Draw {
    let key = CounterKey::of(&[&name.to_le_bytes()]);
    Draw { key, window: Window { seconds, technique }, limit, amount: 1 }
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(seconds * 1000)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn memory_counters_keep_the_contract() {
    let counters: Arc<dyn Counters> = Arc::new(MemoryCounters::default());
    // One installation for each name.
    let open = async |name: &str| match name {
        "together" => Arc::clone(&counters),
        _ => Arc::new(MemoryCounters::default()) as Arc<dyn Counters>,
    };
    contract::counters(open).await;
}

#[tokio::test]
async fn what_stands_at_nothing_is_forgotten() {
    let counters = MemoryCounters::default();
    for name in 0..1000 {
        for (technique, limit) in
            [(Technique::Fixed, 5), (Technique::Sliding, 5), (Technique::Sliding, 50_000)]
        {
            let name = name * 100_000 + limit;
            counters.draw(&counting(name, 100, technique, limit), at(50)).await;
        }
    }
    counters.sweep(at(50));
    assert_eq!(counters.held(), 3000);
    counters.sweep(at(120));
    assert_eq!(counters.held(), 2000, "the fixed windows are over");
    counters.sweep(at(150));
    assert_eq!(counters.held(), 1000, "what is exact has left");
    counters.sweep(at(200));
    assert_eq!(counters.held(), 0);
}

/// Too many keys share what one may have: they are limited too early, never too late.
#[tokio::test]
async fn keys_without_room_share_one_limit() {
    let counters = MemoryCounters::with_capacity(SHARDS);
    let mut taken = 0;
    for name in 0..10_000 {
        let draw = counting(name, 100, Technique::Fixed, 2);
        for _ in 0..5 {
            taken += u64::from(matches!(counters.draw(&draw, at(50)).await, Drawn::Taken(_)));
        }
    }
    // Each shard has one counter of its own and the shared one.
    assert_eq!(taken, 2 * 2 * SHARDS as u64);
    assert_eq!(counters.held(), 2 * SHARDS);
    assert_eq!(counters.overflowed(), 5 * (10_000 - SHARDS as u64));
    // Room comes back by itself.
    let before = counters.overflowed();
    for name in 0..SHARDS as u64 {
        let mut draw = counting(name, 100, Technique::Fixed, 2);
        draw.key.0[0] = u8::try_from(name).unwrap();
        assert!(matches!(counters.draw(&draw, at(150)).await, Drawn::Taken(_)));
    }
    assert_eq!(counters.overflowed(), before);
}

#[tokio::test]
async fn a_full_counter_says_when_to_come_again() {
    let counters = MemoryCounters::default();
    let full = async |draw: &Draw, seconds| match counters.draw(draw, at(seconds)).await {
        Drawn::Full(level) => level.resets_at,
        Drawn::Taken(_) => panic!("there was room"),
    };
    let large = Draw { amount: 40_000, ..counting(1, 100, Technique::Sliding, 40_000) };
    counters.draw(&large, at(50)).await;
    let quarter = Draw { amount: 10_000, ..large };
    assert_eq!(full(&quarter, 60).await, at(125), "a quarter of it has left then");
    assert_eq!(full(&quarter, 110).await, at(125));
    assert!(matches!(counters.draw(&quarter, at(125)).await, Drawn::Taken(_)));
    let never = Draw { amount: 40_001, ..large };
    assert_eq!(full(&never, 130).await, at(230));
    assert_eq!(
        full(&Draw { amount: 9, ..counting(2, 100, Technique::Sliding, 8) }, 0).await,
        at(100)
    );
}

/// A limit that is raised beyond what is counted exactly, and lowered again, keeps what was used.
#[tokio::test]
async fn the_way_of_counting_may_change() {
    let counters = MemoryCounters::default();
    let with = |limit| counting(1, 100, Technique::Sliding, limit);
    for _ in 0..5 {
        counters.draw(&with(5), at(10)).await;
    }
    let Drawn::Taken(level) = counters.draw(&with(50_000), at(20)).await else { panic!("full") };
    assert_eq!(level.used, 6);
    assert!(matches!(counters.draw(&with(5), at(30)).await, Drawn::Full(_)));
    assert!(matches!(counters.draw(&with(5), at(300)).await, Drawn::Taken(_)));
    // Exact again: at its bound, a use leaves at once rather than by and by.
    for _ in 0..4 {
        counters.draw(&with(5), at(300)).await;
    }
    assert!(matches!(counters.draw(&with(5), at(399)).await, Drawn::Full(_)));
    assert!(matches!(counters.draw(&with(5), at(400)).await, Drawn::Taken(_)));
}
