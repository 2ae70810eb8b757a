//! `weir check`: the effective configuration and everything that is wrong with it.

use std::process::ExitCode;

use super::{complain, say};
use crate::cli::ConfigSource;
use crate::config::{self, Environment};

/// Prints to standard output what holds, to standard error what is wrong. The exit status is 0
/// when nothing is.
pub(crate) fn run(source: &ConfigSource) -> ExitCode {
    let loaded = config::load(source.config.as_deref(), &Environment::of_process());
    say(loaded.config.to_masked_toml().trim_end());
    for warning in loaded.config.testing.warnings() {
        complain(&format!("warning: {warning}"));
    }
    if loaded.problems.is_empty() {
        return ExitCode::SUCCESS;
    }
    for problem in &loaded.problems {
        complain(&format!("error: {problem}"));
    }
    let count = loaded.problems.len();
    complain(&format!("{count} problem{}", if count == 1 { "" } else { "s" }));
    ExitCode::FAILURE
}
