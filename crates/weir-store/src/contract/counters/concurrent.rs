//! What happens at the same time.

use std::sync::Arc;

use weir_core::counters::{Counters, Drawn};

use super::{at, fixed, key, level, one, sliding};

pub(super) async fn slots_are_given_back(counters: &dyn Counters) {
    let slots = key("slots");
    assert_eq!(counters.inside(&slots).await, 0);
    assert_eq!(counters.enter(&slots, 2).await, Some(1));
    assert_eq!(counters.enter(&slots, 2).await, Some(2));
    assert_eq!(counters.enter(&slots, 2).await, None);
    assert_eq!(counters.enter(&key("others"), 2).await, Some(1), "a key of its own");
    assert_eq!(counters.inside(&slots).await, 2);
    counters.leave(&slots);
    assert_eq!(counters.enter(&slots, 2).await, Some(2));
    assert_eq!(counters.enter(&slots, 1).await, None, "the limit was lowered");
    for _ in 0..3 {
        counters.leave(&slots);
    }
    assert_eq!(counters.inside(&slots).await, 0, "not below nothing");
    assert_eq!(counters.enter(&slots, 0).await, None);
}

pub(super) async fn draws_together_take_no_more_than_there_is(counters: &Arc<dyn Counters>) {
    for (name, window) in [("fixed", fixed(60)), ("sliding", sliding(60))] {
        let draw = one(name, window, 500);
        let tasks: Vec<_> = (0..8)
            .map(|_| {
                let counters = Arc::clone(counters);
                tokio::spawn(async move {
                    let mut taken = 0;
                    for _ in 0..200 {
                        let drawn = counters.draw(&draw, at(0)).await;
                        taken += u64::from(matches!(drawn, Drawn::Taken(_)));
                    }
                    taken
                })
            })
            .collect();
        let mut taken = 0;
        for task in tasks {
            taken += task.await.expect("a task");
        }
        assert_eq!(taken, 500, "{name}");
        assert_eq!(level(&**counters, &draw, at(0)).await.used, 500, "{name}");
    }
}

pub(super) async fn entries_together_take_no_more_than_there_is(counters: &Arc<dyn Counters>) {
    let slots = key("crowd");
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let counters = Arc::clone(counters);
            tokio::spawn(async move {
                for _ in 0..200 {
                    if let Some(inside) = counters.enter(&slots, 3).await {
                        assert!(inside <= 3);
                        tokio::task::yield_now().await;
                        counters.leave(&slots);
                    }
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.expect("a task");
    }
    assert_eq!(counters.inside(&slots).await, 0);
}
