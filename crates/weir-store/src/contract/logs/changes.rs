//! Patches and deletions.

use std::sync::Arc;

use weir_core::log::{LogRecord, Side};
use weir_core::log_filter::{Condition, FilterValue, LogField, LogFilter, Operator};
use weir_core::store::{LogPatch, LogQuery, LogStore};
use weir_core::{GatewayId, LogId};

use super::super::sample::{ACCOUNT, GATEWAY, bare_record};
use super::{all, append, body, get, list, stored, with_bodies};

pub(super) async fn hold(open: &impl AsyncFn(&str) -> Arc<dyn LogStore>) {
    patches_change_what_they_name(&*open("patches").await).await;
    deleted_bodies_take_no_neighbour_along(&*open("deleted").await).await;
    an_emptied_gateway_takes_rows_again(&*open("emptied").await).await;
    a_gateway_goes_alone(&*open("one gateway").await).await;
}

async fn patches_change_what_they_name(store: &dyn LogStore) {
    let record = bare_record();
    let other = bare_record();
    append(store, vec![record.clone(), other.clone()]).await;
    let patch = async |id, patch| {
        store.patch(&ACCOUNT.into(), &GATEWAY.into(), id, &patch).await.expect("patch")
    };
    let feedback = |feedback| LogPatch { feedback: Some(feedback), ..LogPatch::default() };
    let score = |score| LogPatch { score: Some(score), ..LogPatch::default() };
    let metadata = |text: Option<&str>| LogPatch {
        metadata: Some(text.map(Into::into)),
        ..LogPatch::default()
    };
    let state = async |id| {
        let row = get(store, id).await.expect("the row");
        (row.feedback, row.score, row.record.metadata)
    };

    assert!(patch(record.id, feedback(Some(-0.5))).await);
    assert!(patch(record.id, score(Some(99.25))).await);
    assert!(patch(record.id, metadata(Some("{\"a\":1}"))).await);
    assert_eq!(state(record.id).await, (Some(-0.5), Some(99.25), Some("{\"a\":1}".into())));
    assert!(patch(record.id, LogPatch::default()).await, "nothing to change, but there");
    assert_eq!(state(record.id).await, (Some(-0.5), Some(99.25), Some("{\"a\":1}".into())));
    assert!(patch(record.id, feedback(None)).await);
    assert_eq!(state(record.id).await, (None, Some(99.25), Some("{\"a\":1}".into())));
    assert!(patch(record.id, metadata(None)).await);
    assert_eq!(state(record.id).await, (None, Some(99.25), None));
    assert_eq!(state(other.id).await, (None, None, None), "the neighbour");

    assert!(!patch(LogId::generate(), feedback(Some(1.0))).await, "no such row");
    let other_gateway = GatewayId::from("other");
    let missed = store.patch(&ACCOUNT.into(), &other_gateway, record.id, &score(None)).await;
    assert!(!missed.expect("patch"), "another gateway's row");
    for absurd in [feedback(Some(f64::NAN)), score(Some(f64::NAN))] {
        let refused = store.patch(&ACCOUNT.into(), &GATEWAY.into(), record.id, &absurd).await;
        assert!(refused.is_err(), "no number");
    }
    assert_eq!(state(record.id).await, (None, Some(99.25), None));
}

/// Every third row goes; the bodies of the others stay as they were, whatever they were stored with.
async fn deleted_bodies_take_no_neighbour_along(store: &dyn LogStore) {
    let text = |n: usize, size: usize| {
        (0..size).map(|at| ((n * 31 + at * 7) % 251) as u8).collect::<Vec<u8>>()
    };
    let records: Vec<LogRecord> = (0..120)
        .map(|n| LogRecord {
            model: ["gone", "kept", "kept"][n % 3].into(),
            ..with_bodies(&text(n, n * 100), &text(n + 1, 5000))
        })
        .collect();
    for records in records.chunks(50) {
        append(store, records.to_vec()).await;
    }
    let gone = LogFilter {
        conditions: vec![Condition {
            field: LogField::Model,
            operator: Operator::Eq,
            values: vec![FilterValue::Text("gone".into())],
        }],
        search: String::new(),
    };
    let query = LogQuery { filter: gone, ..all(10_000) };
    assert_eq!(store.delete(&query).await.expect("delete"), 40);
    assert_eq!(store.delete(&query).await.expect("delete"), 0, "nothing is left to delete");
    assert_eq!(list(store, false, 0, 1).await.total, 80);
    for (n, record) in records.iter().enumerate() {
        let found = body(store, record.id, Side::Request).await;
        if n % 3 == 0 {
            assert!(get(store, record.id).await.is_none());
            assert_eq!(found, None);
        } else {
            assert_eq!(found, Some(text(n, n * 100)));
            assert_eq!(body(store, record.id, Side::Response).await, Some(text(n + 1, 5000)));
        }
    }
}

async fn an_emptied_gateway_takes_rows_again(store: &dyn LogStore) {
    let record = with_bodies(b"question", b"answer");
    append(store, vec![record.clone(), bare_record()]).await;
    assert_eq!(store.delete(&all(u32::MAX)).await.expect("delete"), 2);
    assert_eq!(list(store, false, 0, 10).await.total, 0);
    append(store, vec![record.clone()]).await;
    assert_eq!(list(store, false, 0, 10).await.total, 1);
    assert_eq!(body(store, record.id, Side::Response).await.as_deref(), Some(&b"answer"[..]));
}

async fn a_gateway_goes_alone(store: &dyn LogStore) {
    let theirs =
        LogRecord { gateway: "theirs".into(), payload: stored(b"t", b""), ..bare_record() };
    let ours: Vec<LogRecord> = (0..700).map(|_| with_bodies(b"ours", b"")).collect();
    let mut both = ours.clone();
    both.push(theirs.clone());
    append(store, both).await;
    let sizes = async || {
        let mut sizes = store.sizes(&ACCOUNT.into()).await.expect("sizes");
        sizes.sort();
        sizes.retain(|(_, rows)| *rows > 0);
        sizes
    };
    assert_eq!(sizes().await, [(GATEWAY.into(), 700), ("theirs".into(), 1)]);
    assert_eq!(store.sizes(&"nobody".into()).await.expect("sizes"), []);

    let delete =
        async || store.delete_gateway(&ACCOUNT.into(), &GATEWAY.into()).await.expect("delete");
    assert_eq!(delete().await, 700);
    assert_eq!(delete().await, 0, "nothing is left");
    assert_eq!(sizes().await, [("theirs".into(), 1)]);
    assert_eq!(list(store, false, 0, 10).await.total, 0);
    let body = store.body(&ACCOUNT.into(), &"theirs".into(), theirs.id, Side::Request, None).await;
    assert_eq!(body.expect("body").as_deref(), Some(&b"t"[..]));
    append(store, ours[..2].to_vec()).await;
    assert_eq!(list(store, false, 0, 10).await.total, 2, "it may come again");
}
