//! The kill switch.

use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};
use weir_e2e::http::{Client, Request};
use weir_e2e::upstream::{Answer, Ending};

use super::rig::{settled, start};
use crate::rig::Rig;
use crate::traffic::rig::{ask, asking, called};
use crate::traffic::universal::rig::{request, step};

async fn stop(rig: &Rig, what: &str, value: &str) -> Result<Value> {
    let body = json!({"what": what, "value": value, "reason": "it runs wild"});
    rig.weir.result("POST", "/stops", Some(&body)).await
}

#[tokio::test]
async fn a_stopped_session_is_refused_at_every_door() -> Result<()> {
    let rig = start(&json!({})).await?;
    let made = stop(&rig, "session", "run-7").await?;
    let mut compat = asking("x");
    compat["model"] = json!("openai/gpt-4o-mini");
    let rest = Request::post("/client/v4/accounts/acc1/ai/v1/chat/completions")
        .header("authorization", "Bearer tok-run")
        .header("cf-aig-gateway-id", "gw1")
        .json(&compat);
    for door in [
        ask("x"),
        Request::call("compat/chat/completions", &compat),
        Request::call("compat/chat/completions", &json!({"model": "dynamic/none"})),
        rest,
        request(&[step("openai"), step("groq")]),
    ] {
        let refused = settled(&rig, &door.header("cf-aig-session-id", "run-7")).await?;
        assert_eq!((refused.status, refused.code()), (403, Some(2908)), "{}", refused.text());
        assert!(refused.header("weir-hint").is_some_and(|hint| hint.contains("runs wild")));
    }
    let answer = settled(&rig, &ask("x").header("cf-aig-session-id", "run-8")).await?;
    assert_eq!(answer.status, 200);
    assert_eq!(called(&rig).len(), 1);
    let id = made["id"].as_str().unwrap_or_default().replace(':', "%3A");
    rig.weir.result("DELETE", &format!("/stops/{id}"), None).await?;
    let answer = settled(&rig, &ask("x").header("cf-aig-session-id", "run-7")).await?;
    assert_eq!(answer.status, 200);
    Ok(())
}

#[tokio::test]
async fn a_step_names_its_own_session() -> Result<()> {
    let rig = start(&json!({})).await?;
    stop(&rig, "session", "run-7").await?;
    let mut stopped = step("openai");
    stopped["headers"]["cf-aig-session-id"] = json!("run-7");
    let refused = settled(&rig, &request(&[stopped, step("groq")])).await?;
    assert_eq!((refused.status, refused.code()), (403, Some(2908)), "no step after it");
    assert!(called(&rig).is_empty());
    Ok(())
}

#[tokio::test]
async fn a_call_under_way_is_cut_off() -> Result<()> {
    let rig = start(&json!({})).await?;
    // One keeps talking, one has fallen silent.
    let talking = Answer::sse(&vec![r#"{"choices":[{"delta":{"content":"word"}}]}"#; 500])
        .chunk_delay(Duration::from_millis(20));
    let silent = Answer::sse(&[r#"{"choices":[{"delta":{"content":"word"}}]}"#])
        .without_end()
        .ending(Ending::Stall);
    for answer in [talking, silent] {
        let before = rig.weir.rows("gw1").await?.len();
        rig.upstream.script("openai", [answer]);
        let mut body = asking("x");
        body["stream"] = json!(true);
        let call = Request::call("openai/chat/completions", &body)
            .header("cf-aig-session-id", format!("run-{before}"));
        let mut client = Client::open(rig.weir.address()).await?;
        client.send(call.to_bytes()).await?;
        client.read_until("word").await?;
        stop(&rig, "session", &format!("run-{before}")).await?;
        assert!(client.is_closed_within(Duration::from_secs(5)).await, "it goes on");
        let row = rig.weir.wait_for_rows(before + 1).await?.remove(before);
        assert_eq!(row["error"]["code"], "stopped", "{row:#}");
        assert_eq!(row["success"], false, "{row:#}");
    }
    let metrics = rig.weir.send(&Request::get("/metrics")).await?.text();
    assert!(metrics.contains("weir_calls_cut_off_total 2"), "not counted");
    Ok(())
}
