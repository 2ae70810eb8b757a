//! Runs the conformance vectors against the built binary: `weir-vectors [--all]`.
//!
//! Environment: `WEIR_BIN` names the binary, `WEIR_VECTORS` another file of vectors, `AREA=a,b`
//! the areas or ids to run, and `ALL=1` is the same as `--all`: run even what is known not to be
//! built yet. The last line is `N passed, N failed`; the status is 1 when anything failed.

use std::io::Write as _;
use std::process::ExitCode;

use anyhow::{Result, ensure};
use weir_e2e::environment;
use weir_e2e::vectors::{self, Options};

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let mut all = environment::run_pending();
    for argument in std::env::args().skip(1) {
        ensure!(argument == "--all", "usage: weir-vectors [--all]");
        all = true;
    }
    environment::binary()?;
    let vectors = vectors::load(&environment::vectors_file())?;
    let options = Options { only: environment::areas(), all };
    let report = vectors::run(vectors, &options).await?;
    writeln!(std::io::stdout(), "{report}")?;
    Ok(if report.failed() == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
