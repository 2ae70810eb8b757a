//! Pricing log rows anew.

use std::time::Duration;

use serde_json::{Value, json};
use weir_core::trail::{PriceTrail, Trail};
use weir_core::{Cost, LogRecord, Usage};

use super::fake_logs::{FakeLogs, full_row, log_id};
use super::{LOGS, TestApi};

const PRICING: &str = "/client/v4/accounts/acc1/ai-gateway/pricing";

/// A call of gpt-4o-mini that cost a pico-dollar.
fn row(n: u8) -> LogRecord {
    let price = PriceTrail { by: "list".into(), ..PriceTrail::default() };
    LogRecord {
        usage: Some(Usage { input: 1_000_000, ..Usage::default() }),
        cost: Some(Cost::from_pico(1)),
        trail: Some(Box::new(Trail { price: Some(price), ..Trail::default() })),
        ..full_row(n)
    }
}

async fn done(test: &TestApi, body: &Value) -> Value {
    let started = test.post(&format!("{LOGS}/recompute"), body).await.ok();
    let id = started["result"]["id"].as_str().unwrap().to_owned();
    for _ in 0..200 {
        let job = test.get(&format!("{LOGS}/recompute/{id}")).await.ok()["result"].clone();
        if job["status"] != "running" {
            return job;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the recomputation does not end");
}

#[tokio::test]
async fn rows_get_the_price_that_was_set_and_remember_what_they_had() {
    let custom = LogRecord { custom_cost: true, ..row(3) };
    let test = TestApi::with_logs(FakeLogs::of(vec![row(1), row(2), custom]));
    let gateway = LOGS.strip_suffix("/logs").unwrap();
    let price = json!({"models": [{"provider": "openai", "model": "gpt-4o-mini",
        "per_million_tokens": {"input": "2", "output": "3"}}]});
    test.put(&format!("{gateway}/pricing"), &price).await.ok();

    let dry = done(&test, &json!({"dry_run": true})).await;
    assert_eq!((&dry["repriced"], &dry["dry_run"]), (&json!(2), &json!(true)));
    assert_eq!(test.get(&format!("{LOGS}/{}", log_id(1))).await.ok()["result"]["cost"], 1e-12);

    let job = done(&test, &json!({})).await;
    assert_eq!(job["status"], "done", "{job}");
    let figures = ["rows_total", "rows_done", "repriced", "newly_priced", "unchanged"];
    assert_eq!(figures.map(|name| job[name].as_u64().unwrap()), [3, 3, 2, 0, 0]);
    assert_eq!(job["left_alone"]["custom_cost"], 1);
    let money = ["cost_before", "cost_after", "difference"];
    assert_eq!(
        money.map(|name| job[name].as_str().unwrap()),
        ["0.000000000002", "4", "3.999999999998"]
    );
    let shown = test.get(&format!("{LOGS}/{}", log_id(1))).await.ok()["result"].clone();
    assert_eq!((&shown["cost"], &shown["cost_by"]), (&json!(2.0), &json!("gateway")));
    let line = json!({"unit": "input", "quantity": 1_000_000, "cost": "2"});
    assert_eq!(shown["cost_breakdown"], json!([line]));
    let former = &shown["cost_history"][0];
    assert_eq!(
        (&former["cost"], &former["price_id"]),
        (&json!(1e-12), &json!("openai/gpt-4o-mini@2026-11-20"))
    );

    let again = done(&test, &json!({})).await;
    assert_eq!((&again["repriced"], &again["unchanged"]), (&json!(0), &json!(2)));
    let all = test.get(&format!("{LOGS}/recompute")).await.ok();
    assert_eq!(all["result"].as_array().unwrap().len(), 3);
    assert_eq!(all["result"][0]["id"], again["id"]);
}

#[tokio::test]
async fn only_the_rows_that_are_asked_for_change() {
    let test = TestApi::with_logs(FakeLogs::of((1..=9).map(row).collect()));
    let price = json!({"models": [{"provider": "openai", "model": "gpt-4o-mini",
        "per_million_tokens": {"input": "2", "output": "3"}}]});
    test.put(PRICING, &price).await.ok();
    let at = |n: u8| full_row(n).created_at;
    let some = done(&test, &json!({"from": at(2), "to": at(5)})).await;
    assert_eq!(some["repriced"], 4);
    let id = log_id(7).to_string();
    let filters = json!([{"key": "id", "operator": "eq", "value": [id]}]);
    assert_eq!(done(&test, &json!({"filters": filters})).await["repriced"], 1);
    for (body, field) in [
        (json!({"from": at(5), "to": at(2)}), "to"),
        (json!({"filters": [{"key": "nothing", "operator": "eq", "value": [1]}]}), "filters"),
        (json!({"from": "yesterday"}), "from"),
    ] {
        let refused = test.post(&format!("{LOGS}/recompute"), &body).await;
        assert_eq!(refused.status, 400);
        assert_eq!(refused.json()["errors"][0]["path"], json!(["body", field]), "{body}");
    }
}

#[tokio::test]
async fn one_at_a_time_and_a_failure_is_told() {
    let test = TestApi::with_logs(FakeLogs::of(vec![row(1)]));
    let unknown = test.get(&format!("{LOGS}/recompute/nothing")).await;
    assert_eq!(unknown.status, 404);
    // The first has had no chance to run when the second is asked for.
    let start = async || test.post(&format!("{LOGS}/recompute"), &json!({})).await;
    assert_eq!(start().await.status, 200);
    let second = start().await;
    assert!(second.status == 409 || second.status == 200, "{}", second.status);
    let running = async || {
        let jobs = test.get(&format!("{LOGS}/recompute")).await.ok();
        jobs["result"].as_array().unwrap().iter().any(|job| job["status"] == "running")
    };
    while running().await {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    test.logs().set_broken(true);
    let failed = done(&test, &json!({})).await;
    assert_eq!(failed["status"], "failed");
    assert!(failed["error"].as_str().unwrap().contains("start it again"));
}
