//! Files and disks that are not in order.

use rusqlite::Connection;

use super::super::lock::Lock;
use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_refuses_costs_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = open(dir.path(), "refuses");
    ledger.credit(grant("g", 1_000)).await.unwrap();
    spend(&ledger, "a", 1).await;
    ledger.flush().await.unwrap();
    let file = Connection::open(dir.path().join("refuses.db")).unwrap();
    file.execute_batch("ALTER TABLE buckets RENAME TO hidden").unwrap();
    let held = ledger.reserve([claim("b", 100, 60)].into(), Timestamp::now()).await.unwrap();
    for _ in 0..100 {
        spend(&ledger, "a", 1).await;
        charge(&ledger, "model", 3).await;
    }
    assert!(ledger.flush().await.is_err(), "whoever asks is told");
    let figures = ledger.figures();
    // Bucket, the bucket of the credits, reservation and line: what waits does not grow.
    assert_eq!(figures.unwritten, 4, "{figures:?}");
    assert_eq!(stands(&ledger, "a").await.0, 101, "calls go on");
    assert!(ledger.reserve([claim("b", 100, 60)].into(), Timestamp::now()).await.is_err());
    file.execute_batch("ALTER TABLE hidden RENAME TO buckets").unwrap();
    drop(file);
    // It tries again by itself.
    settled(&ledger).await;
    ledger.flush().await.unwrap();
    ledger.crash();
    drop(held);
    let again = open(dir.path(), "refuses");
    assert_eq!(stands(&again, "a").await, (101, 0));
    assert_eq!(stands(&again, "b").await, (0, 60));
    let page = again.journal(&everything()).await.unwrap();
    let sum: i64 = page.entries.iter().map(|entry| entry.amount.pico()).sum();
    assert_eq!(sum, 700);
    assert_eq!(again.purse(&"account".into()).await.balance().pico(), 700);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lines_cannot_be_changed_by_anybody() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = open(dir.path(), "lines");
    ledger.credit(grant("g", 1_000)).await.unwrap();
    let file = Connection::open(dir.path().join("lines.db")).unwrap();
    for sql in ["UPDATE credits SET amount = 0", "DELETE FROM credits"] {
        let error = file.execute(sql, []).unwrap_err().to_string();
        assert!(error.contains("never"), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn purses_are_the_sums_of_their_lines() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = open(dir.path(), "sums");
    for turn in 0..50_i64 {
        ledger.credit(grant(&format!("g{turn}"), turn)).await.unwrap();
        charge(&ledger, &format!("model {}", turn % 4), turn * 3).await;
        if turn % 8 == 0 {
            ledger.journal(&everything()).await.unwrap();
        }
    }
    ledger.flush().await.unwrap();
    let file = Connection::open(dir.path().join("sums.db")).unwrap();
    let one = |sql: &str| -> i64 { file.query_row(sql, [], |row| row.get(0)).unwrap() };
    let granted = one("SELECT sum(amount) FROM credits WHERE kind != 'usage'");
    let ended = one("SELECT -sum(amount) FROM credits WHERE kind = 'usage'");
    let growing = one("SELECT coalesce(sum(amount), 0) FROM growing");
    assert!(growing > 0);
    assert_eq!(granted, one("SELECT granted FROM purses"));
    assert_eq!(ended + growing, one("SELECT used FROM purses"));
    assert_eq!(granted, ledger.purse(&"account".into()).await.granted.pico());
}

#[test]
fn one_process_at_a_time() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ledger.db");
    let first = Lock::take(&path, Duration::ZERO).unwrap();
    assert!(matches!(Lock::take(&path, Duration::ZERO), Err(Fault::Locked)));
    std::thread::scope(|scope| {
        let waits = scope.spawn(|| Lock::take(&path, Duration::from_secs(20)).map(drop));
        std::thread::sleep(Duration::from_millis(50));
        drop(first);
        waits.join().unwrap().unwrap();
    });
}

#[test]
fn a_damaged_file_is_an_error_and_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ledger.db");
    let text = "this is no database, just a text that is long enough to look like one";
    std::fs::write(&path, text).unwrap();
    let Err(error) = SqliteLedger::open(&path, LEASE, Arc::new(SystemClock)) else {
        panic!("opened");
    };
    assert!(error.to_string().contains("ledger.db: is damaged: restore a backup"), "{error}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_counts_for_nothing_is_deleted() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = open(dir.path(), "idle");
    let window = weir_core::counters::Window {
        seconds: 60,
        technique: weir_core::route::Technique::Sliding,
    };
    let old = Claim { span: Span::Window(window), ..claim("old", 100, 1) };
    for now in [Timestamp::from_millis(1_000_000), Timestamp::now()] {
        let fresh = Claim { key: CounterKey::of(&[&now.as_millis().to_le_bytes()]), ..old };
        let reservation = ledger.reserve([fresh].into(), now).await.unwrap();
        ledger.settle(reservation, Settlement { spent: vec![1], credit: None }, now);
    }
    spend(&ledger, "for good", 1).await;
    ledger.close().await.unwrap();
    let again = open(dir.path(), "idle");
    assert_eq!(again.figures().buckets, 2, "the present window and the one without an end");
    again.close().await.unwrap();
    assert!(again.credit(grant("late", 1)).await.is_err(), "closed");
    spend(&again, "for good", 1).await;
    assert_eq!(stands(&again, "for good").await.0, 2, "calls go on in memory");
}
