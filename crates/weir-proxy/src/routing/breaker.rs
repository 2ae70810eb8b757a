//! The circuit breaker of one target: left alone after failures in a row, tried again by one call.
//!
//! ```text
//! closed --failures in a row--> open --cooldown--> half open --probe answered--> closed
//!                                ^                     |
//!                                +----probe failed-----+
//! ```
//!
//! The settings belong to elements of routes, the state to the target, so elements that share a
//! target share what they learned. Each judges by its own settings.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use weir_core::route::Breaker;

/// A longer cooldown is taken as this, so that its end is a moment that exists.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 3600);

/// How a call at a target ended, as far as the target's health goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The target works.
    Answered,
    /// It does not.
    Failed,
}

/// What a breaker lets through at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// A call may go: all calls, or the one that probes.
    Ready,
    /// No call may go until then.
    Open {
        /// End of the cooldown.
        until: Instant,
    },
    /// Another call is probing just now.
    Probing,
}

/// The three states, for counting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Phase {
    /// Calls pass.
    Closed,
    /// No call passes; or the cooldown is over and no call has come since.
    Open,
    /// One call may probe.
    HalfOpen,
}

impl Phase {
    /// The metric label.
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::HalfOpen => "half_open",
        }
    }
}

/// Permission of one call; to be given to [`Circuit::report`] or [`Circuit::give_back`] once.
#[derive(Debug)]
pub(crate) struct Pass {
    /// The change of state after which it was given: what a call says about an earlier time does
    /// not count.
    generation: u64,
    kind: PassKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PassKind {
    Usual,
    Probe,
    /// Let through beside a probe because there was nowhere else to go.
    Unheard,
}

/// The breaker's state.
#[derive(Debug, Default)]
pub(crate) struct Circuit {
    state: State,
    generation: u64,
}

#[derive(Debug)]
enum State {
    /// Moments of the latest failures in a row, oldest first.
    Closed {
        failures: VecDeque<Instant>,
    },
    Open {
        until: Instant,
    },
    HalfOpen {
        probing: bool,
    },
}

impl Default for State {
    fn default() -> Self {
        Self::Closed { failures: VecDeque::new() }
    }
}

impl Circuit {
    /// What it would let through now.
    pub(crate) fn standing(&self, now: Instant) -> Standing {
        match self.state {
            State::Open { until } if now < until => Standing::Open { until },
            State::HalfOpen { probing: true } => Standing::Probing,
            _ => Standing::Ready,
        }
    }

    /// The state, for counting.
    pub(crate) fn phase(&self) -> Phase {
        match self.state {
            State::Closed { .. } => Phase::Closed,
            State::Open { .. } => Phase::Open,
            State::HalfOpen { .. } => Phase::HalfOpen,
        }
    }

    /// Asks for a call. While half open, one at a time passes.
    ///
    /// # Errors
    /// The standing that forbids it.
    pub(crate) fn admit(&mut self, now: Instant) -> Result<Pass, Standing> {
        match self.standing(now) {
            Standing::Ready => Ok(self.pass()),
            refused => Err(refused),
        }
    }

    /// A call that goes in any case, because every other target is left alone as well. It is the
    /// probe, before its time, unless another call is that already.
    pub(crate) fn force(&mut self) -> Pass {
        self.pass()
    }

    fn pass(&mut self) -> Pass {
        let kind = match &mut self.state {
            State::Closed { .. } => PassKind::Usual,
            State::Open { .. } => {
                self.turn(State::HalfOpen { probing: true });
                PassKind::Probe
            }
            State::HalfOpen { probing: true } => PassKind::Unheard,
            State::HalfOpen { probing } => {
                *probing = true;
                PassKind::Probe
            }
        };
        Pass { generation: self.generation, kind }
    }

    /// Hears how a call ended.
    pub(crate) fn report(
        &mut self,
        pass: &Pass,
        outcome: Outcome,
        settings: &Breaker,
        now: Instant,
    ) {
        if pass.generation != self.generation || pass.kind == PassKind::Unheard {
            return;
        }
        match (&mut self.state, outcome) {
            (State::Closed { failures }, Outcome::Answered) => failures.clear(),
            (State::Closed { failures }, Outcome::Failed) => {
                let limit = usize::try_from(settings.failures).unwrap_or(usize::MAX);
                let window = Duration::from_secs(settings.window);
                failures.push_back(now);
                while failures.len() > limit
                    || failures.front().is_some_and(|at| now.duration_since(*at) > window)
                {
                    failures.pop_front();
                }
                if failures.len() >= limit {
                    self.open(settings, now);
                }
            }
            (State::HalfOpen { .. }, Outcome::Answered) => self.turn(State::default()),
            (State::HalfOpen { .. }, Outcome::Failed) => self.open(settings, now),
            // Every turn to open begins a generation, and no pass is given in it.
            (State::Open { .. }, _) => {}
        }
    }

    /// Takes back the pass of a call that ended without telling anything: the next one may probe.
    pub(crate) fn give_back(&mut self, pass: &Pass) {
        if let State::HalfOpen { probing } = &mut self.state
            && pass.generation == self.generation
            && pass.kind == PassKind::Probe
        {
            *probing = false;
        }
    }

    fn open(&mut self, settings: &Breaker, now: Instant) {
        let cooldown = Duration::from_secs(settings.cooldown).min(LONGEST);
        self.turn(State::Open { until: now + cooldown });
    }

    fn turn(&mut self, state: State) {
        self.state = state;
        self.generation += 1;
    }
}

#[cfg(test)]
mod tests;
