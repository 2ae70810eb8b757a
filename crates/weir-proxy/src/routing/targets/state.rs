//! What is remembered about one target, and the place of one call at it.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use weir_core::route::{Breaker, RouteTarget};

use crate::metrics::{Metrics, StateLabel};
use crate::routing::balance::{Candidate, STALE};
use crate::routing::breaker::{Circuit, Outcome, Pass, Phase, Standing};
use crate::routing::latency::Latency;
use crate::routing::load::{Load, LoadGuard};

/// What is remembered about one target.
pub(super) struct TargetState {
    memory: Mutex<Memory>,
    load: Load,
    metrics: Arc<Metrics>,
}

#[derive(Default)]
struct Memory {
    circuit: Circuit,
    latency: Latency,
    /// When a call last went to it.
    called: Option<Instant>,
}

impl TargetState {
    pub(super) fn new(metrics: Arc<Metrics>) -> Self {
        metrics.breakers.get_or_create(&label(Phase::Closed)).inc();
        Self { memory: Mutex::default(), load: Load::default(), metrics }
    }

    /// Calls under way.
    pub(super) fn under_way(&self) -> u32 {
        self.load.under_way()
    }

    /// The target as the choice sees it.
    pub(super) fn view<'a>(
        &self,
        target: &'a RouteTarget,
        weight: u32,
        breaker: Option<&Breaker>,
        now: Instant,
    ) -> Candidate<'a> {
        let memory = self.memory();
        let idle = |at: Instant| now.saturating_duration_since(at);
        Candidate {
            target,
            weight,
            standing: breaker.map_or(Standing::Ready, |_| memory.circuit.standing(now)),
            under_way: self.load.under_way(),
            mean: memory.latency.mean(),
            stale: memory.called.is_some_and(|at| idle(at) >= STALE),
        }
    }

    /// Begins a call if the breaker permits it.
    pub(super) fn enter(
        self: &Arc<Self>,
        breaker: Option<&Breaker>,
        now: Instant,
    ) -> Result<Ticket, Standing> {
        let pass = match breaker {
            Some(breaker) => Some((self.circuit(|circuit| circuit.admit(now))?, *breaker)),
            None => None,
        };
        Ok(self.ticket(pass, now))
    }

    /// Begins a call whatever the breaker says.
    pub(super) fn force(self: &Arc<Self>, breaker: Option<&Breaker>, now: Instant) -> Ticket {
        let pass = breaker.map(|breaker| (self.circuit(Circuit::force), *breaker));
        self.ticket(pass, now)
    }

    fn ticket(self: &Arc<Self>, pass: Option<(Pass, Breaker)>, now: Instant) -> Ticket {
        self.memory().called = Some(now);
        Ticket { state: Arc::clone(self), pass, _load: self.load.begin() }
    }

    /// Does something with the breaker, and counts its change of state.
    fn circuit<T>(&self, act: impl FnOnce(&mut Circuit) -> T) -> T {
        let mut memory = self.memory();
        let before = memory.circuit.phase();
        let done = act(&mut memory.circuit);
        let after = memory.circuit.phase();
        drop(memory);
        if before != after {
            self.metrics.breakers.get_or_create(&label(before)).dec();
            self.metrics.breakers.get_or_create(&label(after)).inc();
            self.metrics.breaker_transitions.get_or_create(&label(after)).inc();
        }
        done
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for TargetState {
    fn drop(&mut self) {
        let phase = self.memory().circuit.phase();
        self.metrics.breakers.get_or_create(&label(phase)).dec();
    }
}

impl fmt::Debug for TargetState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TargetState").field("under_way", &self.under_way()).finish_non_exhaustive()
    }
}

fn label(phase: Phase) -> StateLabel {
    StateLabel { state: phase.label() }
}

/// One call's place at a target, from before it is sent to the last byte of its answer. Dropping it
/// ends the call, whatever happened.
#[derive(Debug)]
#[must_use = "the call is under way for as long as it is kept"]
pub(crate) struct Ticket {
    state: Arc<TargetState>,
    /// Until the outcome is reported; none when no breaker is set.
    pass: Option<(Pass, Breaker)>,
    _load: LoadGuard,
}

impl Ticket {
    /// Learns the time to the first byte of a good answer, or the time that was waited in vain.
    pub(crate) fn first_byte(&self, took: Duration, now: Instant) {
        self.state.memory().latency.record(took, now);
    }

    /// The learned time in which 95 of 100 calls of this target had their first byte.
    pub(crate) fn p95(&self) -> Option<Duration> {
        self.state.memory().latency.p95()
    }

    /// Tells the breaker whether the target works. Only the first report of a call counts.
    pub(crate) fn report(&mut self, outcome: Outcome, now: Instant) {
        if let Some((pass, breaker)) = self.pass.take() {
            self.state.circuit(|circuit| circuit.report(&pass, outcome, &breaker, now));
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if let Some((pass, _)) = self.pass.take() {
            self.state.circuit(|circuit| circuit.give_back(&pass));
        }
    }
}
