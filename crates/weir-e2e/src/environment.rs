//! The one place that reads the environment: where the binary is and what the person who started
//! the tests asked for.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context as _, Result};

/// The value of a variable; `None` when it is unset, empty or not UTF-8.
#[expect(clippy::disallowed_methods, reason = "the tests have no other configuration")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The root of the workspace.
pub fn workspace() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}

/// The binary under test: `WEIR_BIN`, or the newer of the workspace's release and debug builds.
///
/// # Errors
/// When there is none; the text says how to get one.
pub fn binary() -> Result<PathBuf> {
    if let Some(named) = variable("WEIR_BIN") {
        let path = PathBuf::from(named);
        anyhow::ensure!(path.is_file(), "WEIR_BIN is {}, which is not a file", path.display());
        return Ok(path);
    }
    let age = |path: &PathBuf| -> Option<SystemTime> { path.metadata().ok()?.modified().ok() };
    ["release", "debug"]
        .map(|profile| workspace().join("target").join(profile).join("weir"))
        .into_iter()
        .filter(|path| path.is_file())
        .max_by_key(age)
        .context("no binary to test: run `cargo build -p weir`, or name one in WEIR_BIN")
}

/// The vectors to run: `WEIR_VECTORS`, or those of this crate.
pub fn vectors_file() -> PathBuf {
    let own = || Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/data-plane.json");
    variable("WEIR_VECTORS").map_or_else(own, PathBuf::from)
}

/// Areas or ids to run, from `AREA=a,b`; empty means all.
pub fn areas() -> Vec<String> {
    let list = variable("AREA").unwrap_or_default();
    list.split(',').map(str::trim).filter(|area| !area.is_empty()).map(str::to_owned).collect()
}

/// Whether to run even what is known not to be built yet (`ALL=1`).
pub fn run_pending() -> bool {
    variable("ALL").is_some_and(|value| value != "0")
}

/// Whether the suites with real clients may be left out (`WEIR_SKIP_CLIENTS=1`).
pub fn skip_clients() -> bool {
    variable("WEIR_SKIP_CLIENTS").is_some_and(|value| value != "0")
}

/// Names of this process's `WEIR_*` variables. The binary must not inherit them: one it does not
/// know is an error, and one it knows would change its configuration.
pub fn own_variables() -> Vec<OsString> {
    let names = std::env::vars_os().map(|(name, _)| name);
    names.filter(|name| name.to_string_lossy().starts_with("WEIR_")).collect()
}
