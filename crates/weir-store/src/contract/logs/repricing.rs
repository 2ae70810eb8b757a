//! Rows priced anew: afterwards everything is as if they had been written that way, but for what they
//! remember.

use std::sync::Arc;

use weir_core::analytics::{AnalyticsRow, Bucket, Dimension};
use weir_core::log::LogRecord;
use weir_core::log_filter::{LogFilter, LogOrder};
use weir_core::store::{FormerCost, LogQuery, LogStore, Repricing};
use weir_core::trail::{PriceLine, PriceTrail, Trail};
use weir_core::{Cost, LogId, Timestamp};

use super::super::sample::random::Random;
use super::super::sample::{ACCOUNT, GATEWAY, bare_record, full_trail};
use super::{all, append, get};

pub(super) async fn hold(open: &impl AsyncFn(&str) -> Arc<dyn LogStore>) {
    a_row_remembers_what_it_cost(&*open("repriced").await).await;
    whole_lists_have_everything(&*open("whole lists").await).await;
    a_correction_is_like_a_fresh_computation(open).await;
}

fn repricing(row: &LogRecord, cost: Option<Cost>, id: &str, pico: i64, at: i64) -> Repricing {
    Repricing {
        id: row.id,
        was: cost,
        cost: Cost::from_pico(pico),
        price: PriceTrail {
            by: "gateway".into(),
            id: Some(id.into()),
            lines: vec![PriceLine {
                unit: "input".into(),
                quantity: 3,
                cost: Cost::from_pico(pico),
            }],
            ..PriceTrail::default()
        },
        at: Timestamp::from_millis(at),
    }
}

async fn reprice(store: &dyn LogStore, rows: &[Repricing]) -> u64 {
    store.reprice(&ACCOUNT.into(), &GATEWAY.into(), rows).await.expect("reprice")
}

async fn a_row_remembers_what_it_cost(store: &dyn LogStore) {
    let priced = LogRecord {
        cost: Some(Cost::from_pico(10)),
        price_id: Some("old".into()),
        trail: Some(Box::new(full_trail(1))),
        ..bare_record()
    };
    let unknown = bare_record();
    let other = bare_record();
    append(store, vec![priced.clone(), unknown.clone(), other.clone()]).await;
    let nobody = LogRecord { id: LogId::generate(), ..bare_record() };
    let first = [
        repricing(&priced, priced.cost, "first", 20, 100),
        repricing(&unknown, None, "first", 0, 100),
        repricing(&nobody, None, "first", 5, 100),
        // It is taken to have a cost that it does not have.
        repricing(&other, Some(Cost::from_pico(1)), "first", 5, 100),
    ];
    assert_eq!(reprice(store, &first).await, 2);
    assert_eq!(reprice(store, &first).await, 0, "nothing is corrected twice");
    // Within the same millisecond, and by a clock that was set back.
    for (place, at) in [100, 100, 50].into_iter().enumerate() {
        let was = get(store, priced.id).await.expect("the row").record.cost;
        let next = repricing(&priced, was, "next", 30 + place as i64, at);
        assert_eq!(reprice(store, &[next]).await, 1);
    }
    let found = get(store, priced.id).await.expect("the row");
    let former = |pico: i64, price: &str, at: i64| FormerCost {
        cost: Some(Cost::from_pico(pico)),
        price_id: Some(price.into()),
        at: Timestamp::from_millis(at),
    };
    assert_eq!(
        found.cost_history,
        [
            former(10, "old", 100),
            former(20, "first", 101),
            former(30, "next", 102),
            former(31, "next", 103)
        ]
    );
    assert_eq!(found.record.cost, Some(Cost::from_pico(32)));
    assert_eq!(found.record.price_id.as_deref(), Some("next"));
    let trail = found.record.trail.expect("a trail");
    let price = trail.price.clone().expect("a price");
    assert_eq!((&*price.by, price.id.as_deref()), ("gateway", Some("next")));
    assert_eq!(price.lines.len(), 1);
    assert_eq!(*trail, Trail { price: trail.price.clone(), ..full_trail(1) }, "the rest stays");

    let found = get(store, unknown.id).await.expect("the row");
    let unpriced = FormerCost { cost: None, price_id: None, at: Timestamp::from_millis(100) };
    assert_eq!((found.record.cost, found.cost_history), (Some(Cost::ZERO), vec![unpriced]));
    let found = get(store, other.id).await.expect("the row");
    assert_eq!((found.record.cost, found.cost_history.len()), (None, 0));
    let elsewhere = store.reprice(&ACCOUNT.into(), &"other".into(), &first).await;
    assert_eq!(elsewhere.expect("reprice"), 0);

    // What is deleted takes its past along.
    assert_eq!(store.delete(&all(10)).await.expect("delete"), 3);
    append(store, vec![priced.clone()]).await;
    let found = get(store, priced.id).await.expect("the row");
    assert_eq!((found.record.cost, found.cost_history.len()), (priced.cost, 0));
}

async fn whole_lists_have_everything(store: &dyn LogStore) {
    let records: Vec<LogRecord> = (0..30)
        .map(|seed| LogRecord { trail: Some(Box::new(full_trail(seed))), ..bare_record() })
        .collect();
    append(store, records.clone()).await;
    assert_eq!(reprice(store, &[repricing(&records[3], None, "p", 7, 1)]).await, 1);
    let query = LogQuery { offset: 2, ascending: true, ..all(10) };
    let page = store.list_whole(&query).await.expect("list");
    let listed = store.list(&query).await.expect("list");
    assert_eq!(page.total, 30);
    assert_eq!(page.rows.len(), 10);
    for (whole, listed) in page.rows.iter().zip(&listed.rows) {
        assert_eq!(whole.record.id, listed.record.id);
        let one = get(store, whole.record.id).await.expect("the row");
        assert_eq!(format!("{whole:?}"), format!("{one:?}"));
        assert!(whole.record.trail.is_some());
        assert!(listed.record.trail.is_none() && listed.cost_history.is_empty());
    }
    assert_eq!(page.rows.iter().filter(|row| !row.cost_history.is_empty()).count(), 1);
}

/// Some rows of many get other costs, in pieces, some of them twice. Lists, sums and analytics are
/// then those of a store that the corrected rows were written to.
async fn a_correction_is_like_a_fresh_computation(open: &impl AsyncFn(&str) -> Arc<dyn LogStore>) {
    let mut random = Random(7);
    let mut records: Vec<LogRecord> = (0..700)
        .map(|seed| {
            let mut record = random.record();
            let price = PriceTrail {
                by: random.pick(&["list", "account", "none"]).into(),
                ..PriceTrail::default()
            };
            record.trail = Some(Box::new(Trail { price: Some(price), ..full_trail(seed) }));
            // Sums at the limits of money depend on the order of the rows.
            record.cost = random.pick(&[None, Some(Cost::from_pico(5)), Some(Cost::from_pico(9))]);
            record.provider_reported_cost = random.pick(&[None, Some(Cost::from_pico(11))]);
            record
        })
        .collect();
    let corrected = open("corrected").await;
    for piece in records.chunks(180) {
        append(&*corrected, piece.to_vec()).await;
    }
    for round in 0..2 {
        let mut rows: Vec<Repricing> = Vec::new();
        for record in records.iter_mut().filter(|record| record.gateway.as_str() == GATEWAY) {
            let pico = random.pick(&[0, 3, 1_000_000, 77]);
            if random.pick(&[true, false, false]) || record.cost == Some(Cost::from_pico(pico)) {
                continue;
            }
            let price = format!("p{round}");
            let row = repricing(record, record.cost, &price, pico, 1000 + round);
            record.cost = Some(row.cost);
            record.price_id.clone_from(&row.price.id);
            let trail = record.trail.as_mut().expect("a trail");
            trail.price = Some(row.price.clone());
            rows.push(row);
        }
        assert!(rows.len() > 100, "the sample must have rows to change");
        for piece in rows.chunks(90) {
            assert_eq!(reprice(&*corrected, piece).await, piece.len() as u64);
        }
    }
    let fresh = open("computed afresh").await;
    append(&*fresh, records.clone()).await;

    for bucket in [None, Some(Bucket::Minute), Some(Bucket::Hour), Some(Bucket::Day)] {
        for dimension in [Dimension::Model, Dimension::Provider, Dimension::UserAgent] {
            let of = async |store: &dyn LogStore| {
                let query = super::analytics::grouped(bucket, vec![dimension]);
                let mut rows = store.analyse(&query).await.expect("analyse");
                rows.sort_by(|one, other| {
                    let key = |row: &AnalyticsRow| (row.bucket, row.values.clone());
                    key(one).cmp(&key(other))
                });
                rows
            };
            assert_eq!(of(&*corrected).await, of(&*fresh).await, "{bucket:?} {dimension:?}");
        }
    }
    for ascending in [true, false] {
        let query = LogQuery { order: LogOrder::Cost, ascending, ..all(u32::MAX) };
        let ids = async |store: &dyn LogStore| {
            let rows = store.list(&query).await.expect("list").rows;
            rows.into_iter().map(|row| (row.record.id, row.record.cost)).collect::<Vec<_>>()
        };
        assert_eq!(ids(&*corrected).await, ids(&*fresh).await);
    }
    let sums = async |store: &dyn LogStore| {
        let filter = LogFilter::default();
        store.summarise(&ACCOUNT.into(), &GATEWAY.into(), &filter).await.expect("sums")
    };
    assert_eq!(sums(&*corrected).await, sums(&*fresh).await);
}
