use proptest::prelude::*;

use super::*;

proptest! {
    #[test]
    fn counts_what_is_under_way(steps in prop::collection::vec(any::<Option<usize>>(), 0..300)) {
        let load = Load::default();
        let mut calls = Vec::new();
        for step in steps {
            match step {
                Some(at) if !calls.is_empty() => {
                    let ended: LoadGuard = calls.swap_remove(at % calls.len());
                    drop(ended);
                }
                _ => calls.push(load.begin()),
            }
            prop_assert_eq!(load.under_way() as usize, calls.len());
        }
        drop(calls);
        prop_assert_eq!(load.under_way(), 0);
    }
}

#[tokio::test]
async fn cancelled_calls_are_no_longer_under_way() {
    let load = Load::default();
    let calls: Vec<_> = (0..50)
        .map(|_| {
            let call = load.begin();
            tokio::spawn(async move {
                std::future::pending::<()>().await;
                drop(call);
            })
        })
        .collect();
    assert_eq!(load.under_way(), 50);
    for call in calls {
        call.abort();
        assert!(call.await.unwrap_err().is_cancelled());
    }
    assert_eq!(load.under_way(), 0);
}
