//! Processes that end without a word.

use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_settled_outlives_a_crash() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = open(dir.path(), "one");
    assert!(ledger.credit(grant("g", 1_000)).await.unwrap());
    for turn in 0..200 {
        spend(&ledger, &format!("bucket {}", turn % 7), turn).await;
        charge(&ledger, "model", 2).await;
    }
    let mut before = Vec::new();
    for bucket in 0..7 {
        before.push(stands(&ledger, &format!("bucket {bucket}")).await);
    }
    // Nobody asks for it to be written.
    settled(&ledger).await;
    // The writer counts as done as soon as it takes what changed; an empty round comes after that.
    ledger.flush().await.unwrap();
    ledger.crash();
    let again = open(dir.path(), "one");
    for (bucket, before) in before.into_iter().enumerate() {
        assert_eq!(stands(&again, &format!("bucket {bucket}")).await, before);
    }
    let purse = again.purse(&"account".into()).await;
    assert_eq!((purse.granted.pico(), purse.used.pico()), (1_000, 400));
    charge(&again, "model", 5).await;
    let page = again.journal(&everything()).await.unwrap();
    let sum: i64 = page.entries.iter().map(|entry| entry.amount.pico()).sum();
    assert_eq!(sum, 1_000 - 405);
    let calls = page.entries.iter().filter_map(|entry| entry.usage.as_ref());
    assert_eq!(calls.map(|usage| usage.calls).sum::<u64>(), 201);
    assert_eq!(page.total, 2, "calls within a minute share a line, whoever counted them");
    assert!(!again.credit(grant("g", 7)).await.unwrap(), "known from before");
}

/// What a crash loses is what changed in the last moments, and nothing of it is made up.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crash_loses_the_last_moments_at_most() {
    let dir = tempfile::tempdir().unwrap();
    for turn in 0..20_u64 {
        let name = format!("turn {turn}");
        let ledger = open(dir.path(), "moments");
        spend(&ledger, &name, 100).await;
        ledger.flush().await.unwrap();
        for _ in 0..turn {
            spend(&ledger, &name, 1).await;
        }
        tokio::time::sleep(Duration::from_millis(turn % 5)).await;
        ledger.crash();
        let again = open(dir.path(), "moments");
        let (spent, reserved) = stands(&again, &name).await;
        assert!((100..=100 + turn).contains(&spent), "{spent} in turn {turn}");
        assert!(reserved <= turn, "{reserved} in turn {turn}");
        again.close().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reservations_of_the_dead_end_with_their_lease() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("leases.db");
    let lease = Duration::from_millis(700);
    let open = || SqliteLedger::open(&path, lease, Arc::new(SystemClock)).unwrap();
    let ledger = open();
    let now = Timestamp::now();
    let held = ledger.reserve([claim("a", 100, 60)].into(), now).await.unwrap();
    let dropped = ledger.reserve([claim("a", 100, 40)].into(), now).await.unwrap();
    ledger.flush().await.unwrap();
    drop(dropped);
    ledger.flush().await.unwrap();
    ledger.crash();
    let again = open();
    assert_eq!(stands(&again, "a").await, (0, 60), "only what was open");
    // The process that made it is gone, and may not give it back any more.
    drop(held);
    assert_eq!(stands(&again, "a").await, (0, 60));
    assert!(again.reserve([claim("a", 100, 60)].into(), now).await.is_err());
    // Who comes after another crash goes by the same sign of life.
    again.crash();
    let third = open();
    tokio::time::sleep(lease).await;
    let now = Timestamp::now();
    drop(third.reserve([claim("a", 100, 100)].into(), now).await.unwrap());
    third.flush().await.unwrap();
    assert_eq!(third.figures().open, 0);
    third.close().await.unwrap();
    let left: i64 = rusqlite::Connection::open(&path)
        .unwrap()
        .query_row("SELECT count(*) FROM reservations", [], |row| row.get(0))
        .unwrap();
    assert_eq!(left, 0, "nothing leaks in the file");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_living_owner_keeps_its_reservations_alive() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("alive.db");
    let lease = Duration::from_millis(400);
    let open = || SqliteLedger::open(&path, lease, Arc::new(SystemClock)).unwrap();
    let ledger = open();
    let long = ledger.reserve([claim("a", 100, 60)].into(), Timestamp::now()).await.unwrap();
    tokio::time::sleep(lease * 3).await;
    assert_eq!(stands(&ledger, "a").await, (0, 60), "its own have no end");
    ledger.crash();
    let again = open();
    assert_eq!(stands(&again, "a").await, (0, 60), "the owner was seen just now");
    drop(long);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn short_reservations_leave_no_trace() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = open(dir.path(), "short");
    for _ in 0..1000 {
        spend(&ledger, "a", 1).await;
    }
    ledger.close().await.unwrap();
    let file = rusqlite::Connection::open(dir.path().join("short.db")).unwrap();
    let count = |table: &str| -> i64 {
        let sql = format!("SELECT count(*) FROM {table}");
        file.query_row(&sql, [], |row| row.get(0)).unwrap()
    };
    assert_eq!((count("buckets"), count("reservations")), (1, 0));
}
