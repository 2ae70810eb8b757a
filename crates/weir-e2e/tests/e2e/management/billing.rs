//! Credits, from a top-up over calls with the operator's key to the statement.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use weir_e2e::http::Request;

use crate::rig::{Rig, chat_body};

/// A call that the operator's key pays for: one token in for a dollar, one out for two.
fn call() -> Request {
    let body = json!({"model": "openai/gpt-4o-mini", "messages": chat_body()["messages"]});
    Request::post("/v1/acc1/gw1/compat/chat/completions")
        .header("cf-aig-authorization", "Bearer tok-run")
        .json(&body)
}

async fn rig() -> Result<Rig> {
    let rig = Rig::start_with(|config| {
        config
            .set(&["providers", "openai", "platform_key"], json!("sk-platform"))
            .set(&["billing", "fee_percent"], json!(5.0))
            .set(&["billing", "markup_percent"], json!(10.0))
    })
    .await?;
    let prices = json!({"models": [{"provider": "openai", "model": "gpt-4o-mini",
        "per_million_tokens": {"input": "1000000", "output": "2000000"}}]});
    rig.weir.result("PUT", "/pricing", Some(&prices)).await?;
    Ok(rig)
}

/// The balance once it is as expected: a call is booked when it is over.
async fn balance(rig: &Rig, expected: i64) -> Result<Value> {
    let mut shown = Value::Null;
    for _ in 0..100 {
        shown = rig.weir.result("GET", "/billing/credit-balance", None).await?;
        if shown["balance"] == expected {
            return Ok(shown);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    anyhow::bail!("the balance is not {expected}: {shown}")
}

#[tokio::test]
async fn what_calls_take_off_the_credits_is_on_every_page_of_the_books() -> Result<()> {
    let mut rig = rig().await?;
    let bought = json!({"amount": 1000});
    let made = rig.weir.result("POST", "/billing/topup", Some(&bought)).await?;
    assert_eq!(made["fee"], 50);
    assert_eq!(rig.weir.send(&call()).await?.status, 200);
    // Three dollars and the markup.
    let shown = balance(&rig, 670).await?;
    assert_eq!((&shown["granted"], &shown["used"]), (&json!(1000), &json!(330)));
    let preview = rig.weir.result("GET", "/billing/invoice-preview", None).await?;
    let line = &preview["invoice_lines"][0];
    assert_eq!(line["description"], "openai/gpt-4o-mini");
    assert_eq!((&line["amount_usd"], &line["quantity"]), (&json!("3.3"), &json!(1)));
    let day = "/billing/usage-history?value_grouping_window=day";
    let history = rig.weir.result("GET", day, None).await?;
    assert_eq!(history["history"][0]["aggregated_value"], 330.0);
    let invoices = rig.weir.result("GET", "/billing/invoice-history", None).await?;
    assert_eq!(invoices["invoices"][0]["amount_paid"], 1050);
    let correction = json!({"amount": -70, "note": "e2e"});
    rig.weir.result("POST", "/billing/adjustments", Some(&correction)).await?;
    let journal = rig.weir.result("GET", "/billing/journal", None).await?;
    let lines = journal.as_array().context("lines")?;
    ensure!(lines.len() == 3, "{journal}");

    rig.weir.restart().await?;
    balance(&rig, 600).await?;
    let month = lines[0]["created_at"].as_str().and_then(|at| at.get(..7)).context("month")?;
    let path = format!("/billing/statement?month={month}");
    let statement = rig.weir.result("GET", &path, None).await?;
    assert_eq!(statement["opening_balance_usd"], "0");
    assert_eq!(statement["closing_balance_usd"], "6");
    assert_eq!(statement["totals"]["fees_usd"], "0.5");
    assert_eq!(statement["usage"][0]["cost_usd"], "3");
    Ok(())
}

#[tokio::test]
async fn what_a_budget_stands_at_is_told_and_a_reset_gives_it_back() -> Result<()> {
    let rig = rig().await?;
    let budget =
        json!({"name": "all", "by": "account", "unit": "requests", "limit": 1, "period": "total"});
    let made = rig.weir.result("POST", "/budgets", Some(&budget)).await?;
    let one = format!("/budgets/{}", made["id"].as_str().context("id")?);
    let own_key = Request::call("openai/chat/completions", &chat_body());
    assert_eq!(rig.weir.send(&own_key).await?.status, 200);
    let refused = rig.weir.send(&own_key).await?;
    assert_eq!((refused.status, refused.code()), (429, Some(2045)), "{}", refused.text());
    let usage = rig.weir.result("GET", &format!("{one}/usage"), None).await?;
    assert_eq!((&usage[0]["spent"], &usage[0]["exhausted"]), (&json!(1.0), &json!(true)));
    let reset = json!({"reason": "e2e"});
    rig.weir.result("POST", &format!("{one}/reset"), Some(&reset)).await?;
    assert_eq!(rig.weir.send(&own_key).await?.status, 200);
    Ok(())
}
