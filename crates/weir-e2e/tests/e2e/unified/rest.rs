//! The API host: names of its catalogue, paths and their aliases, who may call, and `ai/run`.

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use weir_e2e::http::{Request, Response};
use weir_e2e::upstream::Answer;
use weir_e2e::weir::Config;

use super::rig::{compat, is_done, rest, store};
use crate::rig::Rig;

const PLATFORM: &str = "sk-platform-canary";

fn chat(model: &str) -> Value {
    json!({"model": model, "max_tokens": 50, "messages": [{"role": "user", "content": "hi"}]})
}

/// Keys of the operator's for three providers.
fn with_platform_keys(config: Config) -> Config {
    ["openai", "anthropic", "grok"].into_iter().fold(config, |config, slug| {
        config.set(&["providers", slug, "platform_key"], json!(PLATFORM))
    })
}

/// A gateway whose account has credits and platform keys.
async fn paid() -> Result<Rig> {
    let rig =
        Rig::start_with(|config| with_platform_keys(config).gateway("default", &json!({}))).await?;
    rig.weir.result("POST", "/billing/topup", Some(&json!({"amount": 10_000}))).await?;
    Ok(rig)
}

fn codes(response: &Response) -> (u16, Option<u64>) {
    (response.status, response.code())
}

#[tokio::test]
async fn names_are_those_of_the_catalogue() -> Result<()> {
    let rig = paid().await?;
    for (path, model, target, body_model) in [
        ("v1/chat/completions", "openai/gpt-4.1", "/openai/v1/chat/completions", "gpt-4.1"),
        ("v1/responses", "openai/gpt-4.1", "/openai/v1/responses", "gpt-4.1"),
        ("v1/messages", "anthropic/claude-haiku-4.5", "/anthropic/v1/messages", "claude-haiku-4-5"),
        (
            "v1/v1/messages",
            "anthropic/claude-haiku-4.5",
            "/anthropic/v1/messages",
            "claude-haiku-4-5",
        ),
        (
            "v1/chat/completions",
            "anthropic/claude-haiku-4.5",
            "/anthropic/v1/messages",
            "claude-haiku-4-5",
        ),
        ("v1/chat/completions", "xai/grok-4.20", "/grok/v1/chat/completions", "grok-4.20"),
    ] {
        let mut body = chat(model);
        body["input"] = json!("hi");
        if path == "v1/responses" {
            body = json!({"model": model, "input": "hi"});
        }
        let answer = rig.weir.send(&rest(path, &body)).await?;
        assert_eq!(answer.status, 200, "{path} {model}: {}", answer.text());
        let calls = rig.upstream.calls();
        let call = calls.last().context("a call")?;
        assert_eq!(format!("/{}{}", call.provider, call.target), target);
        assert_eq!(call.json()["model"], body_model);
        assert!(call.mentions(PLATFORM) && !call.mentions("tok-run"), "{call:#?}");
    }
    for model in ["anthropic/claude-haiku-4-5", "anthropic/claude-haiku-9.9", "opnai/x", "gpt-4.1"]
    {
        let answer = rig.weir.send(&rest("v1/chat/completions", &chat(model))).await?;
        assert_eq!(codes(&answer), (404, Some(7003)), "{model}: {}", answer.text());
        let body = answer.json()?;
        assert_eq!(body["errors"][0]["code"], 7003);
        assert!(
            body["errors"][0]["message"].as_str().is_some_and(|it| it.contains("Model not found"))
        );
    }
    Ok(())
}

#[tokio::test]
async fn workers_ai_goes_through_a_gateway_when_one_is_named() -> Result<()> {
    let rig = Rig::start_with(|config| {
        config.set(&["providers", "workers-ai", "platform_key"], json!(PLATFORM))
    })
    .await?;
    let request = |path: &str, body: &Value| rest(path, body);
    let body = json!({"prompt": "hi"});
    let direct = rig.weir.send(&request("run/@cf/meta/llama-3.1-8b-instruct", &body)).await?;
    assert_eq!(direct.status, 200, "{}", direct.text());
    assert_eq!(direct.header("cf-aig-log-id"), None);
    let named =
        request("run/@cf/meta/llama-3.1-8b-instruct", &body).header("cf-aig-gateway-id", "gw1");
    let named = rig.weir.send(&named).await?;
    assert_eq!((named.status, named.text()), (200, direct.text()));
    let row = rig.weir.only_row().await?;
    assert_eq!(row["provider"], "workers-ai");
    assert_eq!(row["model"], "@cf/meta/llama-3.1-8b-instruct");
    for call in rig.upstream.calls() {
        assert!(call.target.ends_with("/ai/run/@cf/meta/llama-3.1-8b-instruct"), "{call:#?}");
        assert_eq!(call.json(), body);
    }
    Ok(())
}

#[tokio::test]
async fn the_default_gateway_is_made_by_the_first_call() -> Result<()> {
    let rig = Rig::start_with(with_platform_keys).await?;
    rig.weir.result("POST", "/billing/topup", Some(&json!({"amount": 10_000}))).await?;
    assert_eq!(rig.weir.manage("GET", "/gateways/default", None).await?.status, 404);
    let answer = rig.weir.send(&rest("v1/chat/completions", &chat("openai/gpt-4.1"))).await?;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let made = rig.weir.result("GET", "/gateways/default", None).await?;
    assert_eq!(made["authentication"], true);
    let unknown = rest("v1/chat/completions", &chat("openai/gpt-4.1"));
    let unknown = rig.weir.send(&unknown.header("cf-aig-gateway-id", "nowhere")).await?;
    assert_eq!(codes(&unknown), (400, Some(2001)), "{}", unknown.text());
    Ok(())
}

#[tokio::test]
async fn only_a_token_lets_in() -> Result<()> {
    let rig = Rig::start_with(|config| {
        with_platform_keys(config)
            .gateway("open", &json!({"authentication": false}))
            .token("other", "tok-other", "acc2", &["*"])
            .token("reader", "tok-reader", "acc1", &["AI Gateway Read"])
    })
    .await?;
    let target = "/client/v4/accounts/acc1/ai/v1/messages";
    let with = |name: &str, value: &str| {
        Request::post(target).header(name, value).json(&chat("anthropic/claude-haiku-4.5"))
    };
    for (name, value) in [
        ("x-nothing", "x"),
        ("authorization", "Bearer wrong"),
        ("authorization", "Bearer tok-other"),
        ("authorization", "Bearer tok-reader"),
        ("x-api-key", "sk-client"),
    ] {
        for gateway in ["gw1", "open"] {
            let answer =
                rig.weir.send(&with(name, value).header("cf-aig-gateway-id", gateway)).await?;
            assert_eq!(codes(&answer), (401, Some(2009)), "{name}: {value}: {}", answer.text());
        }
    }
    assert!(rig.upstream.calls().is_empty());
    rig.weir.result("POST", "/billing/topup", Some(&json!({"amount": 10_000}))).await?;
    for name in ["authorization", "x-api-key"] {
        let value = if name == "authorization" { "Bearer tok-run" } else { "tok-run" };
        let answer = rig.weir.send(&with(name, value)).await?;
        assert_eq!(answer.status, 200, "{name}: {}", answer.text());
        assert!(rig.upstream.calls().iter().all(|call| !call.mentions("tok-run")));
    }
    Ok(())
}

#[tokio::test]
async fn run_puts_an_answer_into_an_envelope() -> Result<()> {
    let rig = paid().await?;
    let messages = json!([{"role": "user", "content": "hi"}]);
    let body = json!({"model": "openai/gpt-4.1", "input": {"messages": messages}});
    let answer = rig.weir.send(&rest("run", &body)).await?.json()?;
    assert_eq!(answer["state"], "Completed", "{answer}");
    assert_eq!(answer["result"]["choices"][0]["message"]["content"], "pong");
    assert_eq!(answer["gatewayMetadata"]["keySource"], "Unified");
    assert_eq!((&answer["success"], &answer["errors"]), (&json!(true), &json!([])));

    let claude = json!({"model": "anthropic/claude-haiku-4.5",
        "input": {"max_tokens": 9, "messages": messages}});
    let answer = rig.weir.send(&rest("run", &claude)).await?.json()?;
    assert_eq!(answer["result"]["type"], "message", "{answer}");

    let mut streamed = body.clone();
    streamed["input"]["stream"] = json!(true);
    let stream = rig.weir.send(&rest("run", &streamed)).await?;
    assert!(is_done(&stream) && stream.text().starts_with("data: {"), "{}", stream.text());

    let preview = Request::post("/v1/acc1/gw1/run").with_keys().json(&body);
    let preview = rig.weir.send(&preview).await?.json()?;
    assert_eq!((&preview["provider"], &preview["model"]), (&json!("openai"), &json!("gpt-4.1")));
    assert_eq!(preview["state"], "Completed");

    // An envelope of JSON holds no bytes.
    rig.upstream.script("openai", [Answer::bytes(200, "audio/wav", &b"\x00\xff"[..])]);
    let speech = json!({"model": "openai/tts-1", "input": {"input": "hi", "voice": "alloy"}});
    let speech = rig.weir.send(&rest("run", &speech)).await?.json()?;
    assert_eq!(speech["result"], json!({"audio": "data:audio/wav;base64,AP8="}), "{speech}");
    Ok(())
}

#[tokio::test]
async fn run_checks_the_model_then_the_input_then_the_credits() -> Result<()> {
    let rig =
        Rig::start_with(|config| with_platform_keys(config).gateway("default", &json!({}))).await?;
    let good = json!({"messages": [{"role": "user", "content": "hi"}]});
    for (model, input, expected) in [
        ("openai/nothing", json!({}), (404, Some(7003))),
        ("openai/gpt-4.1", json!({}), (400, Some(7003))),
        ("openai/gpt-4.1", json!("hi"), (400, Some(7003))),
        ("openai/gpt-4.1", json!({"messages": "hi"}), (400, Some(7003))),
        ("openai/whisper-1", good.clone(), (400, Some(7003))),
        ("openai/gpt-4.1", good.clone(), (402, Some(2021))),
    ] {
        let answer = rig.weir.send(&rest("run", &json!({"model": model, "input": input}))).await?;
        assert_eq!(codes(&answer), expected, "{model} {input}: {}", answer.text());
    }
    for path in ["v1/chat/completions", "v1/messages", "v1/responses"] {
        let mut body = chat("openai/gpt-4.1");
        body["input"] = json!("hi");
        let answer = rig.weir.send(&rest(path, &body)).await?;
        assert_eq!(codes(&answer), (402, Some(2021)), "{path}: {}", answer.text());
    }
    assert!(rig.upstream.calls().is_empty());
    Ok(())
}

#[tokio::test]
async fn a_refused_key_is_401_when_it_is_the_accounts_and_503_when_it_is_ours() -> Result<()> {
    let rig = paid().await?;
    let body = json!({"model": "openai/gpt-4.1",
        "input": {"messages": [{"role": "user", "content": "hi"}]}});
    let refused = |status| {
        let text = format!("Incorrect API key provided: {PLATFORM}");
        Answer::json(status, &json!({"error": {"message": text, "type": "auth"}}))
    };
    for status in [401, 403] {
        rig.upstream.script("openai", [refused(status)]);
        let ours = rig.weir.send(&rest("run", &body)).await?;
        assert_eq!(codes(&ours), (503, Some(2005)), "{}", ours.text());
        assert!(!ours.text().contains(PLATFORM), "{}", ours.text());
    }
    store(&rig.weir, "openai", "default", "sk-stored").await?;
    for status in [401, 403] {
        rig.upstream.script("openai", [refused(status)]);
        let named = rest("run", &body).header("cf-aig-gateway-id", "gw1");
        let theirs = rig.weir.send(&named).await?;
        assert_eq!(codes(&theirs), (401, Some(2009)), "{}", theirs.text());
    }
    assert_eq!(rig.upstream.calls().len(), 4, "a refused key is not tried again");
    Ok(())
}

#[tokio::test]
async fn a_platform_key_is_shown_nowhere() -> Result<()> {
    let mut rig = paid().await?;
    let mut answers = vec![
        rig.weir.send(&rest("v1/chat/completions", &chat("openai/gpt-4.1"))).await?,
        rig.weir.send(&rest("v1/messages", &chat("anthropic/claude-haiku-4.5"))).await?,
    ];
    // On the data host too, when no key comes along.
    let bare = Request::post("/v1/acc1/gw1/compat/chat/completions")
        .header("cf-aig-authorization", "Bearer tok-run")
        .json(&chat("openai/gpt-4o-mini"));
    answers.push(rig.weir.send(&bare).await?);
    answers.push(rig.weir.send(&compat("models", &json!({}))).await?);
    for path in ["/gateways/gw1/logs", "/gateways/default/logs", "/audit"] {
        answers.push(rig.weir.manage("GET", path, None).await?);
    }
    for answer in &answers {
        assert!(!answer.text().contains(PLATFORM), "{}", answer.text());
        assert!(answer.head.headers.iter().all(|(_, value)| !value.contains(PLATFORM)));
    }
    assert_eq!(rig.upstream.calls().iter().filter(|call| call.mentions(PLATFORM)).count(), 3);
    rig.weir.stop().await?;
    assert!(!rig.weir.output().contains(PLATFORM));
    for (name, bytes) in rig.weir.files()? {
        let found = bytes.windows(PLATFORM.len()).any(|part| part == PLATFORM.as_bytes());
        assert!(!found, "{name} holds the platform key");
    }
    Ok(())
}
