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

/// A runner that passes everything proves nothing: with every status changed, nothing may pass.
#[tokio::test]
async fn wrong_expectations_fail() -> Result<()> {
    let mut vectors = vectors::load(&environment::vectors_file())?;
    for vector in &mut vectors {
        let steps = vector.expect.get_mut("steps").and_then(serde_json::Value::as_array_mut);
        for step in steps.into_iter().flatten() {
            step["status"] = 299.into();
        }
        vector.expect.insert("status".to_owned(), 299.into());
    }
    let report = vectors::run(vectors, &Options::default()).await?;
    assert_eq!(report.passed(), 0, "\n{report}");
    assert!(report.failed() > 0);
    Ok(())
}
