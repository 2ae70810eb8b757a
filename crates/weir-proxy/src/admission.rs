//! What one client request takes from the limits of its gateway (spec: data-plane 6).
//!
//! A request counts once, however many tries, steps and route elements it has: they share one
//! [`Admission`], which remembers what was taken and what was refused. What is taken is checked in
//! the same step, so requests that come together cannot all find the last free place.

mod demand;
mod headers;
mod ledger;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::HeaderMap;
use weir_core::counters::{CounterKey, Counters, Drawn};
use weir_core::trail::LimitTrail;
use weir_core::{Clock, Error, Gateway, Timestamp};

use self::demand::{Demand, Platform, Taking};
use self::ledger::{Answer, Correction, Held, Ledger};
use crate::beside::at_once_or_later;
use crate::limits::Limits;
use crate::options::metadata::Metadata;

/// The limits of one client request. Dropping it gives back what lasts as long as the request: places
/// at the same time, and reserved tokens that nobody used.
pub(crate) struct Admission {
    counters: Arc<dyn Counters>,
    clock: Arc<dyn Clock>,
    platform: Platform,
    ledger: Mutex<Ledger>,
    /// Only one of the request's own attempts asks at a time, so that they do not take twice what
    /// counts once. An asynchronous lock, because the counters may be on another machine.
    turn: tokio::sync::Mutex<()>,
}

/// Who asks, for what.
pub(crate) struct Applicant<'a> {
    pub(crate) gateway: &'a Gateway,
    /// The gateway token that was presented.
    pub(crate) token_id: Option<&'a str>,
    pub(crate) metadata: Option<&'a Metadata>,
    pub(crate) provider: &'a str,
    /// In the provider's words; empty when there is none.
    pub(crate) model: &'a str,
    /// Tokens that the call may use, in and out; reserved until they are settled.
    pub(crate) estimated_tokens: u64,
    /// The call goes out with the operator's key.
    pub(crate) platform: bool,
}

/// The limits that one call of a request has passed; several calls of it may be under way.
#[derive(Clone, Debug, Default)]
pub(crate) struct Passed(Vec<CounterKey>);

/// What is left of a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Quota {
    pub(crate) limit: u64,
    pub(crate) remaining: u64,
    /// When there may be more.
    pub(crate) resets_at: Timestamp,
}

impl Admission {
    pub(crate) fn new(counters: Arc<dyn Counters>, clock: Arc<dyn Clock>, limits: &Limits) -> Self {
        let platform =
            Platform { calls: limits.platform_calls, seconds: limits.platform_window.as_secs() };
        let (ledger, turn) = (Mutex::default(), tokio::sync::Mutex::default());
        Self { counters, clock, platform, ledger, turn }
    }

    /// Asks every limit that applies and was not asked for this request before: those by model once
    /// for each model, the others once. What one has refused it refuses again. All or nothing: what
    /// this call took before a refusal is given back.
    ///
    /// # Errors
    ///
    /// `Kind::RateLimited`, with a hint that names the limit unless it is the gateway's own. Another
    /// model is worth a try only if a limit by model refused, or the one on the operator's keys.
    pub(crate) async fn pass(&self, who: &Applicant<'_>) -> Result<Passed, Error> {
        if !demand::any(who, self.platform) {
            return Ok(Passed::default());
        }
        let _turn = self.turn.lock().await;
        let demands = demand::all(who, self.platform);
        if let Some(refusal) = self.ledger().begin(&demands) {
            return Err(refusal);
        }
        let now = self.clock.now();
        let passed = Passed(demands.iter().map(|demand| *demand.key()).collect());
        let mut taken = Taken { admission: self, held: Vec::new() };
        for demand in demands {
            if self.ledger().holds(&demand) {
                continue;
            }
            let answer = self.take(&demand, now).await;
            self.ledger().note(&demand, &answer);
            if !answer.passed {
                return Err(demand.refusal());
            }
            taken.held.push(Held::new(demand, now));
        }
        taken.keep();
        Ok(passed)
    }

    async fn take(&self, demand: &Demand, now: Timestamp) -> Answer {
        match &demand.taking {
            Taking::Amount(draw) => match self.counters.draw(draw, now).await {
                Drawn::Taken(level) => Answer {
                    passed: true,
                    before: level.used.saturating_sub(draw.amount),
                    after: level.used,
                    resets_at: Some(level.resets_at),
                },
                Drawn::Full(level) => Answer {
                    passed: false,
                    before: level.used,
                    after: level.used,
                    resets_at: Some(level.resets_at),
                },
            },
            // Whoever is inside may leave at any moment, so a refused caller may come again at once.
            Taking::Place { key, limit } => match self.counters.enter(key, *limit).await {
                Some(inside) => {
                    let before = inside.saturating_sub(1);
                    Answer { passed: true, before, after: inside, resets_at: None }
                }
                None => {
                    let inside = self.counters.inside(key).await;
                    let resets_at = Some(now);
                    Answer { passed: false, before: inside, after: inside, resets_at }
                }
            },
        }
    }

    /// Settles the limits on tokens among those that a call passed, with what an attempt of it used;
    /// none where nobody knows, and then what was reserved stays used. The first time this replaces
    /// what was reserved, later ones add. Does not wait.
    pub(crate) fn settle(&self, passed: &Passed, tokens: Option<u64>) {
        let corrections = self.ledger().settle(&passed.0, tokens);
        self.correct(corrections);
    }

    /// Every limit that was asked, in the order in which they were first asked.
    pub(crate) fn trail(&self) -> Vec<LimitTrail> {
        self.ledger().trail()
    }

    /// The limit over time of which the least is left, as a part of the whole; or the one that
    /// refused last.
    pub(crate) fn quota(&self) -> Option<Quota> {
        self.ledger().quota()
    }

    /// Tells the caller in headers what is left, and when to come again if this is a refusal, where
    /// the gateway wants that.
    pub(crate) fn tell(&self, gateway: &Gateway, is_refusal: bool, headers: &mut HeaderMap) {
        if gateway.settings.rate_limit_headers
            && let Some(quota) = self.quota()
        {
            headers::write(&quota, is_refusal, self.clock.now(), headers);
        }
    }

    /// Takes out of the headers what [`Admission::tell`] put there, for an answer that goes to
    /// another caller, too.
    pub(crate) fn untell(&self, gateway: &Gateway, headers: &mut HeaderMap) {
        if gateway.settings.rate_limit_headers && self.quota().is_some() {
            headers::remove(headers);
        }
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives back what is held.
    fn give_back(&self, held: &[Held]) {
        held.iter().filter_map(Held::place).for_each(|key| self.counters.leave(key));
        self.correct(held.iter().filter_map(Held::unused).collect());
    }

    /// Corrects counters without waiting: at once where they are in memory, else beside the call.
    fn correct(&self, corrections: Vec<Correction>) {
        if corrections.is_empty() {
            return;
        }
        let (counters, now) = (Arc::clone(&self.counters), self.clock.now());
        at_once_or_later(async move {
            for Correction { draw, difference, drawn_at } in corrections {
                counters.correct(&draw, difference, drawn_at, now).await;
            }
        });
    }
}

impl Drop for Admission {
    fn drop(&mut self) {
        let held = std::mem::take(&mut self.ledger().held);
        let lasting: Vec<Held> = held.into_iter().filter(Held::ends_with_the_request).collect();
        self.give_back(&lasting);
    }
}

/// What one pass took so far. Given back when it is dropped: by a refusal, or with a caller who left.
struct Taken<'a> {
    admission: &'a Admission,
    held: Vec<Held>,
}

impl Taken<'_> {
    fn keep(mut self) {
        self.admission.ledger().held.append(&mut self.held);
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        self.admission.give_back(&self.held);
    }
}

#[cfg(test)]
mod tests;
