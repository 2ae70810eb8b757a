//! The one table of what is remembered about targets.
//!
//! Bounded: when a shard is full, the target that no call went to for the longest time is
//! forgotten, idle ones first. A forgotten target that is called again begins anew, closed and
//! unknown. Each lock is held for a few instructions and never over an await.

mod state;

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use weir_core::AccountId;
use weir_core::route::{BalanceStrategy, Breaker, RouteTarget};

use self::state::TargetState;
pub(crate) use self::state::Ticket;
use super::balance::{self, Candidate, Choice};
use super::breaker::Standing;
use crate::metrics::Metrics;

const SHARDS: usize = 16;

/// A provider's model, as one account uses it: what is wrong with one account's key is nothing to
/// others.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct TargetKey {
    pub(crate) account: AccountId,
    pub(crate) target: RouteTarget,
}

/// How to choose among the targets of an element.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules<'a> {
    pub(crate) strategy: BalanceStrategy,
    /// None when no target is ever left alone.
    pub(crate) breaker: Option<&'a Breaker>,
    /// A random number from 0 up to, not including, 1.
    pub(crate) draw: f64,
}

/// A chosen target.
#[derive(Debug)]
pub(crate) struct Chosen {
    /// Place among the candidates.
    pub(crate) index: usize,
    /// The breaker leaves it alone, like all others.
    pub(crate) forced: bool,
    /// One line for the log.
    pub(crate) reason: String,
    /// The call's place at it.
    pub(crate) ticket: Ticket,
}

/// What is remembered about every target.
pub(crate) struct TargetTable {
    shards: [Mutex<HashMap<TargetKey, Entry>>; SHARDS],
    hasher: RandomState,
    most_in_shard: usize,
    metrics: Arc<Metrics>,
}

#[derive(Debug)]
struct Entry {
    state: Arc<TargetState>,
    /// When a call last went to it, or might have.
    seen: Instant,
}

impl TargetTable {
    /// More targets than a configuration of any size names at a time; about 3 MB.
    pub(crate) const MOST: usize = 4096;

    /// An empty table for at most `most` targets, to the next multiple of the number of shards.
    pub(crate) fn new(most: usize, metrics: Arc<Metrics>) -> Self {
        Self {
            shards: Default::default(),
            hasher: RandomState::new(),
            most_in_shard: most.div_ceil(SHARDS).max(1),
            metrics,
        }
    }

    /// Begins a call at a target. Without a breaker it always may.
    ///
    /// # Errors
    /// The breaker's standing, when that forbids the call.
    pub(crate) fn enter(
        &self,
        key: TargetKey,
        breaker: Option<&Breaker>,
        now: Instant,
    ) -> Result<Ticket, Standing> {
        self.state(key, now).enter(breaker, now)
    }

    /// Chooses one of the candidates, each with its weight, and begins a call at it. None only
    /// when there are no candidates.
    pub(crate) fn choose(
        &self,
        account: &AccountId,
        candidates: &[(&RouteTarget, u32)],
        rules: Rules<'_>,
        now: Instant,
    ) -> Option<Chosen> {
        let states: Vec<Arc<TargetState>> = candidates
            .iter()
            .map(|(target, _)| TargetKey { account: account.clone(), target: (*target).clone() })
            .map(|key| self.state(key, now))
            .collect();
        let mut views: Vec<Candidate<'_>> = candidates
            .iter()
            .zip(&states)
            .map(|((target, weight), state)| state.view(target, *weight, rules.breaker, now))
            .collect();
        loop {
            let choice = balance::choose(rules.strategy, &views, rules.draw)?;
            let state = states.get(choice.index)?;
            let entered = if choice.forced {
                Ok(state.force(rules.breaker, now))
            } else {
                state.enter(rules.breaker, now)
            };
            match (entered, views.get_mut(choice.index)) {
                (Ok(ticket), _) => {
                    let Choice { index, forced, reason } = choice;
                    return Some(Chosen { index, forced, reason, ticket });
                }
                // Another call changed the breaker since the look. Each time one target less is
                // ready, and when none is left the choice is forced, so this ends.
                (Err(standing), Some(view)) => view.standing = standing,
                (Err(_), None) => return None,
            }
        }
    }

    /// What is remembered about a target, from now on if it is new.
    fn state(&self, key: TargetKey, now: Instant) -> Arc<TargetState> {
        let shard = self.hasher.hash_one(&key) % SHARDS as u64;
        let mut shard = self.shards[shard as usize].lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = shard.get_mut(&key) {
            entry.seen = entry.seen.max(now);
            return Arc::clone(&entry.state);
        }
        if shard.len() >= self.most_in_shard {
            self.forget_one(&mut shard);
        }
        let state = Arc::new(TargetState::new(Arc::clone(&self.metrics)));
        shard.insert(key, Entry { state: Arc::clone(&state), seen: now });
        state
    }

    fn forget_one(&self, shard: &mut HashMap<TargetKey, Entry>) {
        let unused = |entry: &Entry| (entry.state.under_way() > 0, entry.seen);
        let longest = shard.iter().min_by_key(|(_, entry)| unused(entry));
        if let Some(key) = longest.map(|(key, _)| key.clone()) {
            shard.remove(&key);
            self.metrics.targets_forgotten.inc();
        }
    }
}

#[cfg(test)]
mod tests;
