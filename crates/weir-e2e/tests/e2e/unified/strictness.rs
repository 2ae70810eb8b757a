//! Parameters that a provider does not have: dropped and named, or refused.

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use weir_e2e::http::{Request, Response};

use super::door::Door;
use super::rig::{self, Simulated};

/// Door, model, what is put into the body (at a JSON pointer), and the client's name of it.
type Case = (Door, &'static str, &'static str, Value, &'static str);

const CLAUDE: &str = "anthropic/claude-haiku-4-5";
const GEMINI: &str = "google-ai-studio/gemini-2.5-flash";
const GPT: &str = "openai/gpt-4o-mini";

/// What only tunes the answer.
fn tunes() -> Vec<Case> {
    vec![
        (Door::Chat, CLAUDE, "/seed", json!(1), "seed"),
        (
            Door::Chat,
            CLAUDE,
            "/prediction",
            json!({"type": "content", "content": "x"}),
            "prediction",
        ),
        (Door::Chat, "cohere/command-a-03-2025", "/user", json!("u"), "user"),
        (Door::Chat, "aws-bedrock/us.amazon.nova-lite-v1:0", "/seed", json!(1), "seed"),
        (Door::Messages, GPT, "/top_k", json!(5), "top_k"),
        (Door::Generate, GPT, "/generationConfig", json!({"topK": 5}), "generationConfig.topK"),
    ]
}

/// What changes its meaning.
fn changes() -> Vec<Case> {
    vec![
        (Door::Chat, CLAUDE, "/n", json!(2), "n"),
        (Door::Chat, CLAUDE, "/logit_bias", json!({"50256": -100}), "logit_bias"),
        (Door::Chat, CLAUDE, "/logprobs", json!(true), "logprobs"),
        (Door::Chat, GEMINI, "/logit_bias", json!({"50256": -100}), "logit_bias"),
        (Door::Chat, "groq/openai/gpt-oss-20b", "/n", json!(2), "n"),
        (Door::Responses, CLAUDE, "/previous_response_id", json!("resp_1"), "previous_response_id"),
        (Door::Responses, CLAUDE, "/background", json!(true), "background"),
        (
            Door::Messages,
            GPT,
            "/tools",
            json!([{"type": "computer_20250124", "name": "computer"}]),
            "tools",
        ),
        (Door::Generate, GPT, "/cachedContent", json!("cachedContents/1"), "cachedContent"),
    ]
}

fn request(gateway: &str, (door, model, place, value, _): &Case) -> Request {
    let mut body = door.body(model, "hi", false);
    body[place.trim_start_matches('/')] = value.clone();
    let path = format!("/v1/acc1/{gateway}/compat/{}", door.path(model, false));
    Request::post(&path).with_keys().json(&body)
}

/// A refusal in the client's own dialect that names the parameter.
fn is_refusal(answer: &Response, case: &Case) -> Result<()> {
    let body = answer.json()?;
    let shown = format!("{case:?}: {} {body}", answer.status);
    ensure!(answer.status == 400 && answer.code().is_none(), "{shown}");
    let (kind, message) = case.0.error(&body)?;
    ensure!(message.contains(case.4.split('.').next_back().unwrap_or_default()), "{shown}");
    match case.0 {
        Door::Chat | Door::Responses => {
            let param = body["error"]["param"].as_str().unwrap_or_default();
            ensure!(param.starts_with(case.4), "{shown}");
            ensure!(kind == "invalid_request_error", "{shown}");
            ensure!(body["error"]["code"] == "unsupported_parameter", "{shown}");
        }
        Door::Messages => ensure!(kind == "invalid_request_error", "{shown}"),
        Door::Generate => ensure!(kind == "INVALID_ARGUMENT", "{shown}"),
    }
    Ok(())
}

#[tokio::test]
async fn what_only_tunes_is_dropped_and_named_unless_the_gateway_is_strict() -> Result<()> {
    let strict = json!({"unsupported_parameters": "strict"});
    let world = Simulated::start_with(|config| config.gateway("strict", &strict)).await?;
    rig::all(tunes().into_iter().map(|case| {
        let world = &world;
        async move {
            let answer = world.weir.send(&request("gw1", &case)).await?;
            let shown = format!("{case:?}: {} {}", answer.status, answer.text());
            ensure!(answer.status == 200, "{shown}");
            let dropped = answer.header("cf-aig-dropped-params");
            ensure!(dropped == Some(case.4), "{shown}: dropped {dropped:?}");
            is_refusal(&world.weir.send(&request("strict", &case)).await?, &case)
        }
    }))
    .await
}

#[tokio::test]
async fn what_changes_the_meaning_is_always_refused() -> Result<()> {
    let strict = json!({"unsupported_parameters": "strict"});
    let world = Simulated::start_with(|config| config.gateway("strict", &strict)).await?;
    rig::all(changes().into_iter().map(|case| {
        let world = &world;
        async move {
            let refused = world.weir.send(&request("gw1", &case)).await?;
            is_refusal(&refused, &case)?;
            is_refusal(&world.weir.send(&request("strict", &case)).await?, &case)?;
            let row = rig::row(&world.weir, &refused).await?;
            ensure!(row["status_code"] == 400 && row["success"] == false, "{row:#}");
            ensure!(row["upstream_status_code"].is_null(), "{row:#}");
            Ok(())
        }
    }))
    .await
}
