//! The story of a [`LogStore`].

mod analytics;
mod caps;
mod changes;
mod queries;
mod reference;
mod repricing;

use std::sync::Arc;

use weir_core::log::{LogRecord, Payload, PayloadReason, Side};
use weir_core::log_filter::{LogFilter, LogOrder};
use weir_core::store::{Appended, LogBatch, LogPage, LogQuery, LogStore, StoredLog};
use weir_core::trail::{PriceTrail, Trail};
use weir_core::{AccountId, GatewayId, LogId, Timestamp};

use super::sample::{ACCOUNT, GATEWAY, bare_record, full_record, full_trail, ordinary_trail};

/// Holds a log store to its contract; see the [module](super) for `open`.
///
/// # Panics
///
/// When the store differs from what it must do.
pub async fn log_store(open: impl AsyncFn(&str) -> Arc<dyn LogStore>) {
    an_empty_store_answers(&*open("empty").await).await;
    every_field_survives(&*open("fields").await).await;
    trails_survive_and_stay_out_of_lists(&*open("trails").await).await;
    rows_that_are_there_are_passed_over(&*open("again").await).await;
    pages_follow_each_other(&*open("pages").await).await;
    gateways_are_kept_apart(&*open("gateways").await).await;
    bodies_of_any_kind_come_back(&*open("bodies").await).await;
    omitted_bodies_keep_their_reason(&*open("omitted").await).await;
    a_batch_is_seen_whole_or_not_at_all(&open("whole").await).await;
    many_may_append_at_once(&open("at once").await).await;
    changes::hold(&open).await;
    repricing::hold(&open).await;
    caps::hold(&open).await;
    analytics::hold(&open).await;
    queries::hold(&open).await;

    let store = open("dropped").await;
    let record = bare_record();
    append(&*store, vec![record.clone()]).await;
    drop(store);
    let store = open("dropped").await;
    assert_eq!(list(&*store, false, 0, 10).await.total, 1, "rows outlive a store left unclosed");
    append(&*store, vec![record, bare_record()]).await;
    store.close().await.expect("close");
    store.close().await.expect("closing again does nothing");
    let refused = store.append(batch(vec![bare_record()])).await;
    assert!(refused.is_err(), "a closed store takes nothing");
    let store = open("dropped").await;
    assert_eq!(list(&*store, false, 0, 10).await.total, 2, "rows outlive a closed store");
}

async fn an_empty_store_answers(store: &dyn LogStore) {
    let page = list(store, false, 0, 10).await;
    assert_eq!((page.rows.len(), page.total), (0, 0));
    assert!(get(store, LogId::generate()).await.is_none());
    assert_eq!(body(store, LogId::generate(), Side::Request).await, None);
    append(store, Vec::new()).await;
}

async fn every_field_survives(store: &dyn LogStore) {
    let mut inverted = full_record(2);
    for flag in [
        &mut inverted.success,
        &mut inverted.cached,
        &mut inverted.custom_cost,
        &mut inverted.authentication,
        &mut inverted.wholesale,
        &mut inverted.byok,
        &mut inverted.stream,
    ] {
        *flag = !*flag;
    }
    for record in [inverted, full_record(0), full_record(1), bare_record()] {
        append(store, vec![record.clone()]).await;
        let found = get(store, record.id).await.expect("the row");
        assert_eq!(shown(&found.record), shown(&record));
        let listed = list(store, false, 0, 10).await.rows;
        let listed = listed.iter().find(|row| row.record.id == record.id).expect("in the list");
        let without = LogRecord { trail: None, ..record };
        assert_eq!(shown(&listed.record), shown(&without));
        assert_eq!((found.feedback, found.score), (None, None));
    }
}

/// What was decided comes back with the one row, and with no list.
async fn trails_survive_and_stay_out_of_lists(store: &dyn LogStore) {
    for trail in [
        None,
        Some(Trail::default()),
        Some(ordinary_trail()),
        Some(full_trail(3)),
        Some(Trail { price: Some(PriceTrail::default()), ..full_trail(4) }),
    ] {
        for price_id in [None, Some("openai/gpt-4o-mini@2026-11-20".into())] {
            let trail = trail.clone().map(Box::new);
            let record = LogRecord { trail: trail.clone(), price_id, ..bare_record() };
            append(store, vec![record.clone()]).await;
            let found = get(store, record.id).await.expect("the row");
            assert_eq!(found.record.trail, trail);
        }
    }
    let listed = list(store, false, 0, 100).await.rows;
    assert!(!listed.is_empty() && listed.iter().all(|row| row.record.trail.is_none()));
}

async fn rows_that_are_there_are_passed_over(store: &dyn LogStore) {
    let first = with_bodies(b"first", b"answer");
    let mut altered = first.clone();
    altered.model = "another".into();
    altered.payload = stored(b"FIRST", b"ANSWER");
    let second = with_bodies(b"second", b"answer");

    append(store, vec![first.clone()]).await;
    append(store, vec![altered.clone(), second.clone(), second.clone()]).await;
    append(store, vec![first.clone(), second.clone()]).await;

    assert_eq!(list(store, false, 0, 10).await.total, 2);
    let found = get(store, first.id).await.expect("the first");
    assert_eq!(found.record.model, first.model, "the row as first written stays");
    assert_eq!(body(store, first.id, Side::Request).await.as_deref(), Some(&b"first"[..]));
    assert_eq!(body(store, second.id, Side::Request).await.as_deref(), Some(&b"second"[..]));
}

async fn pages_follow_each_other(store: &dyn LogStore) {
    // Rows of one moment are in the order of their ids.
    let created_at = Timestamp::now();
    let records: Vec<LogRecord> =
        (0..25).map(|_| LogRecord { created_at, ..bare_record() }).collect();
    let ids: Vec<LogId> = records.iter().map(|record| record.id).collect();
    // Rows arrive in the order in which calls end, not in which they began.
    let (early, late): (Vec<_>, Vec<_>) =
        records.into_iter().enumerate().partition(|(position, _)| position % 3 == 0);
    append(store, late.into_iter().map(|(_, record)| record).rev().collect()).await;
    append(store, early.into_iter().map(|(_, record)| record).collect()).await;

    for ascending in [true, false] {
        let mut expected = ids.clone();
        if !ascending {
            expected.reverse();
        }
        for size in [1, 7, 10, 25, 100] {
            let mut found = Vec::new();
            for offset in (0..25).step_by(size) {
                let page = list(store, ascending, offset, size).await;
                assert_eq!(page.total, 25);
                found.extend(page.rows.iter().map(|row| row.record.id));
            }
            assert_eq!(found, expected, "pages of {size}, ascending {ascending}");
        }
        for (offset, limit) in [(25, 10), (1000, 10), (u64::MAX, 10), (0, 0)] {
            let page = list(store, ascending, offset, limit).await;
            assert_eq!((page.rows.len(), page.total), (0, 25), "offset {offset}, limit {limit}");
        }
    }
}

async fn gateways_are_kept_apart(store: &dyn LogStore) {
    let ours = with_bodies(b"ours", b"");
    let mut theirs = with_bodies(b"theirs", b"");
    theirs.account = "somebody else".into();
    append(store, vec![ours.clone(), theirs.clone()]).await;
    assert_eq!(list(store, false, 0, 10).await.total, 1);
    assert!(get(store, ours.id).await.is_some());
    assert!(get(store, theirs.id).await.is_none(), "another account's row");
    assert_eq!(body(store, theirs.id, Side::Request).await, None, "another account's body");
    let other_gateway = GatewayId::from("other");
    let found = store.get(&ours.account, &other_gateway, ours.id).await.expect("get");
    assert!(found.is_none(), "another gateway's row");
}

async fn bodies_of_any_kind_come_back(store: &dyn LogStore) {
    let large: Vec<u8> =
        (0..9_000_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let every_byte: Vec<u8> = (0..=255).collect();
    let bodies: [(&[u8], &[u8]); 7] = [
        (b"", b""),
        (b"request only", b""),
        (b"", b"response only"),
        (&every_byte, b"\xff\xfe\x00"),
        (&large, b"after a large one"),
        (b"small", b"again"),
        (&large[1..], &large[2..]),
    ];
    let records: Vec<LogRecord> =
        bodies.iter().map(|(request, response)| with_bodies(request, response)).collect();
    append(store, records.clone()).await;
    for (record, (request, response)) in records.iter().zip(bodies) {
        let found = get(store, record.id).await.expect("the row");
        assert!(found.payload_stored);
        assert!(body(store, record.id, Side::Request).await.is_some_and(|body| body == request));
        assert!(body(store, record.id, Side::Response).await.is_some_and(|body| body == response));
        for limit in [0, 1, 100, usize::MAX] {
            let (account, gateway) = (&record.account, &record.gateway);
            let head = store.body(account, gateway, record.id, Side::Response, Some(limit)).await;
            let expected = &response[..limit.min(response.len())];
            assert_eq!(head.expect("body").as_deref(), Some(expected), "the first {limit} bytes");
        }
    }
}

async fn omitted_bodies_keep_their_reason(store: &dyn LogStore) {
    for reason in [PayloadReason::OptedOut, PayloadReason::TooLarge, PayloadReason::QueueFull] {
        let record = LogRecord { payload: Payload::Omitted(reason), ..bare_record() };
        append(store, vec![record.clone()]).await;
        let found = get(store, record.id).await.expect("the row");
        assert!(!found.payload_stored);
        assert_eq!(found.record.payload, Payload::Omitted(reason));
        for side in [Side::Request, Side::Response] {
            assert_eq!(body(store, record.id, side).await, None);
        }
    }
}

/// A reader that looks on while batches are written never sees a part of one.
async fn a_batch_is_seen_whole_or_not_at_all(store: &Arc<dyn LogStore>) {
    const BATCH: u64 = 200;
    let writer = Arc::clone(store);
    let writing = tokio::spawn(async move {
        for _ in 0..10 {
            let batch = (0..BATCH).map(|_| with_bodies(b"same", b"answer")).collect();
            append(&*writer, batch).await;
        }
    });
    let mut seen = 0;
    while seen < 10 * BATCH {
        let done = writing.is_finished();
        let page = list(&**store, false, 0, 1000).await;
        assert_eq!(page.total % BATCH, 0, "a part of a batch");
        assert_eq!(page.rows.len() as u64, page.total.min(1000), "total and rows agree");
        assert!(page.total >= seen, "rows went away");
        assert!(!done || page.total == 10 * BATCH, "a batch was lost");
        seen = page.total;
    }
    writing.await.expect("the writer");
}

async fn many_may_append_at_once(store: &Arc<dyn LogStore>) {
    let shared = bare_record();
    let tasks: Vec<_> = (0..32)
        .map(|_| {
            let (store, shared) = (Arc::clone(store), shared.clone());
            tokio::spawn(async move { append(&*store, vec![shared, bare_record()]).await })
        })
        .collect();
    for task in tasks {
        task.await.expect("a writer");
    }
    assert_eq!(list(&**store, false, 0, 1).await.total, 33);
}

fn stored(request: &[u8], response: &[u8]) -> Payload {
    Payload::Stored { request: request.to_vec(), response: response.to_vec() }
}

fn with_bodies(request: &[u8], response: &[u8]) -> LogRecord {
    LogRecord { payload: stored(request, response), ..bare_record() }
}

/// A record as text, to compare: all fields, the bodies left out as in a row that was read.
fn shown(record: &LogRecord) -> String {
    let mut record = record.clone();
    if matches!(record.payload, Payload::Stored { .. }) {
        record.payload = stored(b"", b"");
    }
    format!("{record:#?}")
}

fn batch(records: Vec<LogRecord>) -> Arc<LogBatch> {
    Arc::new(LogBatch { records, uncollected: Vec::new() })
}

async fn append(store: &dyn LogStore, records: Vec<LogRecord>) {
    let kept = records.len() as u64;
    let appended = store.append(batch(records)).await.expect("append");
    assert_eq!(appended, Appended { kept, refused: 0 });
}

async fn list(store: &dyn LogStore, ascending: bool, offset: u64, limit: usize) -> LogPage {
    let limit = u32::try_from(limit).expect("a small limit");
    let query = LogQuery { ascending, offset, ..all(limit) };
    store.list(&query).await.expect("list")
}

/// The newest rows.
fn all(limit: u32) -> LogQuery {
    LogQuery {
        account: AccountId::from(ACCOUNT),
        gateway: GatewayId::from(GATEWAY),
        filter: LogFilter::default(),
        order: LogOrder::CreatedAt,
        ascending: false,
        offset: 0,
        limit,
    }
}

async fn get(store: &dyn LogStore, id: LogId) -> Option<StoredLog> {
    store.get(&ACCOUNT.into(), &GATEWAY.into(), id).await.expect("get")
}

async fn body(store: &dyn LogStore, id: LogId, side: Side) -> Option<Vec<u8>> {
    store.body(&ACCOUNT.into(), &GATEWAY.into(), id, side, None).await.expect("body")
}
