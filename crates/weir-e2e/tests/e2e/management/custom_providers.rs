//! Providers that an account makes by the API: called at once, at the prices it set.

use std::time::Duration;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use weir_e2e::http::{Client, Request};
use weir_e2e::upstream::Answer;

use crate::rig::{Rig, chat_body};

/// Makes provider `mine` at the mock, with a secret header; gives its path in the API.
async fn make(rig: &Rig) -> Result<String> {
    let body = json!({
        "name": "Mine", "slug": "mine", "base_url": format!("{}/mine/v1", rig.upstream.base()),
        "enable": true, "headers": r#"{"x-secret":"s-1"}"#
    });
    let made = rig.weir.result("POST", "/custom-providers", Some(&body)).await?;
    Ok(format!("/custom-providers/{}", made["id"].as_str().context("id")?))
}

fn call(body: &Value) -> Request {
    Request::call("custom-mine/chat/completions", body)
}

#[tokio::test]
async fn the_next_call_goes_where_the_change_says() -> Result<()> {
    let rig = Rig::start().await?;
    assert_eq!(rig.weir.send(&call(&chat_body())).await?.status, 400);
    let path = make(&rig).await?;
    for round in 0..6 {
        let enable = json!({"enable": round % 2 == 0});
        rig.weir.result("PATCH", &path, Some(&enable)).await?;
        let status = rig.weir.send(&call(&chat_body())).await?.status;
        assert_eq!(status, if round % 2 == 0 { 200 } else { 400 }, "round {round}");
    }
    let calls = rig.upstream.calls();
    assert_eq!(calls.len(), 3);
    for call in &calls {
        assert_eq!(call.target, "/v1/chat/completions");
        assert_eq!(call.header("x-secret"), Some("s-1"));
    }
    rig.weir.result("PATCH", &path, Some(&json!({"enable": true}))).await?;
    rig.weir.result("DELETE", &path, None).await?;
    assert_eq!(rig.weir.send(&call(&chat_body())).await?.status, 400);
    Ok(())
}

#[tokio::test]
async fn a_header_of_the_provider_stands_in_place_of_the_clients() -> Result<()> {
    let rig = Rig::start().await?;
    let path = make(&rig).await?;
    let own = json!({"headers": r#"{"Authorization":"Bearer own"}"#});
    rig.weir.result("PATCH", &path, Some(&own)).await?;
    assert_eq!(rig.weir.send(&call(&chat_body())).await?.status, 200);
    let unified = json!({"model": "custom-mine/m", "messages": []});
    let unified = Request::call("compat/chat/completions", &unified);
    assert_eq!(rig.weir.send(&unified).await?.status, 200);
    for call in rig.upstream.calls() {
        assert_eq!(call.header("authorization"), Some("Bearer own"), "{}", call.target);
        assert!(!call.mentions("sk-client"), "{call:#?}");
    }
    Ok(())
}

#[tokio::test]
async fn calls_cost_what_the_account_says() -> Result<()> {
    let rig = Rig::start().await?;
    let path = make(&rig).await?;
    rig.weir.send(&call(&chat_body())).await?;
    let provider = path.rsplit_once('/').context("id")?.1;
    let price = |model: &str, rule: &str, cost: f64| {
        json!({"account_provider_id": provider, "model": model, "model_rule": rule,
               "cost_in": cost, "cost_out": 10.0 * cost})
    };
    for price in [price("gpt", "starts-with", 0.001), price("gpt-4o-mini", "equals", 0.002)] {
        rig.weir.result("POST", "/custom-providers/costs", Some(&price)).await?;
    }
    rig.weir.send(&call(&chat_body())).await?;
    let mut other = chat_body();
    other["model"] = json!("gpt-x");
    rig.weir.send(&call(&other)).await?;
    let rows = rig.weir.wait_for_rows(3).await?;
    // One token in, one out.
    let costs: Vec<&Value> = rows.iter().map(|row| &row["cost"]).collect();
    assert_eq!(costs, [&Value::Null, &json!(0.022), &json!(0.011)]);
    let id = rows[1]["price_id"].as_str().context("price_id")?;
    assert!(id.starts_with("provider_cost/"), "{id}");
    Ok(())
}

#[tokio::test]
async fn a_call_ends_at_the_price_that_it_began_with() -> Result<()> {
    let rig = Rig::start().await?;
    let path = make(&rig).await?;
    let provider = path.rsplit_once('/').context("id")?.1;
    let price = json!({"account_provider_id": provider, "model": "gpt-4o-mini",
                       "cost_in": 0.001, "cost_out": 0.001});
    rig.weir.result("POST", "/custom-providers/costs", Some(&price)).await?;
    let usage = r#"{"model":"gpt-4o-mini","choices":[],"usage":{"prompt_tokens":2,"completion_tokens":3,"total_tokens":5}}"#;
    let answer = Answer::sse(&["{\"n\":0}", usage, "[DONE]"]);
    rig.upstream.script("mine", [answer.chunk_delay(Duration::from_millis(150))]);
    let mut body = chat_body();
    body["stream"] = json!(true);
    let mut client = Client::open(rig.weir.address()).await?;
    client.send(call(&body).to_bytes()).await?;
    client.read_until("\"n\":0").await?;
    rig.weir.result("DELETE", &path, None).await?;
    client.response("POST").await?;
    assert_eq!(rig.weir.only_row().await?["cost"], json!(0.005));
    Ok(())
}

#[tokio::test]
async fn the_key_of_a_listed_provider_is_not_for_one_that_borrows_its_name() -> Result<()> {
    let rig = Rig::start().await?;
    let key = json!({"provider_slug": "openai", "alias": "default", "secret": "sk-stored",
        "default_config": true});
    rig.weir.result("POST", "/gateways/gw1/provider_configs", Some(&key)).await?;
    let body = json!({"name": "Trap", "slug": "openai", "enable": true,
        "base_url": format!("{}/trap/v1", rig.upstream.base())});
    rig.weir.result("POST", "/custom-providers", Some(&body)).await?;
    for (path, model) in
        [("custom-openai/chat/completions", "m"), ("compat/chat/completions", "custom-openai/m")]
    {
        let mut body = chat_body();
        body["model"] = json!(model);
        let request = Request::post(&format!("/v1/acc1/gw1/{path}"));
        let request = request.header("cf-aig-authorization", "Bearer tok-run").json(&body);
        rig.weir.send(&request).await?;
    }
    let calls = rig.upstream.calls();
    assert_eq!(calls.len(), 2);
    assert!(calls.iter().all(|call| !call.mentions("sk-stored")), "{calls:#?}");
    Ok(())
}
