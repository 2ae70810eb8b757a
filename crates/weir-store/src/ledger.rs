//! The ledger as the server opens it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use weir_core::ledger::Ledger;
use weir_core::store::StoreResult;
use weir_core::{Clock, Timestamp};

use crate::backup::LEDGER;
use crate::memory::LedgerFigures;
use crate::sqlite::SqliteLedger;

/// Where a ledger lies, and how long what a dead process reserved stays reserved.
#[derive(Clone)]
pub struct LedgerOptions {
    /// Folder of the file; it must be there.
    pub data_dir: PathBuf,
    /// How long reservations outlive the last sign of life of whoever made them.
    pub lease: Duration,
    /// What time it is: that of the calls.
    pub clock: Arc<dyn Clock>,
}

/// A ledger: a cheap handle.
#[derive(Clone)]
pub struct LedgerStore {
    ledger: Arc<SqliteLedger>,
}

/// Opens `ledger.db`, creating it if need be, and reads everything that was spent. What a process
/// had reserved when it was killed stays reserved until its lease ends. Starts the thread that
/// writes. Blocks on the disk, and for some seconds on another process that has it open.
///
/// # Errors
///
/// `StoreError::Other`, with a text that names the file and what to do: it is damaged (it is not
/// replaced by itself: it says what was spent), was written by a newer version, another process has
/// it open, or the disk refuses.
pub fn open_ledger(options: &LedgerOptions) -> StoreResult<LedgerStore> {
    let path = options.data_dir.join(LEDGER);
    let clock = Arc::clone(&options.clock);
    let ledger = Arc::new(SqliteLedger::open(&path, options.lease, clock)?);
    Ok(LedgerStore { ledger })
}

impl LedgerStore {
    /// What reserves and settles.
    pub fn ledger(&self) -> Arc<dyn Ledger> {
        Arc::clone(&self.ledger) as Arc<dyn Ledger>
    }

    /// Forgets buckets that stand at nothing. To be called now and then.
    pub fn sweep(&self, now: Timestamp) {
        self.ledger.sweep(now);
    }

    /// What it holds.
    pub fn figures(&self) -> LedgerFigures {
        self.ledger.figures()
    }
}

#[cfg(test)]
mod tests;
