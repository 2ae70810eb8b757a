//! The provider simulator as a process of its own.

use std::net::SocketAddr;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use tokio::process::{Child, Command};

use crate::http::{Request, exchange};
use crate::{environment, ports};

/// A running simulator; it ends when this is dropped.
#[derive(Debug)]
pub struct Simulator {
    address: SocketAddr,
    _process: Child,
}

impl Simulator {
    /// Starts one on a free port and waits until it answers.
    ///
    /// # Errors
    /// When it does not come up within ten seconds.
    pub async fn start() -> Result<Self> {
        let address = ports::free()?;
        let mut command = Command::new(environment::binary()?);
        command.args(["simulate", "--listen", &address.to_string()]).kill_on_drop(true);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        for name in environment::own_variables() {
            command.env_remove(name);
        }
        let process = command.spawn().context("start the simulator")?;
        let deadline = Instant::now() + Duration::from_secs(10);
        while exchange(address, &Request::get("/models")).await.is_err() {
            if Instant::now() > deadline {
                bail!("the simulator does not answer");
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Ok(Self { address, _process: process })
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }
}
