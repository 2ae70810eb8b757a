//! The ids of an answer, and the step that it names.

use anyhow::Result;
use serde_json::json;
use weir_e2e::upstream::Answer;

use super::rig::{request, step, step_with};
use crate::traffic::rig::{assert_row, code, rows, start};

/// What is answered in one step has one id, however many steps could have followed.
#[tokio::test]
async fn the_first_step_has_the_id_of_the_request() -> Result<()> {
    let rig = start(&json!({})).await?;
    let answer = rig.weir.send(&request(&[step("openai"), step("groq")])).await?;
    let id = answer.header("cf-aig-request-id");
    assert!(id.is_some());
    assert_eq!((answer.header("cf-aig-log-id"), answer.header("cf-aig-event-id")), (id, id));
    rig.upstream.script("openai", [Answer::new(500)]);
    let answer = rig.weir.send(&request(&[step("openai"), step("groq")])).await?;
    let id = answer.header("cf-aig-request-id");
    assert_ne!(answer.header("cf-aig-log-id"), id, "the second step has a row of its own");
    assert_eq!(answer.header("cf-aig-event-id"), id);
    Ok(())
}

#[tokio::test]
async fn an_event_id_groups_the_steps() -> Result<()> {
    let rig = start(&json!({})).await?;
    rig.upstream.script("openai", [Answer::new(500)]);
    let steps = [step("openai"), step("groq")];
    let answer = rig.weir.send(&request(&steps).header("cf-aig-event-id", "mine")).await?;
    assert_eq!(answer.header("cf-aig-event-id"), Some("mine"));
    for row in rows(&rig, 2).await? {
        let id = answer.header("cf-aig-request-id");
        assert_row(&row, &json!({"event_id": "mine", "request_id": id}));
    }
    Ok(())
}

/// Clients read the step of a refusal to know which of their models it concerns.
#[tokio::test]
async fn every_refusal_of_a_step_names_it() -> Result<()> {
    let rig = start(&json!({})).await?;
    let unknown_path = step_with("compat", "endpoint", json!("nothing"));
    let nameless = step_with("compat", "query", json!({"messages": []}));
    for (what, refused, expected) in [
        ("an unknown provider", step("nobody"), (400, Some(2008))),
        ("an unknown path", unknown_path, (404, Some(2907))),
        ("no model", nameless, (400, Some(2900))),
    ] {
        let answer = rig.weir.send(&request(std::slice::from_ref(&refused))).await?;
        assert_eq!(code(&answer), expected, "{what}: {}", answer.text());
        assert_eq!(answer.header("cf-aig-step"), Some("0"), "{what}");
        rig.upstream.script("openai", [Answer::new(500)]);
        let answer = rig.weir.send(&request(&[step("openai"), refused])).await?;
        assert_eq!((code(&answer), answer.header("cf-aig-step")), (expected, Some("1")), "{what}");
    }
    Ok(())
}

/// Where the gateway as a whole is full, no other step would be let in.
#[tokio::test]
async fn the_gateways_limit_ends_the_request_at_its_step() -> Result<()> {
    let rig = start(&json!({"rate_limiting_limit": 1, "rate_limiting_interval": 60})).await?;
    let steps = [step("openai"), step("groq")];
    assert_eq!(rig.weir.send(&request(&steps)).await?.status, 200);
    let refused = rig.weir.send(&request(&steps)).await?;
    assert_eq!(code(&refused), (429, Some(2003)));
    assert_eq!(refused.header("cf-aig-step"), Some("0"));
    assert_eq!(refused.header("cf-aig-log-id"), refused.header("cf-aig-request-id"));
    rows(&rig, 2).await?;
    Ok(())
}
