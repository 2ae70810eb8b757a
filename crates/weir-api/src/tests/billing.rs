//! Prepaid credits.

use std::convert::Infallible;

use futures_util::future::join_all;
use http::Method;
use serde_json::{Value, json};
use weir_core::analytics::{
    AnalyticsFilter, AnalyticsRow, Bucket, Dimension, DimensionValue, RollupSums,
};
use weir_core::audit::Actor;
use weir_core::billing::BillingAccount;
use weir_core::config::{Changes, Configuration};
use weir_core::{Cost, Permission, Timestamp};

use super::TestApi;
use super::fake_logs::FakeLogs;

const BILLING: &str = "/client/v4/accounts/acc1/ai-gateway/billing";

/// A group of calls that cost so many pico-dollars.
fn row(bucket: Option<i64>, values: &[&str], pico: i64) -> AnalyticsRow {
    AnalyticsRow {
        bucket: bucket.map(Timestamp::from_millis),
        values: values.iter().map(|text| DimensionValue::Text((*text).into())).collect(),
        sums: RollupSums { requests: 3, cost: Cost::from_pico(pico), ..RollupSums::default() },
        cached: RollupSums::default(),
        errors: 0,
    }
}

fn with_rows(rows: Vec<AnalyticsRow>) -> TestApi {
    let logs = FakeLogs::default();
    *logs.analytics.lock().unwrap() = rows;
    TestApi::with_logs(logs)
}

async fn balance(test: &TestApi) -> Value {
    test.get(&format!("{BILLING}/credit-balance")).await.ok()["result"].clone()
}

async fn topup(test: &TestApi, amount: Value) -> String {
    let made = test.post(&format!("{BILLING}/topup"), &json!({"amount": amount})).await.ok();
    made["result"]["payment_intent_id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_balance_is_what_was_bought_less_what_managed_keys_used() {
    // 12.34 cents, of which the begun one counts.
    let test = with_rows(vec![row(None, &[], 123_400_000_000)]);
    let empty = balance(&test).await;
    let config = json!({
        "amount": null, "threshold": null, "disabledReason": null, "error": null,
        "lastFailedAt": null
    });
    let expected = json!({
        "balance": -13, "has_default_payment_method": false, "payment_method": null,
        "topup_config": config, "first_topup_success": false
    });
    assert_eq!(empty, expected);
    topup(&test, json!(1000)).await;
    topup(&test, json!(2500.0)).await;
    let after = balance(&test).await;
    assert_eq!((&after["balance"], &after["first_topup_success"]), (&json!(3487), &json!(true)));
    let questions = test.logs().questions.lock().unwrap();
    let question = questions.last().unwrap();
    assert_eq!(question.account.as_str(), "acc1");
    assert_eq!((question.from, question.to, question.bucket), (None, None, None));
    let AnalyticsFilter::Is { dimension, values, not } = &question.filter else { panic!() };
    assert_eq!((*dimension, *not), (Dimension::Wholesale, false));
    assert_eq!(values, &[DimensionValue::Number(1)]);
}

#[tokio::test]
async fn a_topup_is_complete_at_once_and_becomes_an_invoice() {
    let test = TestApi::new();
    let body = json!({"amount": 1000, "payment_method_id": "pm_1"});
    let made = test.post(&format!("{BILLING}/topup"), &body).await.ok();
    assert_eq!(made["result"]["client_secret"], Value::Null);
    let note = made["messages"][0]["message"].as_str().unwrap();
    assert!(note.starts_with("payment_method_id"), "{note}");
    let first = made["result"]["payment_intent_id"].as_str().unwrap().to_owned();
    let second = topup(&test, json!(2000)).await;
    let status = format!("{BILLING}/topup/status");
    let answer = test.post(&status, &json!({"payment_intent_id": first})).await.ok();
    assert_eq!(answer["result"], json!({"payment_intent_id": first, "status": "completed"}));
    test.post(&status, &json!({"payment_intent_id": "pi_0"})).await.error(404, 7002);
    test.post(&status, &json!({"payment_intent_id": ""})).await.error(400, 7001);

    let history = |query: &str| format!("{BILLING}/invoice-history{query}");
    let all = test.get(&history("")).await.ok()["result"].clone();
    let pages = json!({"has_more": false, "page": 1, "per_page": 20, "total_count": 2});
    assert_eq!(all["pagination"], pages);
    assert_eq!(
        (&all["invoices"][0]["id"], &all["invoices"][1]["id"]),
        (&json!(second), &json!(first))
    );
    assert_eq!(all["invoices"][0]["amount_paid"], 2000);
    let page = test.get(&history("?per_page=1&type=manual")).await.ok()["result"].clone();
    assert_eq!(page["pagination"]["has_more"], true);
    let past = test.get(&history("?per_page=1&page=3")).await.ok()["result"].clone();
    assert_eq!((&past["invoices"], &past["pagination"]["has_more"]), (&json!([]), &json!(false)));
    let none = test.get(&history("?type=auto")).await.ok()["result"].clone();
    assert_eq!(none["pagination"]["total_count"], 0);
    test.get(&history("?type=some")).await.error(400, 7001);
}

#[tokio::test]
async fn every_bound_of_a_topup_is_kept() {
    let test = TestApi::new();
    let limits = test.get(&format!("{BILLING}/topup/limits")).await.ok()["result"].clone();
    assert_eq!(limits["min"], 1000.0);
    for bad in
        [json!(999), json!(1000.5), json!(100_000_001), json!("1000"), json!(-1), Value::Null]
    {
        let error = test.post(&format!("{BILLING}/topup"), &json!({"amount": bad})).await;
        assert_eq!(error.error(400, 7001)["path"], json!(["body", "amount"]), "{bad}");
    }
    test.post(&format!("{BILLING}/topup"), &json!({})).await.error(400, 7001);
    topup(&test, limits["max"].clone()).await;
    assert_eq!(balance(&test).await["balance"], 100_000_000);
}

#[tokio::test]
async fn no_topup_of_many_at_once_is_lost_and_the_ledger_is_bounded() {
    let test = TestApi::new();
    join_all((0..50).map(|_| topup(&test, json!(1000)))).await;
    assert_eq!(balance(&test).await["balance"], 50_000);
    let filled = |now: &Configuration, changes: &mut Changes| {
        let ledger = now.get::<BillingAccount>(&"acc1".into(), "acc1").unwrap();
        let topups = vec![ledger.topups[0].clone(); 999];
        changes.put(BillingAccount { topups, ..BillingAccount::clone(ledger) });
        Ok::<_, Infallible>(())
    };
    test.api().configuration.change(&Actor::system("test"), filled).await.unwrap();
    topup(&test, json!(1000)).await;
    let body = json!({"amount": 1000});
    test.post(&format!("{BILLING}/topup"), &body).await.error(400, 7001);
}

#[tokio::test]
async fn the_rule_for_automatic_topups_is_kept_and_says_that_it_sleeps() {
    let test = TestApi::new();
    let uri = format!("{BILLING}/topup/config");
    let rule = json!({"amount": 5000, "threshold": 500});
    assert_eq!(test.post(&uri, &rule).await.ok()["result"], rule);
    let shown = test.get(&uri).await.ok()["result"].clone();
    assert_eq!((&shown["amount"], &shown["threshold"]), (&json!(5000), &json!(500)));
    assert!(shown["disabledReason"].as_str().unwrap().contains("not carried out"));
    assert_eq!(balance(&test).await["topup_config"], shown);
    for bad in [
        json!({"amount": 999, "threshold": 500}),
        json!({"amount": 1000, "threshold": 499}),
        json!({"amount": 1000, "threshold": 500.5}),
        json!({"amount": 1000}),
        json!({"threshold": 500}),
    ] {
        test.post(&uri, &bad).await.error(400, 7001);
    }
    topup(&test, json!(1000)).await;
    for _ in 0..2 {
        assert_eq!(test.delete(&uri).await.ok()["result"], Value::Null);
    }
    assert_eq!(test.get(&uri).await.ok()["result"]["amount"], Value::Null);
    assert_eq!(balance(&test).await["balance"], 1000);
}

#[tokio::test]
async fn the_old_spending_limit_is_gone_for_good() {
    let test = TestApi::new();
    let uri = format!("{BILLING}/spending-limit");
    let shown = test.get(&uri).await.ok()["result"].clone();
    let config = json!({"amount": null, "duration": null, "strategy": null});
    assert_eq!(shown, json!({"enabled": false, "config": config}));
    assert_eq!(test.delete(&uri).await.ok()["result"], Value::Null);
    let body = json!({"amount": 100, "duration": "daily", "strategy": "fixed"});
    for body in [body, json!({}), json!("x")] {
        let error = test.post(&uri, &body).await.error(403, 1000);
        assert!(error["message"].as_str().unwrap().contains("spending limits are deprecated"));
    }
    test.call_as(Permission::Read, Method::POST, &uri, &json!({})).await.error(403, 10000);
}

#[tokio::test]
async fn usage_is_shown_window_by_window() {
    let hour = 3_600_000;
    let test = with_rows(vec![
        row(Some(2 * hour), &[], 5_000_000_000),
        row(Some(hour), &[], 10_000_000_000),
    ]);
    let uri = format!(
        "{BILLING}/usage-history?value_grouping_window=hour&start_time=0.0&end_time=9000000.5"
    );
    let history = test.get(&uri).await.ok()["result"]["history"].clone();
    let expected = json!([
        {"id": "hour-3600000", "aggregated_value": 1.0, "start_time": hour, "end_time": 2 * hour},
        {"id": "hour-7200000", "aggregated_value": 0.5, "start_time": 2 * hour, "end_time": 3 * hour},
    ]);
    assert_eq!(history, expected);
    test.get(&format!("{BILLING}/usage-history?value_grouping_window=day")).await.ok();
    {
        let questions = test.logs().questions.lock().unwrap();
        assert_eq!(questions[0].bucket, Some(Bucket::Hour));
        assert_eq!(questions[0].to.unwrap().as_millis(), 9_000_000);
        let span = |n: usize| {
            questions[n].to.unwrap().as_millis() - questions[n].from.unwrap().as_millis()
        };
        assert_eq!((questions[1].bucket, span(1)), (Some(Bucket::Day), 30 * 24 * hour));
    }
    for bad in [
        "",
        "value_grouping_window=",
        "value_grouping_window=week",
        "value_grouping_window=day&start_time=2&end_time=1",
        "value_grouping_window=day&start_time=-1",
        "value_grouping_window=day&end_time=yesterday",
        "value_grouping_window=day&end_time=9223372036854775807",
    ] {
        test.get(&format!("{BILLING}/usage-history?{bad}")).await.error(400, 7001);
    }
}

#[tokio::test]
async fn the_preview_owes_nothing_and_lists_each_model() {
    let test = with_rows(vec![
        row(None, &["openai", "gpt-4o"], 15_000_000_000),
        row(None, &["anthropic", "claude"], 0),
    ]);
    let preview = test.get(&format!("{BILLING}/invoice-preview")).await.ok()["result"].clone();
    assert_eq!((&preview["amount_due"], &preview["status"]), (&json!(0), &json!("draft")));
    let lines = preview["invoice_lines"].as_array().unwrap();
    let names: Vec<&str> = lines.iter().map(|line| line["description"].as_str().unwrap()).collect();
    assert_eq!(names, ["anthropic/claude", "openai/gpt-4o"]);
    assert_eq!((&lines[1]["amount"], &lines[1]["quantity"]), (&json!(2), &json!(3)));
    assert_eq!(lines[1]["pretax_credit_amounts"][0]["amount"], 2);
    assert_eq!(lines[1]["period"]["start"], preview["period_start"]);
    let questions = test.logs().questions.lock().unwrap();
    assert_eq!(questions[0].group_by, [Dimension::Provider, Dimension::Model]);
}
