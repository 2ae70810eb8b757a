use weir_core::counters::CounterKey;
use weir_core::ledger::{Measure, Span};

use super::*;
use crate::contract;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_memory_keeps_the_contract() {
    contract::ledger(async |_| Arc::new(MemoryLedger::default()) as Arc<dyn Ledger>).await;
}

fn claim(name: u64, limit: u64, amount: u64) -> Claim {
    let key = CounterKey::of(&[&name.to_le_bytes()]);
    Claim { key, span: Span::Forever, measure: Measure::Sum, limit, amount }
}

async fn spend(ledger: &MemoryLedger, claim: Claim) -> bool {
    let now = Timestamp::from_millis(0);
    match ledger.reserve([claim].into(), now).await {
        Ok(reservation) => {
            let settlement = Settlement { spent: vec![claim.amount], credit: None };
            ledger.settle(reservation, settlement, now);
            true
        }
        Err(_) => false,
    }
}

#[tokio::test]
async fn those_without_room_share_and_get_less() {
    let ledger = MemoryLedger::with_capacity(64);
    let mut passed = Vec::new();
    for name in 0..2_000 {
        passed.push(spend(&ledger, claim(name, 10, 10)).await);
    }
    let figures = ledger.figures();
    assert!(figures.buckets <= 128, "one for each shard, and a shared one: {figures:?}");
    assert!(figures.overflowed > 1_800);
    let passes = passed.iter().filter(|passed| **passed).count();
    assert!(passes <= 128, "nobody gets more than the limit: {passes}");
    for (name, passed) in (0..).zip(&passed) {
        let again = spend(&ledger, claim(name, 10, 10)).await;
        assert!(!again, "{name} was let in before: {passed}, and again");
    }
}

#[tokio::test]
async fn what_was_reserved_of_a_shared_bucket_goes_back_there() {
    let ledger = MemoryLedger::with_capacity(0);
    let now = Timestamp::from_millis(0);
    let one = ledger.reserve([claim(1, 10, 6)].into(), now).await.unwrap();
    drop(one);
    let two = ledger.reserve([claim(1, 10, 10)].into(), now).await.unwrap();
    ledger.settle(two, Settlement { spent: vec![4], credit: None }, now);
    let standing = ledger.standing(&claim(1, 10, 0), now).await;
    assert_eq!((standing.spent, standing.reserved), (4, 0));
}

#[tokio::test]
async fn idle_buckets_are_forgotten_and_others_are_not() {
    let ledger = MemoryLedger::default();
    let now = Timestamp::from_millis(0);
    let held = ledger.reserve([claim(1, 10, 6)].into(), now).await.unwrap();
    assert!(spend(&ledger, claim(2, 10, 6)).await);
    drop(ledger.reserve([claim(3, 10, 6)].into(), now).await.unwrap());
    assert_eq!(ledger.figures().buckets, 3);
    ledger.sweep(Timestamp::from_millis(1 << 50));
    assert_eq!((ledger.figures().buckets, ledger.figures().open), (2, 1));
    drop(held);
    ledger.sweep(now);
    assert_eq!((ledger.figures().buckets, ledger.figures().open), (1, 0));
}
