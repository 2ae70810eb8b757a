//! The life of the process.

use std::time::Duration;

use anyhow::Result;
use serde_json::json;
use tokio::task::JoinSet;
use weir_e2e::http::{Client, Request, exchange};
use weir_e2e::upstream::Answer;

use crate::rig::{Rig, chat, chat_stream};

#[tokio::test]
async fn stopping_lets_a_running_stream_finish_and_loses_no_row() -> Result<()> {
    let mut rig = Rig::start().await?;
    for _ in 0..100 {
        assert_eq!(rig.chat().await?.status, 200);
    }
    let events = ["{\"n\":1}", "{\"n\":2}", "{\"n\":3}", "[DONE]"];
    let stream = Answer::sse(&events).chunk_delay(Duration::from_millis(300));
    rig.upstream.script("openai", [stream]);
    let mut client = Client::open(rig.weir.address()).await?;
    client.send(chat_stream().to_bytes()).await?;
    client.read_until("\"n\":1").await?;
    rig.weir.terminate()?;
    let response = client.response("POST").await?;
    assert!(response.complete && response.text().ends_with("data: [DONE]\n\n"));
    let status = rig.weir.ended().await?;
    assert_eq!(status.code(), Some(0), "{}", rig.weir.output());
    rig.weir.restart().await?;
    assert_eq!(rig.weir.row_count().await?, 101);
    let newest = &rig.weir.rows("gw1").await?[0];
    assert_eq!((&newest["stream"], &newest["success"]), (&json!(true), &json!(true)));
    Ok(())
}

/// A failed try is still being read when its call has long been answered by the next one.
#[tokio::test]
async fn stopping_keeps_the_rows_of_tries_that_nobody_waits_for() -> Result<()> {
    for silence in [Duration::from_secs(1), Duration::from_secs(60)] {
        let mut rig = Rig::start().await?;
        let slow = Answer::chunked("application/json", ["{".into(), "}".into()])
            .status(500)
            .chunk_delay(silence);
        rig.upstream.script("openai", [slow, Answer::new(200)]);
        let request = chat().header("cf-aig-max-attempts", "2").header("cf-aig-retry-delay", "1");
        assert_eq!(rig.weir.send(&request).await?.status, 200);
        rig.weir.stop().await?;
        rig.weir.restart().await?;
        assert_eq!(rig.weir.row_count().await?, 2, "after {silence:?}");
    }
    Ok(())
}

#[tokio::test]
async fn stopping_does_not_wait_for_idle_connections_or_forever() -> Result<()> {
    let drain = |config: weir_e2e::weir::Config| config.set(&["shutdown", "drain_ms"], json!(500));
    let mut rig = Rig::start_with(drain).await?;
    let mut idle = Client::open(rig.weir.address()).await?;
    idle.send(chat().to_bytes()).await?;
    idle.response("POST").await?;
    rig.upstream.script("openai", [Answer::silence()]);
    let mut stuck = Client::open(rig.weir.address()).await?;
    stuck.send(chat().to_bytes()).await?;
    rig.upstream.wait_for(|calls| calls.len() == 2).await?;
    let started = std::time::Instant::now();
    rig.weir.stop().await?;
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    rig.weir.restart().await?;
    assert_eq!(rig.weir.row_count().await?, 2, "the call that was cut off left no row");
    Ok(())
}

#[tokio::test]
async fn a_crash_under_load_leaves_data_that_opens_again() -> Result<()> {
    let mut rig = Rig::start().await?;
    for _ in 0..30 {
        rig.chat().await?;
    }
    rig.weir.wait_for_rows(30).await?;
    let address = rig.weir.address();
    let mut load = JoinSet::new();
    for _ in 0..8 {
        load.spawn(async move { while exchange(address, &chat()).await.is_ok() {} });
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    rig.weir.kill().await?;
    load.join_all().await;
    rig.weir.restart().await?;
    let kept = rig.weir.row_count().await?;
    assert!(kept >= 30, "{kept} rows are left of at least 30");
    for row in rig.weir.rows("gw1").await? {
        assert_eq!(row["status_code"], 200, "{row:#}");
    }
    assert_eq!(rig.chat().await?.status, 200);
    let rows = tokio::time::timeout(Duration::from_secs(3), async {
        while rig.weir.row_count().await? <= kept {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        anyhow::Ok(())
    });
    rows.await?
}

#[tokio::test]
async fn health_is_told_without_a_token() -> Result<()> {
    let rig = Rig::start().await?;
    for path in ["/readyz", "/healthz"] {
        let response = rig.weir.send(&Request::get(path)).await?;
        assert_eq!(response.status, 200, "{path}: {}", response.text());
    }
    Ok(())
}

#[tokio::test]
async fn bootstrap_makes_what_is_absent_and_changes_nothing() -> Result<()> {
    let mut rig = Rig::start().await?;
    assert_eq!(rig.weir.stop().await?.code(), Some(0));
    let again = weir_e2e::weir::Config::bare()
        .providers(&rig.upstream)
        .gateway("gw1", &json!({"authentication": false, "collect_logs": false}))
        .gateway("gw2", &json!({"authentication": false}));
    rig.weir.restart_with(&again).await?;
    let gateway = rig.weir.result("GET", "/gateways/gw1", None).await?;
    assert_eq!(
        (&gateway["authentication"], &gateway["collect_logs"]),
        (&json!(true), &json!(true))
    );
    let gateway = rig.weir.result("GET", "/gateways/gw2", None).await?;
    assert_eq!(gateway["authentication"], false);
    let anonymous = Request::post("/v1/acc1/gw1/openai/chat/completions").body("{}");
    assert_eq!(rig.weir.send(&anonymous).await?.status, 401);
    Ok(())
}

#[tokio::test]
async fn the_default_gateway_survives_a_restart() -> Result<()> {
    let mut rig = Rig::start().await?;
    let mut request = chat();
    request.target = request.target.replace("gw1", "default");
    assert_eq!(rig.weir.send(&request).await?.status, 200);
    rig.weir.stop().await?;
    rig.weir.restart().await?;
    let gateway = rig.weir.result("GET", "/gateways/default", None).await?;
    assert_eq!(gateway["id"], "default");
    assert_eq!(rig.weir.rows("default").await?.len(), 1);
    Ok(())
}
