//! The test clock of the binary: what time it is for its calls.

use std::fs;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result};

use super::Weir;

/// Its file in the folder of the process.
pub(super) const FILE: &str = "clock";

impl Weir {
    /// Sets the clock; it runs on from there. Only for a binary with [`super::Config::test_clock`].
    ///
    /// # Errors
    /// When the clock's file cannot be written.
    pub fn set_clock(&self, at: SystemTime) -> Result<()> {
        let shift = millis(at)? - millis(SystemTime::now())?;
        // In one step, or a call could read half a number.
        let (file, draft) = (self.folder.path().join(FILE), self.folder.path().join("clock.new"));
        fs::write(&draft, shift.to_string())?;
        fs::rename(draft, file).context("the clock's file")
    }

    /// Moves the clock on.
    ///
    /// # Errors
    /// As [`Weir::set_clock`].
    pub fn advance(&self, by: Duration) -> Result<()> {
        self.set_clock(self.clock()? + by)
    }

    /// What time it is for calls.
    ///
    /// # Errors
    /// When the clock's file cannot be read.
    pub fn clock(&self) -> Result<SystemTime> {
        let text = fs::read_to_string(self.folder.path().join(FILE)).unwrap_or_default();
        let shift: i64 =
            if text.is_empty() { 0 } else { text.parse().context("the clock's file")? };
        let now = u64::try_from(millis(SystemTime::now())? + shift)?;
        Ok(UNIX_EPOCH + Duration::from_millis(now))
    }
}

fn millis(at: SystemTime) -> Result<i64> {
    Ok(i64::try_from(at.duration_since(UNIX_EPOCH)?.as_millis())?)
}

/// The last full hour: no window of an hour or less ends soon after it.
///
/// # Errors
/// When the machine's clock stands before 1970.
pub fn full_hour() -> Result<SystemTime> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    Ok(UNIX_EPOCH + Duration::from_secs(now - now % 3600))
}
