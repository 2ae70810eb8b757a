//! Configuration as code: `weir export`, `weir plan` and `weir apply` beside a running server.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use weir_e2e::weir::{Config, Finished, Weir};

/// An installation and a file to apply to it.
struct Desk {
    weir: Weir,
    file: PathBuf,
}

impl Desk {
    async fn start() -> Result<Self> {
        let weir = Weir::start(&Config::bare().gateway("gw1", &json!({"cache_ttl": 60}))).await?;
        let file = weir.folder().join("account.toml");
        Ok(Self { weir, file })
    }

    async fn with_file(&self, command: &str, text: &str, options: &[&str]) -> Result<Finished> {
        std::fs::write(&self.file, text)?;
        let file = self.file.to_str().context("path")?;
        self.weir.command(&[&[command, file], options].concat()).await
    }

    /// The settings of a gateway, once `seen` finds in them what it looks for.
    async fn gateway(&self, id: &str, seen: impl Fn(&Value) -> bool) -> Result<Value> {
        let deadline = Instant::now() + Duration::from_secs(10);
        loop {
            let answer = self.weir.manage("GET", &format!("/gateways/{id}"), None).await?;
            let gateway = answer.json()?["result"].take();
            if seen(&gateway) || Instant::now() > deadline {
                return Ok(gateway);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

#[tokio::test]
async fn a_file_is_planned_applied_and_in_force() -> Result<()> {
    let desk = Desk::start().await?;
    let file = "[gateways.gw1]\nauthentication = true\ncache_ttl = 5\n[gateways.gw2]\n";
    let planned = desk.with_file("plan", file, &[]).await?;
    assert_eq!(planned.status, Some(2), "{planned:?}");
    for line in ["~ gateways.gw1", "cache_ttl: 60 -> 5", "+ gateways.gw2"] {
        assert!(planned.stdout.contains(line), "{line} {planned:?}");
    }
    let untouched = desk.gateway("gw1", |gateway| gateway["cache_ttl"] == 60).await?;
    assert_eq!(untouched["cache_ttl"], 60, "a plan changes nothing");

    let unasked = desk.with_file("apply", file, &[]).await?;
    assert_eq!(unasked.status, Some(1), "nobody could be asked: {unasked:?}");
    assert!(unasked.stderr.contains("--yes"), "{unasked:?}");

    let applied = desk.with_file("apply", file, &["--yes"]).await?;
    assert_eq!(applied.status, Some(0), "{applied:?}");
    let gateway = desk.gateway("gw1", |gateway| gateway["cache_ttl"] == 5).await?;
    assert_eq!(gateway["cache_ttl"], 5, "the running server follows");
    assert_eq!(desk.gateway("gw2", Value::is_object).await?["id"], "gw2");

    let audit = desk.weir.result("GET", "/audit?action=update&resource_type=gateway", None).await?;
    assert_eq!(audit[0]["actor"]["type"], "command_line", "{audit}");
    assert_eq!(audit[0]["actor"]["id"], "apply");

    let again = desk.with_file("plan", file, &[]).await?;
    assert_eq!(
        (again.status, again.stdout.as_str()),
        (Some(0), "Account acc1:\nNothing to change.\n")
    );

    let pruned = desk.with_file("apply", "[gateways.gw1]\n", &["--yes", "--prune"]).await?;
    assert_eq!(pruned.status, Some(0), "{pruned:?}");
    assert!(desk.gateway("gw2", Value::is_null).await?.is_null(), "gw2 is gone");
    Ok(())
}

#[tokio::test]
async fn what_is_wrong_with_a_file_is_told_at_once_and_nothing_is_done() -> Result<()> {
    let desk = Desk::start().await?;
    let file = "[gateways.gw1]\ncach_ttl = 1\n[gateways.gw2]\nretry_delay = -1\n[gateway.x]\n";
    for command in ["plan", "apply"] {
        let finished = desk.with_file(command, file, &[]).await?;
        assert_eq!(finished.status, Some(1), "{finished:?}");
        assert!(finished.stderr.contains("`gateways`"), "{finished:?}");
    }
    let file = file.replace("[gateway.x]\n", "");
    let finished = desk.with_file("apply", &file, &["--yes"]).await?;
    assert_eq!(finished.status, Some(1), "{finished:?}");
    for part in ["gateways.gw1.cach_ttl", "`cache_ttl`", "gateways.gw2.retry_delay"] {
        assert!(finished.stderr.contains(part), "{part} {finished:?}");
    }
    let exported = desk.weir.command(&["export"]).await?;
    assert!(!exported.stdout.contains("gw2"), "{exported:?}");
    Ok(())
}

#[tokio::test]
async fn an_export_makes_the_same_account_elsewhere() -> Result<()> {
    let desk = Desk::start().await?;
    let file = "\
        [custom_providers.mine]\n\
        name = \"Mine\"\n\
        base_url = \"https://h.example\"\n\
        enable = true\n\
        [custom_providers.mine.costs.m]\n\
        cost_in = 0.5\n\
        [gateways.gw1.datasets.slow]\n\
        filters = [{ key = \"duration\", operator = \"gt\", value = [5] }]\n";
    let applied = desk.with_file("apply", file, &["--yes"]).await?;
    assert_eq!(applied.status, Some(0), "{applied:?}");
    let out = desk.weir.folder().join("out.toml");
    let out = out.to_str().context("path")?;
    let exported = desk.weir.command(&["export", "-o", out]).await?;
    assert_eq!(exported.status, Some(0), "{exported:?}");

    let other = Weir::start(&Config::bare()).await?;
    let applied = other.command(&["apply", out, "--yes"]).await?;
    assert_eq!(applied.status, Some(0), "{applied:?}");
    let copied = other.command(&["export"]).await?;
    assert_eq!(copied.stdout, std::fs::read_to_string(out)?);
    Ok(())
}

/// Waits until the server says so.
async fn logs_deleted(weir: &Weir) {
    let deadline = Instant::now() + Duration::from_secs(15);
    while !weir.output().contains("deleted the logs of a gateway") {
        assert!(Instant::now() < deadline, "{}", weir.output());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn logs_of_a_gateway_pruned_while_no_server_ran_go_at_the_next_start() -> Result<()> {
    let mut rig = crate::rig::Rig::start().await?;
    rig.chat().await?;
    rig.weir.wait_for_rows(1).await?;
    rig.weir.stop().await?;
    let file = rig.weir.folder().join("empty.toml");
    std::fs::write(&file, "")?;
    let file = file.to_str().context("path")?.to_owned();
    let applied = rig.weir.command(&["apply", &file, "--yes", "--prune"]).await?;
    assert_eq!(applied.status, Some(0), "{applied:?}");
    rig.weir.restart_with(&Config::bare().providers(&rig.upstream)).await?;
    logs_deleted(&rig.weir).await;
    Ok(())
}

/// The command may not touch the logs of a running server, so the server deletes them.
#[tokio::test]
async fn a_pruned_gateway_takes_its_logs_along() -> Result<()> {
    let rig = crate::rig::Rig::start().await?;
    rig.chat().await?;
    rig.weir.wait_for_rows(1).await?;
    let file = rig.weir.folder().join("empty.toml");
    std::fs::write(&file, "")?;
    let file = file.to_str().context("path")?;
    let applied = rig.weir.command(&["apply", file, "--yes", "--prune"]).await?;
    assert_eq!(applied.status, Some(0), "{applied:?}");
    logs_deleted(&rig.weir).await;
    rig.weir
        .result(
            "POST",
            "/gateways",
            Some(&json!({"id": "gw1", "collect_logs": true,
        "cache_ttl": 0, "cache_invalidate_on_update": false, "rate_limiting_interval": 0,
        "rate_limiting_limit": 0})),
        )
        .await?;
    assert_eq!(rig.weir.row_count().await?, 0);
    Ok(())
}

#[tokio::test]
async fn the_openapi_document_is_printed() -> Result<()> {
    let printed = weir_e2e::weir::run(&["openapi"], &[]).await?;
    let document: Value = serde_json::from_str(&printed.stdout)?;
    let weir = Weir::start(&Config::bare()).await?;
    let served = weir.send(&weir_e2e::http::Request::get("/client/v4/openapi.json")).await?;
    assert_eq!(document, served.json()?);
    Ok(())
}

#[tokio::test]
async fn an_export_that_finds_no_room_fails() -> Result<()> {
    let desk = Desk::start().await?;
    // Every write to it says that the disk is full.
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full")?;
    let mut export = tokio::process::Command::new(weir_e2e::environment::binary()?);
    for name in weir_e2e::environment::own_variables() {
        export.env_remove(name);
    }
    let output = export
        .arg("export")
        .env("WEIR_CONFIG", desk.weir.folder().join("weir.toml"))
        .stdout(full)
        .stderr(std::process::Stdio::piped())
        .spawn()?
        .wait_with_output()
        .await?;
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("standard output"), "{output:?}");
    Ok(())
}
