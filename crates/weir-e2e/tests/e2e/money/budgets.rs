//! Budgets of the account and of tokens.

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use weir_e2e::http::Request;
use weir_e2e::upstream::Answer;

use super::rig::{budget, labelled, settled, start, statuses};
use crate::rig::Rig;
use crate::traffic::rig::{advance, ask, asking, completion};

fn session(name: &str) -> Request {
    ask("x").header("cf-aig-session-id", name)
}

fn groq() -> Request {
    let body = json!({"model": "small", "messages": [{"role": "user", "content": "hi"}]});
    Request::call("groq/chat/completions", &body)
}

/// Each dimension with calls of it: what it refuses is the same value again, and nobody else.
#[tokio::test]
async fn each_dimension_counts_its_own() -> Result<()> {
    let label = |key: &str, value: &str| labelled(&json!({key: value}));
    for (by, values, requests, expected) in [
        ("account", json!([]), vec![ask("a"), groq()], vec![200, 429]),
        ("gateway", json!([]), vec![ask("a"), ask("b")], vec![200, 429]),
        ("gateway", json!(["other"]), vec![ask("a"), ask("b")], vec![200, 200]),
        ("token", json!([]), vec![ask("a"), ask("b")], vec![200, 429]),
        ("provider", json!([]), vec![ask("a"), groq(), ask("b")], vec![200, 200, 429]),
        ("model", json!([]), vec![ask("a"), groq(), ask("b")], vec![200, 200, 429]),
        ("model", json!(["openai/gpt-*"]), vec![ask("a"), groq(), ask("b")], vec![200, 200, 429]),
        ("model", json!(["openai/o*"]), vec![ask("a"), ask("b")], vec![200, 200]),
        (
            "session",
            json!([]),
            vec![session("s1"), session("s2"), session("s1"), ask("a")],
            vec![200, 200, 429, 200],
        ),
        (
            "team",
            json!([]),
            vec![label("team", "a"), label("team", "b"), label("team", "a"), ask("x")],
            vec![200, 200, 429, 200],
        ),
        (
            "metadata.user",
            json!(["a"]),
            vec![label("user", "a"), label("user", "a"), label("user", "b"), label("user", "b")],
            vec![200, 429, 200, 200],
        ),
        // Nobody is known.
        ("user", json!([]), vec![ask("a"), ask("b")], vec![200, 200]),
    ] {
        let rig = start(&json!({})).await?;
        rig.upstream.script("groq", [Answer::json(200, &completion("pong"))]);
        budget(&rig, &json!({"by": by, "values": values})).await?;
        assert_eq!(statuses(&rig, &requests).await?, expected, "{by} {values}");
    }
    Ok(())
}

#[tokio::test]
async fn each_unit_is_counted() -> Result<()> {
    for (unit, limit, expected) in [
        ("dollars", json!(0.04), [200, 200, 429]),
        ("requests", json!(2), [200, 200, 429]),
        // 15 tokens each; about 15 are set apart before.
        ("tokens", json!(30), [200, 200, 429]),
    ] {
        let rig = start(&json!({})).await?;
        budget(&rig, &json!({"unit": unit, "limit": limit})).await?;
        let got = statuses(&rig, &[ask("a"), ask("b"), ask("c")]).await?;
        assert_eq!(got, expected, "{unit}");
    }
    let rig = start(&json!({})).await?;
    budget(&rig, &json!({"unit": "seconds", "limit": 30, "by": "session"})).await?;
    assert_eq!(statuses(&rig, &[session("a"), session("a")]).await?, [200, 200]);
    advance(&rig, 31)?;
    assert_eq!(statuses(&rig, &[session("a"), session("b")]).await?, [429, 200]);
    Ok(())
}

#[tokio::test]
async fn callers_are_warned_before_they_are_refused() -> Result<()> {
    let rig = start(&json!({})).await?;
    budget(&rig, &json!({"name": "Team A", "limit": 0.04, "soft": 0.5})).await?;
    let first = settled(&rig, &ask("a")).await?;
    assert_eq!(first.header("weir-budget"), None);
    let second = settled(&rig, &ask("b")).await?;
    let told = "name=\"Team A\";used=0.50;limit=0.04;unit=dollars";
    assert_eq!((second.status, second.header("weir-budget")), (200, Some(told)));
    let refused = settled(&rig, &ask("c")).await?;
    assert_eq!(refused.status, 429);
    let text = refused.text();
    assert!(text.contains("budget 'Team A' (0.04 dollars daily) for openai gpt-4o-mini"), "{text}");
    assert!(refused.header("weir-budget").is_some_and(|it| it.contains("used=1.00")));
    let metrics = rig.weir.send(&Request::get("/metrics")).await?.text();
    assert!(metrics.contains("weir_budget_warnings_total 1"), "once for each bucket and span");
    let id = second.header("cf-aig-log-id").unwrap_or_default();
    let told = rig.weir.result("GET", &format!("/gateways/gw1/logs/{id}/explain"), None).await?;
    assert_eq!(told["budgets"][0]["name"], "Team A", "{told:#}");
    Ok(())
}

#[tokio::test]
async fn a_soft_budget_refuses_nobody() -> Result<()> {
    let rig = start(&json!({})).await?;
    budget(&rig, &json!({"hard": false})).await?;
    assert_eq!(statuses(&rig, &[ask("a"), ask("b")]).await?, [200, 200]);
    let over = settled(&rig, &ask("c")).await?;
    assert_eq!(over.status, 200);
    assert!(over.header("weir-budget").is_some_and(|it| it.contains("used=2.00")));
    Ok(())
}

/// Makes a token and gives a call with it, as `tok` stands in the call.
async fn with_token(rig: &Rig, fields: &Value) -> Result<String> {
    let mut token = json!({"name": "agent", "permissions": ["AI Gateway Run"]});
    let fields = fields.as_object().cloned().unwrap_or_default();
    token.as_object_mut().into_iter().for_each(|it| it.extend(fields.clone()));
    let request = Request::post("/client/v4/accounts/acc1/tokens")
        .header("authorization", "Bearer tok-admin")
        .json(&token);
    let made = rig.weir.send(&request).await?.json()?;
    let value = made["result"]["value"].as_str();
    Ok(value.with_context(|| made.to_string())?.to_owned())
}

fn by(token: &str, model: &str) -> Request {
    let mut body = asking("x");
    body["model"] = json!(model);
    Request::post("/v1/acc1/gw1/openai/chat/completions")
        .header("cf-aig-authorization", format!("Bearer {token}"))
        .header("authorization", "Bearer sk-client")
        .json(&body)
}

#[tokio::test]
async fn a_token_has_budgets_and_models_of_its_own() -> Result<()> {
    let rig = start(&json!({})).await?;
    let budgets = json!([{"unit": "dollars", "limit": 0.02, "period": "daily"}]);
    let poor = with_token(&rig, &json!({"budgets": budgets})).await?;
    let mini = "gpt-4o-mini";
    assert_eq!(
        statuses(&rig, &[by(&poor, mini), by(&poor, mini), ask("a")]).await?,
        [200, 429, 200]
    );

    let models = json!(["openai/gpt-4o-*"]);
    let narrow = with_token(&rig, &json!({"name": "narrow", "models": models})).await?;
    assert_eq!(settled(&rig, &by(&narrow, mini)).await?.status, 200);
    let refused = settled(&rig, &by(&narrow, "o3")).await?;
    assert_eq!(refused.status, 403);
    let hint = refused.header("weir-hint").unwrap_or_default();
    assert!(hint.contains("openai/gpt-4o-*"), "{hint}");
    Ok(())
}

#[tokio::test]
async fn the_models_of_a_token_hold_however_one_is_named() -> Result<()> {
    let rig = start(&json!({})).await?;
    let models = json!(["fal-ai/flux", "gemini-small"]);
    let narrow = with_token(&rig, &json!({"models": models})).await?;
    let to = |path: &str| {
        Request::post(&format!("/v1/acc1/gw1/{path}"))
            .header("cf-aig-authorization", format!("Bearer {narrow}"))
            .json(&json!({"prompt": "x"}))
    };
    // At this provider a header says where a call goes, whatever the path says.
    let by_header = |path: &str, named: &str| {
        to(path).header("x-fal-target-url", format!("https://fal.run/{named}"))
    };
    let gemini = |name: &str| to(&format!("google-ai-studio/v1beta/models/{name}:generateContent"));
    for (request, status) in [
        (to("fal/fal-ai/flux"), 200),
        (by_header("fal", "fal-ai/flux"), 200),
        (by_header("fal/fal-ai/flux", "fal-ai/costly"), 403),
        (gemini("gemini-small"), 200),
        (gemini("gemini%2Dsmall"), 200),
        (gemini("gemini-large"), 403),
        (gemini("gemini-small/../gemini-large"), 400),
        (gemini("gemini-small/%2e%2E/gemini-large"), 400),
    ] {
        let answer = settled(&rig, &request).await?;
        assert_eq!(answer.status, status, "{request:?}: {}", answer.text());
    }
    Ok(())
}

#[tokio::test]
async fn a_limit_of_a_model_holds_whatever_the_body_is_said_to_be() -> Result<()> {
    let rule = json!({"id": "mini", "model": {"mode": "filter", "values": ["gpt-4o-mini"]}});
    let rig = start(&super::rig::limits(&[rule])).await?;
    assert_eq!(settled(&rig, &ask("a")).await?.status, 200);
    let body = asking("b").to_string();
    for content_type in ["application/json", "application/JSON", "text/plain"] {
        let request = Request::post("/v1/acc1/gw1/openai/chat/completions").with_keys();
        let request = request.header("content-type", content_type).body(body.clone());
        let answer = settled(&rig, &request).await?;
        assert_eq!(answer.status, 429, "{content_type}: {}", answer.text());
    }
    Ok(())
}
