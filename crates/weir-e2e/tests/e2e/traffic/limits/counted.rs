//! What counts: each client request once, and no refusal.

use anyhow::Result;
use serde_json::{Value, json};
use weir_e2e::http::Request;
use weir_e2e::upstream::Answer;

use crate::rig::{Rig, chat, chat_body};
use crate::traffic::rig::{advance, called, code, completion, rows, start};
use crate::traffic::routes::rig::{call, deploy, end, model, start as begin};
use crate::unified::rig::store;

fn limit(most: u64) -> Value {
    json!({"rate_limiting_limit": most, "rate_limiting_interval": 60})
}

/// Of a limit of 2, one is used: one more call passes, and then none.
async fn assert_one_is_left(rig: &Rig) -> Result<()> {
    rig.upstream.script("openai", [Answer::json(200, &completion("pong"))]);
    assert_eq!(rig.weir.send(&chat()).await?.status, 200);
    assert_eq!(code(&rig.weir.send(&chat()).await?), (429, Some(2003)));
    Ok(())
}

#[tokio::test]
async fn refusals_do_not_count() -> Result<()> {
    let mut settings = limit(1);
    settings["rate_limiting_technique"] = json!("sliding");
    let rig = start(&settings).await?;
    assert_eq!(rig.weir.send(&chat()).await?.status, 200);
    advance(&rig, 30)?;
    for _ in 0..5 {
        assert_eq!(rig.weir.send(&chat()).await?.status, 429);
    }
    advance(&rig, 31)?;
    assert_eq!(rig.weir.send(&chat()).await?.status, 200);
    assert_eq!(called(&rig).len(), 2);
    Ok(())
}

#[tokio::test]
async fn who_may_not_call_takes_nothing() -> Result<()> {
    let rig = start(&limit(1)).await?;
    let stranger = Request::post("/v1/acc1/gw1/openai/chat/completions")
        .header("cf-aig-authorization", "Bearer tok-wrong")
        .json(&chat_body());
    for _ in 0..3 {
        assert_eq!(rig.weir.send(&stranger).await?.status, 401);
    }
    assert_eq!(rig.weir.send(&chat()).await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn tries_count_as_one_request() -> Result<()> {
    let rig = start(&limit(2)).await?;
    rig.upstream.script("openai", [Answer::new(500), Answer::new(500), Answer::new(200)]);
    let tried = chat().header("cf-aig-max-attempts", "3").header("cf-aig-retry-delay", "1");
    assert_eq!(rig.weir.send(&tried).await?.status, 200);
    assert_eq!(called(&rig).len(), 3);
    assert_one_is_left(&rig).await
}

#[tokio::test]
async fn steps_count_as_one_request() -> Result<()> {
    let rig = start(&limit(2)).await?;
    let step = |provider: &str| {
        json!({"provider": provider, "endpoint": "chat/completions",
            "headers": {"authorization": "Bearer sk"}, "query": chat_body()})
    };
    rig.upstream.script("openai", [Answer::new(500)]);
    rig.upstream.script("mistral", [Answer::new(500)]);
    let steps = json!([step("openai"), step("mistral"), step("groq")]);
    let request =
        Request::post("/v1/acc1/gw1").header("cf-aig-authorization", "Bearer tok-run").json(&steps);
    let answer = rig.weir.send(&request).await?;
    assert_eq!((answer.status, answer.header("cf-aig-step")), (200, Some("2")));
    assert_one_is_left(&rig).await?;
    let refused = rig.weir.send(&request).await?;
    assert_eq!(code(&refused), (429, Some(2003)), "no step helps against the gateway's limit");
    Ok(())
}

#[tokio::test]
async fn models_of_a_route_count_as_one_request() -> Result<()> {
    let rig = start(&limit(2)).await?;
    for slug in ["openai", "groq"] {
        store(&rig.weir, slug, "default", "sk-stored").await?;
    }
    rig.upstream.script("openai", [Answer::new(500)]);
    let elements = [
        begin("a"),
        model("a", "openai/m", "end", Some("b")),
        model("b", "groq/m", "end", None),
        end(),
    ];
    deploy(&rig.weir, "two", &elements).await?;
    let answer = rig.weir.send(&call("two")).await?;
    assert_eq!((answer.status, called(&rig).len()), (200, 2));
    assert_one_is_left(&rig).await?;
    let refused = rig.weir.send(&call("two")).await?;
    assert_eq!((code(&refused), refused.header("cf-aig-step")), ((429, Some(2003)), Some("0")));
    // Two models, one more call, its refusal; and one of the route, which ends it.
    rows(&rig, 5).await?;
    Ok(())
}
