//! Evaluators run over datasets in the background.

use serde_json::{Value, json};
use tokio::task::JoinHandle;
use weir_core::LogRecord;

use super::fake_logs::{FakeLogs, bare_row, full_row, log_id};
use super::{LOGS, SHOP, TestApi};

fn test_api() -> TestApi {
    let slow = LogRecord { duration_ms: 3000, provider: "anthropic".into(), ..full_row(2) };
    TestApi::with_logs(FakeLogs::of(vec![full_row(1), slow, bare_row(3)]))
}

async fn dataset(test: &TestApi, name: &str, filters: Value) -> String {
    let body = json!({"name": name, "enable": false, "filters": filters});
    let made = test.post(&format!("{SHOP}/datasets"), &body).await.ok();
    made["result"]["id"].as_str().unwrap().to_owned()
}

async fn evaluation(test: &TestApi, name: &str, datasets: &[String]) -> Value {
    let types = ["cost", "speed", "human_feedback"];
    let body = json!({"name": name, "dataset_ids": datasets, "evaluation_type_ids": types});
    test.post(&format!("{SHOP}/evaluations"), &body).await.ok()["result"].clone()
}

fn worker(test: &TestApi) -> JoinHandle<()> {
    tokio::spawn(crate::evaluate(test.api()))
}

/// The evaluation once nothing of it is waiting.
async fn processed(test: &TestApi, id: &Value) -> Value {
    let uri = format!("{SHOP}/evaluations/{}", id.as_str().unwrap());
    for _ in 0..1000 {
        let found = test.get(&uri).await.ok()["result"].clone();
        if found["processed"] == true {
            return found;
        }
        tokio::task::yield_now().await;
    }
    panic!("the evaluation was not computed");
}

fn results(evaluation: &Value) -> Vec<(u64, &str, u64)> {
    let each = evaluation["results"].as_array().unwrap().iter().map(|result| {
        let number = |name: &str| result[name].as_u64().unwrap();
        (number("status"), result["result"].as_str().unwrap(), number("total_logs"))
    });
    each.collect()
}

#[tokio::test]
async fn an_evaluation_is_queued_computed_and_kept() {
    let test = test_api();
    let everything = dataset(&test, "all", json!([])).await;
    for (n, verdict) in [(1, 1), (2, -1)] {
        let uri = format!("{LOGS}/{}", log_id(n));
        test.patch(&uri, &json!({"feedback": verdict})).await.ok();
    }
    let made = evaluation(&test, "first", std::slice::from_ref(&everything)).await;
    assert_eq!((&made["processed"], &made["total_logs"]), (&json!(false), &json!(0)));
    assert_eq!(results(&made), [(0, "", 0); 3]);
    assert_eq!(made["datasets"][0]["account_tag"], "acc1");
    assert_eq!(made["results"][0]["evaluation_id"], made["id"]);

    // The dataset goes; the evaluation has its own copy.
    test.delete(&format!("{SHOP}/datasets/{everything}")).await.ok();
    let worker = worker(&test);
    let found = processed(&test, &made["id"]).await;
    let expected = [(2, "0.00002", 2), (2, "1800", 3), (2, "50", 2)];
    assert_eq!(results(&found), expected);
    assert_eq!(found["total_logs"], 3);

    // The same worker is woken by the next one.
    let filters = json!([{"key": "provider", "operator": "eq", "value": ["anthropic"]}]);
    let some = dataset(&test, "some", filters).await;
    let none = json!([{"key": "cost", "operator": "gt", "value": [9]}]);
    let none = dataset(&test, "none", none).await;
    let made = evaluation(&test, "second", &[some, none.clone()]).await;
    let found = processed(&test, &made["id"]).await;
    assert_eq!(results(&found), [(2, "0.00002", 1), (2, "3000", 1), (2, "0", 1)]);
    let made = evaluation(&test, "third", &[none]).await;
    let found = processed(&test, &made["id"]).await;
    assert_eq!(results(&found), [(2, "", 0); 3]);
    assert_eq!(
        found["results"][0]["status_description"],
        "no log of these datasets has a known cost"
    );
    worker.abort();
}

#[tokio::test]
async fn a_failure_is_told_and_tried_again_by_the_next_start() {
    let test = test_api();
    let all = dataset(&test, "all", json!([])).await;
    test.logs().set_broken(true);
    let made = evaluation(&test, "unlucky", &[all]).await;
    let first = worker(&test);
    let found = processed(&test, &made["id"]).await;
    assert_eq!(results(&found), [(3, "", 0); 3]);
    let reason = found["results"][0]["status_description"].as_str().unwrap();
    assert!(reason.contains("log store failed") && !reason.contains("secret"), "{reason}");

    test.logs().set_broken(false);
    first.abort();
    let second = worker(&test);
    for _ in 0..1000 {
        tokio::task::yield_now().await;
    }
    let found = processed(&test, &made["id"]).await;
    assert_eq!(results(&found)[1], (2, "1800", 3));
    assert_eq!(found["results"][1]["status_description"], "");
    second.abort();
}

#[tokio::test]
async fn what_an_earlier_run_left_is_taken_up_at_start() {
    let test = test_api();
    let all = dataset(&test, "all", json!([])).await;
    let made = evaluation(&test, "left", &[all]).await;
    let worker = worker(&test);
    assert_eq!(results(&processed(&test, &made["id"]).await)[0].0, 2);
    worker.abort();
}

#[tokio::test]
async fn only_what_is_there_can_be_evaluated() {
    let test = test_api();
    let all = dataset(&test, "all", json!([])).await;
    evaluation(&test, "taken", std::slice::from_ref(&all)).await;
    let body = |name: &str, datasets: Value, types: Value| json!({"name": name, "dataset_ids": datasets, "evaluation_type_ids": types});
    let cost = || json!(["cost"]);
    let cases = [
        (body("taken", json!([all]), cost()), "name", "already exists"),
        (body("", json!([all]), cost()), "name", "length"),
        (body("x", json!(["nope"]), cost()), "dataset_ids", "nope was not found"),
        (body("x", json!([]), cost()), "dataset_ids", "one at least"),
        (body("x", json!([all, all]), cost()), "dataset_ids", "twice"),
        (body("x", json!([7]), cost()), "dataset_ids", "string"),
        (body("x", json!([all]), json!(["beauty"])), "evaluation_type_ids", "human_feedback"),
        (body("x", json!([all]), json!([])), "evaluation_type_ids", "one at least"),
    ];
    let uri = format!("{SHOP}/evaluations");
    for (body, field, part) in cases {
        let error = test.post(&uri, &body).await.error(400, 7001);
        assert_eq!(error["path"][1], field, "{body}");
        assert!(error["message"].as_str().unwrap().contains(part), "{error}");
    }
    let elsewhere = uri.replace("shop", "default");
    test.post(&elsewhere, &body("x", json!([all]), cost())).await.error(400, 7001);
}

#[tokio::test]
async fn evaluations_are_listed_narrowed_and_deleted() {
    let test = test_api();
    let all = dataset(&test, "all", json!([])).await;
    let first = evaluation(&test, "first", std::slice::from_ref(&all)).await;
    let worker = worker(&test);
    processed(&test, &first["id"]).await;
    worker.abort();
    assert!(worker.await.unwrap_err().is_cancelled());
    evaluation(&test, "second", &[all]).await;
    let uri = format!("{SHOP}/evaluations");
    for (query, expected) in [
        ("name=first", "first"),
        ("processed=true", "first"),
        ("processed=false", "second"),
        ("search=eco", "second"),
        (&format!("search={}", first["id"].as_str().unwrap()), "first"),
    ] {
        let answer = test.get(&format!("{uri}?{query}")).await.ok();
        assert_eq!(answer["result_info"]["total_count"], 1, "{query}");
        assert_eq!(answer["result"][0]["name"], expected, "{query}");
    }
    let one = format!("{uri}/{}", first["id"].as_str().unwrap());
    assert_eq!(test.delete(&one).await.ok()["result"]["name"], "first");
    test.get(&one).await.error(404, 7002);
    test.delete(&one).await.error(404, 7002);
    test.put(&one, &json!({})).await.error(405, 10405);
    assert_eq!(test.get(&uri).await.ok()["result_info"]["total_count"], 1);
}

#[tokio::test]
async fn three_evaluators_are_shipped() {
    let test = TestApi::new();
    let uri = "/client/v4/accounts/acc1/ai-gateway/evaluation-types";
    let ids = async |query: &str| {
        let answer = test.get(&format!("{uri}?{query}")).await.ok();
        let rows = answer["result"].as_array().unwrap().clone();
        rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(ids("").await, ["cost", "speed", "human_feedback"]);
    assert_eq!(ids("order_by=name").await, ["speed", "human_feedback", "cost"]);
    assert_eq!(
        ids("order_by=type&order_by_direction=asc").await,
        ["cost", "human_feedback", "speed"]
    );
    assert!(ids("per_page=5&page=2").await.is_empty());
    for bad in ["per_page=4", "per_page=51", "order_by=size", "order_by_direction=down"] {
        test.get(&format!("{uri}?{bad}")).await.error(400, 7001);
    }
}
