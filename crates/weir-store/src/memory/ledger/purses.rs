//! Credits of accounts: what is in their purses, and lines of the journal that are still growing.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use weir_core::ledger::{CreditEntry, CreditKind, CreditUsage, CreditUse, Purse};
use weir_core::{AccountId, Cost, GatewayId, LogId, Timestamp};

use crate::memory::table::locked;
use crate::memory::time::{millis, timestamp};

/// How long calls of the same target share a line, in milliseconds.
const LINE: u64 = 60_000;

/// Lines that may grow at the same time. Beyond that the models of a provider share one: callers
/// choose their names.
const LINES: usize = 10_000;

/// The model of a shared line.
const SEVERAL: &str = "(several)";

/// What calls that share a line have in common.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Target {
    pub(crate) account: AccountId,
    pub(crate) gateway: GatewayId,
    pub(crate) provider: Arc<str>,
    pub(crate) model: Arc<str>,
}

/// A line that is growing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) calls: u64,
    pub(crate) cost: Cost,
    pub(crate) amount: Cost,
    /// When its first and its last call ended.
    pub(crate) first: u64,
    pub(crate) last: u64,
    /// Grown since it was last written.
    dirty: bool,
}

/// Lines to be written.
#[derive(Debug, Default)]
pub(crate) struct LineChanges {
    /// Those that go on growing, as they stand.
    pub(crate) grown: Vec<(Target, Line)>,
    /// Those that have ended.
    pub(crate) ended: Vec<(Target, Line)>,
    /// The purses of all of them.
    pub(crate) purses: Vec<(AccountId, Purse)>,
}

/// Purses and growing lines.
#[derive(Default)]
pub(super) struct Purses(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    purses: HashMap<AccountId, Purse>,
    lines: HashMap<Target, Line>,
    unwritten: usize,
}

impl Line {
    /// One that was stored.
    pub(crate) const fn new(calls: u64, cost: Cost, amount: Cost, first: u64, last: u64) -> Self {
        Self { calls, cost, amount, first, last, dirty: false }
    }

    fn add(&mut self, other: &Self) {
        self.calls = self.calls.saturating_add(other.calls);
        self.cost = self.cost + other.cost;
        self.amount = self.amount + other.amount;
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
    }

    /// The line as the journal has it.
    pub(crate) fn entry(&self, target: &Target) -> CreditEntry {
        CreditEntry {
            id: format!("use_{}", LogId::generate()).into(),
            account: target.account.clone(),
            at: timestamp(self.last),
            kind: CreditKind::Usage,
            amount: Cost::from_pico(self.amount.pico().saturating_neg()),
            fee: Cost::ZERO,
            note: None,
            usage: Some(CreditUsage {
                gateway: target.gateway.clone(),
                provider: Arc::clone(&target.provider),
                model: Arc::clone(&target.model),
                calls: self.calls,
                cost: self.cost,
            }),
        }
    }
}

impl Inner {
    fn grow(&mut self, target: Target, by: &Line) {
        let full = self.lines.len() >= LINES && !self.lines.contains_key(&target);
        let target = if full { Target { model: SEVERAL.into(), ..target } } else { target };
        let line = self.lines.entry(target).or_insert(Line { first: by.first, ..Line::default() });
        line.add(by);
        if !line.dirty {
            line.dirty = true;
            self.unwritten += 1;
        }
    }
}

impl Purses {
    /// Takes a call's amount off.
    pub(super) fn charge(&self, used: CreditUse, now: u64) {
        let CreditUse { account, gateway, provider, model, cost, amount } = used;
        let mut inner = locked(&self.0);
        match inner.purses.get_mut(&account) {
            Some(purse) => purse.used = purse.used + amount,
            None => {
                let purse = Purse { granted: Cost::ZERO, used: amount };
                inner.purses.insert(account.clone(), purse);
            }
        }
        let target = Target { account, gateway, provider, model };
        inner.grow(target, &Line { calls: 1, cost, amount, first: now, last: now, dirty: false });
    }

    /// Adds what a line of another kind gives.
    pub(super) fn grant(&self, account: &AccountId, amount: Cost) {
        let mut inner = locked(&self.0);
        let purse = inner.purses.entry(account.clone()).or_default();
        purse.granted = purse.granted + amount;
    }

    pub(super) fn purse(&self, account: &AccountId) -> Purse {
        locked(&self.0).purses.get(account).copied().unwrap_or_default()
    }

    /// Puts in what was stored.
    pub(super) fn put(&self, account: AccountId, purse: Purse) {
        locked(&self.0).purses.insert(account, purse);
    }

    /// Puts in a growing line that was stored, or that could not be written.
    pub(super) fn put_line(&self, target: Target, line: &Line) {
        locked(&self.0).grow(target, line);
    }

    /// Takes what is to be written; it counts as written. Lines end when they are old enough, or all
    /// of them at once.
    pub(super) fn take_changes(&self, now: Timestamp, end_all: bool) -> LineChanges {
        let now = millis(now);
        let mut changes = LineChanges::default();
        let mut inner = locked(&self.0);
        let inner = &mut *inner;
        // Older by either clock: one that was set back must not keep a line for ever.
        let ends = |line: &Line| end_all || now.abs_diff(line.first) >= LINE;
        changes.ended.extend(inner.lines.extract_if(|_, line| ends(line)));
        for (target, line) in &mut inner.lines {
            if line.dirty {
                line.dirty = false;
                changes.grown.push((target.clone(), *line));
            }
        }
        inner.unwritten = 0;
        let lines = changes.grown.iter().chain(&changes.ended);
        let mut accounts: Vec<&AccountId> = lines.map(|(target, _)| &target.account).collect();
        accounts.sort_unstable();
        accounts.dedup();
        let purse = |account: &AccountId| inner.purses.get(account).copied().unwrap_or_default();
        changes.purses =
            accounts.into_iter().map(|account| (account.clone(), purse(account))).collect();
        changes
    }

    /// Puts back what could not be written.
    pub(super) fn put_back(&self, changes: LineChanges) {
        let mut inner = locked(&self.0);
        let inner = &mut *inner;
        for (target, line) in changes.ended {
            inner.grow(target, &line);
        }
        for (target, _) in changes.grown {
            if let Some(line) = inner.lines.get_mut(&target)
                && !line.dirty
            {
                line.dirty = true;
                inner.unwritten += 1;
            }
        }
    }

    pub(super) fn unwritten(&self) -> usize {
        locked(&self.0).unwritten
    }
}
