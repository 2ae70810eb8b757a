//! A second target when the first is slow: whoever answers first is heard, the other is let go.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use tokio::time::timeout;
use weir_core::route::{Hedge, ModelCall, RouteTarget, Walk};
use weir_core::trail::AttemptTrail;
use weir_core::{Cost, LogId, Usage};
use weir_llm::pricing::Market;
use weir_llm::tokens;

use super::asking;
use super::call::{Picked, is_good, learn};
use super::{Run, Served};
use crate::exchange::Facts;
use crate::reply::hear_out;
use crate::routing::hedge::{Cap, cap_key, delay};

/// Output tokens that are set apart for a call that does not say how many it permits.
const OUTPUT: u64 = 4096;

/// The element.
pub(super) struct Of<'a> {
    pub(super) plan: &'a Hedge,
    pub(super) walk: &'a Walk,
    pub(super) id: &'a str,
    pub(super) call: &'a ModelCall,
}

/// Asks the first target, and the second when the first stays silent and the cap permits it.
pub(super) async fn ask(run: &Run<'_>, of: Of<'_>, first: Picked, mut facts: Box<Facts>) -> Served {
    let p95 = first
        .ticket
        .as_ref()
        .and_then(|ticket| ticket.lock().unwrap_or_else(std::sync::PoisonError::into_inner).p95());
    let (shared, identity) = (run.shared, &run.identity);
    let first_lost = Arc::new(AtomicBool::new(false));
    facts.lost = Some(Arc::clone(&first_lost));
    let began = Instant::now();
    let asking = asking::ask(shared, &run.routed, identity, facts, &first.target);
    let mut asking = pin!(asking);
    let mut hedge = None;
    if let Some(wait) = delay(of.plan, p95) {
        if let Ok(served) = timeout(wait, &mut asking).await {
            learn(first.ticket.as_ref(), &served, began);
            return served;
        }
        hedge = second(run, &of, wait.as_millis()).await;
    }
    let Some((second, mut facts)) = hedge else {
        let served = asking.await;
        learn(first.ticket.as_ref(), &served, began);
        return served;
    };
    let second_lost = Arc::new(AtomicBool::new(false));
    facts.lost = Some(Arc::clone(&second_lost));
    shared.metrics.hedges_sent.inc();
    let began_second = Instant::now();
    let mut hedging = Box::pin(asking::ask(shared, &run.routed, identity, facts, &second.target));
    let (served, by_first) = tokio::select! {
        served = &mut asking => (served, true),
        served = &mut hedging => (served, false),
    };
    // A failure waits for the other; an answer lets it go.
    if is_good(&served) {
        if by_first {
            second_lost.store(true, Ordering::Relaxed);
            learn(first.ticket.as_ref(), &served, began);
        } else {
            first_lost.store(true, Ordering::Relaxed);
            shared.metrics.hedges_won.inc();
            learn(second.ticket.as_ref(), &served, began_second);
        }
        return served;
    }
    let other = if by_first { hedging.await } else { asking.await };
    let (of_first, of_second) = if by_first { (&served, &other) } else { (&other, &served) };
    learn(first.ticket.as_ref(), of_first, began);
    learn(second.ticket.as_ref(), of_second, began_second);
    if !by_first || is_good(&other) {
        // The second's answer if it is good, else the first's failure.
        if by_first {
            shared.metrics.hedges_won.inc();
        }
        hear_out(shared, served.ok());
        return other;
    }
    hear_out(shared, other.ok());
    served
}

/// A place at the second target, with money set apart for it.
async fn second(run: &Run<'_>, of: &Of<'_>, waited: u128) -> Option<(Picked, Box<Facts>)> {
    let plan = of.plan;
    let gateway = &run.routed.facts.gateway;
    let key = cap_key(&gateway.account_id, &gateway.id, &run.route.route_id, of.id);
    let estimate = estimate(run, &plan.target);
    let now = run.shared.clock.now();
    let cap = Cap { key, plan, element: of.id };
    let (claims, reserved) = run.shared.hedge_cap.reserve(cap, estimate, now).await.ok()?;
    // Without a place the reservation is dropped, and so given back.
    let breaker = of.call.plan.breaker.as_ref();
    let picked = run.enter(plan.target.clone(), breaker, Instant::now()).ok()?;
    let mut facts = run.facts_of(of.walk, of.call);
    facts.id = LogId::generate();
    facts.attempt += 1;
    facts.trail.attempt = Some(AttemptTrail {
        of: of.call.retries + 1,
        kind: "hedge".into(),
        after: Some("no first byte".into()),
        waited_ms: Some(u64::try_from(waited).unwrap_or(u64::MAX)),
        ..AttemptTrail::default()
    });
    facts.ticket.clone_from(&picked.ticket);
    facts.trace.spend.take_over(claims, reserved);
    Some((picked, facts))
}

/// What a call of the target may cost. None when its price is not known.
fn estimate(run: &Run<'_>, target: &RouteTarget) -> Option<Cost> {
    let routed = &run.routed;
    let guess = tokens::guess(&routed.body);
    let input = guess.map_or(0, |guess| guess.input);
    let output = guess.and_then(|guess| guess.most_output).unwrap_or(OUTPUT);
    let total = input.saturating_add(output);
    let usage = Usage { input, output, total, ..Usage::default() };
    let facts = &routed.facts;
    let market = Market::of(&facts.snapshot, &run.shared.prices, &facts.gateway);
    market.estimate(target.provider.as_str(), &target.model, &usage, run.shared.clock.now())
}
