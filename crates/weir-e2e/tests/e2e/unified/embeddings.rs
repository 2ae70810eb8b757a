//! Vectors from every provider that has them, in OpenAI's form and in Gemini's.

use anyhow::{Context as _, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use weir_e2e::http::{Request, Response};
use weir_e2e::upstream::Answer;

use super::rig::{self, Simulated, rest, store};
use crate::rig::Rig;

/// Models, and how many inputs one call takes at least.
const MODELS: [(&str, usize); 8] = [
    ("openai/text-embedding-3-small", 2),
    ("google-ai-studio/gemini-embedding-001", 2),
    ("google-vertex-ai/text-embedding-005", 2),
    ("aws-bedrock/amazon.titan-embed-text-v2:0", 1),
    ("aws-bedrock/cohere.embed-english-v3", 2),
    ("cohere/embed-v4.0", 2),
    ("mistral/codestral-embed", 2),
    ("workers-ai/@cf/baai/bge-base-en-v1.5", 2),
];

fn request(path: &str, model: &str, body: &Value, account: &str) -> Request {
    let key = if model.contains("vertex") { account } else { "sk-client" };
    Request::post(&format!("/v1/acc1/gw1/compat/{path}"))
        .header("cf-aig-authorization", "Bearer tok-run")
        .header("authorization", format!("Bearer {key}"))
        .json(body)
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().into_iter().flatten().filter_map(Value::as_f64).collect()
}

/// The vectors of an answer in OpenAI's form.
fn vectors(answer: &Response) -> Result<Vec<Vec<f64>>> {
    let body = answer.json()?;
    ensure!(answer.status == 200 && body["object"] == "list", "{} {body}", answer.status);
    let data = body["data"].as_array().context("data")?;
    let vector = |(index, row): (usize, &Value)| {
        ensure!(row["index"] == index && row["object"] == "embedding", "{row}");
        match row["embedding"].as_str() {
            None => Ok(numbers(&row["embedding"])),
            Some(text) => {
                let bytes = STANDARD.decode(text)?;
                let (floats, _) = bytes.as_chunks::<4>();
                Ok(floats.iter().map(|four| f64::from(f32::from_le_bytes(*four))).collect())
            }
        }
    };
    data.iter().enumerate().map(vector).collect()
}

async fn one(world: &Simulated, model: &str, inputs: usize, account: &str) -> Result<()> {
    let ask = |input: Value, format: &str| {
        let body = json!({"model": model, "input": input, "encoding_format": format});
        request("embeddings", model, &body, account)
    };
    let answer = world.weir.send(&ask(json!("a river"), "float")).await?;
    let plain = vectors(&answer)?;
    ensure!(plain.len() == 1 && plain[0].len() > 3, "{}", answer.text());
    let row = rig::row(&world.weir, &answer).await?;
    ensure!(row["success"] == true && row["model_type"] == "embeddings", "{row:#}");
    let encoded = world.weir.send(&ask(json!("a river"), "base64")).await?;
    ensure!(encoded.json()?["data"][0]["embedding"].is_string(), "{}", encoded.text());
    let near = |a: &f64, b: &f64| (a - b).abs() < 1e-6;
    let same =
        |a: &[f64], b: &[f64]| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| near(a, b));
    ensure!(same(&plain[0], &vectors(&encoded)?[0]), "base64 differs");
    let two = world.weir.send(&ask(json!(["a river", "a town"]), "float")).await?;
    if inputs > 1 {
        let both = vectors(&two)?;
        ensure!(both.len() == 2 && both[0] != both[1], "{}", two.text());
        ensure!(same(&plain[0], &both[0]), "alone and in a list it differs");
    } else {
        ensure!(two.status == 400 && two.json()?["error"]["param"] == "input", "{}", two.text());
    }
    let tokens = world.weir.send(&ask(json!([[1, 2, 3]]), "float")).await?;
    let is_openai = ["openai/", "mistral/", "workers-ai/"].iter().any(|it| model.starts_with(it));
    if !is_openai {
        ensure!(
            tokens.status == 400 && tokens.json()?["error"]["param"] == "input",
            "{}",
            tokens.text()
        );
    }
    Ok(())
}

#[tokio::test]
async fn every_provider_of_vectors_answers_openais_clients() -> Result<()> {
    let world = Simulated::start().await?;
    let account = rig::base64(&world.service_account(Some("europe-west4"))?);
    rig::all(MODELS.map(|(model, inputs)| {
        let (world, account) = (&world, &account);
        async move { one(world, model, inputs, account).await.context(model) }
    }))
    .await
}

#[tokio::test]
async fn every_provider_of_vectors_answers_geminis_clients() -> Result<()> {
    let world = Simulated::start().await?;
    let account = rig::base64(&world.service_account(Some("europe-west4"))?);
    rig::all(MODELS.map(|(model, inputs)| {
        let (world, account) = (&world, &account);
        async move {
            let content = json!({"parts": [{"text": "a river"}]});
            let path = format!("v1beta/models/{model}");
            let alone = json!({"content": content});
            let alone = request(&format!("{path}:embedContent"), model, &alone, account);
            let alone = world.weir.send(&alone).await?;
            ensure!(alone.status == 200, "{model}: {} {}", alone.status, alone.text());
            let values = numbers(&alone.json()?["embedding"]["values"]);
            ensure!(values.len() > 3, "{model}: {}", alone.text());
            if inputs > 1 {
                let entry = json!({"model": format!("models/{model}"), "content": content});
                let batch = json!({"requests": [entry, entry]});
                let batch = request(&format!("{path}:batchEmbedContents"), model, &batch, account);
                let batch = world.weir.send(&batch).await?;
                let body = batch.json()?;
                ensure!(batch.status == 200, "{model}: {} {body}", batch.status);
                ensure!(numbers(&body["embeddings"][1]["values"]).len() == values.len(), "{body}");
            }
            Ok(())
        }
    }))
    .await
}

#[tokio::test]
async fn providers_without_vectors_say_so() -> Result<()> {
    let world = Simulated::start().await?;
    for model in ["anthropic/claude-haiku-4-5", "deepseek/deepseek-chat", "cerebras/llama3.1-8b"] {
        let body = json!({"model": model, "input": "hi"});
        let answer = world.weir.send(&request("embeddings", model, &body, "")).await?;
        assert_eq!((answer.status, answer.code()), (400, Some(2008)), "{}", answer.text());
    }
    store(&world.weir, "openai", "default", "sk-stored").await?;
    let body = json!({"model": "openai/text-embedding-3-small", "input": "hi"});
    let answer = rest("v1/embeddings", &body).header("cf-aig-gateway-id", "gw1");
    assert_eq!(vectors(&world.weir.send(&answer).await?)?.len(), 1);
    Ok(())
}

/// OpenAI's SDKs ask for base64 by themselves, and read numbers as if they were it.
#[tokio::test]
async fn a_server_that_knows_no_base64_is_helped_out() -> Result<()> {
    let rig = Rig::start().await?;
    let numbers = json!({"object": "list", "model": "m", "usage": {"prompt_tokens": 2},
        "data": [{"object": "embedding", "index": 0, "embedding": [1.0, -0.5]}]});
    for (input, format, expected) in [
        (json!(["hi"]), "base64", json!("AACAPwAAAL8=")),
        (json!(["hi"]), "float", json!([1.0, -0.5])),
        // Tokens mean something to the server alone, so they pass as they are.
        (json!([[1, 2]]), "base64", json!([1.0, -0.5])),
    ] {
        rig.upstream.script("mistral", [Answer::json(200, &numbers)]);
        let body = json!({"model": "mistral/mistral-embed", "input": input,
            "encoding_format": format});
        let answer = rig.weir.send(&request("embeddings", "mistral", &body, "")).await?;
        let got = answer.json()?;
        assert_eq!(got["data"][0]["embedding"], expected, "{input} {format}: {got}");
        assert_eq!(got["usage"]["prompt_tokens"], 2, "{got}");
        let calls = rig.upstream.calls();
        assert_eq!(calls.last().context("a call")?.json()["input"], input);
    }
    Ok(())
}
