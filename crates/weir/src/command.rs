//! What each command does.

pub(crate) mod check;
pub(crate) mod serve;
pub(crate) mod simulate;
pub(crate) mod token;

use std::future::Future;
use std::io::Write;

/// Prints a line for the person at the terminal. A closed terminal is no reason to fail.
pub(crate) fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
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
