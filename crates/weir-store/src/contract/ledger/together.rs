//! Several buckets, and several calls at the same time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use weir_core::ledger::{Claim, Ledger, Span};

use super::{claim, fixed, reserve, settle, stands};

pub(super) async fn all_or_none(ledger: &dyn Ledger) {
    let (wide, narrow) = (claim("wide", fixed(60), 100, 10), claim("narrow", fixed(60), 15, 10));
    let both = reserve(ledger, &[wide, narrow], 0).await.expect("room in both");
    assert_eq!(both.standings().len(), 2);
    let refused = reserve(ledger, &[wide, narrow], 0).await.expect_err("no room in the second");
    assert_eq!((refused.claim, refused.standing.reserved), (1, 10));
    assert_eq!(stands(ledger, &wide, 0).await, (0, 10), "nothing of the first was taken");
    settle(ledger, both, &[7, 8], 0);
    assert_eq!(stands(ledger, &wide, 0).await, (7, 0));
    assert_eq!(stands(ledger, &narrow, 0).await, (8, 0));
    let mixed = [Claim { amount: 0, ..wide }, Claim { amount: 7, ..narrow }];
    let mixed = reserve(ledger, &mixed, 0).await.expect("room");
    assert_eq!(stands(ledger, &wide, 0).await, (7, 0));
    settle(ledger, mixed, &[1, 2], 0);
    assert_eq!(stands(ledger, &wide, 0).await, (8, 0));
    assert_eq!(stands(ledger, &narrow, 0).await, (10, 0));
    let none = reserve(ledger, &[], 0).await.expect("nothing is asked for");
    settle(ledger, none, &[], 0);
}

pub(super) async fn a_bucket_may_be_claimed_twice_by_one_call(ledger: &dyn Ledger) {
    let half = claim("twice", fixed(60), 10, 6);
    let refused = reserve(ledger, &[half, half], 0).await.expect_err("12 of 10");
    assert_eq!((refused.claim, refused.standing.reserved), (1, 6));
    assert_eq!(stands(ledger, &half, 0).await, (0, 0));
    let fits = [Claim { amount: 4, ..half }, half];
    let reservation = reserve(ledger, &fits, 0).await.expect("exactly");
    assert_eq!(stands(ledger, &half, 0).await, (0, 10));
    settle(ledger, reservation, &[1, 2], 0);
    assert_eq!(stands(ledger, &half, 0).await, (3, 0));
}

pub(super) async fn calls_together_take_no_more_than_there_is(ledger: &Arc<dyn Ledger>) {
    let dollar = claim("a dollar", Span::Forever, 1_000, 30);
    let tasks: Vec<_> = (0..64_u64)
        .map(|task| {
            let ledger = Arc::clone(ledger);
            tokio::spawn(async move {
                let mut spent = 0;
                for turn in 0..50 {
                    let Ok(reservation) = reserve(&*ledger, &[dollar], 0).await else { continue };
                    tokio::task::yield_now().await;
                    if (task + turn) % 3 == 0 {
                        drop(reservation);
                    } else {
                        let used = (task * 7 + turn) % 31;
                        settle(&*ledger, reservation, &[used], 0);
                        spent += used;
                    }
                }
                spent
            })
        })
        .collect();
    let mut spent = 0;
    for task in tasks {
        spent += task.await.expect("a task");
    }
    assert!(spent <= 1_000, "{spent}");
    assert_eq!(stands(&**ledger, &dollar, 0).await, (spent, 0));
    assert!(spent > 1_000 - 30, "what was given back can be had again: {spent}");
}

pub(super) async fn overlapping_claims_end_with_nothing_reserved(ledger: &Arc<dyn Ledger>) {
    let names = ["a", "b", "c", "d", "e"];
    let over = Arc::new(AtomicU64::new(0));
    let tasks: Vec<_> = (0..16_usize)
        .map(|task| {
            let (ledger, over) = (Arc::clone(ledger), Arc::clone(&over));
            tokio::spawn(async move {
                for turn in 0..100 {
                    // In any order, so that locks would meet if they were taken in that order.
                    let chosen = (0..3).map(|step| names[(task + turn * (step + 1)) % 5]);
                    let claims: Vec<Claim> =
                        chosen.map(|name| claim(name, fixed(60), 20, 3)).collect();
                    if let Ok(reservation) = reserve(&*ledger, &claims, 0).await {
                        for claim in &claims {
                            let (spent, reserved) = stands(&*ledger, claim, 0).await;
                            over.fetch_max(spent + reserved, Ordering::Relaxed);
                        }
                        tokio::task::yield_now().await;
                        drop(reservation);
                    }
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.expect("a task");
    }
    assert!(over.load(Ordering::Relaxed) <= 20);
    for name in names {
        assert_eq!(stands(&**ledger, &claim(name, fixed(60), 20, 3), 0).await, (0, 0), "{name}");
    }
}
