//! Spend limits hold wherever a call comes in, and others may answer where one is used up
//! (spec: data-plane 7.4).

use anyhow::Result;
use serde_json::json;
use weir_e2e::http::Request;
use weir_e2e::upstream::Answer;

use super::rig::{assert_refused, limits, settled, start};
use crate::traffic::rig::{ask, asking, called, completion};
use crate::traffic::routes::rig::{answered, call, deploy, end, model, start as begin};
use crate::traffic::universal::rig::{request, step};
use crate::unified::rig::store;

#[tokio::test]
async fn every_door_claims_and_is_refused() -> Result<()> {
    let compat = || {
        let mut body = asking("x");
        body["model"] = json!("openai/gpt-4o-mini");
        body
    };
    let bearer = |request: Request| request.header("authorization", "Bearer tok-run");
    let doors = [
        ("native", ask("x")),
        ("compat", Request::call("compat/chat/completions", &compat())),
        (
            "rest",
            bearer(Request::post("/client/v4/accounts/acc1/ai/v1/chat/completions"))
                .header("cf-aig-gateway-id", "gw1")
                .json(&compat()),
        ),
        ("universal", request(&[step("openai")])),
    ];
    for (name, door) in doors {
        let rig = start(&limits(&[json!({"id": "r1"})])).await?;
        store(&rig.weir, "openai", "default", "sk-stored").await?;
        let first = settled(&rig, &door).await?;
        assert_eq!(first.status, 200, "{name}: {}", first.text());
        let refused = settled(&rig, &door).await?;
        assert_refused(&refused).map_err(|error| error.context(name))?;
        assert_eq!(called(&rig).len(), 1, "{name}");
    }
    Ok(())
}

#[tokio::test]
async fn the_next_step_and_the_fallback_may_answer() -> Result<()> {
    let filter = json!({"id": "r1", "provider": {"mode": "filter", "values": ["openai"]}});
    let rig = start(&limits(&[filter])).await?;
    rig.upstream.script("groq", [Answer::json(200, &completion("from groq"))]);
    for slug in ["openai", "groq"] {
        store(&rig.weir, slug, "default", "sk-stored").await?;
    }
    assert_eq!(settled(&rig, &ask("x")).await?.status, 200);
    let steps = request(&[step("openai"), step("groq")]);
    let answer = settled(&rig, &steps).await?;
    assert_eq!((answer.status, answer.header("cf-aig-step")), (200, Some("1")));
    let elements = [
        begin("a"),
        model("a", "openai/gpt-4o-mini", "end", Some("b")),
        model("b", "groq/small", "end", None),
        end(),
    ];
    deploy(&rig.weir, "r", &elements).await?;
    let answer = settled(&rig, &call("r")).await?;
    assert_eq!((answer.status, answered(&answer)), (200, "groq/small".to_owned()));
    assert_eq!(called(&rig), ["openai", "groq", "groq"]);
    Ok(())
}
