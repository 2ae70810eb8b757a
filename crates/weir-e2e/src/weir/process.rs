//! The process as the operating system sees it.

use std::process::Output;
use std::time::Duration;

use anyhow::{Context as _, Result};
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};

use crate::environment;

/// Sends SIGTERM.
pub(super) fn terminate(child: &Child) -> Result<()> {
    let id = i32::try_from(child.id().context("the process has ended")?)?;
    let pid = Pid::from_raw(id).context("no process")?;
    kill_process(pid, Signal::TERM).context("SIGTERM")
}

/// Resident memory in bytes.
pub(super) fn memory(child: &Child) -> Result<u64> {
    let id = child.id().context("the process has ended")?;
    let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("VmRSS")?;
    let kib: u64 = line.trim().trim_end_matches("kB").trim().parse().context("VmRSS")?;
    Ok(kib * 1024)
}

/// How a command that ends by itself has ended.
#[derive(Clone, Debug)]
pub struct Finished {
    /// Exit status; `None` when a signal ended it.
    pub status: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

/// Runs the binary with these arguments and additional variables until it ends by itself.
///
/// # Errors
/// When there is no binary or it does not end in twenty seconds.
pub async fn run(arguments: &[&str], variables: &[(&str, &str)]) -> Result<Finished> {
    let mut command = Command::new(environment::binary()?);
    command.args(arguments).kill_on_drop(true);
    for name in environment::own_variables() {
        command.env_remove(name);
    }
    command.envs(variables.iter().copied());
    let output = tokio::time::timeout(Duration::from_secs(20), command.output()).await;
    let Output { status, stdout, stderr } =
        output.with_context(|| format!("{arguments:?} does not end"))??;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ok(Finished { status: status.code(), stdout: text(&stdout), stderr: text(&stderr) })
}
