//! Every door, whole and streamed, on every way to an answer: the same facts in each cell.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use weir_e2e::http::{Request, Response};
use weir_e2e::upstream::Answer;

use super::rig::{asking, called, completion, rows, streamed};
use super::routes::rig::{deploy, end, model, start, world};
use crate::rig::Rig;
use crate::unified::rig::rest;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Door {
    Native,
    Compat,
    Rest,
    Universal,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    Direct,
    Retried,
    FallenBack,
    Cached,
}

const DOORS: [Door; 4] = [Door::Native, Door::Compat, Door::Rest, Door::Universal];

/// Cells that make no sense, and why.
const ABSENT: [(Door, Way, &str); 1] =
    [(Door::Native, Way::FallenBack, "a provider's own path names one provider and no other")];

/// What one cell sends.
fn request(door: Door, stream: bool, way: Way) -> Request {
    let mut body = asking("hi");
    if stream {
        body["stream"] = json!(true);
        body["stream_options"] = json!({"include_usage": true});
    }
    let token = |request: Request| request.header("cf-aig-authorization", "Bearer tok-run");
    let named = if way == Way::FallenBack { "dynamic/two" } else { "openai/gpt-4o-mini" };
    let mut unified = body.clone();
    unified["model"] = json!(named);
    let request = match door {
        Door::Native => token(Request::post("/v1/acc1/gw1/openai/chat/completions")).json(&body),
        Door::Compat => token(Request::post("/v1/acc1/gw1/compat/chat/completions")).json(&unified),
        Door::Rest => rest("v1/chat/completions", &unified).header("cf-aig-gateway-id", "gw1"),
        Door::Universal => {
            let mut second = body.clone();
            second["model"] = json!("small");
            let step = |provider: &str, query: &Value| {
                json!({"provider": provider, "endpoint": "chat/completions", "headers": {},
                    "query": query})
            };
            let mut steps = vec![step("openai", &body)];
            if way == Way::FallenBack {
                steps.push(step("groq", &second));
            }
            token(Request::post("/v1/acc1/gw1")).json(&json!(steps))
        }
    };
    match way {
        Way::Direct | Way::FallenBack => request,
        Way::Retried => {
            request.header("cf-aig-max-attempts", "2").header("cf-aig-retry-delay", "1")
        }
        Way::Cached => request.header("cf-aig-cache-ttl", "60"),
    }
}

/// A row in the words of the facts: provider, model, status, success, cached, tokens, cost.
fn fact(row: &Value) -> Value {
    let cost = row["cost"].as_f64().map(|cost| (cost * 1e6).round() / 1e6);
    json!([
        row["provider"],
        row["model"],
        row["status_code"],
        row["success"],
        row["cached"],
        row["tokens_in"],
        cost.unwrap_or_default()
    ])
}

/// The rows that a way leaves.
fn expected_rows(way: Way) -> Vec<Value> {
    let good = json!(["openai", "gpt-4o-mini", 200, true, false, 10, 0.02]);
    let failed = json!(["openai", "gpt-4o-mini", 503, false, false, null, 0.0]);
    match way {
        Way::Direct => vec![good],
        Way::Retried => vec![failed, good],
        Way::FallenBack => vec![failed, json!(["groq", "small", 200, true, false, 10, 0.2])],
        Way::Cached => vec![good, json!(["openai", "gpt-4o-mini", 200, true, true, 0, 0.0])],
    }
}

fn script(rig: &Rig, stream: bool, way: Way) {
    let good = || if stream { streamed("pong") } else { Answer::json(200, &completion("pong")) };
    let failed = || Answer::json(503, &json!({"error": {"message": "down"}}));
    rig.upstream.script("groq", [good()]);
    match way {
        Way::Direct | Way::Cached => rig.upstream.script("openai", [good()]),
        Way::Retried => rig.upstream.script("openai", [failed(), good()]),
        Way::FallenBack => rig.upstream.script("openai", [failed()]),
    }
}

/// What a scripted provider says, as it says it.
async fn said(stream: bool) -> Result<Vec<u8>> {
    if !stream {
        return Ok(completion("pong").to_string().into_bytes());
    }
    let upstream = weir_e2e::upstream::Upstream::start().await?;
    upstream.script("openai", [streamed("pong")]);
    let direct = Request::post("/openai/v1").body("x");
    Ok(weir_e2e::http::exchange(upstream.address(), &direct).await?.body)
}

fn heads(answer: &Response, stream: bool, way: Way, door: Door) -> Result<()> {
    let kind = if stream { "text/event-stream" } else { "application/json" };
    ensure!(answer.header("content-type") == Some(kind), "{:?}", answer.head);
    let status = if way == Way::Cached { "HIT" } else { "MISS" };
    ensure!(answer.header("cf-aig-cache-status") == Some(status), "{:?}", answer.head);
    for name in ["cf-aig-log-id", "cf-aig-request-id", "cf-aig-event-id", "cf-aig-step"] {
        ensure!(answer.header(name).is_some(), "no {name}: {:?}", answer.head);
    }
    if door == Door::Universal {
        let step = if way == Way::FallenBack { "1" } else { "0" };
        ensure!(answer.header("cf-aig-step") == Some(step), "{:?}", answer.head);
    }
    Ok(())
}

async fn cell(door: Door, stream: bool, way: Way) -> Result<()> {
    let rig = world(&json!({"cache_streams": true})).await?;
    let elements = [
        start("a"),
        model("a", "openai/gpt-4o-mini", "end", Some("b")),
        model("b", "groq/small", "end", None),
        end(),
    ];
    deploy(&rig.weir, "two", &elements).await?;
    script(&rig, stream, way);
    let request = request(door, stream, way);
    if way == Way::Cached {
        let first = rig.weir.send(&request).await?;
        ensure!(first.status == 200, "{} {}", first.status, first.text());
        rows(&rig, 1).await?;
    }
    let answer = rig.weir.send(&request).await?;
    ensure!(answer.status == 200 && answer.complete, "{} {}", answer.status, answer.text());
    heads(&answer, stream, way, door)?;
    let said = said(stream).await?;
    ensure!(answer.body == said, "{} instead of {}", answer.text(), String::from_utf8_lossy(&said));
    let calls: &[&str] = match way {
        Way::Direct | Way::Cached => &["openai"],
        Way::Retried => &["openai", "openai"],
        Way::FallenBack => &["openai", "groq"],
    };
    ensure!(called(&rig) == calls, "called {:?}", called(&rig));
    let mut expected = expected_rows(way);
    let rows = rows(&rig, expected.len()).await?;
    let mut facts: Vec<Value> = rows.iter().map(fact).collect();
    // Rows of different ways are in different orders; what is in them is not.
    facts.sort_by_key(Value::to_string);
    expected.sort_by_key(Value::to_string);
    ensure!(facts == expected, "rows {facts:?} instead of {expected:?}");
    let named = rows.iter().find(|row| row["id"].as_str() == answer.header("cf-aig-log-id"));
    let named = named.context("the answer names no row of its own")?;
    ensure!(named["success"] == true && named["cached"] == (way == Way::Cached), "{named:#}");
    ensure!(named["request_id"].as_str() == answer.header("cf-aig-request-id"), "{named:#}");
    ensure!(named["stream"] == stream, "{named:#}");
    Ok(())
}

/// All cells of a way; every fault is shown.
async fn all(way: Way) -> Result<()> {
    let mut faults = Vec::new();
    for door in DOORS {
        if ABSENT.iter().any(|(absent, of, _)| (*absent, *of) == (door, way)) {
            continue;
        }
        for stream in [false, true] {
            if let Err(error) = cell(door, stream, way).await {
                faults.push(format!("{door:?}, streamed {stream}: {error:#}"));
            }
        }
    }
    ensure!(faults.is_empty(), "{way:?}, {} cells:\n{}", faults.len(), faults.join("\n"));
    Ok(())
}

#[tokio::test]
async fn directly() -> Result<()> {
    all(Way::Direct).await
}

#[tokio::test]
async fn after_a_second_try() -> Result<()> {
    all(Way::Retried).await
}

#[tokio::test]
async fn by_a_fallback() -> Result<()> {
    all(Way::FallenBack).await
}

#[tokio::test]
async fn from_the_cache() -> Result<()> {
    all(Way::Cached).await
}
