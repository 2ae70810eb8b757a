//! The command line.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, Subcommand};

/// Measures Weir beside nginx and a bare proxy, and prints a Markdown table.
#[derive(Parser)]
#[command(version)]
pub(crate) struct Args {
    /// The Weir binary; without it the other targets are measured alone.
    #[arg(long, default_value = "target/release/weir")]
    pub(crate) weir: PathBuf,
    /// One short round, for a look while developing.
    #[arg(long)]
    pub(crate) quick: bool,
    /// How often every target is measured in every scenario.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Measured seconds of each cell.
    #[arg(long, default_value_t = 3.0)]
    seconds: f64,
    /// Let idle cores sleep. By default lowest-priority loops keep them awake, since on virtual
    /// machines a core that wakes up adds more latency than a gateway.
    #[arg(long)]
    pub(crate) no_spin: bool,
    #[command(subcommand)]
    pub(crate) role: Option<Role>,
}

/// What a copy of this program does for the one that measures.
#[derive(Subcommand)]
pub(crate) enum Role {
    /// Be the bare proxy.
    #[command(hide = true)]
    Bare {
        /// Port to listen on.
        port: u16,
        /// Port of the upstream.
        upstream: u16,
    },
    /// Keep a core awake.
    #[command(hide = true)]
    Spin,
}

impl Args {
    pub(crate) fn rounds(&self) -> usize {
        if self.quick { 1 } else { self.rounds.max(1) }
    }

    /// Measured time of each cell; half of it is spent on warming up before.
    pub(crate) fn window(&self) -> Duration {
        let seconds = if self.quick { 1.0 } else { self.seconds };
        Duration::try_from_secs_f64(seconds).unwrap_or(Duration::from_secs(3))
    }
}
