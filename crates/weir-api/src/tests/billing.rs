//! Prepaid credits, out of the ledger's journal.

use futures_util::future::join_all;
use http::Method;
use serde_json::{Value, json};
use weir_core::ledger::{CreditEntry, CreditKind, CreditUsage};
use weir_core::{Cost, Permission, Timestamp};

use super::fake_logs::FakeLogs;
use super::{Answer, TestApi, gateway};
use crate::Options;

const BILLING: &str = "/client/v4/accounts/acc1/ai-gateway/billing";
const CENT: i64 = 10_000_000_000;

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

/// A line of use, as the data plane would leave it: ten percent were put on the cost.
fn used(test: &TestApi, at: Timestamp, model: &str, pico: i64) {
    let id = format!("use_{}", test.ledger().lines().len());
    test.ledger().write(CreditEntry {
        id: id.into(),
        account: "acc1".into(),
        at,
        kind: CreditKind::Usage,
        amount: Cost::from_pico(-pico),
        fee: Cost::ZERO,
        note: None,
        usage: Some(CreditUsage {
            gateway: "shop".into(),
            provider: "openai".into(),
            model: model.into(),
            calls: 3,
            cost: Cost::from_pico(pico / 11 * 10),
        }),
    });
}

fn line(id: &str, at: Timestamp, kind: CreditKind, cents: i64) -> CreditEntry {
    CreditEntry {
        id: id.into(),
        account: "acc1".into(),
        at,
        kind,
        amount: Cost::from_pico(cents * CENT),
        fee: Cost::ZERO,
        note: None,
        usage: None,
    }
}

async fn balance(test: &TestApi) -> Value {
    test.get(&format!("{BILLING}/credit-balance")).await.ok()["result"].clone()
}

async fn topup(test: &TestApi, amount: Value) -> String {
    let made = test.post(&format!("{BILLING}/topup"), &json!({"amount": amount})).await.ok();
    made["result"]["payment_intent_id"].as_str().unwrap().to_owned()
}

async fn journal(test: &TestApi, query: &str) -> Value {
    test.get(&format!("{BILLING}/journal?{query}")).await.ok()
}

#[tokio::test]
async fn the_balance_is_what_was_bought_less_what_was_used() {
    let test = TestApi::new();
    // 12.34 cents, of which the begun one counts.
    used(&test, Timestamp::now(), "gpt", 123_400_000_000);
    let config = json!({
        "amount": null, "threshold": null, "disabledReason": null, "error": null,
        "lastFailedAt": null, "lastToppedUpAt": null
    });
    let expected = json!({
        "balance": -13, "has_default_payment_method": false, "payment_method": null,
        "topup_config": config, "first_topup_success": false, "granted": 0, "used": 13,
        "balance_usd": "-0.1234", "fee_percent": 0.0, "markup_percent": 0.0
    });
    assert_eq!(balance(&test).await, expected);
    topup(&test, json!(1000)).await;
    topup(&test, json!(2500.0)).await;
    let after = balance(&test).await;
    assert_eq!((&after["balance"], &after["first_topup_success"]), (&json!(3487), &json!(true)));
    assert_eq!((&after["granted"], &after["balance_usd"]), (&json!(3500), &json!("34.8766")));
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
    test.ledger().write(line("pi_auto", at("2999-01-01T00:00:00Z"), CreditKind::Automatic, 500));
    let status = format!("{BILLING}/topup/status");
    for id in [first.as_str(), "pi_auto"] {
        let answer = test.post(&status, &json!({"payment_intent_id": id})).await.ok();
        assert_eq!(answer["result"], json!({"payment_intent_id": id, "status": "completed"}));
    }
    test.post(&status, &json!({"payment_intent_id": "pi_0"})).await.error(404, 7002);
    test.post(&status, &json!({"payment_intent_id": ""})).await.error(400, 7001);

    let history = |query: &str| format!("{BILLING}/invoice-history{query}");
    let all = test.get(&history("")).await.ok()["result"].clone();
    let pages = json!({"has_more": false, "page": 1, "per_page": 20, "total_count": 2});
    assert_eq!(all["pagination"], pages);
    let ids = (&all["invoices"][0]["id"], &all["invoices"][1]["id"]);
    assert_eq!(ids, (&json!("pi_auto"), &json!(first)));
    assert_eq!(all["invoices"][0]["invoice_origin"], "auto");
    assert_eq!(all["invoices"][1]["amount_paid"], 1000);
    let page = test.get(&history("?per_page=1")).await.ok()["result"].clone();
    assert_eq!(page["pagination"]["has_more"], true);
    let past = test.get(&history("?per_page=1&page=3")).await.ok()["result"].clone();
    assert_eq!((&past["invoices"], &past["pagination"]["has_more"]), (&json!([]), &json!(false)));
    for (kind, total) in [("auto", 1), ("manual", 1), ("all", 2)] {
        let list = test.get(&history(&format!("?type={kind}"))).await.ok()["result"].clone();
        assert_eq!(list["pagination"]["total_count"], total, "{kind}");
    }
    test.get(&history("?type=some")).await.error(400, 7001);
}

#[tokio::test]
async fn a_fee_is_paid_beside_the_credits() {
    let options = Options { fee_percent: 5.0, markup_percent: 10.0, ..Options::default() };
    let test =
        TestApi::with_options(vec![gateway("acc1", "shop", 1)], FakeLogs::default(), options);
    let made = test.post(&format!("{BILLING}/topup"), &json!({"amount": 10_000})).await.ok();
    assert_eq!(made["result"]["fee"], 500);
    let shown = balance(&test).await;
    assert_eq!((&shown["balance"], &shown["fee_percent"]), (&json!(10_000), &json!(5.0)));
    assert_eq!(shown["markup_percent"], 10.0);
    let invoices = test.get(&format!("{BILLING}/invoice-history")).await.ok()["result"].clone();
    let invoice = &invoices["invoices"][0];
    assert_eq!((&invoice["amount_paid"], &invoice["credits"]), (&json!(10_500), &json!(10_000)));
    assert_eq!(journal(&test, "").await["result"][0]["fee"], 500.0);
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
async fn no_topup_of_many_at_once_is_lost_and_each_is_on_record() {
    let test = TestApi::new();
    join_all((0..50).map(|_| topup(&test, json!(1000)))).await;
    assert_eq!(balance(&test).await["balance"], 50_000);
    let audit = "/client/v4/accounts/acc1/ai-gateway/audit?action=credit&resource_type=credit";
    let records = test.get(audit).await.ok();
    assert_eq!(records["result_info"]["total_count"], 50);
    assert_eq!(records["result"][0]["after"]["amount_usd"], "10");
}

#[tokio::test]
async fn a_repeated_call_with_its_key_adds_nothing() {
    let test = TestApi::new();
    let headers = [("authorization", "Bearer tok-*"), ("idempotency-key", "k1")];
    let send = |path: &'static str, body: Value| {
        let (test, uri) = (&test, format!("{BILLING}/{path}"));
        async move { test.send_body(Method::POST, &uri, &headers, body.to_string().into()).await }
    };
    let id = |answer: &Answer| answer.ok()["result"]["payment_intent_id"].clone();
    let first = id(&send("topup", json!({"amount": 1000})).await);
    assert_eq!(id(&send("topup", json!({"amount": 1000})).await), first);
    assert_eq!(balance(&test).await["balance"], 1000);
    let error = send("topup", json!({"amount": 2000})).await.error(400, 7001);
    assert_eq!(error["path"], json!(["header", "idempotency-key"]));
    // The same key for something else is another line.
    let adjustment = json!({"amount": -500, "note": "refund"});
    for _ in 0..2 {
        send("adjustments", adjustment.clone()).await.ok();
    }
    assert_eq!(balance(&test).await["balance"], 500);
}

#[tokio::test]
async fn corrections_go_either_way_and_are_for_who_keeps_the_books() {
    let test = TestApi::new();
    let uri = format!("{BILLING}/adjustments");
    let made = test.post(&uri, &json!({"amount": 250, "note": "goodwill"})).await.ok();
    let made = &made["result"];
    assert_eq!((&made["kind"], &made["amount"]), (&json!("adjustment"), &json!(250.0)));
    assert_eq!((&made["note"], &made["usage"]), (&json!("goodwill"), &Value::Null));
    test.post(&uri, &json!({"amount": -1000, "note": "charged back"})).await.ok();
    assert_eq!(balance(&test).await["balance"], -750);
    for bad in [
        json!({"amount": 0, "note": "x"}),
        json!({"amount": 1.5, "note": "x"}),
        json!({"amount": 1, "note": ""}),
        json!({"amount": 1}),
        json!({"amount": -100_000_001, "note": "x"}),
    ] {
        test.post(&uri, &bad).await.error(400, 7001);
    }
    let body = json!({"amount": 1, "note": "x"});
    test.call_as(Permission::Write, Method::POST, &uri, &body).await.error(403, 10000);
}

#[tokio::test]
async fn the_journal_is_listed_and_filtered() {
    let test = TestApi::new();
    test.ledger().write(line("g1", at("2026-10-01T00:00:00Z"), CreditKind::Grant, 1000));
    used(&test, at("2026-11-02T00:00:00Z"), "gpt", 2 * CENT + 1);
    test.ledger().write(line("a1", at("2026-11-03T00:00:00Z"), CreditKind::Adjustment, -5));
    let all = journal(&test, "").await;
    assert_eq!(all["result_info"]["total_count"], 3);
    assert_eq!(all["result"][0]["id"], "a1");
    let usage = &all["result"][1];
    assert_eq!(
        (&usage["amount_usd"], &usage["usage"]["calls"]),
        (&json!("-0.020000000001"), &json!(3))
    );
    assert_eq!(usage["usage"]["gateway_id"], "shop");
    let ids = |list: &Value| -> Vec<String> {
        let rows = list["result"].as_array().unwrap().iter();
        rows.map(|row| row["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(
        ids(&journal(&test, "kind=grant&kind=adjustment&direction=asc").await),
        ["g1", "a1"]
    );
    let november = "from=2026-11-01T00:00:00Z&to=2026-11-03T00:00:00Z";
    assert_eq!(ids(&journal(&test, november).await), ["use_1"]);
    assert_eq!(ids(&journal(&test, "per_page=1&page=3").await), ["g1"]);
    for bad in ["kind=gift", "from=monday", "direction=up", "per_page=101"] {
        test.get(&format!("{BILLING}/journal?{bad}")).await.error(400, 7001);
    }
}

#[tokio::test]
async fn the_rule_for_automatic_topups_tells_what_it_did() {
    let test = TestApi::new();
    let uri = format!("{BILLING}/topup/config");
    let rule = json!({"amount": 5000, "threshold": 500});
    assert_eq!(test.post(&uri, &rule).await.ok()["result"], rule);
    let shown = test.get(&uri).await.ok()["result"].clone();
    assert_eq!((&shown["amount"], &shown["threshold"]), (&json!(5000), &json!(500)));
    assert_eq!((&shown["disabledReason"], &shown["lastToppedUpAt"]), (&Value::Null, &Value::Null));
    test.ledger().write(line("auto", Timestamp::from_millis(77), CreditKind::Automatic, 5000));
    let shown = test.get(&uri).await.ok()["result"].clone();
    assert_eq!(shown["lastToppedUpAt"], 77);
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
    for _ in 0..2 {
        assert_eq!(test.delete(&uri).await.ok()["result"], Value::Null);
    }
    assert_eq!(test.get(&uri).await.ok()["result"]["amount"], Value::Null);
    assert_eq!(balance(&test).await["balance"], 5000);
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
    let test = TestApi::new();
    let moment = Timestamp::from_millis;
    used(&test, moment(2 * hour + 1), "a", CENT / 2);
    used(&test, moment(hour), "a", CENT / 2);
    used(&test, moment(hour + 5), "b", CENT / 2);
    used(&test, moment(9 * hour), "b", CENT);
    let uri = format!(
        "{BILLING}/usage-history?value_grouping_window=hour&start_time=0.0&end_time=9000000.5"
    );
    let history = test.get(&uri).await.ok()["result"]["history"].clone();
    let expected = json!([
        {"id": "hour-3600000", "aggregated_value": 1.0, "start_time": hour, "end_time": 2 * hour},
        {"id": "hour-7200000", "aggregated_value": 0.5, "start_time": 2 * hour, "end_time": 3 * hour},
    ]);
    assert_eq!(history, expected);
    let now = Timestamp::now();
    used(&test, moment(now.as_millis() - 29 * 24 * hour), "c", CENT);
    used(&test, moment(now.as_millis() - 31 * 24 * hour), "c", CENT);
    let days = format!("{BILLING}/usage-history?value_grouping_window=day");
    let days = test.get(&days).await.ok()["result"]["history"].clone();
    assert_eq!(days.as_array().unwrap().len(), 1, "{days}");
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
    let test = TestApi::new();
    let now = Timestamp::now();
    used(&test, now, "gpt-4o", CENT);
    used(&test, now, "gpt-4o", CENT / 2);
    used(&test, now, "alpha", CENT);
    used(&test, Timestamp::from_millis(1), "old", CENT);
    let preview = test.get(&format!("{BILLING}/invoice-preview")).await.ok()["result"].clone();
    assert_eq!((&preview["amount_due"], &preview["status"]), (&json!(0), &json!("draft")));
    let lines = preview["invoice_lines"].as_array().unwrap();
    let names: Vec<&str> = lines.iter().map(|line| line["description"].as_str().unwrap()).collect();
    assert_eq!(names, ["openai/alpha", "openai/gpt-4o"]);
    assert_eq!((&lines[1]["amount"], &lines[1]["quantity"]), (&json!(2), &json!(6)));
    assert_eq!(lines[1]["amount_usd"], "0.015");
    assert_eq!(lines[1]["pretax_credit_amounts"][0]["amount"], 2);
    assert_eq!(lines[1]["period"]["start"], preview["period_start"]);
}

#[tokio::test]
async fn a_statement_adds_up_in_both_forms() {
    let test = TestApi::new();
    test.ledger().write(line("g1", at("2026-10-05T00:00:00Z"), CreditKind::Grant, 1000));
    used(&test, at("2026-10-31T23:59:59.999Z"), "gpt", 3 * CENT);
    test.ledger().write(line("g2", at("2026-11-01T00:00:00Z"), CreditKind::Automatic, 2000));
    let note = Some("=1+1, \"sorry\"".into());
    let adjustment = line("a1", at("2026-11-02T00:00:00Z"), CreditKind::Adjustment, -150);
    test.ledger().write(CreditEntry { note, ..adjustment });
    used(&test, at("2026-11-03T00:00:00Z"), "gpt", CENT / 4);
    used(&test, at("2026-11-04T00:00:00Z"), "@cf/x", 7);
    used(&test, at("2026-12-01T00:00:00Z"), "gpt", 100 * CENT);
    let uri = |query: &str| format!("{BILLING}/statement?month=2026-11{query}");
    let statement = test.get(&uri("")).await.ok()["result"].clone();
    assert_eq!(statement["opening_balance_usd"], "9.97");
    assert_eq!(statement["credits"].as_array().unwrap().len(), 2);
    assert_eq!(statement["usage"][1]["amount_usd"], "0.0025");
    let totals = json!({
        "bought_usd": "20", "adjusted_usd": "-1.5", "used_usd": "0.002500000007", "fees_usd": "0"
    });
    assert_eq!(statement["totals"], totals);
    assert_eq!(statement["closing_balance_usd"], "28.467499999993");
    let next = test.get(&format!("{BILLING}/statement?month=2026-12")).await.ok();
    assert_eq!(next["result"]["opening_balance_usd"], statement["closing_balance_usd"]);

    let file = test.get(&uri("&format=csv")).await;
    assert_eq!(
        (file.status.as_u16(), &file.headers["content-type"]),
        (200, &"text/csv; charset=utf-8".parse().unwrap())
    );
    let expected = "date,kind,description,calls,amount_usd,balance_usd\r\n\
        2026-11-01T00:00:00.000Z,opening,,,,9.97\r\n\
        2026-11-01T00:00:00.000Z,automatic,,,20,29.97\r\n\
        2026-11-02T00:00:00.000Z,adjustment,\"'=1+1, \"\"sorry\"\"\",,-1.5,28.47\r\n\
        2026-12-01T00:00:00.000Z,usage,openai/@cf/x,3,-0.000000000007,28.469999999993\r\n\
        2026-12-01T00:00:00.000Z,usage,openai/gpt,3,-0.0025,28.467499999993\r\n\
        2026-12-01T00:00:00.000Z,closing,,,,28.467499999993\r\n";
    assert_eq!(String::from_utf8(file.body).unwrap(), expected);
    for bad in ["", "?month=2026", "?month=2026-13", "?month=2026-11&format=pdf"] {
        test.get(&format!("{BILLING}/statement{bad}")).await.error(400, 7001);
    }
}
