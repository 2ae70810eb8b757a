//! How many rows a gateway may have.

use std::sync::Arc;

use weir_core::analytics::{AnalyticsFilter, AnalyticsQuery};
use weir_core::log::LogRecord;
use weir_core::store::{Appended, LogCap, LogStore};

use super::super::sample::{ACCOUNT, GATEWAY, bare_record};
use super::{append, batch, list};

pub(super) async fn hold(open: &impl AsyncFn(&str) -> Arc<dyn LogStore>) {
    a_full_gateway_refuses_rows_and_counts_them(&*open("stop").await).await;
    the_oldest_rows_make_room(&*open("oldest").await).await;
}

fn cap(rows: u64, stop_inserting: bool) -> LogCap {
    LogCap { account: ACCOUNT.into(), gateway: GATEWAY.into(), rows, stop_inserting }
}

async fn a_full_gateway_refuses_rows_and_counts_them(store: &dyn LogStore) {
    append(store, vec![bare_record(), bare_record()]).await;
    store.set_caps(vec![cap(5, true)]).await.expect("set caps");
    let records: Vec<LogRecord> = (0..6).map(|_| bare_record()).collect();
    let elsewhere = LogRecord { gateway: "other".into(), ..bare_record() };
    let mut mixed = records.clone();
    mixed.push(elsewhere);
    let appended = store.append(batch(mixed)).await.expect("append");
    assert_eq!(appended, Appended { kept: 4, refused: 3 });
    let again = store.append(batch(records[..3].to_vec())).await.expect("append");
    assert_eq!(again, Appended { kept: 3, refused: 0 }, "rows that are there are kept");
    assert_eq!(list(store, false, 0, 10).await.total, 5);
    assert_eq!(store.enforce_caps().await.expect("enforce"), 0, "it deletes nothing");

    let everything = AnalyticsQuery {
        account: ACCOUNT.into(),
        from: None,
        to: None,
        bucket: None,
        group_by: Vec::new(),
        filter: AnalyticsFilter::All(Vec::new()),
        most_groups: AnalyticsQuery::MOST_GROUPS,
    };
    let counted = store.analyse(&everything).await.expect("analyse");
    assert_eq!(counted[0].sums.requests, 9, "refused rows are calls all the same");

    store.set_caps(Vec::new()).await.expect("set caps");
    append(store, records).await;
    assert_eq!(list(store, false, 0, 10).await.total, 8);
}

async fn the_oldest_rows_make_room(store: &dyn LogStore) {
    let mut records: Vec<LogRecord> = (0..400).map(|_| bare_record()).collect();
    for (n, record) in records.iter_mut().enumerate() {
        record.created_at = weir_core::Timestamp::from_millis(n as i64);
    }
    // They arrive in another order.
    let (odd, even): (Vec<_>, Vec<_>) =
        records.iter().cloned().partition(|record| record.created_at.as_millis() % 2 == 1);
    append(store, odd).await;
    append(store, even).await;

    store.set_caps(vec![cap(400, false)]).await.expect("set caps");
    assert_eq!(store.enforce_caps().await.expect("enforce"), 0, "full, but not too full");
    store.set_caps(vec![cap(300, false)]).await.expect("set caps");
    assert_eq!(list(store, false, 0, 1).await.total, 400, "nothing goes before it is told to");
    assert_eq!(store.enforce_caps().await.expect("enforce"), 103, "down to 297");
    let oldest = list(store, true, 0, 1).await;
    assert_eq!(oldest.total, 297);
    assert_eq!(oldest.rows[0].record.created_at.as_millis(), 103);
    append(store, vec![bare_record()]).await;
    assert_eq!(store.enforce_caps().await.expect("enforce"), 0);
}
