//! Keeping the best rows of many: those of one page and those before it.

use std::cmp::Ordering;
use std::sync::Arc;

use weir_core::LogId;
use weir_core::store::LogQuery;

use super::values::{Facts, Flag, Number, SortedBy, saturated};

/// What a row is sorted by. No value comes before any value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    /// A number or flag.
    Number(Option<i64>),
    /// A text.
    Text(Option<Arc<str>>),
}

impl Key {
    /// That of a number. All that rows are sorted by fit into 64 bits.
    pub(super) fn number(value: Option<i128>) -> Self {
        Self::Number(value.map(saturated))
    }

    /// That of a row.
    pub(super) fn of(row: &Facts<'_>, sorted_by: SortedBy) -> Self {
        match sorted_by {
            SortedBy::Number(number) => Self::number(number.of(row)),
            SortedBy::Flag(flag) => Self::number(Number::Flags.of(row).map(|all| bit(all, flag))),
            SortedBy::Text(text) => Self::Text(text.of(row).map(Arc::from)),
        }
    }
}

/// A flag among all flags, as 0 or 1.
pub(super) fn bit(flags: i128, flag: Flag) -> i128 {
    i128::from(flags & (flag as i128) != 0)
}

/// The rows of a page, chosen out of all that are offered, in any order. Memory: twice the page and
/// what lies before it, 40 bytes for each, or as many as were offered.
pub(super) struct Selection {
    ascending: bool,
    offset: usize,
    limit: usize,
    found: Vec<(Key, LogId)>,
    /// Nothing behind this one can be in the page.
    last: Option<(Key, LogId)>,
}

/// Rows held beyond those that are wanted before the surplus is dropped.
const SLACK: usize = 1024;

impl Selection {
    pub(super) fn new(query: &LogQuery) -> Self {
        let offset = usize::try_from(query.offset).unwrap_or(usize::MAX);
        let limit = query.limit as usize;
        Self { ascending: query.ascending, offset, limit, found: Vec::new(), last: None }
    }

    /// Whether nothing can be in the page any more that is sorted by `key` or comes after it.
    pub(super) fn is_closed_to(&self, key: &Key) -> bool {
        self.limit == 0
            || self.last.as_ref().is_some_and(|(last, _)| self.sort(key, last) == Ordering::Greater)
    }

    /// Offers a row; its id is asked for only if it matters.
    pub(super) fn offer(&mut self, key: Key, id: LogId) {
        if self.is_closed_to(&key) {
            return;
        }
        let row = (key, id);
        if self.last.as_ref().is_some_and(|last| self.compare(&row, last) != Ordering::Less) {
            return;
        }
        self.found.push(row);
        let wanted = self.offset.saturating_add(self.limit);
        if self.found.len() >= wanted.saturating_mul(2).max(wanted.saturating_add(SLACK)) {
            self.trim(wanted);
        }
    }

    fn trim(&mut self, wanted: usize) {
        let mut found = std::mem::take(&mut self.found);
        found.select_nth_unstable_by(wanted - 1, |one, other| self.compare(one, other));
        found.truncate(wanted);
        self.last = found.last().cloned();
        self.found = found;
    }

    /// The ids of the page, in its order.
    pub(super) fn page(mut self) -> Vec<LogId> {
        let mut found = std::mem::take(&mut self.found);
        if self.offset >= found.len() {
            return Vec::new();
        }
        let wanted = self.offset.saturating_add(self.limit);
        if wanted < found.len() {
            found.select_nth_unstable_by(wanted, |one, other| self.compare(one, other));
            found.truncate(wanted);
        }
        if self.offset > 0 {
            found.select_nth_unstable_by(self.offset, |one, other| self.compare(one, other));
        }
        let page = &mut found[self.offset..];
        page.sort_unstable_by(|one, other| self.compare(one, other));
        page.iter().map(|(_, id)| *id).collect()
    }

    fn compare(&self, one: &(Key, LogId), other: &(Key, LogId)) -> Ordering {
        self.sort(one, other)
    }

    fn sort<T: Ord>(&self, one: &T, other: &T) -> Ordering {
        if self.ascending { one.cmp(other) } else { other.cmp(one) }
    }
}

#[cfg(test)]
mod tests;
