//! The credit journal in memory.

use std::collections::HashSet;
use std::sync::Arc;

use weir_core::ledger::{CreditEntry, CreditKind, CreditPage, CreditQuery};
use weir_core::store::{StoreError, StoreResult};

/// Lines in the order in which they came.
#[derive(Default)]
pub(super) struct Journal {
    entries: Vec<CreditEntry>,
    ids: HashSet<Arc<str>>,
}

impl Journal {
    /// Adds a line, unless one of its id is there.
    pub(super) fn add(&mut self, entry: CreditEntry) -> bool {
        let new = self.ids.insert(Arc::clone(&entry.id));
        if new {
            self.entries.push(entry);
        }
        new
    }

    pub(super) fn page(&self, query: &CreditQuery) -> CreditPage {
        let wanted = |entry: &&CreditEntry| {
            entry.account == query.account
                && (query.kinds.is_empty() || query.kinds.contains(&entry.kind))
                && query.from.is_none_or(|from| entry.at >= from)
                && query.to.is_none_or(|to| entry.at < to)
        };
        let mut found: Vec<&CreditEntry> = self.entries.iter().filter(wanted).collect();
        // Stable: those of the same moment stay in the order in which they came.
        found.sort_by_key(|entry| entry.at);
        if !query.ascending {
            found.reverse();
        }
        let total = found.len() as u64;
        let offset = usize::try_from(query.offset).unwrap_or(usize::MAX);
        let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
        let entries = found.into_iter().skip(offset).take(limit).cloned().collect();
        CreditPage { entries, total }
    }
}

/// Refuses what only settlements may write.
pub(crate) fn check(entry: &CreditEntry) -> StoreResult<()> {
    if entry.kind == CreditKind::Usage || entry.usage.is_some() {
        return Err(StoreError::Other("usage is journalled by settling it".into()));
    }
    Ok(())
}
