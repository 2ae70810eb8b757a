//! `weir serve`: the gateway.

use crate::app;
use crate::cli::ConfigSource;
use crate::config::{self, Environment};

/// Runs the gateway until it is told to stop and everything accepted is written.
pub(crate) fn run(source: &ConfigSource, simulate: bool) -> anyhow::Result<()> {
    let config = config::load(source.config.as_deref(), &Environment::of_process()).into_valid()?;
    super::block_on(app::run(config, simulate))?
}
