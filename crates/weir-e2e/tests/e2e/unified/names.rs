//! What a model's name means, and which names there are.

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use weir_e2e::http::Request;
use weir_e2e::upstream::{Answer, Upstream};
use weir_e2e::weir::{Config, Weir};

use super::rig::{compat, rest};
use crate::rig::Rig;

fn chat(model: &str) -> Value {
    json!({"model": model, "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]})
}

#[tokio::test]
async fn a_gateways_own_names_come_first() -> Result<()> {
    let aliases = json!({"model_aliases": {
        "claude-*": "openai/gpt-4o-mini",
        "claude-opus-*": "anthropic/claude-haiku-4-5",
        "claude-opus-4-5": "groq/openai/gpt-oss-20b",
        "fast": "openai/gpt-4.1",
    }});
    let rig = Rig::start_with(|config| config.gateway("named", &aliases)).await?;
    for (path, name, provider, model) in [
        ("v1/messages", "claude-sonnet-9", "openai", "gpt-4o-mini"),
        ("v1/messages", "claude-opus-9", "anthropic", "claude-haiku-4-5"),
        ("v1/messages", "claude-opus-4-5", "groq", "openai/gpt-oss-20b"),
        ("chat/completions", "fast", "openai", "gpt-4.1"),
        ("chat/completions", "grok/grok-4.20", "grok", "grok-4.20"),
    ] {
        let request = Request::post(&format!("/v1/acc1/named/compat/{path}")).with_keys();
        let answer = rig.weir.send(&request.json(&chat(name))).await?;
        assert_eq!(answer.status, 200, "{name}: {}", answer.text());
        let calls = rig.upstream.calls();
        let call = calls.last().context("a call")?;
        assert_eq!((call.provider.as_str(), &call.json()["model"]), (provider, &json!(model)));
    }
    let path = "/v1/acc1/named/compat/v1beta/models/fast:generateContent";
    let body = json!({"contents": [{"parts": [{"text": "hi"}]}]});
    let answer = rig.weir.send(&Request::post(path).with_keys().json(&body)).await?;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(rig.upstream.calls().last().context("a call")?.json()["model"], "gpt-4.1");
    // Other gateways do not know them.
    let answer = rig.weir.send(&compat("chat/completions", &chat("fast"))).await?;
    assert_eq!((answer.status, answer.code()), (400, Some(2008)));
    Ok(())
}

#[tokio::test]
async fn custom_providers_are_called_where_they_are() -> Result<()> {
    let upstream = Upstream::start().await?;
    let places = [
        ("plain", "https://h.example", "/v1/chat/completions", "/v1/embeddings"),
        ("slash", "https://h.example/", "/v1/chat/completions", "/v1/embeddings"),
        ("one", "https://h.example/v1", "/v1/chat/completions", "/v1/embeddings"),
        ("two", "https://h.example/api/v2", "/api/v2/chat/completions", "/api/v2/embeddings"),
        ("prefix", "https://h.example/api", "/api/v1/chat/completions", "/api/v1/embeddings"),
        ("whole", "https://h.example/x/chat/completions", "/x/chat/completions", ""),
    ];
    let config = places.iter().fold(Config::new(&upstream), |config, (slug, base, ..)| {
        let headers = json!({"x-own": "canary"});
        let provider = json!({"slug": slug, "base_url": base, "enable": true, "headers": headers});
        config.custom_provider(&provider, &upstream)
    });
    let off = json!({"slug": "off", "base_url": "https://h.example", "enable": false});
    let weir = Weir::start(&config.custom_provider(&off, &upstream)).await?;
    for (slug, _, chats, embeds) in places {
        let model = format!("custom-{slug}/org/model");
        let mut wanted = vec![("chat/completions", chats, chat(&model))];
        if !embeds.is_empty() {
            wanted.push(("embeddings", embeds, json!({"model": model, "input": "hi"})));
        }
        wanted.push(("v1/messages", chats, chat(&model)));
        for (path, target, body) in wanted {
            let answer = weir.send(&compat(path, &body)).await?;
            assert_eq!(answer.status, 200, "{slug} {path}: {}", answer.text());
            let calls = upstream.calls();
            let call = calls.last().context("a call")?;
            assert_eq!(
                (call.provider.clone(), call.target.as_str()),
                (format!("custom-{slug}"), target)
            );
            assert_eq!(call.json()["model"], "org/model");
            assert_eq!(call.header("authorization"), Some("Bearer sk-client"));
            assert_eq!(call.header("x-own"), Some("canary"));
        }
    }
    let before = upstream.calls().len();
    for model in ["custom-off/m", "custom-nobody/m"] {
        let answer = weir.send(&compat("chat/completions", &chat(model))).await?;
        assert_eq!((answer.status, answer.code()), (400, Some(2008)), "{}", answer.text());
    }
    assert_eq!(upstream.calls().len(), before);
    Ok(())
}

#[tokio::test]
async fn names_that_mean_nothing_are_refused() -> Result<()> {
    let rig = Rig::start().await?;
    for (model, expected) in [
        ("gpt-4o-mini", (400, Some(2008))),
        ("opnai/gpt-4o-mini", (400, Some(2008))),
        ("/gpt", (400, Some(2008))),
        ("openai/", (400, Some(2008))),
        ("@cf/meta/llama-3.1-8b-instruct", (400, Some(2008))),
        ("elevenlabs/eleven_v3", (400, Some(2008))),
        ("dynamic/x", (404, Some(2904))),
    ] {
        let answer = rig.weir.send(&compat("chat/completions", &chat(model))).await?;
        assert_eq!((answer.status, answer.code()), expected, "{model:?}: {}", answer.text());
    }
    for body in [json!({"messages": []}), json!({"model": ""}), json!({"model": 5}), json!("hi")] {
        let answer = rig.weir.send(&compat("chat/completions", &body)).await?;
        assert_eq!((answer.status, answer.code()), (400, Some(2900)), "{body}: {}", answer.text());
    }
    let answer =
        rig.weir.send(&compat("audio/speech", &chat("anthropic/claude-haiku-4-5"))).await?;
    assert_eq!((answer.status, answer.code()), (400, Some(2008)), "{}", answer.text());
    assert!(rig.upstream.calls().is_empty());
    Ok(())
}

#[tokio::test]
async fn models_are_listed_in_the_form_of_whoever_asks() -> Result<()> {
    let rig = Rig::start().await?;
    let get = |path: &str| Request::get(path);
    let on_data = "/v1/acc1/gw1/compat";
    let with_token = |request: Request| request.header("authorization", "Bearer tok-run");
    let lists = [
        (get(&format!("{on_data}/models")), "/data", "id", "openai/gpt-4o-mini"),
        (
            get(&format!("{on_data}/v1/models")).header("anthropic-version", "2023-06-01"),
            "/data",
            "id",
            "anthropic/claude-haiku-4-5",
        ),
        (
            get(&format!("{on_data}/v1beta/models")),
            "/models",
            "name",
            "models/google-ai-studio/gemini-2.5-flash",
        ),
        (get("/client/v4/accounts/acc1/ai/v1/models"), "/data", "id", "anthropic/claude-haiku-4.5"),
    ];
    for (request, place, key, expected) in lists {
        let refused = rig.weir.send(&request).await?;
        assert_eq!((refused.status, refused.code()), (401, Some(2009)), "{}", refused.text());
        let answer = rig.weir.send(&with_token(request.clone())).await?;
        let body = answer.json()?;
        let models = body.pointer(place).and_then(Value::as_array).context("a list")?;
        assert!(
            models.iter().any(|model| model[key] == expected),
            "{}: {expected}",
            request.target
        );
        let anthropic = body["has_more"] == false && models[0]["type"] == "model";
        assert_eq!(anthropic, request.headers.iter().any(|(name, _)| name == "anthropic-version"));
    }
    assert!(rig.upstream.calls().is_empty());
    Ok(())
}

#[tokio::test]
async fn tokens_are_counted_by_the_provider_or_estimated() -> Result<()> {
    let rig = Rig::start().await?;
    let counted = Answer::json(200, &json!({"input_tokens": 42, "totalTokens": 43}));
    for slug in ["anthropic", "google-ai-studio"] {
        rig.upstream.script(slug, [counted.clone()]);
    }
    let gemini = json!({"contents": [{"parts": [{"text": "How is the river today?"}]}]});
    let count = |model: &str| compat("v1/messages/count_tokens", &chat(model));
    let own = rig.weir.send(&count("anthropic/claude-haiku-4-5")).await?;
    assert_eq!(own.json()?["input_tokens"], 42);
    let own = compat("v1beta/models/google-ai-studio/gemini-2.5-flash:countTokens", &gemini);
    assert_eq!(rig.weir.send(&own).await?.json()?["totalTokens"], 43);
    let calls = rig.upstream.calls().len();
    let small = rig.weir.send(&count("openai/gpt-4o-mini")).await?.json()?;
    let small = small["input_tokens"].as_u64().context("a count")?;
    let mut long = chat("cohere/command-a-03-2025");
    long["messages"][0]["content"] = json!("many words here ".repeat(100));
    let long = rig.weir.send(&compat("v1/messages/count_tokens", &long)).await?.json()?;
    let long = long["input_tokens"].as_u64().context("a count")?;
    assert!((1..30).contains(&small) && (200..900).contains(&long), "{small} and {long}");
    let gemini = compat("v1beta/models/openai/gpt-4o-mini:countTokens", &gemini);
    let gemini = rig.weir.send(&gemini).await?.json()?;
    assert!(
        gemini["totalTokens"].as_u64().is_some_and(|count| (3..30).contains(&count)),
        "{gemini}"
    );
    let rest = rest("v1/messages/count_tokens", &chat("openai/gpt-4.1"));
    assert!(rig.weir.send(&rest).await?.json()?["input_tokens"].is_u64());
    assert_eq!(rig.upstream.calls().len(), calls, "an estimate asks nobody");
    Ok(())
}
