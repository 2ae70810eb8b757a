use std::fs;

use rusqlite::Connection;
use weir_core::LogRecord;
use weir_core::log::Payload;

use super::*;
use crate::contract::bare_record;

struct Place {
    dir: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    fn file(&self) -> std::path::PathBuf {
        self.dir.path().join("logs.db")
    }

    fn open(&self) -> SqliteLogStore {
        SqliteLogStore::open(&self.file()).unwrap()
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.dir.path()).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

fn batch(records: Vec<LogRecord>) -> Arc<LogBatch> {
    Arc::new(LogBatch { records, uncollected: Vec::new() })
}

fn rows(count: usize) -> Arc<LogBatch> {
    batch(records(count))
}

fn records(count: usize) -> Vec<LogRecord> {
    let payload = Payload::Stored { request: b"question".to_vec(), response: b"answer".to_vec() };
    (0..count).map(|_| LogRecord { payload: payload.clone(), ..bare_record() }).collect()
}

async fn total(store: &SqliteLogStore) -> u64 {
    let LogRecord { account, gateway, .. } = bare_record();
    let query = LogQuery {
        account,
        gateway,
        filter: LogFilter::default(),
        order: LogOrder::CreatedAt,
        ascending: false,
        offset: 0,
        limit: 1000,
    };
    let page = store.list(&query).await.unwrap();
    assert_eq!(page.rows.len() as u64, page.total);
    page.total
}

#[tokio::test]
async fn a_batch_sent_again_leaves_no_second_pack() {
    let place = Place::new();
    let store = place.open();
    let batch = rows(10);
    for _ in 0..3 {
        store.append(Arc::clone(&batch)).await.unwrap();
    }
    store.close().await.unwrap();
    let connection = Connection::open(place.file()).unwrap();
    let packs = "SELECT count(*), sum(rows) FROM body_packs";
    let found: (i64, i64) =
        connection.query_row(packs, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    assert_eq!(found, (1, 10));
}

#[tokio::test]
async fn a_batch_that_fails_midway_leaves_nothing_and_the_next_one_works() {
    let place = Place::new();
    let store = place.open();
    store.append(rows(1)).await.unwrap();
    let other = Connection::open(place.file()).unwrap();
    other
        .execute_batch(
            "CREATE TRIGGER refuse BEFORE INSERT ON logs
             WHEN new.path = 'bad' BEGIN SELECT raise(ABORT, 'refused'); END;",
        )
        .unwrap();

    // Words and a gateway that only the failing batch has seen.
    let mut bad = records(3);
    for record in &mut bad {
        record.model = "a new word".into();
        record.gateway = "new".into();
    }
    bad[2].path = "bad".into();
    let error = store.append(batch(bad.clone())).await.unwrap_err();
    assert!(error.to_string().contains("logs.db"), "{error}");
    let count = |table| {
        let sql = format!("SELECT count(*) FROM {table}");
        other.query_row(&sql, [], |row| row.get::<_, i64>(0)).unwrap()
    };
    assert_eq!((count("logs"), count("gateways"), count("body_packs")), (1, 1, 1));

    bad.pop();
    store.append(batch(bad.clone())).await.unwrap();
    let LogRecord { account, gateway, id, .. } = &bad[1];
    let found = store.get(account, gateway, *id).await.unwrap().unwrap();
    assert_eq!(&*found.record.model, "a new word");
    let body = store.body(account, gateway, *id, Side::Response, None).await.unwrap();
    assert_eq!(body.as_deref(), Some(&b"answer"[..]));
}

#[tokio::test]
async fn closing_writes_what_was_accepted_and_leaves_one_file() {
    let place = Place::new();
    let store = Arc::new(place.open());
    let appends: Vec<_> = (0..6)
        .map(|_| {
            let store = Arc::clone(&store);
            tokio::spawn(async move { store.append(rows(50)).await })
        })
        .collect();
    tokio::task::yield_now().await;
    store.close().await.unwrap();
    let mut written = 0;
    for append in appends {
        written += u64::from(append.await.unwrap().is_ok()) * 50;
    }
    assert_eq!(place.names(), ["logs.db"], "the write-ahead log is folded in");
    assert_eq!(total(&place.open()).await, written, "what was answered with Ok is there");
}

/// What `kill -9` leaves: the files as they are at some moment, nothing folded in.
#[tokio::test]
async fn a_store_that_was_killed_opens_by_itself() {
    let place = Place::new();
    let store = place.open();
    store.append(rows(20)).await.unwrap();
    store.append(rows(20)).await.unwrap();

    let wal = fs::read(place.dir.path().join("logs.db-wal")).unwrap();
    // Whole, torn in its last transaction, and torn at its very beginning.
    for (kept, least, most) in [(wal.len(), 40, 40), (wal.len() - 5000, 20, 20), (100, 0, 0)] {
        let killed = Place::new();
        fs::copy(place.file(), killed.file()).unwrap();
        fs::write(killed.dir.path().join("logs.db-wal"), &wal[..kept]).unwrap();
        let store = killed.open();
        let found = total(&store).await;
        assert!((least..=most).contains(&found), "{found} rows, {kept} bytes kept");
        store.append(rows(1)).await.unwrap();
        assert_eq!(total(&store).await, found + 1);
    }
}

#[tokio::test]
async fn a_damaged_file_is_set_aside_and_a_new_one_begun() {
    let whole = {
        let place = Place::new();
        let store = place.open();
        store.append(rows(300)).await.unwrap();
        store.close().await.unwrap();
        fs::read(place.file()).unwrap()
    };
    let mut scribbled = whole.clone();
    scribbled[100..8192].fill(0xAA);
    for damaged in [b"not a database at all".to_vec(), whole[..whole.len() / 2].to_vec(), scribbled]
    {
        let place = Place::new();
        fs::write(place.file(), &damaged).unwrap();
        let store = place.open();
        assert_eq!(total(&store).await, 0);
        store.append(rows(1)).await.unwrap();
        store.close().await.unwrap();
        let names = place.names();
        assert_eq!(names.len(), 2, "{names:?}");
        assert!(names[1].starts_with("logs.db.corrupt-"), "{names:?}");
        assert_eq!(fs::read(place.dir.path().join(&names[1])).unwrap(), damaged, "kept as it was");
    }
}

#[tokio::test]
async fn a_file_of_a_newer_version_is_left_alone() {
    let place = Place::new();
    place.open().close().await.unwrap();
    let connection = Connection::open(place.file()).unwrap();
    connection.execute("INSERT INTO migrations VALUES ('0009_future', '', 0)", []).unwrap();
    drop(connection);
    let Err(error) = SqliteLogStore::open(&place.file()) else { panic!("opened") };
    let text = error.to_string();
    assert!(text.contains("newer version") && text.contains("0009_future"), "{text}");
    assert_eq!(place.names().iter().filter(|name| name.contains("corrupt")).count(), 0);
}

#[tokio::test]
async fn texts_that_are_long_or_come_too_late_are_kept_in_the_row() {
    let place = Place::new();
    let store = place.open();
    store.append(rows(1)).await.unwrap();
    let other = Connection::open(place.file()).unwrap();
    let fill = "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 20000)
                INSERT INTO words (text) SELECT 'filler ' || n FROM n";
    other.execute(fill, []).unwrap();
    let count = |store: &Connection| -> i64 {
        store.query_row("SELECT count(*) FROM words", [], |row| row.get(0)).unwrap()
    };
    let full = count(&other);

    let record = LogRecord {
        user_agent: Some("x".repeat(1000).into()),
        model: "a model that came too late".into(),
        finish_reason: Some("filler 17".into()),
        ..bare_record()
    };
    let LogRecord { account, gateway, id, .. } = record.clone();
    store.append(batch(vec![record.clone()])).await.unwrap();
    let found = store.get(&account, &gateway, id).await.unwrap().unwrap().record;
    assert_eq!(found.user_agent, record.user_agent);
    assert_eq!(found.model, record.model);
    assert_eq!(found.finish_reason, record.finish_reason);
    assert_eq!(count(&other), full, "the table takes no more");
}

fn everything() -> LogQuery {
    let LogRecord { account, gateway, .. } = bare_record();
    LogQuery {
        account,
        gateway,
        filter: LogFilter::default(),
        order: LogOrder::CreatedAt,
        ascending: true,
        offset: 0,
        limit: u32::MAX,
    }
}

/// Bytes that no compressor shortens, so they can be found again in the file.
fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed;
    let mut next = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    (0..length).map(|_| next()).collect()
}

#[tokio::test]
async fn deleted_bodies_are_gone_from_the_files() {
    let place = Place::new();
    let store = place.open();
    let records: Vec<LogRecord> = (0..40)
        .map(|n| LogRecord {
            payload: Payload::Stored { request: noise(n, 1000), response: noise(n + 500, 1000) },
            ..bare_record()
        })
        .collect();
    store.append(batch(records.clone())).await.unwrap();
    let in_files = |part: &[u8]| {
        place.names().iter().any(|name| {
            let bytes = fs::read(place.dir.path().join(name)).unwrap();
            bytes.windows(part.len()).any(|window| window == part)
        })
    };
    // The end of one page of the file may cut one of the two in half, not both.
    let is_found = |n: u64| in_files(&noise(n, 40)) || in_files(&noise(n + 500, 1000)[900..940]);
    assert!((0..40).all(is_found), "before");

    // Some of a pack, then all that is left of it.
    for (limit, gone) in [(15, 15), (100, 40)] {
        store.delete(&LogQuery { limit, ..everything() }).await.unwrap();
        for n in 0..40 {
            assert_eq!(is_found(n), n >= gone, "bodies of row {n}");
        }
    }
}

#[tokio::test]
async fn a_full_disk_leaves_nothing_of_a_batch_and_says_so() {
    let place = Place::new();
    let store = place.open();
    store.append(rows(5)).await.unwrap();
    let limit_pages = async |pages: i64| {
        let set = move |ledger: &mut ledger::Ledger| {
            ledger.connection.pragma_update(None, "max_page_count", pages)?;
            Ok(())
        };
        store.writer.run(set).await.unwrap();
    };
    limit_pages(1).await;
    let big: Vec<LogRecord> = (0..300)
        .map(|n| LogRecord {
            payload: Payload::Stored { request: noise(n, 5000), response: Vec::new() },
            ..bare_record()
        })
        .collect();
    for _ in 0..2 {
        let error = store.append(batch(big.clone())).await.unwrap_err().to_string();
        assert!(error.contains("logs.db") && error.contains("the disk is full"), "{error}");
        assert_eq!(total(&store).await, 5);
    }
    limit_pages(1_000_000).await;
    store.append(batch(big)).await.unwrap();
    assert_eq!(total(&store).await, 305);
}

#[tokio::test]
async fn models_beyond_the_bound_are_counted_together() {
    use weir_core::analytics::{AnalyticsFilter, Dimension, DimensionValue};

    let place = Place::new();
    let store = place.open();
    let named = |name: &str| LogRecord { model: name.into(), ..bare_record() };
    store.append(batch(vec![named("early")])).await.unwrap();
    let fill = "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 49998)
                INSERT INTO rollup_keys
                SELECT NULL, '', 'filler ' || n, 0, 0, 0, 0, 0, '' FROM n";
    Connection::open(place.file()).unwrap().execute(fill, []).unwrap();
    store.append(batch(vec![named("last")])).await.unwrap();
    for _ in 0..2 {
        let names = ["early", "last", "late", "later"].map(named);
        store.append(batch(names.to_vec())).await.unwrap();
    }
    let query = AnalyticsQuery {
        account: everything().account,
        from: None,
        to: None,
        bucket: None,
        group_by: vec![Dimension::Model],
        filter: AnalyticsFilter::All(Vec::new()),
        most_groups: AnalyticsQuery::MOST_GROUPS,
    };
    let counted = store.analyse(&query).await.unwrap();
    let calls = |model: &str| {
        let found = counted.iter().find(|row| row.values == [DimensionValue::Text(model.into())]);
        found.map_or(0, |row| row.sums.requests)
    };
    assert_eq!((calls("early"), calls("last")), (3, 3));
    assert_eq!((calls("late"), calls("later"), calls("(other)")), (0, 0, 4));
}

#[tokio::test]
async fn a_deletion_cut_short_is_out_of_sight_and_finished_later() {
    let place = Place::new();
    let store = place.open();
    store.append(rows(30)).await.unwrap();
    // As far as a deletion gets whose process is killed.
    let LogRecord { account, gateway, .. } = bare_record();
    let number = store.writer.run(move |ledger| ledger.detach_gateway(&account, &gateway)).await;
    assert!(number.unwrap().is_some());
    assert_eq!(total(&store).await, 0);
    store.append(rows(2)).await.unwrap();
    drop(store);

    let store = place.open();
    assert_eq!(total(&store).await, 2);
    store.enforce_caps().await.unwrap();
    assert_eq!(total(&store).await, 2);
    let left = store.readers.run(|reader| reader.detached()).await.unwrap();
    assert!(left.is_empty());
    let connection = rusqlite::Connection::open(place.file()).unwrap();
    let rows: u64 =
        connection.query_row("SELECT count(*) FROM logs", [], |row| row.get(0)).unwrap();
    assert_eq!(rows, 2);
}

#[tokio::test]
async fn rows_from_before_trails_have_none_and_later_ones_do() {
    let place = Place::new();
    let trail = Some(Box::new(crate::contract::full_trail(1)));
    let recorded = || LogRecord { trail: trail.clone(), ..bare_record() };
    let store = place.open();
    let old = recorded();
    store.append(batch(vec![old.clone()])).await.unwrap();
    store.close().await.unwrap();
    Connection::open(place.file())
        .unwrap()
        .execute_batch(
            "ALTER TABLE logs DROP COLUMN trail;
             DROP TABLE cost_history;
             ALTER TABLE rollups DROP COLUMN compared;
             ALTER TABLE rollups DROP COLUMN computed_cost;
             ALTER TABLE rollups DROP COLUMN reported_cost;
             DELETE FROM migrations WHERE name >= '0005_trail';",
        )
        .unwrap();

    let store = place.open();
    let new = recorded();
    store.append(batch(vec![new.clone()])).await.unwrap();
    for (record, expected) in [(old, None), (new, trail)] {
        let LogRecord { account, gateway, id, .. } = record;
        let found = store.get(&account, &gateway, id).await.unwrap().unwrap();
        assert_eq!(found.record.trail, expected);
    }
}

#[tokio::test]
async fn a_trail_that_cannot_be_read_costs_no_row() {
    let place = Place::new();
    let store = place.open();
    let record = bare_record();
    store.append(batch(vec![record.clone()])).await.unwrap();
    Connection::open(place.file())
        .unwrap()
        .execute("UPDATE logs SET trail = '{\"t\":', path = 'p'", [])
        .unwrap();
    let found = store.get(&record.account, &record.gateway, record.id).await.unwrap().unwrap();
    assert_eq!((found.record.trail, &*found.record.path), (None, "p"));
}
