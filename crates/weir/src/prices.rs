//! Which price table is in force: the operator's file, else a newer one that `weir prices update`
//! has put beside the data, else the one that comes with the build.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use weir_llm::pricing::PriceTable;

use crate::config::Config;

/// Where `weir prices update` writes, and what is read at the next start.
pub(crate) fn path(config: &Config) -> PathBuf {
    config.prices.file.clone().unwrap_or_else(|| config.data_dir.join("prices.json"))
}

/// The table in force.
///
/// # Errors
///
/// The file cannot be read, or is no price table; a file that is not there is an error only if the
/// configuration names it.
pub(crate) fn load(config: &Config) -> anyhow::Result<Arc<PriceTable>> {
    let builtin = PriceTable::builtin();
    let path = path(config);
    if config.prices.file.is_some() {
        return read(&path).map(Arc::new).context("prices.file");
    }
    if !path.exists() {
        return Ok(Arc::clone(builtin));
    }
    let table = read(&path).context("delete this file to go by the built-in prices")?;
    // Days in this form sort as text.
    if table.as_of() < builtin.as_of() {
        tracing::info!(
            file = %path.display(), of = table.as_of(), built_in = builtin.as_of(),
            "the built-in prices are newer than the file, and are in force"
        );
        return Ok(Arc::clone(builtin));
    }
    Ok(Arc::new(table))
}

/// Reads a price table.
pub(crate) fn read(path: &Path) -> anyhow::Result<PriceTable> {
    let text =
        std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    PriceTable::parse(&text).with_context(|| path.display().to_string())
}

#[cfg(test)]
mod tests;
