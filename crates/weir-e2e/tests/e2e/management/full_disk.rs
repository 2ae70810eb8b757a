//! A disk that takes no more: writes are refused whole, reads and traffic go on.

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use weir_e2e::upstream::Upstream;
use weir_e2e::weir::{Config, Weir};

use super::effect::gateway;
use crate::rig::chat;

/// How many gateways of the test there are.
async fn count(weir: &Weir) -> Result<Value> {
    let response = weir.manage("GET", "/gateways?search=full-&per_page=1", None).await?;
    Ok(response.json()?["result_info"]["total_count"].clone())
}

#[tokio::test]
async fn nothing_is_half_written_when_the_disk_is_full() -> Result<()> {
    let upstream = Upstream::start().await?;
    let mut weir = Weir::start(&Config::new(&upstream)).await?;
    weir.stop().await?;
    // The files of an empty installation fit; not much more does.
    weir.restart_with(&Config::new(&upstream).largest_file(Some(400))).await?;
    let mut made = Vec::new();
    let refused = loop {
        ensure!(made.len() < 500, "the disk never filled up");
        let id = format!("full-{:03}", made.len());
        let mut body = gateway(&id);
        body["otel"] = json!([{"url": "https://o.example", "headers": {"pad": "x".repeat(8000)}}]);
        let response = weir.manage("POST", "/gateways", Some(&body)).await?;
        if response.status != 200 {
            break response;
        }
        made.push(id);
    };
    assert_eq!(refused.status, 503, "{}", refused.text());
    assert_eq!(refused.json()?["errors"][0]["code"], 2005);
    assert!(!made.is_empty());
    assert_eq!(count(&weir).await?, made.len());
    assert_eq!(weir.send(&chat()).await?.status, 200);
    weir.kill().await?;
    // There is room again.
    weir.restart_with(&Config::new(&upstream)).await?;
    assert_eq!(count(&weir).await?, made.len());
    weir.result("POST", "/gateways", Some(&gateway("after"))).await?;
    Ok(())
}
