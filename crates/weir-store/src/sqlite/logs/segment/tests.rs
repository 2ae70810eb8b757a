use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rusqlite::Connection;
use weir_core::analytics::{AnalyticsFilter, AnalyticsQuery, Bucket, Dimension};
use weir_core::log_filter::{Condition, FilterValue, LogField, LogFilter, LogOrder, Operator};
use weir_core::store::{LogBatch, LogPatch, LogQuery, LogStore};
use weir_core::{Cost, LogRecord};

use super::super::SqliteLogStore;
use super::super::scan::Rows;
use super::super::values::Facts;
use super::super::words::Reading;
use super::*;
use crate::contract::Random;
use crate::contract::bare_record;

struct Place {
    dir: tempfile::TempDir,
    random: Random,
    records: Vec<LogRecord>,
}

/// A row as columns hold it.
type Held = (Vec<Option<i128>>, Vec<Option<String>>, Vec<(String, Option<String>)>);

impl Place {
    fn new(seed: u64) -> Self {
        let dir = tempfile::tempdir().unwrap();
        Self { dir, random: Random(seed), records: Vec::new() }
    }

    fn file(&self) -> PathBuf {
        self.dir.path().join("logs.db")
    }

    fn open(&self) -> SqliteLogStore {
        SqliteLogStore::open(&self.file()).unwrap()
    }

    fn connection(&self) -> Connection {
        Connection::open(self.file()).unwrap()
    }

    async fn append(&mut self, store: &SqliteLogStore, rows: usize) {
        let records: Vec<LogRecord> = (0..rows).map(|_| self.random.record()).collect();
        self.records.extend(records.iter().cloned());
        store.append(Arc::new(LogBatch { records, uncollected: Vec::new() })).await.unwrap();
    }

    async fn patch(&mut self, store: &SqliteLogStore) {
        let at = self.random.below(self.records.len());
        let LogRecord { account, gateway, id, .. } = &self.records[at];
        let patch = LogPatch {
            feedback: self.random.pick(&[None, Some(None), Some(Some(1.0))]),
            score: Some(Some(at as f64)),
            metadata: Some(Some(self.random.metadata().into())),
        };
        // It may have been deleted.
        store.patch(account, gateway, *id, &patch).await.unwrap();
    }

    /// Waits until the segments can be used, then compares them with the rows.
    async fn compare(&self) {
        let connection = self.connection();
        for _ in 0..1000 {
            let missing = "SELECT count(*) FROM gateways WHERE segmented = 0";
            if connection.query_row(missing, [], |row| row.get::<_, i64>(0)).unwrap() == 0 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(from_segments(&connection), from_rows(&connection));
    }
}

fn query() -> LogQuery {
    let LogRecord { account, gateway, .. } = bare_record();
    LogQuery {
        account,
        gateway,
        filter: LogFilter::default(),
        order: LogOrder::Cost,
        ascending: true,
        offset: 0,
        limit: 10,
    }
}

fn from_rows(connection: &Connection) -> BTreeMap<i128, Held> {
    let mut held = BTreeMap::new();
    let mut words = Reading::default();
    let (account, gateway) = (&"".into(), &"".into());
    let mut rows = Rows { connection, words: &mut words, account, gateway, number: 1 };
    let each = rows.each(&LogFilter::default(), |row| {
        let facts = Facts::from(row);
        let numbers = Number::ALL.map(|number| number.of(&facts)).to_vec();
        let texts = Text::ALL.map(|text| text.of(&facts).map(str::to_owned)).to_vec();
        let mut pairs = Vec::new();
        let metadata = row.record.metadata.as_deref().unwrap_or_default();
        if let Ok(serde_json::Value::Object(found)) = serde_json::from_str(metadata) {
            pairs.extend(
                found
                    .into_iter()
                    .map(|(key, value)| (key, weir_core::log_filter::metadata_text(&value))),
            );
        }
        held.insert(numbers[0].unwrap(), (numbers, texts, pairs));
    });
    each.unwrap();
    held
}

fn from_segments(connection: &Connection) -> BTreeMap<i128, Held> {
    let mut held = BTreeMap::new();
    for segment in all(connection, 1).unwrap() {
        let view = segment.view(connection).unwrap();
        let numbers = Number::ALL.map(|number| view.numbers(number).unwrap().values());
        let texts = Text::ALL.map(|text| view.texts(text).unwrap());
        let pairs = view.pairs().unwrap();
        for row in 0..segment.rows {
            let numbers: Vec<Option<i128>> = numbers.iter().map(|values| values[row]).collect();
            let at = numbers[Number::CreatedAt as usize].unwrap();
            assert!(i128::from(segment.moments.0) <= at && at <= segment.moments.1.into());
            let metadata = texts[Text::Metadata as usize].codes.get(row);
            assert_eq!(pairs.codes.get(row), metadata);
            let pair = |(key, value): (usize, Option<usize>)| {
                let value = value.map(|value| pairs.values.get(value).to_owned());
                (pairs.keys.get(key).to_owned(), value)
            };
            let pairs = metadata.map(|text| pairs.of(text).map(pair).collect()).unwrap_or_default();
            let texts = texts.iter().map(|texts| texts.get(row).map(str::to_owned)).collect();
            let before = held.insert(numbers[0].unwrap(), (numbers, texts, pairs));
            assert!(before.is_none(), "a row is in two segments");
        }
    }
    held
}

fn segments(file: &Path) -> Vec<(u8, usize)> {
    let connection = Connection::open(file).unwrap();
    let mut statement = connection.prepare("SELECT level, rows FROM segments").unwrap();
    let found = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    found.collect::<rusqlite::Result<_>>().unwrap()
}

#[tokio::test]
async fn segments_hold_what_the_rows_hold() {
    for seed in 1..=2 {
        let mut place = Place::new(seed);
        for round in 0..4 {
            let store = place.open();
            for rows in [1, 1, 3, 70, 600, 9, 1, 1100, 2, 1, 1, 5, 64] {
                place.append(&store, rows).await;
            }
            place.compare().await;
            for _ in 0..10 {
                place.patch(&store).await;
            }
            place.compare().await;
            let condition = Condition {
                field: LogField::Success,
                operator: Operator::Eq,
                values: vec![FilterValue::Flag(round % 2 == 0)],
            };
            let filter = LogFilter { conditions: vec![condition], search: String::new() };
            store.delete(&LogQuery { filter, limit: 300, ..query() }).await.unwrap();
            place.compare().await;
            if round % 2 == 0 {
                store.close().await.unwrap();
            }
        }
    }
}

#[tokio::test]
async fn small_segments_are_merged_and_large_ones_left_alone() {
    let mut place = Place::new(3);
    let store = place.open();
    for rows in [1; 70].into_iter().chain([500; 40]).chain([20_000]).chain([3; 9]) {
        place.append(&store, rows).await;
    }
    place.compare().await;
    let found = segments(&place.file());
    for level in Level::GROWING {
        let of_level = || found.iter().filter(|(found, _)| *found == level.0);
        let rows = of_level().map(|(_, rows)| rows).sum();
        assert!(!level.is_due(of_level().count(), rows), "{level:?} of {found:?}");
    }
    assert!(found.iter().all(|(_, rows)| *rows < 2 * FULL), "{found:?}");
    assert!(found.len() < 30, "{found:?}");
}

#[tokio::test]
async fn damaged_segments_are_made_anew_from_the_rows() {
    let damages = [
        "UPDATE segment_columns SET data = x'00'",
        "UPDATE segment_columns SET data =
         CAST(substr(data, 1, length(data) - 9) || randomblob(9) AS BLOB)",
        "UPDATE segment_columns SET data = zeroblob(length(data))",
        "DELETE FROM segment_columns WHERE ref % 64 IN (2, 4, 63)",
    ];
    let mut place = Place::new(4);
    let store = place.open();
    place.append(&store, 100).await;
    place.append(&store, 1500).await;
    for damage in damages {
        // Met by a list, by a patch, by a deletion and by a merge.
        for meet in 0..4 {
            place.compare().await;
            let before = store.list(&query()).await.unwrap();
            place.connection().execute(damage, []).unwrap();
            match meet {
                0 => {
                    let found = store.list(&query()).await.unwrap();
                    assert_eq!(found.total, before.total);
                    let ids = |page: &weir_core::store::LogPage| {
                        page.rows.iter().map(|row| row.record.id).collect::<Vec<_>>()
                    };
                    assert_eq!(ids(&found), ids(&before));
                }
                1 => {
                    for _ in 0..20 {
                        place.patch(&store).await;
                    }
                }
                2 => assert_eq!(store.delete(&query()).await.unwrap(), 10),
                _ => {
                    for _ in 0..FAN {
                        place.append(&store, 600).await;
                    }
                }
            }
            store.summarise(&query().account, &query().gateway, &query().filter).await.unwrap();
        }
    }
    place.compare().await;
}

/// Takes a file back to the form that the first version gave it.
const FIRST_VERSION: &str = "
    DROP TABLE cost_history; DROP TABLE segments; DROP TABLE segment_columns; DROP TABLE rollups; DROP TABLE rollup_keys;
    ALTER TABLE gateways DROP COLUMN segmented;
    ALTER TABLE logs DROP COLUMN feedback; ALTER TABLE logs DROP COLUMN score;
    ALTER TABLE logs DROP COLUMN units; ALTER TABLE logs DROP COLUMN trail;
    DELETE FROM migrations WHERE name > '0001_initial';";

/// Calls by hour, day and kind, without the money, which is random up to its limits here.
async fn count(store: &SqliteLogStore) -> Vec<String> {
    let mut counted = Vec::new();
    for bucket in [Bucket::Minute, Bucket::Hour, Bucket::Day] {
        let query = AnalyticsQuery {
            account: query().account,
            from: None,
            to: None,
            bucket: Some(bucket),
            group_by: vec![
                Dimension::Provider,
                Dimension::Model,
                Dimension::StatusCode,
                Dimension::RateLimited,
                Dimension::Key,
            ],
            filter: AnalyticsFilter::All(Vec::new()),
            most_groups: AnalyticsQuery::MOST_GROUPS,
        };
        for mut row in store.analyse(&query).await.unwrap() {
            row.sums.cost = Cost::ZERO;
            row.cached.cost = Cost::ZERO;
            counted.push(format!("{row:?}"));
        }
    }
    counted.sort();
    assert!(counted.len() > 100);
    counted
}

#[tokio::test]
async fn a_file_of_the_first_version_gets_segments_while_it_is_used() {
    let mut place = Place::new(5);
    let store = place.open();
    for _ in 0..4 {
        place.append(&store, 4000).await;
    }
    let counted = count(&store).await;
    store.close().await.unwrap();
    place.connection().execute_batch(FIRST_VERSION).unwrap();

    let store = place.open();
    assert!(count(&store).await == counted, "rows that were there count");
    for rows in [10, 700, 1, 2500] {
        place.append(&store, rows).await;
        place.patch(&store).await;
        store.delete(&LogQuery { limit: 3, ..query() }).await.unwrap();
    }
    let found = store.list(&query()).await.unwrap();
    assert_eq!(found.total, 16_000 + 3211 - 12);
    place.compare().await;
}
