//! `weir serve`: the gateway.

use crate::app;
use crate::cli::ConfigSource;

/// Runs the gateway until it is told to stop and everything accepted is written.
pub(crate) fn run(source: &ConfigSource, simulate: bool) -> anyhow::Result<()> {
    let config = super::settings(source)?;
    super::block_on(app::run(config, simulate))?
}
