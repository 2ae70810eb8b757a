//! What is collected, by gateway setting and headers (spec: observability 1.3).

use anyhow::{Context as _, Result};
use serde_json::json;

use crate::rig::{Rig, chat};

/// `collect_logs`, `cf-aig-collect-log`, `cf-aig-collect-log-payload`; row, bodies.
type Case = (bool, Option<&'static str>, Option<&'static str>, bool, bool);

const CASES: [Case; 14] = [
    (true, None, None, true, true),
    (true, None, Some("true"), true, true),
    (true, Some("false"), None, false, false),
    (true, Some("false"), Some("true"), false, false),
    (true, Some("FALSE"), None, false, false),
    (true, Some("no"), None, true, true),
    (true, None, Some("false"), true, false),
    (true, Some("true"), Some("false"), true, false),
    (false, None, None, false, false),
    (false, None, Some("true"), false, false),
    (false, Some("true"), None, true, true),
    (false, Some("True"), Some("true"), true, true),
    (false, Some("true"), Some("false"), true, false),
    (false, Some("false"), None, false, false),
];

#[tokio::test]
async fn the_table_holds() -> Result<()> {
    let rig = Rig::start_with(|config| config.gateway("quiet", &json!({"collect_logs": false})));
    let rig = rig.await?;
    for case in CASES {
        let (collect, log, payload, row, bodies) = case;
        let gateway = if collect { "gw1" } else { "quiet" };
        let mut request = chat();
        request.target = request.target.replace("gw1", gateway);
        if let Some(log) = log {
            request = request.header("cf-aig-collect-log", log);
        }
        if let Some(payload) = payload {
            request = request.header("cf-aig-collect-log-payload", payload);
        }
        let response = rig.weir.send(&request).await?;
        assert_eq!(response.status, 200, "{case:?}");
        assert!(response.header("cf-aig-request-id").is_some(), "{case:?}");
        let Some(id) = response.header("cf-aig-log-id") else {
            assert!(!row, "{case:?} promises no row");
            continue;
        };
        assert!(row, "{case:?} promises a row");
        let detail = rig.weir.wait_for_row(gateway, id).await?;
        assert_eq!(detail["status_code"], 200, "{case:?}");
        assert!(detail["request_size"].as_u64().is_some_and(|size| size > 0), "{detail:#}");
        for side in ["request", "response"] {
            let body = rig.weir.body(gateway, id, side).await?;
            assert_eq!(body.is_some(), bodies, "{side} of {case:?}");
        }
        let head = detail["request_head"].as_str().unwrap_or_default();
        assert_eq!(!head.is_empty(), bodies, "{case:?}: {detail:#}");
    }
    for (gateway, of) in [("gw1", true), ("quiet", false)] {
        let expected = CASES.iter().filter(|case| case.0 == of && case.3).count();
        assert_eq!(rig.weir.rows(gateway).await?.len(), expected, "rows of {gateway}");
    }
    Ok(())
}

#[tokio::test]
async fn a_body_that_is_too_big_is_left_out_and_its_row_is_kept() -> Result<()> {
    let limit =
        |config: weir_e2e::weir::Config| config.set(&["limits", "log_body_bytes"], json!(1000));
    let rig = Rig::start_with(limit).await?;
    rig.upstream.script("openai", [weir_e2e::upstream::Answer::filled(1001)]);
    assert_eq!(rig.chat().await?.body.len(), 1001);
    let row = rig.weir.only_row().await?;
    assert_eq!(
        (&row["payload_reason"], &row["response_size"]),
        (&"too_large".into(), &1001.into())
    );
    let id = row["id"].as_str().context("id")?;
    assert_eq!(rig.weir.body("gw1", id, "response").await?, None);
    Ok(())
}

#[tokio::test]
async fn a_request_that_is_too_big_is_left_out_however_it_was_read() -> Result<()> {
    let limit =
        |config: weir_e2e::weir::Config| config.set(&["limits", "log_body_bytes"], json!(1000));
    let rig = Rig::start_with(limit).await?;
    for stream in [false, true] {
        for rest in ["openai/chat/completions", "compat/chat/completions"] {
            let body = json!({"model": "openai/m", "stream": stream,
                "messages": [{"role": "user", "content": "x".repeat(1000)}]});
            assert_eq!(
                rig.weir.send(&weir_e2e::http::Request::call(rest, &body)).await?.status,
                200
            );
        }
    }
    for row in rig.weir.wait_for_rows(4).await? {
        assert_eq!(row["payload_reason"], "too_large", "{row:#}");
    }
    Ok(())
}
