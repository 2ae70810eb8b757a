//! What each command does.

pub(crate) mod backup;
pub(crate) mod check;
pub(crate) mod declared;
pub(crate) mod import;
pub(crate) mod keys;
pub(crate) mod prices;
pub(crate) mod serve;
pub(crate) mod simulate;
pub(crate) mod token;

use std::future::Future;
use std::io::Write;

use anyhow::Context;
use weir_core::LiveConfiguration;
use weir_core::audit::Actor;
use weir_core::config::{Changes, Configuration};
use weir_core::live::ChangeError;

use crate::cli::ConfigSource;
use crate::config::{self, Config, Environment};

/// Prints a line for the person at the terminal. A closed terminal is no reason to fail.
pub(crate) fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// Prints what a command is for, and fails if not all of it can be written: it may go into a file.
pub(crate) fn hand_over(text: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    written.context("cannot write to standard output")
}

/// Prints a line about a failure.
pub(crate) fn complain(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Runs a future on a runtime that fits the machine: with one core to run on, one thread does
/// everything, which spares the hand-over between threads.
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> anyhow::Result<T> {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let mut builder = if cores == 1 {
        tokio::runtime::Builder::new_current_thread()
    } else {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        builder.worker_threads(cores);
        builder
    };
    Ok(builder.enable_all().build()?.block_on(future))
}

/// The settings, or an error that lists everything that is wrong with them.
pub(crate) fn settings(source: &ConfigSource) -> anyhow::Result<Config> {
    config::load(source.config.as_deref(), &Environment::of_process()).into_valid()
}

/// Opens the configuration store for a command. A server may run beside it: it notices within a
/// second what the command changes.
pub(crate) async fn installation(
    source: &ConfigSource,
) -> anyhow::Result<(Config, LiveConfiguration)> {
    let config = settings(source)?;
    let (store, _vault) = weir_store::open_config(&config.stores())
        .with_context(|| format!("cannot open {}", config.data_dir.display()))?;
    let live = LiveConfiguration::open(store).await?;
    Ok((config, live))
}

/// Changes the configuration in the name of whoever runs `weir <command>`.
pub(crate) async fn change<T>(
    live: &LiveConfiguration,
    command: &str,
    edit: impl FnMut(&Configuration, &mut Changes) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    match live.change(&Actor::command_line(command), edit).await {
        Ok(output) => Ok(output),
        Err(ChangeError::Refused(error)) => Err(error),
        Err(ChangeError::Store(error)) => Err(error.into()),
    }
}
