//! The clients that people use, unchanged but for their base URL, against the provider simulator:
//! those of OpenAI, Anthropic, Google, Amazon, Cohere and Cloudflare, and what is built on them.
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
    let limit = Duration::from_secs(600);
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

/// Copies the files of a folder, and gives their names.
fn copy_all(from: &Path, to: &Path) -> Result<Vec<String>> {
    std::fs::create_dir_all(to)?;
    let mut names = Vec::new();
    for entry in std::fs::read_dir(from)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        std::fs::copy(from.join(&name), to.join(&name))?;
        names.push(name);
    }
    Ok(names)
}

#[tokio::test]
async fn node_clients_work_unchanged() -> Result<()> {
    if skipped()? {
        return Ok(());
    }
    let folder = folder("node");
    std::fs::create_dir_all(&folder)?;
    for name in ["package.json", "package-lock.json"] {
        std::fs::copy(source().join(name), folder.join(name))?;
    }
    let binding = environment::workspace().join("clients/ai-gateway-binding/src");
    copy_all(&binding, &folder.join("ai-gateway-binding/src"))?;
    let suites = copy_all(&source().join("node"), &folder.join("node"))?;
    let tests = suites.iter().filter(|name| name.ends_with(".test.mjs"));
    let tests: Vec<String> = tests.map(|name| format!("node/{name}")).collect();
    let mut npm = Command::new("npm");
    // A package of the suites names the SDKs of twenty vendors as optional.
    npm.args(["ci", "--omit=optional", "--no-audit", "--no-fund"]).current_dir(&folder);
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
    python_suites("python", "requirements.txt").await
}

/// Those that pull much with them, in a folder of their own: their pins do not go together with
/// those of the others.
#[tokio::test]
async fn python_frameworks_work_unchanged() -> Result<()> {
    python_suites("python-heavy", "requirements-heavy.txt").await
}

/// Runs every suite of a folder of the repository.
async fn python_suites(name: &str, requirements: &str) -> Result<()> {
    if skipped()? {
        return Ok(());
    }
    let folder = folder(name);
    install_python(&folder, requirements).await?;
    let world = World::start().await?;
    for entry in std::fs::read_dir(source().join(name))? {
        let suite = entry?.path();
        if suite.file_name().is_some_and(|name| name.to_string_lossy().starts_with("test_")) {
            let mut python = Command::new("python3");
            world.run(python.arg("-B").arg(suite).env("PYTHONPATH", &folder)).await?;
        }
    }
    Ok(())
}
