//! What one request holds, and what it was told.

use weir_core::counters::{CounterKey, Draw};
use weir_core::traffic::LimitUnit;
use weir_core::trail::LimitTrail;
use weir_core::{Error, Timestamp};

use super::Quota;
use super::demand::{Demand, Taking};

/// The memory of an admission.
#[derive(Default)]
pub(super) struct Ledger {
    /// What was taken and kept.
    pub(super) held: Vec<Held>,
    /// Every limit that was asked, once.
    asked: Vec<Asked>,
}

/// Something that was taken.
pub(super) struct Held {
    demand: Demand,
    at: Timestamp,
    /// The tokens that were reserved have been replaced by those that were used.
    settled: bool,
}

/// A limit and what it said.
struct Asked {
    demand: Demand,
    answer: Answer,
}

/// What a limit said.
#[derive(Clone, Copy, Debug)]
pub(super) struct Answer {
    pub(super) passed: bool,
    /// Used before the call, and with it.
    pub(super) before: u64,
    pub(super) after: u64,
    /// When there may be room; nothing can be said of places that were got.
    pub(super) resets_at: Option<Timestamp>,
}

/// A change of what was drawn before.
pub(super) struct Correction {
    pub(super) draw: Draw,
    pub(super) difference: i64,
    pub(super) drawn_at: Timestamp,
}

impl Ledger {
    /// Begins a pass. Gives the error of the first limit that has refused this request before.
    pub(super) fn begin(&self, demands: &[Demand]) -> Option<Error> {
        let refused = |demand: &Demand| {
            let mut asked = self.asked.iter().filter(|asked| asked.demand.key() == demand.key());
            asked.any(|asked| !asked.answer.passed)
        };
        demands.iter().find(|demand| refused(demand)).map(Demand::refusal)
    }

    /// Whether this request has it already.
    pub(super) fn holds(&self, demand: &Demand) -> bool {
        self.held.iter().any(|held| held.demand.key() == demand.key())
    }

    /// Remembers an answer; a limit that is asked again, because what it gave was given back, has
    /// one entry all the same.
    pub(super) fn note(&mut self, demand: &Demand, answer: &Answer) {
        match self.asked.iter_mut().find(|asked| asked.demand.key() == demand.key()) {
            Some(asked) => asked.answer = *answer,
            None => self.asked.push(Asked { demand: demand.clone(), answer: *answer }),
        }
    }

    /// Replaces reserved tokens by used ones, or adds to those.
    pub(super) fn settle(&mut self, passed: &[CounterKey], tokens: Option<u64>) -> Vec<Correction> {
        let concerned = self.held.iter_mut().filter(|held| passed.contains(held.demand.key()));
        concerned.filter_map(|held| held.settle(tokens)).collect()
    }

    pub(super) fn trail(&self) -> Vec<LimitTrail> {
        self.asked.iter().map(Asked::trail).collect()
    }

    pub(super) fn quota(&self) -> Option<Quota> {
        let refused = self.asked.iter().rev().find(|asked| !asked.answer.passed);
        if let Some(refused) = refused {
            return refused.quota();
        }
        let quotas = self.asked.iter().filter_map(Asked::quota);
        // The share that is left is compared crosswise: a/b < c/d is a*d < c*b.
        quotas.min_by(|one, other| {
            let share = |of: &Quota, to: &Quota| u128::from(of.remaining) * u128::from(to.limit);
            share(one, other).cmp(&share(other, one))
        })
    }
}

impl Held {
    pub(super) const fn new(demand: Demand, at: Timestamp) -> Self {
        Self { demand, at, settled: false }
    }

    /// The counter of a place.
    pub(super) const fn place(&self) -> Option<&CounterKey> {
        match &self.demand.taking {
            Taking::Place { key, .. } => Some(key),
            Taking::Amount(_) => None,
        }
    }

    /// All of it, as if it had never been drawn.
    pub(super) fn unused(&self) -> Option<Correction> {
        self.corrected(0)
    }

    /// Whether it is given back when the request is over: places, and tokens that were only reserved.
    pub(super) fn ends_with_the_request(&self) -> bool {
        match self.demand.unit {
            LimitUnit::Concurrent => true,
            LimitUnit::Tokens => !self.settled,
            LimitUnit::Requests => false,
        }
    }

    fn settle(&mut self, tokens: Option<u64>) -> Option<Correction> {
        if self.demand.unit != LimitUnit::Tokens {
            return None;
        }
        let Some(tokens) = tokens else {
            self.settled = true;
            return None;
        };
        let correction = self.corrected(tokens)?;
        let is_first = !std::mem::replace(&mut self.settled, true);
        let difference = if is_first {
            correction.difference
        } else {
            i64::try_from(tokens).unwrap_or(i64::MAX)
        };
        (difference != 0).then_some(Correction { difference, ..correction })
    }

    /// What turns the amount that was drawn into `amount`.
    fn corrected(&self, amount: u64) -> Option<Correction> {
        let Taking::Amount(draw) = self.demand.taking else { return None };
        let difference = i128::from(amount) - i128::from(draw.amount);
        let bound = if difference < 0 { i64::MIN } else { i64::MAX };
        let difference = i64::try_from(difference).unwrap_or(bound);
        Some(Correction { draw, difference, drawn_at: self.at })
    }
}

impl Asked {
    fn trail(&self) -> LimitTrail {
        LimitTrail {
            name: self.demand.name.clone(),
            unit: self.demand.unit.label().into(),
            of: self.demand.of.clone(),
            limit: self.demand.limit(),
            window: self.demand.seconds(),
            before: self.answer.before,
            after: self.answer.after,
            passed: self.answer.passed,
        }
    }

    fn quota(&self) -> Option<Quota> {
        let limit = self.demand.limit();
        let remaining = limit.saturating_sub(self.answer.after);
        Some(Quota { limit, remaining, resets_at: self.answer.resets_at? })
    }
}
