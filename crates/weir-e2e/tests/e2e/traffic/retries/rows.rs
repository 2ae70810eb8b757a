//! Every try has a row of its own.

use anyhow::Result;
use serde_json::json;
use weir_e2e::upstream::{Answer, Ending};

use crate::rig::chat;
use crate::traffic::rig::{assert_row, completion, rows, start, tell};

#[tokio::test]
async fn each_try_has_a_row_and_the_last_one_is_named() -> Result<()> {
    let rig = start(&json!({})).await?;
    let good = Answer::json(200, &completion("pong"));
    // A connection that was used before may be found dead; a new one that is reset is a failure.
    let closed = Answer::new(500).header("connection", "close").ending(Ending::Close);
    rig.upstream.script("openai", [closed, Answer::refused(), good]);
    let request = chat()
        .header("cf-aig-max-attempts", "3")
        .header("cf-aig-retry-delay", "1")
        .header("cf-aig-event-id", "mine")
        .header("cf-aig-metadata", r#"{"user":"u"}"#);
    let answer = rig.weir.send(&request).await?;
    let rows = rows(&rig, 3).await?;
    let same = json!({"event_id": "mine", "request_id": answer.header("cf-aig-request-id"),
        "step": 0, "provider": "openai", "model": "gpt-4o-mini", "cached": false,
        "metadata": "{\"user\":\"u\"}"});
    for (index, row) in rows.iter().enumerate() {
        assert_row(row, &same);
        assert_eq!(row["attempt_index"], index, "{row:#}");
    }
    let failed = json!({"status_code": 500, "success": false, "upstream_status_code": 500});
    assert_row(&rows[0], &failed);
    assert_row(&rows[1], &json!({"success": false, "upstream_status_code": null}));
    assert_row(
        &rows[2],
        &json!({"success": true, "status_code": 200, "cost": 0.02, "tokens_in": 10}),
    );
    for row in &rows[..2] {
        assert_eq!(row["cost"].as_f64().unwrap_or_default(), 0.0, "{row:#}");
    }
    assert_eq!(rows[2]["id"].as_str(), answer.header("cf-aig-log-id"));
    assert_ne!(answer.header("cf-aig-log-id"), answer.header("cf-aig-request-id"));
    let ids: std::collections::BTreeSet<_> = rows.iter().map(|row| row["id"].as_str()).collect();
    assert_eq!(ids.len(), 3);
    Ok(())
}

#[tokio::test]
async fn a_single_try_is_the_request() -> Result<()> {
    let rig = start(&json!({"retry_max_attempts": 3})).await?;
    let answer = rig.weir.send(&chat()).await?;
    let id = answer.header("cf-aig-request-id");
    for name in ["cf-aig-log-id", "cf-aig-event-id"] {
        assert_eq!(answer.header(name), id, "{name}");
    }
    assert_row(&rows(&rig, 1).await?[0], &json!({"attempt_index": 0, "step": 0}));
    Ok(())
}

#[tokio::test]
async fn every_row_has_the_body_that_was_sent_and_the_answer_that_came() -> Result<()> {
    let rig = start(&json!({})).await?;
    let bad = json!({"error": {"message": "boom"}});
    let good = Answer::json(200, &completion("pong"));
    rig.upstream.script("openai", [Answer::json(500, &bad), good]);
    let request = chat().header("cf-aig-max-attempts", "2").header("cf-aig-retry-delay", "1");
    rig.weir.send(&request).await?;
    let rows = rows(&rig, 2).await?;
    for (row, response) in rows.iter().zip([bad, completion("pong")]) {
        let id = row["id"].as_str().unwrap_or_default();
        let sent = rig.weir.body("gw1", id, "request").await?;
        assert_eq!(sent, Some(crate::rig::chat_body().to_string().into_bytes()));
        let got = rig.weir.body("gw1", id, "response").await?;
        assert_eq!(got, Some(response.to_string().into_bytes()));
    }
    Ok(())
}

/// What the first try was to store, the last one stores.
#[tokio::test]
async fn the_answer_of_a_later_try_is_stored() -> Result<()> {
    let rig = start(&json!({"cache_ttl": 3600})).await?;
    rig.upstream.script("openai", [Answer::new(500), Answer::json(200, &completion("pong"))]);
    let request = chat().header("cf-aig-max-attempts", "2").header("cf-aig-retry-delay", "1");
    for status in ["MISS", "HIT"] {
        assert_eq!(tell(&rig, &request).await?, (200, status.to_owned()));
    }
    Ok(())
}
