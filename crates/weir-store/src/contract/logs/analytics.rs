//! Counts and sums over calls, compared with counting them one by one.

use std::collections::BTreeMap;
use std::sync::Arc;

use weir_core::analytics::{
    AnalyticsFilter, AnalyticsQuery, AnalyticsRow, Bucket, Dimension, DimensionValue, RollupKey,
    RollupSums,
};
use weir_core::log::LogRecord;
use weir_core::store::{LogBatch, LogStore, StoreError};
use weir_core::{Cost, GatewayId, Timestamp, Usage};

use super::super::sample::random::Random;
use super::super::sample::{ACCOUNT, bare_record};
use super::all;

/// 2026-11-20 00:00 UTC.
const MIDNIGHT: i64 = 1_795_132_800_000;
const MINUTE: i64 = 60_000;

const DIMENSIONS: [Dimension; 11] = [
    Dimension::Gateway,
    Dimension::Provider,
    Dimension::Model,
    Dimension::StatusCode,
    Dimension::Error,
    Dimension::Cached,
    Dimension::RateLimited,
    Dimension::Wholesale,
    Dimension::Key,
    Dimension::UserAgent,
    Dimension::Metadata,
];

pub(super) async fn hold(open: &impl AsyncFn(&str) -> Arc<dyn LogStore>) {
    every_call_counts(&*open("calls").await).await;
    figures_agree_with_counting(open).await;
    an_answer_has_no_more_groups_than_permitted(&*open("groups").await).await;
}

async fn an_answer_has_no_more_groups_than_permitted(store: &dyn LogStore) {
    let records = (0..10_u8).map(|n| LogRecord {
        gateway: if n % 2 == 0 { "even" } else { "odd" }.into(),
        created_at: Timestamp::from_millis(MIDNIGHT + i64::from(n) * MINUTE),
        model: n.to_string().into(),
        metadata: Some(format!("{{\"n\":\"{n}{}\"}}", "x".repeat(1500)).into()),
        ..bare_record()
    });
    let batch = LogBatch { records: records.collect(), uncollected: Vec::new() };
    store.append(Arc::new(batch)).await.expect("append");
    // Ten groups each; those of metadata have texts of more than a KiB, and count twice.
    for (bucket, group_by, least) in [
        (Some(Bucket::Minute), Vec::new(), 10),
        (None, vec![Dimension::Model], 10),
        (None, vec![Dimension::Metadata], 20),
        (Some(Bucket::Minute), vec![Dimension::Metadata, Dimension::Model], 20),
    ] {
        let permitted = AnalyticsQuery { bucket, group_by, most_groups: least, ..everything() };
        assert_eq!(store.analyse(&permitted).await.expect("analyse").len(), 10);
        let refused = AnalyticsQuery { most_groups: least - 1, ..permitted };
        let answer = store.analyse(&refused).await;
        assert!(matches!(answer, Err(StoreError::TooManyGroups)), "{refused:?}: {answer:?}");
    }
}

/// All calls, by some dimensions.
pub(super) fn grouped(bucket: Option<Bucket>, group_by: Vec<Dimension>) -> AnalyticsQuery {
    AnalyticsQuery { bucket, group_by, ..everything() }
}

fn everything() -> AnalyticsQuery {
    AnalyticsQuery {
        account: ACCOUNT.into(),
        from: None,
        to: None,
        bucket: None,
        group_by: Vec::new(),
        filter: AnalyticsFilter::All(Vec::new()),
        most_groups: AnalyticsQuery::MOST_GROUPS,
    }
}

async fn every_call_counts(store: &dyn LogStore) {
    assert_eq!(store.analyse(&everything()).await.expect("analyse"), []);
    let record = LogRecord { success: true, cost: Some(Cost::from_pico(5)), ..bare_record() };
    let unlogged = LogRecord { gateway: "unlogged".into(), ..bare_record() };
    let batch = LogBatch {
        records: vec![record.clone()],
        uncollected: vec![(RollupKey::of(&unlogged), RollupSums::of(&unlogged))],
    };
    store.append(Arc::new(batch)).await.expect("append");
    let again = LogBatch { records: vec![record], uncollected: Vec::new() };
    store.append(Arc::new(again)).await.expect("append");

    let sums = async || store.analyse(&everything()).await.expect("analyse")[0].clone();
    let before = sums().await;
    assert_eq!((before.sums.requests, before.errors, before.sums.unpriced), (2, 1, 1));
    assert_eq!(before.sums.cost, Cost::from_pico(5));
    store.delete(&all(10)).await.expect("delete");
    assert_eq!(sums().await, before, "deleted rows were calls all the same");
    store.delete_gateway(&ACCOUNT.into(), &"unlogged".into()).await.expect("delete");
    assert_eq!(sums().await.sums.requests, 1, "a gateway takes its figures along");

    // Sums that no integer holds stay at the limit.
    let rich = LogRecord { cost: Some(Cost::from_pico(i64::MAX)), ..bare_record() };
    let uncollected = vec![(RollupKey::of(&rich), RollupSums::of(&rich)); 3];
    for _ in 0..2 {
        let batch = LogBatch { records: Vec::new(), uncollected: uncollected.clone() };
        store.append(Arc::new(batch)).await.expect("append");
    }
    assert_eq!(sums().await.sums.cost, Cost::from_pico(i64::MAX));
    assert_eq!(sums().await.sums.requests, 7);
}

fn record(random: &mut Random) -> LogRecord {
    let refused = random.chance(5);
    LogRecord {
        created_at: Timestamp::from_millis(
            MIDNIGHT + (random.next() % (3 * 24 * 60)) as i64 * MINUTE + 777,
        ),
        gateway: random.pick(&["default", "b"]).into(),
        provider: random.pick(&["openai", "anthropic"]).into(),
        model: random.pick(&["gpt", "claude", ""]).into(),
        status_code: random.pick(&[None, Some(200), Some(429)]),
        upstream_status_code: if refused { None } else { Some(200) },
        success: random.chance(2),
        cached: random.chance(3),
        wholesale: random.chance(2),
        key_id: random.pick(&[None, Some("k1".into()), Some("k2".into())]),
        user_agent: random.pick(&[None, Some("curl/8".into()), Some("sdk".into())]),
        metadata: random.pick(&[None, Some("{\"a\":1}".into())]),
        duration_ms: random.below(1000) as u32,
        latency_ms: random.pick(&[None, Some(5)]),
        cost: random.pick(&[None, Some(Cost::from_pico(7)), Some(Cost::from_pico(-2))]),
        usage: random.pick(&[
            None,
            Some(Usage {
                input: 10,
                output: 3,
                cache_read: 4,
                cache_write: 1,
                cache_write_1h: 2,
                reasoning: 1,
                ..Usage::default()
            }),
        ]),
        ..bare_record()
    }
}

async fn figures_agree_with_counting(open: &impl AsyncFn(&str) -> Arc<dyn LogStore>) {
    let mut random = Random(77);
    let store = open("figures").await;
    let records: Vec<LogRecord> = (0..1500).map(|_| record(&mut random)).collect();
    // A third leaves no row.
    let (rows, unlogged): (Vec<_>, Vec<_>) =
        records.iter().cloned().enumerate().partition(|(position, _)| position % 3 > 0);
    let rows: Vec<LogRecord> = rows.into_iter().map(|(_, record)| record).collect();
    let unlogged: Vec<LogRecord> = unlogged.into_iter().map(|(_, record)| record).collect();
    for (rows, unlogged) in rows.chunks(100).zip(unlogged.chunks(50)) {
        let uncollected =
            unlogged.iter().map(|record| (RollupKey::of(record), RollupSums::of(record))).collect();
        let batch = LogBatch { records: rows.to_vec(), uncollected };
        store.append(Arc::new(batch)).await.expect("append");
    }
    for _ in 0..200 {
        let query = query(&mut random);
        // Programs and metadata are known of rows only.
        let of_rows = named(&query)
            .iter()
            .any(|dimension| matches!(dimension, Dimension::UserAgent | Dimension::Metadata));
        let counted = if of_rows { &rows } else { &records };
        let found = store.analyse(&query).await.expect("analyse");
        assert_eq!(sorted(found), sorted(count(counted, &query)), "{query:?}");
    }
}

fn query(random: &mut Random) -> AnalyticsQuery {
    let moment = |random: &mut Random| {
        let at = MIDNIGHT - 1000 * MINUTE + (random.next() % (6000 * 60_000)) as i64;
        random.pick(&[None, Some(Timestamp::from_millis(at)), Some(Timestamp::from_millis(at))])
    };
    AnalyticsQuery {
        account: ACCOUNT.into(),
        from: moment(random),
        to: moment(random),
        bucket: random.pick(&[
            None,
            Some(Bucket::Minute),
            Some(Bucket::FiveMinutes),
            Some(Bucket::FifteenMinutes),
            Some(Bucket::Hour),
            Some(Bucket::Day),
        ]),
        group_by: (0..random.below(3)).map(|_| random.pick(&DIMENSIONS)).collect(),
        filter: filter(random, 2),
        most_groups: AnalyticsQuery::MOST_GROUPS,
    }
}

fn filter(random: &mut Random, depth: usize) -> AnalyticsFilter {
    let kinds = if depth == 0 { 2 } else { 4 };
    let known = if random.chance(4) { 11 } else { 9 };
    let dimension = random.pick(&DIMENSIONS[..known]);
    match random.below(kinds) {
        0 => AnalyticsFilter::Contains {
            dimension,
            text: random.pick(&["a", "gpt", "", "2", "%"]).to_owned(),
        },
        1 => AnalyticsFilter::Is {
            dimension,
            values: (0..random.below(4))
                .map(|_| {
                    random.pick(&[
                        DimensionValue::Number(0),
                        DimensionValue::Number(1),
                        DimensionValue::Number(200),
                        DimensionValue::Text("openai".into()),
                        DimensionValue::Text("".into()),
                        DimensionValue::Text("default".into()),
                    ])
                })
                .collect(),
            not: random.chance(2),
        },
        2 => {
            AnalyticsFilter::All((0..random.below(3)).map(|_| filter(random, depth - 1)).collect())
        }
        _ => AnalyticsFilter::Any((0..3).map(|_| filter(random, depth - 1)).collect()),
    }
}

fn named(query: &AnalyticsQuery) -> Vec<Dimension> {
    fn add(filter: &AnalyticsFilter, named: &mut Vec<Dimension>) {
        match filter {
            AnalyticsFilter::All(parts) | AnalyticsFilter::Any(parts) => {
                parts.iter().for_each(|part| add(part, named));
            }
            AnalyticsFilter::Is { dimension, .. } | AnalyticsFilter::Contains { dimension, .. } => {
                named.push(*dimension);
            }
        }
    }
    let mut named = query.group_by.clone();
    add(&query.filter, &mut named);
    named
}

fn count(records: &[LogRecord], query: &AnalyticsQuery) -> Vec<AnalyticsRow> {
    let minute = |at: Timestamp| at.as_millis().div_euclid(MINUTE);
    let mut groups = BTreeMap::new();
    for record in records {
        let at = minute(record.created_at);
        if query.from.is_some_and(|from| at < minute(from))
            || query.to.is_some_and(|to| at > minute(to))
            || !passes(&query.filter, record)
        {
            continue;
        }
        let bucket = query.bucket.map(|bucket| {
            Timestamp::from_millis(at.div_euclid(bucket.minutes()) * bucket.minutes() * MINUTE)
        });
        let values: Vec<DimensionValue> =
            query.group_by.iter().map(|dimension| value(*dimension, record)).collect();
        let group = groups.entry((bucket, values.clone())).or_insert_with(|| AnalyticsRow {
            bucket,
            values,
            sums: RollupSums::default(),
            cached: RollupSums::default(),
            errors: 0,
        });
        group.sums.add(&RollupSums::of(record));
        if record.cached {
            group.cached.add(&RollupSums::of(record));
        }
        group.errors += u64::from(!record.success);
    }
    groups.into_values().collect()
}

fn passes(filter: &AnalyticsFilter, record: &LogRecord) -> bool {
    match filter {
        AnalyticsFilter::All(parts) => parts.iter().all(|part| passes(part, record)),
        AnalyticsFilter::Any(parts) => parts.iter().any(|part| passes(part, record)),
        AnalyticsFilter::Is { dimension, values, not } => {
            values.contains(&value(*dimension, record)) != *not
        }
        AnalyticsFilter::Contains { dimension, text } => match value(*dimension, record) {
            DimensionValue::Text(found) => found.contains(text.as_str()),
            DimensionValue::Number(found) => found.to_string().contains(text.as_str()),
        },
    }
}

fn value(dimension: Dimension, record: &LogRecord) -> DimensionValue {
    let text = |text: Option<&str>| DimensionValue::Text(text.unwrap_or_default().into());
    let flag = |flag: bool| DimensionValue::Number(flag.into());
    match dimension {
        Dimension::Gateway => text(Some(GatewayId::as_str(&record.gateway))),
        Dimension::Provider => text(Some(record.provider.as_str())),
        Dimension::Model => text(Some(&record.model)),
        Dimension::StatusCode => DimensionValue::Number(record.status_code.unwrap_or(0).into()),
        Dimension::Error => flag(!record.success),
        Dimension::Cached => flag(record.cached),
        Dimension::RateLimited => {
            flag(record.status_code == Some(429) && record.upstream_status_code.is_none())
        }
        Dimension::Wholesale => flag(record.wholesale),
        Dimension::Key => text(record.key_id.as_deref()),
        Dimension::UserAgent => text(record.user_agent.as_deref()),
        Dimension::Metadata => text(record.metadata.as_deref()),
    }
}

fn sorted(mut rows: Vec<AnalyticsRow>) -> Vec<AnalyticsRow> {
    rows.sort_by(|one, other| (one.bucket, &one.values).cmp(&(other.bucket, &other.values)));
    rows
}
