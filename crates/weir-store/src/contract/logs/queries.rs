//! Lists and figures, compared with what the definitions say, while rows come, change and go.

use std::sync::Arc;

use weir_core::log::LogRecord;
use weir_core::store::{LogPatch, LogQuery, LogStore, StoredLog};

use super::super::sample::random::Random;
use super::super::sample::{ACCOUNT, GATEWAY};
use super::{all, append, reference, shown};

pub(super) async fn hold(open: &impl AsyncFn(&str) -> Arc<dyn LogStore>) {
    for seed in 1..=3 {
        let name = format!("queries {seed}");
        let mut random = Random(seed * 0x9E37_79B9);
        let mut rows = Vec::<StoredLog>::new();
        for round in 0..5 {
            let store = open(&name).await;
            for size in [1, 7, 40 * round + 1, 90] {
                add(&*store, &mut rows, size, &mut random).await;
            }
            compare(&*store, &rows, &mut random, 60).await;
            for _ in 0..12 {
                patch(&*store, &mut rows, &mut random).await;
            }
            compare(&*store, &rows, &mut random, 30).await;
            delete(&*store, &mut rows, &mut random).await;
            compare(&*store, &rows, &mut random, 30).await;
            store.close().await.expect("close");
        }
    }
}

async fn add(store: &dyn LogStore, rows: &mut Vec<StoredLog>, size: usize, random: &mut Random) {
    let records: Vec<LogRecord> = (0..size).map(|_| random.record()).collect();
    append(store, records.clone()).await;
    rows.extend(records.into_iter().map(|record| StoredLog {
        record,
        payload_stored: false,
        feedback: None,
        score: None,
        cost_history: Vec::new(),
    }));
}

async fn compare(store: &dyn LogStore, rows: &[StoredLog], random: &mut Random, times: usize) {
    let records: Vec<LogRecord> = rows.iter().map(|row| row.record.clone()).collect();
    let everything = store.list(&all(u32::MAX)).await.expect("list");
    assert_eq!(everything.total, rows.len() as u64);
    for _ in 0..times {
        let query = query(random, &records);
        let found = store.list(&query).await.expect("list");
        let (expected, total) = reference::list(rows, &query);
        assert_eq!(found.total, total, "{query:?}");
        assert_eq!(ids(found.rows.iter()), ids(expected.iter().copied()), "{query:?}");
        for (found, expected) in found.rows.iter().zip(expected) {
            assert_eq!(shown(&found.record), shown(&expected.record));
            assert_eq!((found.feedback, found.score), (expected.feedback, expected.score));
        }
        let query = query.filter;
        let found = store.summarise(&ACCOUNT.into(), &GATEWAY.into(), &query).await;
        let expected = reference::summarise(rows, &query);
        assert_eq!(found.expect("summarise"), expected, "{query:?}");
    }
}

fn query(random: &mut Random, records: &[LogRecord]) -> LogQuery {
    LogQuery {
        filter: random.filter(records),
        order: random.order(),
        ascending: random.chance(2),
        offset: match random.below(8) {
            0 => u64::MAX,
            1..4 => random.below(records.len()) as u64,
            _ => 0,
        },
        ..all(random.pick(&[0, 1, 5, 20, 50, u32::MAX]))
    }
}

fn ids<'rows>(rows: impl Iterator<Item = &'rows StoredLog>) -> Vec<String> {
    rows.map(|row| row.record.id.to_string()).collect()
}

async fn patch(store: &dyn LogStore, rows: &mut [StoredLog], random: &mut Random) {
    let position = random.below(rows.len());
    let row = &mut rows[position];
    let patch = LogPatch {
        feedback: random.pick(&[
            None,
            Some(None),
            Some(Some(1.0)),
            Some(Some(-1.0)),
            Some(Some(-0.0)),
        ]),
        score: random.pick(&[None, Some(None), Some(Some(0.0)), Some(Some(99.5))]),
        metadata: match random.below(3) {
            0 => None,
            1 => Some(None),
            _ => Some(Some(random.metadata().into())),
        },
    };
    let done = store.patch(&ACCOUNT.into(), &GATEWAY.into(), row.record.id, &patch).await;
    assert!(done.expect("patch"));
    row.feedback = patch.feedback.unwrap_or(row.feedback);
    row.score = patch.score.unwrap_or(row.score);
    if let Some(metadata) = patch.metadata {
        row.record.metadata = metadata;
    }
}

async fn delete(store: &dyn LogStore, rows: &mut Vec<StoredLog>, random: &mut Random) {
    let records: Vec<LogRecord> = rows.iter().map(|row| row.record.clone()).collect();
    for _ in 0..3 {
        let query = LogQuery { limit: random.pick(&[1, 10, 40]), ..query(random, &records) };
        let gone: Vec<_> =
            reference::list(rows, &query).0.iter().map(|row| row.record.id).collect();
        assert_eq!(store.delete(&query).await.expect("delete"), gone.len() as u64, "{query:?}");
        rows.retain(|row| !gone.contains(&row.record.id));
    }
}
