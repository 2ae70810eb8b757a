//! The clock of tests, and that nobody has it unawares.

use std::time::{Duration, UNIX_EPOCH};

use anyhow::{Context as _, Result};
use weir_e2e::weir::full_hour;

use crate::rig::Rig;

#[tokio::test]
async fn calls_go_by_the_clock_and_the_operator_is_warned() -> Result<()> {
    let rig = Rig::start_with(|config| config.test_clock()).await?;
    rig.weir.set_clock(full_hour()? + Duration::from_secs(86_400 * 365))?;
    let year = |at: std::time::SystemTime| -> Result<u64> {
        Ok(at.duration_since(UNIX_EPOCH)?.as_secs() / 31_557_600 + 1970)
    };
    let then = year(rig.weir.clock()?)?;
    rig.chat().await?;
    let row = rig.weir.only_row().await?;
    let created = row["created_at"].as_str().context("created_at")?;
    assert!(created.starts_with(&then.to_string()), "{created} is not in {then}");
    assert!(rig.weir.output().contains("for tests only"), "{}", rig.weir.output());
    let checked = rig.weir.command(&["check"]).await?;
    assert_eq!(checked.status, Some(0));
    assert!(checked.stderr.contains("warning: testing.clock_file"), "{}", checked.stderr);
    Ok(())
}
