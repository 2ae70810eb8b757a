//! The conformance vectors of everything that is built.

use anyhow::Result;
use weir_e2e::environment;
use weir_e2e::vectors::{self, Options};

#[tokio::test]
async fn the_vectors_pass() -> Result<()> {
    let vectors = vectors::load(&environment::vectors_file())?;
    let only = environment::areas();
    let everything = only.is_empty();
    let report = vectors::run(vectors, &Options { only, all: environment::run_pending() }).await?;
    assert_eq!(report.failed(), 0, "\n{report}");
    assert!(report.passed() >= 40 || !everything, "too few were run\n{report}");
    Ok(())
}
