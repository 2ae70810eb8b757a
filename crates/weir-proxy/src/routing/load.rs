//! How many calls are under way at one target.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// A count that goes down by itself.
#[derive(Debug, Default)]
pub(crate) struct Load {
    under_way: Arc<AtomicU32>,
}

/// One call under way, until it is dropped.
#[derive(Debug)]
pub(crate) struct LoadGuard {
    under_way: Arc<AtomicU32>,
}

impl Load {
    /// Counts a call.
    pub(crate) fn begin(&self) -> LoadGuard {
        self.under_way.fetch_add(1, Ordering::Relaxed);
        LoadGuard { under_way: Arc::clone(&self.under_way) }
    }

    /// Calls that have begun and not ended.
    pub(crate) fn under_way(&self) -> u32 {
        self.under_way.load(Ordering::Relaxed)
    }
}

impl Drop for LoadGuard {
    fn drop(&mut self) {
        self.under_way.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests;
