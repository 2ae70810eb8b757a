//! The binary under test: started with a written configuration in a folder of its own, stopped,
//! killed and restarted as an operator would.

mod clock;
mod config;
mod management;
mod process;

use std::fs::File;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use tempfile::TempDir;
use tokio::process::{Child, Command};

pub use clock::full_hour;
pub use config::Config;
pub use process::{Finished, run};

use crate::http::{Request, Response, exchange};
use crate::{environment, ports};

/// A binary that does not become ready or stop in this time hangs.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running gateway. Dropping it kills the process and deletes its folder.
#[derive(Debug)]
pub struct Weir {
    child: Child,
    address: SocketAddr,
    folder: TempDir,
    config: Config,
    expected_end: bool,
}

impl Weir {
    /// Starts the binary in a new folder and waits until it is ready.
    ///
    /// # Errors
    /// When there is no binary, it ends, or it is not ready in twenty seconds; the text has its
    /// standard error.
    pub async fn start(config: &Config) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("weir-e2e-").tempdir()?;
        let address = ports::free()?;
        let config = config.clone();
        let child = spawn(folder.path(), &config, address)?;
        let mut weir = Self { child, address, folder, config, expected_end: false };
        weir.ready().await?;
        Ok(weir)
    }

    async fn ready(&mut self) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait()? {
                self.expected_end = true;
                bail!(
                    "the binary ended with {status} instead of becoming ready\n{}",
                    self.output()
                );
            }
            let address = self.config.admin_address().unwrap_or(self.address);
            let asked = exchange(address, &Request::get("/readyz")).await;
            if asked.is_ok_and(|response| response.status == 200) {
                return Ok(());
            }
            if Instant::now() > deadline {
                bail!("the binary is not ready after {PATIENCE:?}\n{}", self.output());
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Sends a request on a connection of its own.
    ///
    /// # Errors
    /// When no answer comes; the text has the binary's standard error.
    pub async fn send(&self, request: &Request) -> Result<Response> {
        let context = || format!("{} {}\n{}", request.method, request.target, self.output());
        exchange(self.address, request).await.with_context(context)
    }

    /// Asks the process to stop and waits for its end.
    ///
    /// # Errors
    /// When it does not end in twenty seconds.
    pub async fn stop(&mut self) -> Result<ExitStatus> {
        self.terminate()?;
        self.ended().await
    }

    /// Sends SIGTERM and does not wait.
    ///
    /// # Errors
    /// When the process is gone already.
    pub fn terminate(&mut self) -> Result<()> {
        self.expected_end = true;
        process::terminate(&self.child)
    }

    /// Waits until the process has ended by itself.
    ///
    /// # Errors
    /// When it does not in twenty seconds.
    pub async fn ended(&mut self) -> Result<ExitStatus> {
        let ended = tokio::time::timeout(PATIENCE, self.child.wait()).await;
        let context = || format!("the binary does not end\n{}", self.output());
        Ok(ended.with_context(context)??)
    }

    /// Kills the process outright (SIGKILL) and waits for its end.
    ///
    /// # Errors
    /// When it cannot be killed.
    pub async fn kill(&mut self) -> Result<()> {
        self.expected_end = true;
        self.child.kill().await.context("kill")
    }

    /// Starts the binary again in the same folder, after [`Weir::stop`] or [`Weir::kill`].
    ///
    /// # Errors
    /// As [`Weir::start`].
    pub async fn restart(&mut self) -> Result<()> {
        self.address = ports::free()?;
        self.child = spawn(self.folder.path(), &self.config, self.address)?;
        self.expected_end = false;
        self.ready().await
    }

    /// The same, with another configuration.
    ///
    /// # Errors
    /// As [`Weir::start`].
    pub async fn restart_with(&mut self, config: &Config) -> Result<()> {
        self.config = config.clone();
        self.restart().await
    }

    /// Number of the process; none once it has ended.
    pub fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// Memory of the process in bytes (resident set).
    ///
    /// # Errors
    /// When the process is gone.
    pub fn memory(&self) -> Result<u64> {
        process::memory(&self.child)
    }

    /// Runs a command of the binary beside this one, with the same settings.
    ///
    /// # Errors
    /// As [`run`].
    pub async fn command(&self, arguments: &[&str]) -> Result<Finished> {
        let file = self.folder.path().join("weir.toml");
        run(arguments, &[("WEIR_CONFIG", &file.to_string_lossy())]).await
    }

    /// The folder of this process: its settings, its output, and `data`.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Name and content of each file in the data folder.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn files(&self) -> Result<Vec<(String, Vec<u8>)>> {
        let entries = std::fs::read_dir(self.folder.path().join("data"))?;
        let read = |entry: std::io::Result<std::fs::DirEntry>| -> Result<_> {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            Ok((name, std::fs::read(entry.path())?))
        };
        entries.map(read).collect()
    }

    /// What the process wrote to standard error and output, the last part of it.
    pub fn output(&self) -> String {
        let read = |name: &str| {
            let bytes = std::fs::read(self.folder.path().join(name)).unwrap_or_default();
            let start = bytes.len().saturating_sub(4000);
            String::from_utf8_lossy(&bytes[start..]).into_owned()
        };
        format!("--- stderr\n{}--- stdout\n{}", read("stderr"), read("stdout"))
    }
}

impl Drop for Weir {
    /// A failing test shows what the binary had to say.
    fn drop(&mut self) {
        let died = !self.expected_end && matches!(self.child.try_wait(), Ok(Some(_)));
        if std::thread::panicking() || died {
            use std::io::Write as _;
            let why = if died { "the binary died" } else { "a test failed" };
            let _shown = writeln!(std::io::stderr(), "{why}; it said\n{}", self.output());
        }
    }
}

/// Writes the configuration and starts `weir serve` with it.
fn spawn(folder: &Path, config: &Config, address: SocketAddr) -> Result<Child> {
    let file = write_config(folder, config, address)?;
    let output = |name: &str| File::options().create(true).append(true).open(folder.join(name));
    let mut command = match config.file_limit() {
        None => Command::new(environment::binary()?),
        Some(kibibytes) => {
            // The signal that comes with a refused write would end the process; a full disk sends
            // none.
            let limited = format!("trap '' XFSZ; ulimit -f {kibibytes}; exec \"$@\"");
            let mut shell = Command::new("bash");
            shell.args(["-c", &limited, "bash"]).arg(environment::binary()?);
            shell
        }
    };
    command.arg("serve").arg("--config").arg(file).current_dir(folder).kill_on_drop(true);
    command.stdin(Stdio::null()).stdout(output("stdout")?).stderr(output("stderr")?);
    for name in environment::own_variables() {
        command.env_remove(name);
    }
    command.envs(config.variables());
    command.spawn().context("start the binary")
}

fn write_config(folder: &Path, config: &Config, address: SocketAddr) -> Result<PathBuf> {
    let file = folder.join("weir.toml");
    if let Some(prices) = config.price_list() {
        std::fs::write(folder.join("prices.json"), prices.to_string())?;
    }
    std::fs::write(&file, config.to_toml(address, folder)?)?;
    Ok(file)
}
