//! A model element: which target, when a second one, and what the targets learn from it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use weir_core::route::{Breaker, ModelCall, RouteTarget, Walk};
use weir_core::trail::AttemptTrail;
use weir_core::{Error, Kind, LogId};

use super::asking::{ask, refuse};
use super::{Run, Served, hedged, shadow};
use crate::exchange::Facts;
use crate::options::retry::{Backoff, RetryPlan, is_passing};
use crate::routing::breaker::Standing;
use crate::routing::{Outcome, Rules, TargetKey, Ticket};
use crate::upstream::NO_ANSWER;

/// Milliseconds between the tries of a model (spec: data-plane 8.3).
const DELAY: u64 = 100;

/// A call's place at its target, held by everybody who may still report on it.
pub(crate) type SharedTicket = Arc<Mutex<Ticket>>;

/// The target of a call.
pub(super) struct Picked {
    pub(super) target: RouteTarget,
    /// Why this one, for people.
    pub(super) because: Vec<Box<str>>,
    /// None where nothing is learned about targets.
    pub(super) ticket: Option<SharedTicket>,
}

impl Run<'_> {
    /// Asks the target of a model element in a turn of its own.
    pub(super) async fn call(&mut self, walk: &Walk, id: &str, call: &ModelCall) -> Served {
        let picked = self.pick(call);
        let mut facts = self.facts_of(walk, call);
        self.asked += 1;
        let picked = match picked {
            Ok(picked) => picked,
            Err(reason) => {
                let target = own_target(call);
                let error = Error::new(Kind::UpstreamFailed, NO_ANSWER).with_hint(reason);
                let why = (&target, error);
                return refuse(self.shared, &self.routed, &self.identity, facts, why);
            }
        };
        if !picked.because.is_empty() {
            let first = || AttemptTrail {
                of: call.retries + 1,
                kind: "first".into(),
                ..AttemptTrail::default()
            };
            let attempt = facts.trail.attempt.get_or_insert_with(first);
            attempt.because.clone_from(&picked.because);
        }
        facts.ticket.clone_from(&picked.ticket);
        if let Some(plan) = &call.plan.shadow {
            shadow::send(self, plan, walk, call);
        }
        if let Some(plan) = &call.plan.hedge {
            return Box::pin(hedged::ask(self, hedged::Of { plan, walk, id, call }, picked, facts))
                .await;
        }
        let began = Instant::now();
        let served = ask(self.shared, &self.routed, &self.identity, facts, &picked.target).await;
        learn(picked.ticket.as_ref(), &served, began);
        served
    }

    /// Chooses among the element's targets, and asks the breaker.
    fn pick(&self, call: &ModelCall) -> Result<Picked, &'static str> {
        let account = &self.routed.facts.gateway.account_id;
        let own = own_target(call);
        let breaker = call.plan.breaker.as_ref();
        let now = Instant::now();
        if let Some(balance) = &call.plan.balance {
            let others = balance.targets.iter().map(|(target, weight)| (target, *weight));
            let candidates: Vec<(&RouteTarget, u32)> =
                std::iter::once((&own, balance.weight)).chain(others).collect();
            let draw = f64::from(self.shared.chance.below(1 << 24)) / f64::from(1 << 24);
            let rules = Rules { strategy: balance.strategy, breaker, draw };
            let chosen = self.shared.target_table.choose(account, &candidates, rules, now);
            let Some(chosen) = chosen else { return Err("it has no target") };
            let mut because: Vec<Box<str>> = vec![chosen.reason.into()];
            if chosen.forced {
                because.push("every target's circuit breaker is open".into());
            }
            return Ok(Picked {
                target: candidates.get(chosen.index).map_or(&own, |(target, _)| target).clone(),
                because,
                ticket: Some(Arc::new(Mutex::new(chosen.ticket))),
            });
        }
        if breaker.is_none() && call.plan.hedge.is_none() {
            return Ok(Picked { target: own, because: Vec::new(), ticket: None });
        }
        self.enter(own, breaker, now)
    }

    /// A place at a target, unless its breaker is open.
    pub(super) fn enter(
        &self,
        target: RouteTarget,
        breaker: Option<&Breaker>,
        now: Instant,
    ) -> Result<Picked, &'static str> {
        let account = self.routed.facts.gateway.account_id.clone();
        let key = TargetKey { account, target: target.clone() };
        match self.shared.target_table.enter(key, breaker, now) {
            Ok(ticket) => {
                let ticket = Some(Arc::new(Mutex::new(ticket)));
                Ok(Picked { target, because: Vec::new(), ticket })
            }
            Err(Standing::Probing) => Err("its circuit breaker lets one call at a time probe it"),
            Err(_) => Err("its circuit breaker is open after failures in a row"),
        }
    }

    /// The facts of what is asked next by a model element.
    pub(super) fn facts_of(&self, walk: &Walk, call: &ModelCall) -> Box<Facts> {
        let mut facts = self.facts();
        facts.options.request_timeout = Some(Duration::from_millis(call.timeout_ms));
        facts.options.retry = RetryPlan {
            attempts: call.retries + 1,
            delay: Duration::from_millis(DELAY),
            backoff: Backoff::Constant,
            // The element promises what comes after its timeout.
            last_waits: false,
        };
        facts.trail.route = Some(self.trail(walk));
        facts.trail.attempt = (self.asked > 0).then(|| AttemptTrail {
            of: call.retries + 1,
            kind: "fallback".into(),
            ..AttemptTrail::default()
        });
        facts
    }

    /// The facts of what comes next.
    pub(super) fn facts(&self) -> Box<Facts> {
        let of = &self.routed.facts;
        // In a list of steps the client counts the steps, and this is one of them.
        let (step, attempt) =
            if of.universal { (of.step, self.asked) } else { (of.step + self.asked, 0) };
        let id = if self.asked == 0 { of.id } else { LogId::generate() };
        let call = of.call.whole();
        let mut facts = of.of_step(id, step, of.options.clone(), call, self.shared.clock.now());
        facts.attempt = attempt;
        facts.trace.spend.gates.clone_from(&self.gates);
        facts
    }
}

/// The target that the element itself names.
pub(super) fn own_target(call: &ModelCall) -> RouteTarget {
    RouteTarget { provider: call.provider.clone(), model: call.model.clone() }
}

/// Whether an answer is there that is no failure.
pub(super) fn is_good(served: &Served) -> bool {
    served.as_ref().is_ok_and(|response| !crate::reply::is_failure(response))
}

/// What a target learns from a call. An answer that is given again says nothing about it, and
/// neither does a request that it had reason to refuse say that it does not work.
pub(super) fn learn(ticket: Option<&SharedTicket>, served: &Served, began: Instant) {
    let Some(ticket) = ticket else { return };
    let now = Instant::now();
    let took = now.duration_since(began);
    let (outcome, timed) = match served {
        Ok(response) if crate::reply::is_given_again(response) => return,
        Ok(response) if is_passing(response.status().as_u16()) => (Outcome::Failed, false),
        Ok(response) => (Outcome::Answered, !crate::reply::is_failure(response)),
        Err(refusal) => match refusal.error.kind() {
            Kind::Timeout => (Outcome::Failed, true),
            Kind::UpstreamFailed => (Outcome::Failed, false),
            _ => return,
        },
    };
    let mut ticket = ticket.lock().unwrap_or_else(PoisonError::into_inner);
    if timed {
        ticket.first_byte(took, now);
    }
    ticket.report(outcome, now);
}
