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

/// Threads, not tasks: every one of them may be anywhere at any time. What they hold and have spent
/// is added up outside of the ledger, too: later than there, and taken off sooner.
#[test]
fn sixty_four_threads_never_take_more_than_there_is() {
    use std::sync::atomic::{AtomicU64, Ordering};

    const LIMIT: u64 = 1_000;
    let books = Arc::new(Books::new(MOST, None));
    let (taken, passed) = (AtomicU64::new(0), AtomicU64::new(0));
    let now = Timestamp::from_millis(0);
    std::thread::scope(|scope| {
        for thread in 0..64_u64 {
            let (books, taken, passed) = (&books, &taken, &passed);
            scope.spawn(move || {
                for turn in 0..200 {
                    // The shared bucket, and one of four others in either order.
                    let (one, other) = (claim(0, LIMIT, 7), claim(1 + turn % 4, LIMIT, 3));
                    let claims = if thread % 2 == 0 { [one, other] } else { [other, one] };
                    let Ok(reservation) = books.reserve(claims.into(), now) else { continue };
                    let together = taken.fetch_add(7, Ordering::SeqCst) + 7;
                    assert!(together <= LIMIT, "{together}");
                    passed.fetch_add(1, Ordering::Relaxed);
                    std::thread::yield_now();
                    let used = (thread + turn) % 8;
                    taken.fetch_sub(7 - used, Ordering::SeqCst);
                    if used == 0 {
                        drop(reservation);
                    } else {
                        let of = |claim: &Claim| if claim.amount == 7 { used } else { 1 };
                        let spent = reservation.claims().iter().map(of).collect();
                        books.settle(reservation, Settlement { spent, credit: None }, now);
                    }
                }
            });
        }
    });
    let taken = taken.into_inner();
    let standing = books.standing(&claim(0, LIMIT, 0), now);
    assert_eq!((standing.spent, standing.reserved), (taken, 0));
    assert!(taken <= LIMIT && taken > LIMIT - 7, "{taken}");
    assert!(passed.into_inner() >= LIMIT / 7);
    assert_eq!(books.figures().open, 0);
}
