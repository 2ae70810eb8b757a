//! Log rows judged, deleted, and read on record.

use http::Method;
use serde_json::{Value, json};
use weir_core::audit::{AuditQuery, AuditRecord};
use weir_core::{LogId, LogRecord, Permission};

use super::fake_logs::{FakeLogs, bare_row, full_row, log_id};
use super::{LOGS, TestApi};

fn test_api() -> TestApi {
    let foreign = LogRecord { gateway: "default".into(), ..full_row(9) };
    let rows = vec![full_row(1), full_row(2), bare_row(3), foreign];
    TestApi::with_logs(FakeLogs::of(rows))
}

fn log(n: u8) -> String {
    format!("{LOGS}/{}", log_id(n))
}

/// The audit trail, oldest first, once it has `count` records.
async fn trail(test: &TestApi, count: usize) -> Vec<AuditRecord> {
    let query = AuditQuery {
        account: "acc1".into(),
        gateway: None,
        action: None,
        resource_type: None,
        resource_id: None,
        actor_id: None,
        since: None,
        until: None,
        offset: 0,
        limit: 100,
    };
    for _ in 0..1000 {
        let mut records = test.api().configuration.store().audit(&query).await.unwrap().records;
        if records.len() >= count {
            records.reverse();
            return records;
        }
        tokio::task::yield_now().await;
    }
    panic!("the records did not come");
}

#[tokio::test]
async fn a_verdict_changes_what_it_names_and_nothing_else() {
    let test = test_api();
    let steps = [
        (json!({"feedback": 1}), json!([1.0, null, "{\"team\":\"ai\",\"n\":1}"])),
        (json!({"score": 100}), json!([1.0, 100.0, "{\"team\":\"ai\",\"n\":1}"])),
        (json!({"metadata": {"b": true, "a": 1.5}}), json!([1.0, 100.0, "{\"b\":true,\"a\":1.5}"])),
        (json!({}), json!([1.0, 100.0, "{\"b\":true,\"a\":1.5}"])),
        (json!({"feedback": null}), json!([null, 100.0, "{\"b\":true,\"a\":1.5}"])),
        (json!({"feedback": -1, "score": null, "metadata": null}), json!([-1.0, null, null])),
    ];
    for (patch, expected) in steps {
        let answer = test.patch(&log(1), &patch).await.ok();
        assert_eq!(answer["result"], json!({}));
        let row = test.get(&log(1)).await.ok()["result"].clone();
        assert_eq!(json!([row["feedback"], row["score"], row["metadata"]]), expected, "{patch}");
    }
    let records = trail(&test, 6).await;
    let update = records.iter().find(|record| record.action.name() == "update").unwrap();
    assert_eq!(update.after, Some(json!({"feedback": 1})));
    assert_eq!(&*update.resource_id, log_id(1).to_string());
    let untouched = test.get(&log(2)).await.ok()["result"].clone();
    assert_eq!(untouched["feedback"], Value::Null);
}

#[tokio::test]
async fn bounds_of_a_verdict_are_kept() {
    let test = test_api();
    let many: serde_json::Map<_, _> = (0..51).map(|n| (n.to_string(), json!(n))).collect();
    let cases = [
        ("feedback", json!(1.1)),
        ("feedback", json!(-2)),
        ("feedback", json!("1")),
        ("score", json!(-0.1)),
        ("score", json!(101)),
        ("score", json!(true)),
        ("metadata", json!([])),
        ("metadata", json!("x")),
        ("metadata", json!({"a": {"b": 1}})),
        ("metadata", json!({"a": null})),
        ("metadata", json!({"a": [1]})),
        ("metadata", json!(many)),
        ("metadata", json!({"a": "x".repeat(17_000)})),
    ];
    for (name, value) in cases {
        let error = test.patch(&log(1), &json!({ name: value })).await.error(400, 7001);
        assert_eq!(error["path"][1], name, "{value}");
    }
    let noted = test.patch(&log(1), &json!({"feedbak": 1})).await.ok();
    assert!(noted["messages"][0]["message"].as_str().unwrap().contains("feedback is known"));
    assert_eq!(test.get(&log(1)).await.ok()["result"]["feedback"], Value::Null);
}

#[tokio::test]
async fn a_verdict_on_a_row_that_is_not_there_finds_nothing() {
    let test = test_api();
    for id in [log_id(9).to_string(), log_id(8).to_string(), "01ARZ3NDEKTSV4RRFFQ69G5FAV".into()] {
        let uri = format!("{LOGS}/{id}");
        test.patch(&uri, &json!({"feedback": 1})).await.error(404, 7002);
        test.get(&uri).await.error(404, 7002);
    }
}

#[tokio::test]
async fn rows_are_deleted_oldest_first_up_to_the_limit_and_on_record() {
    let left = async |test: &TestApi| {
        let answer = test.get(&format!("{LOGS}?direction=asc")).await.ok();
        let rows = answer["result"].as_array().unwrap().clone();
        rows.iter().map(|row| row["id"].clone()).collect::<Vec<_>>()
    };
    let test = test_api();
    let answer = test.delete(&format!("{LOGS}?limit=1")).await.ok();
    assert_eq!(answer, json!({"success": true, "errors": [], "messages": []}));
    assert_eq!(left(&test).await, [json!(log_id(2)), json!(log_id(3))]);

    let failed = "filters.key=success&filters.operator=eq&filters.value=false";
    test.delete(&format!("{LOGS}?{failed}")).await.ok();
    assert_eq!(left(&test).await, [json!(log_id(2))]);
    test.delete(LOGS).await.ok();
    assert!(left(&test).await.is_empty());
    assert!(test.get(&format!("{LOGS}/{}", log_id(2))).await.status == 404);
    let elsewhere = LOGS.replace("shop", "default");
    assert_eq!(test.get(&elsewhere).await.ok()["result_info"]["total_count"], 1);

    let records = trail(&test, 3).await;
    let kept: Vec<Value> = records.iter().map(|record| record.after.clone().unwrap()).collect();
    let filters = json!([{"key": "success", "operator": "eq", "value": ["false"]}]);
    let expected = [
        json!({"deleted": 1, "limit": 1, "filters": []}),
        json!({"deleted": 1, "limit": 10_000, "filters": filters}),
        json!({"deleted": 1, "limit": 10_000, "filters": []}),
    ];
    assert_eq!(kept, expected);
    assert!(records.iter().all(|record| record.action.name() == "delete_logs"));
    assert_eq!(records[0].gateway.as_deref(), Some("shop"));
    assert_eq!(records[0].actor.id, "tok-*");
}

#[tokio::test]
async fn a_deletion_honours_what_the_list_honours() {
    let test = test_api();
    test.delete(&format!("{LOGS}?success=true&order_by=duration&order_by_direction=desc&limit=1"))
        .await
        .ok();
    test.get(&log(2)).await.error(404, 7002);
    test.get(&log(1)).await.ok();
    for bad in ["limit=0", "limit=10001", "limit=x", "order_by=path", "filters.key=x", "filters=x"]
    {
        test.delete(&format!("{LOGS}?{bad}")).await.error(400, 7001);
    }
    assert_eq!(test.get(LOGS).await.ok()["result_info"]["total_count"], 2);
    let read = [("authorization", "Bearer tok-ai-gateway-read")];
    test.send(Method::DELETE, LOGS, &read).await.error(403, 10000);
}

#[tokio::test]
async fn whoever_reads_a_body_is_on_record() {
    let test = test_api();
    test.get_as(Permission::Read, &format!("{}/request", log(1))).await;
    test.get_as(Permission::Read, &format!("{}/response", log(1))).await;
    test.get_as(Permission::Read, &log(1)).await.ok();
    // No body is read here.
    test.get_as(Permission::MetadataRead, &log(1)).await.ok();
    test.get(&format!("{}/request", log(3))).await.error(404, 7002);
    test.get(&log(3)).await.ok();
    test.get(LOGS).await.ok();
    let records = trail(&test, 3).await;
    let seen: Vec<_> = records
        .iter()
        .map(|record| (record.actor.id.as_str(), record.action.name(), &*record.resource_id))
        .collect();
    let id = log_id(1).to_string();
    assert_eq!(seen, [("tok-ai-gateway-read", "read_body", id.as_str()); 3]);
    let parts: Vec<_> = records.iter().map(|record| record.after.clone().unwrap()).collect();
    assert_eq!(
        parts,
        [json!({"part": "request"}), json!({"part": "response"}), json!({"part": "heads"})]
    );
}

#[tokio::test]
async fn a_verdict_on_a_call_that_is_not_over_is_held_until_its_row_comes() {
    let test = TestApi::new();
    let id = LogId::generate();
    let uri = format!("{LOGS}/{id}");
    test.patch(&uri, &json!({"feedback": -1})).await.ok();
    test.get(&uri).await.error(404, 7002);
    test.logs().add(LogRecord { id, ..full_row(1) });
    while test.get(&uri).await.ok()["result"]["feedback"] != json!(-1.0) {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_row_on_its_way_to_the_store_is_waited_for() {
    let test = TestApi::new();
    let id = LogId::generate();
    let uri = format!("{LOGS}/{id}");
    let asked = test.get(&uri);
    let written = async {
        tokio::task::yield_now().await;
        test.logs().add(LogRecord { id, ..full_row(1) });
    };
    let (answer, ()) = tokio::join!(asked, written);
    answer.ok();
}
