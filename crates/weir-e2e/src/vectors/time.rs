//! The clock of a vector: it stands wherever the vector puts it.

use std::time::{Duration, SystemTime};

use anyhow::{Context as _, Result};
use jiff::Timestamp;
use serde_json::Value;

use crate::weir::{self, Weir};

/// When a vector's world begins, and how far it has come.
#[derive(Debug)]
pub(super) struct Time {
    at: SystemTime,
}

impl Time {
    /// `given.now`, or a full hour, so that no window ends amid a vector.
    pub(super) fn begin(now: Option<&Value>) -> Result<Self> {
        let at = now.map_or_else(weir::full_hour, moment)?;
        Ok(Self { at })
    }

    /// Puts the binary's clock where the vector's stands. The time that the runner itself needed
    /// is taken back by that.
    pub(super) fn put(&self, weir: &Weir) -> Result<()> {
        weir.set_clock(self.at)
    }

    /// `{advance_s}` or `{advance_to}`; false when the item is neither.
    pub(super) fn advance(&mut self, item: &Value) -> Result<bool> {
        if let Some(seconds) = item.get("advance_s") {
            let seconds = seconds.as_f64().context("advance_s")?;
            self.at += Duration::try_from_secs_f64(seconds)?;
        } else if let Some(at) = item.get("advance_to") {
            self.at = moment(at)?;
        } else {
            return Ok(false);
        }
        Ok(true)
    }
}

fn moment(text: &Value) -> Result<SystemTime> {
    let text = text.as_str().context("a moment is a text")?;
    let at: Timestamp = text.parse().with_context(|| text.to_owned())?;
    Ok(at.into())
}
