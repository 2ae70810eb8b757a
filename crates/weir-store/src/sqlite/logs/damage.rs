//! Gateways whose segments turned out to be damaged while they were read.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use rusqlite::Connection;

use super::gateways::Stored;
use super::scan::Rows;
use crate::sqlite::fault::Fault;

/// What readers found, for the writer to mend. At most one entry for each gateway.
#[derive(Default)]
pub(super) struct Damage(Mutex<BTreeSet<i64>>);

impl Damage {
    /// Answers from the segments of a gateway if they can be used, else from its rows.
    pub(super) fn or_rows<'reader, T>(
        &self,
        gateway: Stored,
        rows: &mut Rows<'reader>,
        from_segments: impl FnOnce(&'reader Connection, i64) -> Result<T, Fault>,
        from_rows: impl FnOnce(&mut Rows<'reader>) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        if gateway.segmented {
            match from_segments(rows.connection, gateway.number) {
                Err(error @ Fault::Content(_)) => {
                    tracing::error!(
                        gateway = rows.gateway.as_str(),
                        %error,
                        "log segments are damaged, the rows are read instead"
                    );
                    let mut found = self.0.lock().unwrap_or_else(PoisonError::into_inner);
                    found.insert(gateway.number);
                }
                result => return result,
            }
        }
        from_rows(rows)
    }

    /// Takes what was found.
    pub(super) fn take(&self) -> BTreeSet<i64> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
