//! Prices that an account sets, and tables that an operator brings in.

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use weir_e2e::http::Request;

use crate::rig::{Rig, chat_body};

fn call() -> Request {
    Request::call("openai/chat/completions", &chat_body())
}

fn priced(input: &str, output: &str) -> Value {
    json!({"models": [{"provider": "openai", "model": "gpt-4o-mini",
        "per_million_tokens": {"input": input, "output": output}}]})
}

#[tokio::test]
async fn the_next_call_costs_what_the_account_says_and_a_restart_keeps_it() -> Result<()> {
    let mut rig = Rig::start().await?;
    rig.weir.send(&call()).await?;
    rig.weir.result("PUT", "/pricing", Some(&priced("1000000", "2000000"))).await?;
    rig.weir.send(&call()).await?;
    rig.weir.wait_for_rows(2).await?;
    rig.weir.restart().await?;
    rig.weir.send(&call()).await?;
    rig.weir.result("DELETE", "/pricing?provider=openai", None).await?;
    rig.weir.send(&call()).await?;
    let rows = rig.weir.wait_for_rows(4).await?;
    // One token in, one out.
    let costs: Vec<&Value> = rows.iter().map(|row| &row["cost"]).collect();
    assert_eq!(costs, [&json!(7.5e-7), &json!(3.0), &json!(3.0), &json!(7.5e-7)]);
    let id = rows[1]["price_id"].as_str().context("price_id")?;
    assert!(id.starts_with("openai/gpt-4o-mini@20"), "{id}");
    Ok(())
}

#[tokio::test]
async fn a_newer_table_is_checked_and_in_force_after_a_restart() -> Result<()> {
    let mut rig = Rig::start().await?;
    let shown = rig.weir.command(&["prices", "show", "gpt-4o-mini"]).await?;
    assert!(shown.stdout.contains(r#""provider":"openai""#), "{shown:?}");
    let mut table = priced("1000000", "0.6");
    table["schema"] = json!("aig-prices/1");
    table["as_of"] = json!("2099-01-01");
    let file = rig.weir.folder().join("newer.json");
    std::fs::write(&file, table.to_string())?;
    let file = file.to_str().context("path")?;
    let refused = rig.weir.command(&["prices", "update", file]).await?;
    assert_eq!(refused.status, Some(1), "{refused:?}");
    assert!(refused.stderr.contains("openai/gpt-4o-mini"), "{refused:?}");
    assert!(refused.stdout.contains("~ openai/gpt-4o-mini: input 0.15 -> 1000000"), "{refused:?}");
    let accept = ["prices", "update", file, "--accept", "openai/gpt-4o-mini"];
    let written = rig.weir.command(&accept).await?;
    assert_eq!(written.status, Some(0), "{written:?}");
    rig.weir.restart().await?;
    rig.weir.send(&call()).await?;
    let rows = rig.weir.wait_for_rows(1).await?;
    assert_eq!(rows[0]["cost"], json!(1.000_000_6));
    assert_eq!(rows[0]["price_id"], "openai/gpt-4o-mini@2099-01-01");
    Ok(())
}
