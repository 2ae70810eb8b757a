//! What a store must do with audit records.

use std::net::IpAddr;

use serde_json::json;
use weir_core::audit::{Action, Actor, ActorKind, AuditPage, AuditQuery, AuditRecord};
use weir_core::store::ConfigStore;
use weir_core::{LogId, Timestamp};

/// Every record of an account, newest first.
pub(super) async fn all(store: &dyn ConfigStore, account: &str) -> AuditPage {
    store.audit(&query(account)).await.expect("audit")
}

fn query(account: &str) -> AuditQuery {
    AuditQuery {
        account: account.into(),
        gateway: None,
        action: None,
        resource_type: None,
        resource_id: None,
        actor_id: None,
        since: None,
        until: None,
        offset: 0,
        limit: u32::MAX,
    }
}

/// Records that differ in everything that can be asked for; 24 to an account.
fn sample(account: &str, number: u32) -> AuditRecord {
    let pick = |words: &[&str], step: u32| words[(number / step) as usize % words.len()].to_owned();
    let actor = Actor {
        kind: [ActorKind::Token, ActorKind::System][number as usize % 2],
        id: pick(&["alice", "bob' OR 1=1 --", "%"], 1),
        name: "Somebody".to_owned(),
        ip: number.is_multiple_of(2).then(|| IpAddr::from([192, 0, 2, 1])),
    };
    AuditRecord {
        id: LogId::generate(),
        // Two of each moment, and not in the order in which they are written.
        at: Timestamp::from_millis(1_000 + i64::from((number * 7) % 12)),
        account: account.into(),
        gateway: (!number.is_multiple_of(3)).then(|| pick(&["g", "h"], 2).into()),
        actor,
        action: [Action::Create, Action::Update, Action::ReadBody, Action::RotateKeys]
            [number as usize % 4],
        resource_type: pick(&["gateway", "token"], 3).into(),
        resource_id: pick(&["r", "s", "t"], 2).into(),
        before: (number % 2 == 1).then(|| json!({"number": number, "null": null})),
        after: (!number.is_multiple_of(5)).then(|| json!("text")),
    }
}

async fn fill(store: &dyn ConfigStore) -> Vec<AuditRecord> {
    let mut records = Vec::new();
    for account in ["account", "other"] {
        for number in 0..24 {
            let record = sample(account, number);
            store.record(&record).await.expect("record");
            records.push(record);
        }
    }
    records.sort_by_key(|record| std::cmp::Reverse((record.at, record.id)));
    records
}

/// What the words of a query mean.
fn matches(query: &AuditQuery, record: &AuditRecord) -> bool {
    fn same(wanted: &Option<String>, found: Option<&str>) -> bool {
        wanted.as_deref().is_none_or(|wanted| found == Some(wanted))
    }
    record.account == query.account
        && same(&query.gateway, record.gateway.as_deref())
        && query.action.is_none_or(|action| record.action == action)
        && same(&query.resource_type, Some(&record.resource_type))
        && same(&query.resource_id, Some(&record.resource_id))
        && same(&query.actor_id, Some(&record.actor.id))
        && query.since.is_none_or(|since| record.at >= since)
        && query.until.is_none_or(|until| record.at <= until)
}

/// By any filter and any two of them, newest first.
pub(super) async fn records_are_found(store: &dyn ConfigStore) {
    let records = fill(store).await;
    let generation = store.generation().await.expect("generation");
    let some = |text: &str| Some(text.to_owned());
    let all = || query("account");
    let filters = [
        AuditQuery { gateway: some("h"), ..all() },
        AuditQuery { action: Some(Action::ReadBody), ..all() },
        AuditQuery { resource_type: some("token"), ..all() },
        AuditQuery { resource_id: some("s"), ..all() },
        AuditQuery { actor_id: some("bob' OR 1=1 --"), ..all() },
        AuditQuery { actor_id: some("%"), ..all() },
        AuditQuery { since: Some(Timestamp::from_millis(1_004)), ..all() },
        AuditQuery { until: Some(Timestamp::from_millis(1_004)), ..all() },
        AuditQuery { gateway: some("nowhere"), ..all() },
        query("nobody"),
        all(),
    ];
    for one in &filters {
        for two in &filters {
            let both = AuditQuery {
                account: one.account.clone(),
                gateway: one.gateway.clone().or_else(|| two.gateway.clone()),
                action: one.action.or(two.action),
                resource_type: one.resource_type.clone().or_else(|| two.resource_type.clone()),
                resource_id: one.resource_id.clone().or_else(|| two.resource_id.clone()),
                actor_id: one.actor_id.clone().or_else(|| two.actor_id.clone()),
                since: one.since.or(two.since),
                until: one.until.or(two.until),
                offset: 0,
                limit: 100,
            };
            let expected: Vec<_> =
                records.iter().filter(|record| matches(&both, record)).cloned().collect();
            let found = store.audit(&both).await.expect("audit");
            assert_eq!(found.records, expected, "{both:?}");
            assert_eq!(found.total, expected.len() as u64, "{both:?}");
        }
    }
    assert_eq!(store.generation().await.expect("generation"), generation, "nothing changed");
}

/// Pages join to the whole, and each knows how much there is.
pub(super) async fn a_page_is_a_part(store: &dyn ConfigStore) {
    fill(store).await;
    let whole = all(store, "account").await;
    assert_eq!((whole.records.len(), whole.total), (24, 24));
    for (offset, limit) in
        [(0, 0), (0, 1), (0, 5), (5, 5), (20, 5), (24, 1), (0, 24), (u64::MAX, 10), (3, u32::MAX)]
    {
        let page =
            store.audit(&AuditQuery { offset, limit, ..query("account") }).await.expect("audit");
        let skip = usize::try_from(offset).unwrap_or(usize::MAX);
        let expected: Vec<_> =
            whole.records.iter().skip(skip).take(limit as usize).cloned().collect();
        assert_eq!(page.records, expected, "{limit} from {offset}");
        assert_eq!(page.total, 24, "{limit} from {offset}");
    }
}
