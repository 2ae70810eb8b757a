//! What the log keeps of a way through a route.

use anyhow::Result;
use serde_json::json;
use weir_e2e::upstream::Answer;

use super::rig::{call, deploy, end, model, patient_model, start, world};
use crate::traffic::rig::{assert_row, completion, rows};

#[tokio::test]
async fn every_model_that_was_asked_has_a_row() -> Result<()> {
    let rig = world(&json!({})).await?;
    let elements = [
        start("a"),
        patient_model("a", "openai/m", "end", Some("b"), (60_000, 1)),
        model("b", "groq/small", "end", None),
        end(),
    ];
    deploy(&rig.weir, "r", &elements).await?;
    rig.upstream.script("openai", [Answer::new(500)]);
    rig.upstream.script("groq", [Answer::json(200, &completion("pong"))]);
    let answer = rig.weir.send(&call("r").header("cf-aig-event-id", "mine")).await?;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let rows = rows(&rig, 3).await?;
    for row in &rows {
        let same = json!({"event_id": "mine", "byok": true,
            "request_id": answer.header("cf-aig-request-id")});
        assert_row(row, &same);
    }
    let failed = json!({"provider": "openai", "model": "m", "success": false, "status_code": 500});
    assert_row(&rows[0], &failed);
    assert_row(&rows[1], &failed);
    let good = json!({"provider": "groq", "model": "small", "success": true, "status_code": 200,
        "tokens_in": 10, "tokens_out": 5, "cost": 0.2, "attempt_index": 0,
        "id": answer.header("cf-aig-log-id")});
    assert_row(&rows[2], &good);
    Ok(())
}

#[tokio::test]
async fn an_answer_of_a_route_is_kept_under_its_model() -> Result<()> {
    let rig = world(&json!({"cache_ttl": 3600})).await?;
    for name in ["one", "two"] {
        let elements = [start("a"), model("a", "openai/m", "end", None), end()];
        deploy(&rig.weir, name, &elements).await?;
    }
    for (name, status) in [("one", "MISS"), ("one", "HIT"), ("two", "HIT")] {
        let answer = rig.weir.send(&call(name)).await?;
        assert_eq!(answer.header("cf-aig-cache-status"), Some(status), "{name}");
        assert_eq!(super::rig::answered(&answer), "openai/m", "{name}");
    }
    Ok(())
}
