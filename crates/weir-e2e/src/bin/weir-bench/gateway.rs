//! The targets: how each is started and called.

mod nginx;
mod weir;

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
    _folder: TempDir,
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
        let (port, process) = match target {
            Target::Direct => (upstream, None),
            Target::Bare => {
                let mut command = cpu::on_core(GATEWAY, program);
                command.arg("bare").arg(port.to_string()).arg(upstream.to_string());
                (port, Some(cpu::start(command)?))
            }
            Target::Nginx => (port, Some(nginx::start(port, upstream, folder.path())?)),
            Target::WeirNoLog | Target::WeirLog | Target::WeirBodies => {
                (port, Some(weir::start(weir, port, upstream, folder.path())?))
            }
        };
        let gateway = Self { target, port, process, _folder: folder };
        gateway.wait_until_ready().await?;
        Ok(gateway)
    }

    /// Processor time used so far; `None` where there is no gateway.
    pub(crate) fn cpu(&self) -> anyhow::Result<Option<Duration>> {
        self.process.as_ref().map(|process| cpu::used(process.id())).transpose()
    }

    async fn wait_until_ready(&self) -> anyhow::Result<()> {
        let request = self.target.request(Kind::Plain);
        let begun = Instant::now();
        let mut client = Client::new(self.port);
        loop {
            let outcome = client.call(&request, |_| {}).await;
            if matches!(outcome, Ok(200)) {
                return Ok(());
            }
            if begun.elapsed() > STARTUP {
                bail!("{} gave no good answer: {outcome:?}", self.target.title());
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
