//! Errors of providers in the dialect of the client.

use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use weir_e2e::http::Request;
use weir_e2e::upstream::Answer;

use super::door::{Door, WIRES, is_same};
use super::rig::{self, Simulated, compat};
use crate::rig::Rig;

/// A status of the provider, the one the client gets at OpenAI's doors, and the words for it in the
/// dialects of Anthropic and Gemini.
const STATUSES: [(u16, u16, &str, &str); 6] = [
    (400, 400, "invalid_request_error", "INVALID_ARGUMENT"),
    (401, 401, "authentication_error", "UNAUTHENTICATED"),
    (404, 404, "not_found_error", "NOT_FOUND"),
    (429, 429, "rate_limit_error", "RESOURCE_EXHAUSTED"),
    (500, 500, "api_error", "INTERNAL"),
    (503, 503, "overloaded_error", "UNAVAILABLE"),
];

#[tokio::test]
async fn errors_come_in_the_dialect_of_the_door() -> Result<()> {
    let world = Simulated::start().await?;
    let mut cells = Vec::new();
    for door in Door::ALL {
        for wire in WIRES {
            let of = |it| [false, true].map(|stream| refusal(&world, door, wire, it, stream));
            cells.extend(STATUSES.into_iter().flat_map(of));
        }
    }
    rig::all(cells).await
}

async fn refusal(
    world: &Simulated,
    door: Door,
    (slug, model, own): (&str, &str, Option<Door>),
    (status, expected, anthropic, gemini): (u16, u16, &str, &str),
    stream: bool,
) -> Result<()> {
    let model = format!("{model};status={status};retry-after=7");
    let answer = world.weir.send(&door.request(&model, stream)).await?;
    let text = answer.text();
    let shown =
        format!("{door:?} over {slug}, {status}, stream {stream}: {} {text}", answer.status);
    ensure!(answer.status == expected, "{shown}");
    ensure!(answer.header("retry-after") == Some("7"), "{shown}: {:?}", answer.head);
    let (kind, message) = door.error(&answer.json()?).with_context(|| shown.clone())?;
    ensure!(message.contains("ordered"), "{shown}");
    match door {
        Door::Messages if !is_same(slug, door, own) => ensure!(kind == anthropic, "{shown}"),
        Door::Generate => ensure!(kind == gemini, "{shown}"),
        _ => {}
    }
    let row = rig::row(&world.weir, &answer).await?;
    ensure!(row["success"] == false && row["status_code"] == expected, "{shown}");
    ensure!(row["upstream_status_code"] == status, "{shown}");
    Ok(())
}

#[tokio::test]
async fn an_error_inside_a_stream_comes_in_the_dialect_of_the_door() -> Result<()> {
    let world = Simulated::start().await?;
    let of = |door| WIRES.map(|wire| broken(&world, door, wire));
    rig::all(Door::ALL.into_iter().flat_map(of)).await
}

async fn broken(
    world: &Simulated,
    door: Door,
    (slug, model, own): (&str, &str, Option<Door>),
) -> Result<()> {
    let stream = world.weir.send(&door.request(&format!("{model};error-after=3"), true)).await?;
    let shown = format!("{door:?} over {slug}: {}", stream.text());
    if !is_same(slug, door, own) {
        door.stream_error(&stream).with_context(|| shown.clone())?;
    }
    let row = rig::row(&world.weir, &stream).await?;
    ensure!(row["success"] == false && row["error"]["code"].is_string(), "{shown}");
    Ok(())
}

#[tokio::test]
async fn overload_is_503_at_openais_doors_and_529_at_anthropics() -> Result<()> {
    let rig = Rig::start().await?;
    let overloaded = json!({"type": "error",
        "error": {"type": "overloaded_error", "message": "Overloaded"}});
    for (door, status) in
        [(Door::Chat, 503), (Door::Responses, 503), (Door::Messages, 529), (Door::Generate, 503)]
    {
        rig.upstream.script("anthropic", [Answer::json(529, &overloaded)]);
        let answer = rig.weir.send(&door.request("anthropic/claude-haiku-4-5", false)).await?;
        assert_eq!(answer.status, status, "{door:?}: {}", answer.text());
        assert!(door.error(&answer.json()?)?.1.contains("Overloaded"), "{}", answer.text());
    }
    Ok(())
}

#[tokio::test]
async fn an_error_that_is_no_json_is_still_one_of_the_dialect() -> Result<()> {
    let rig = Rig::start().await?;
    for (slug, model, _) in WIRES {
        rig.upstream.script(slug, [Answer::bytes(500, "text/html", "<h1>Bad day</h1>")]);
        for door in [Door::Chat, Door::Messages, Door::Generate] {
            let answer = rig.weir.send(&door.request(model, false)).await?;
            let shown = format!("{door:?} over {slug}: {} {}", answer.status, answer.text());
            if answer.text().contains("<h1>Bad day") && !answer.text().starts_with('{') {
                // Between the same dialects bytes pass.
                continue;
            }
            assert_eq!(answer.status, 502, "{shown}");
            door.error(&answer.json()?).with_context(|| shown)?;
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_gateway_error_is_the_gateways_own_at_every_door() -> Result<()> {
    let rig = Rig::start().await?;
    for door in Door::ALL {
        let answer = rig.weir.send(&door.request("opnai/gpt-4o-mini", false)).await?;
        assert_eq!((answer.status, answer.code()), (400, Some(2008)), "{}", answer.text());
        assert!(answer.header("weir-hint").is_some_and(|hint| hint.contains("openai")));
    }
    let answer = rig.weir.send(&compat("chat/completions", &json!([1]))).await?;
    assert_eq!((answer.status, answer.code()), (400, Some(2900)), "{}", answer.text());
    assert!(rig.upstream.calls().is_empty());
    Ok(())
}

/// Clients of the universal endpoint look up in it which of their steps it was.
#[tokio::test]
async fn a_refused_last_step_says_its_number() -> Result<()> {
    let rig = Rig::start().await?;
    let step = json!({"provider": "nobody", "endpoint": "x", "query": {}});
    let request = Request::post("/v1/acc1/gw1").with_keys().json(&json!([step, step]));
    let answer = rig.weir.send(&request).await?;
    assert_eq!((answer.status, answer.code()), (400, Some(2008)), "{}", answer.text());
    assert_eq!(answer.header("cf-aig-step"), Some("1"));
    Ok(())
}
