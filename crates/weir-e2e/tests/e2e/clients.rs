//! The official clients of OpenAI, Anthropic and Cloudflare, unchanged but for their base URL,
//! against the provider simulator.
//!
//! They are installed with npm and pip into `target/clients`. Where that cannot be done the tests
//! fail and say so: a suite that quietly does not run is worth nothing. `WEIR_SKIP_CLIENTS=1`
//! leaves them out on purpose.

mod world;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use tokio::process::Command;
use weir_e2e::environment;
use world::World;

/// The suites as the repository has them.
fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("clients")
}

pub(crate) fn folder(name: &str) -> PathBuf {
    environment::workspace().join("target/clients").join(name)
}

/// Runs a program to its end; its output is part of the error.
pub(crate) async fn program(command: &mut Command, limit: Duration) -> Result<()> {
    command.kill_on_drop(true).stdin(Stdio::null());
    let shown = format!("{:?}", command.as_std());
    let ended = tokio::time::timeout(limit, command.output()).await;
    let Output { status, stdout, stderr } = ended
        .with_context(|| format!("{shown} does not end"))?
        .with_context(|| format!("{shown} cannot be started"))?;
    let (stdout, stderr) = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    ensure!(status.success(), "{shown}: {status}\n{stdout}\n{stderr}");
    Ok(())
}

/// Whether these clients are installed as pinned; the pin is kept beside them.
fn is_installed(folder: &Path, pin: &str) -> bool {
    std::fs::read_to_string(folder.join("installed")).is_ok_and(|installed| installed == pin)
}

/// Installs with `command` unless the pin is the same as last time.
async fn install(folder: &Path, pin: &Path, command: &mut Command) -> Result<()> {
    let pin = std::fs::read_to_string(pin)?;
    if is_installed(folder, &pin) {
        return Ok(());
    }
    let limit = Duration::from_secs(300);
    let advice = "THE CLIENT SUITES CANNOT RUN: node with npm, python3 with pip and their \
        registries are needed. Set WEIR_SKIP_CLIENTS=1 to leave these suites out on purpose";
    program(command, limit).await.context(advice)?;
    Ok(std::fs::write(folder.join("installed"), pin)?)
}

/// Says loudly that the suites are left out; true when they are.
pub(crate) fn skipped() -> Result<bool> {
    if environment::skip_clients() {
        let text = "\nWEIR_SKIP_CLIENTS is set: THE CLIENT SUITES DID NOT RUN\n";
        std::io::stderr().write_all(text.as_bytes())?;
    }
    Ok(environment::skip_clients())
}

#[tokio::test]
async fn node_clients_work_unchanged() -> Result<()> {
    if skipped()? {
        return Ok(());
    }
    let folder = folder("node");
    std::fs::create_dir_all(folder.join("node"))?;
    for name in ["package.json", "package-lock.json"] {
        std::fs::copy(source().join(name), folder.join(name))?;
    }
    let mut tests = Vec::new();
    for entry in std::fs::read_dir(source().join("node"))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        std::fs::copy(source().join("node").join(&name), folder.join("node").join(&name))?;
        tests.extend(name.ends_with(".test.mjs").then(|| format!("node/{name}")));
    }
    let mut npm = Command::new("npm");
    npm.args(["ci", "--no-audit", "--no-fund"]).current_dir(&folder);
    install(&folder, &source().join("package-lock.json"), &mut npm).await?;
    let world = World::start().await?;
    world.run(Command::new("node").arg("--test").args(tests).current_dir(&folder)).await
}

/// Installs what a file of requirements pins into a folder of its own.
pub(crate) async fn install_python(folder: &Path, requirements: &str) -> Result<()> {
    std::fs::create_dir_all(folder)?;
    let pin = source().join(requirements);
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "install", "--quiet", "--upgrade", "--target"]);
    pip.arg(folder).arg("--requirement").arg(&pin);
    install(folder, &pin, &mut pip).await
}

#[tokio::test]
async fn python_clients_work_unchanged() -> Result<()> {
    if skipped()? {
        return Ok(());
    }
    let folder = folder("python");
    install_python(&folder, "requirements.txt").await?;
    let world = World::start().await?;
    for entry in std::fs::read_dir(source().join("python"))? {
        let suite = entry?.path();
        let name = suite.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with("test_") {
            let mut python = Command::new("python3");
            world.run(python.arg("-B").arg(suite).env("PYTHONPATH", &folder)).await?;
        }
    }
    Ok(())
}
