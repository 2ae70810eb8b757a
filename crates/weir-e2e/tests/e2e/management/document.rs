//! The served OpenAPI document, and a fuzzer that calls everything in it.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use tokio::process::Command;
use weir_e2e::http::Request;

use crate::clients::{folder, install_python, program, skipped};
use crate::rig::Rig;

#[tokio::test]
async fn the_served_document_is_the_one_in_the_tree() -> Result<()> {
    let rig = Rig::start().await?;
    let served = rig.weir.send(&Request::get("/client/v4/openapi.json")).await?;
    assert_eq!(served.status, 200);
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("../weir-api/openapi.json");
    let kept: Value = serde_json::from_str(&std::fs::read_to_string(kept)?)?;
    assert_eq!(served.json()?, kept);
    let paths = kept["paths"].as_object().context("paths")?;
    let operations: BTreeSet<&str> = paths
        .values()
        .flat_map(|path| path.as_object().into_iter().flatten())
        .filter_map(|(_, operation)| operation["operationId"].as_str())
        .collect();
    assert!(operations.len() > 80, "{} operations", operations.len());
    Ok(())
}

#[tokio::test]
async fn a_fuzzer_finds_no_failure_and_no_undeclared_answer() -> Result<()> {
    if skipped()? {
        return Ok(());
    }
    let folder = folder("schemathesis");
    install_python(&folder, "schemathesis.txt").await?;
    let rig = Rig::start().await?;
    let base = format!("http://{}/client/v4", rig.weir.address());
    let document = rig.weir.send(&Request::get("/client/v4/openapi.json")).await?.json()?;
    let file = folder.join("openapi.json");
    std::fs::write(&file, here(document).to_string())?;
    let mut fuzzer = Command::new("python3");
    fuzzer.args(["-B", "-m", "schemathesis.cli", "run"]).arg(&file);
    fuzzer.args(["--url", &base, "--header", "Authorization: Bearer tok-admin"]);
    fuzzer.args(["--checks", CHECKS, "--phases", "examples,coverage,fuzzing"]);
    fuzzer.args(["--max-examples", "10", "--seed", "1", "--warnings", "off"]);
    // Never the token that it calls with.
    fuzzer.args(["--exclude-operation-id", "revokeToken", "--continue-on-failure"]);
    fuzzer.env("PYTHONPATH", &folder).current_dir(&folder);
    program(&mut fuzzer, Duration::from_secs(500)).await.with_context(|| rig.weir.output())?;
    rig.assert_alive().await
}

const CHECKS: &str = "not_a_server_error,response_schema_conformance,\
    content_type_conformance,status_code_conformance,unsupported_method";

/// The document for an account and a gateway that are there: random names would get no further
/// than a refusal.
fn here(mut document: Value) -> Value {
    for (path, operations) in document["paths"].as_object_mut().into_iter().flatten() {
        for operation in operations.as_object_mut().into_iter().flat_map(|all| all.values_mut()) {
            for parameter in operation["parameters"].as_array_mut().into_iter().flatten() {
                let name = parameter["name"].as_str().unwrap_or_default();
                // A gateway that the fuzzer deleted would hide everything below it.
                let known = match name {
                    "account_id" => "acc1",
                    "gateway_id" if !path.ends_with("{gateway_id}") => "gw1",
                    _ => continue,
                };
                parameter["schema"] = json!({ "type": "string", "enum": [known] });
            }
        }
    }
    document
}
