//! The targets: how each is started and called.

mod nginx;
mod weir;

use std::fs::File;
use std::net::TcpListener;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use tempfile::TempDir;

use super::cpu::{self, GATEWAY, Process};
use super::load::Client;
use super::request::{self, Kind};

/// Longest wait for a target's first good answer.
const STARTUP: Duration = Duration::from_secs(20);

/// File in a target's folder with what it wrote to standard error.
const ERRORS: &str = "stderr.log";

/// One line of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// Clients straight to the upstream.
    Direct,
    /// A proxy with no logic.
    Bare,
    Nginx,
    /// Weir with authentication and nothing written.
    WeirNoLog,
    /// Weir that logs each call without its bodies.
    WeirLog,
    /// Weir that logs each call with its bodies.
    WeirBodies,
}

/// A target that runs.
pub(crate) struct Gateway {
    pub(crate) target: Target,
    pub(crate) port: u16,
    process: Option<Process>,
    /// Configuration and data, removed at the end.
    folder: TempDir,
}

impl Target {
    pub(crate) const ALL: [Self; 6] =
        [Self::Direct, Self::Bare, Self::Nginx, Self::WeirNoLog, Self::WeirLog, Self::WeirBodies];

    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Bare => "bare hyper proxy",
            Self::Nginx => "nginx",
            Self::WeirNoLog => "weir, auth",
            Self::WeirLog => "weir, auth, log",
            Self::WeirBodies => "weir, auth, log with bodies",
        }
    }

    /// The request that this target understands.
    pub(crate) fn request(self, kind: Kind) -> Vec<u8> {
        match self {
            Self::Direct | Self::Bare | Self::Nginx => {
                request::build(kind, "/v1/chat/completions", &[])
            }
            Self::WeirNoLog => weir::request(kind, &[("cf-aig-collect-log", "false")]),
            Self::WeirLog => weir::request(kind, &[("cf-aig-collect-log-payload", "false")]),
            Self::WeirBodies => weir::request(kind, &[]),
        }
    }
}

impl Gateway {
    /// Starts `target` in front of `upstream` and waits for its first good answer.
    pub(crate) async fn start(
        target: Target,
        upstream: u16,
        weir: &Path,
        program: &Path,
    ) -> anyhow::Result<Self> {
        let folder = TempDir::new().context("cannot make a folder for a target")?;
        let port = free_port()?;
        let command = match target {
            Target::Direct => None,
            Target::Bare => {
                let mut command = cpu::on_core(GATEWAY, program);
                command.arg("bare").arg(port.to_string()).arg(upstream.to_string());
                Some(command)
            }
            Target::Nginx => Some(nginx::command(port, upstream, folder.path())?),
            Target::WeirNoLog | Target::WeirLog | Target::WeirBodies => {
                Some(weir::command(weir, port, upstream, folder.path())?)
            }
        };
        let errors = File::create(folder.path().join(ERRORS))?;
        let port = if command.is_some() { port } else { upstream };
        let process = command.map(|command| cpu::start(command, errors.into())).transpose()?;
        let mut gateway = Self { target, port, process, folder };
        gateway.wait_until_ready().await?;
        Ok(gateway)
    }

    /// Processor time used so far; `None` where there is no gateway.
    pub(crate) fn cpu(&self) -> anyhow::Result<Option<Duration>> {
        self.process.as_ref().map(|process| cpu::used(process.id())).transpose()
    }

    async fn wait_until_ready(&mut self) -> anyhow::Result<()> {
        let request = self.target.request(Kind::Plain);
        let begun = Instant::now();
        let mut client = Client::new(self.port);
        loop {
            let outcome = client.call(&request, |_| {}).await;
            if matches!(outcome, Ok(200)) {
                return Ok(());
            }
            let has_ended = self.process.as_mut().is_some_and(Process::has_ended);
            if has_ended || begun.elapsed() > STARTUP {
                let said = std::fs::read_to_string(self.folder.path().join(ERRORS))?;
                bail!("{} gave no good answer: {outcome:?}\n{said}", self.target.title());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// Whether nginx can be started.
pub(crate) fn has_nginx() -> bool {
    nginx::is_installed()
}

/// A port that was free a moment ago.
fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
