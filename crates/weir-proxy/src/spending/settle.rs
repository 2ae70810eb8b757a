//! What a try came to, booked where it was claimed.

use weir_core::Cost;
use weir_core::ledger::Settlement;

use super::claims::{Claims, Held};
use super::credits;
use super::demand::{Demand, Unit};
use crate::exchange::{Facts, Trace};
use crate::plane::Shared;

/// What is known of a try that is over.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outcome {
    /// It went out to the provider, or may have. What never did costs nothing.
    pub(crate) sent: bool,
    /// What it cost; none where nobody knows.
    pub(crate) cost: Option<Cost>,
    /// Tokens in and out.
    pub(crate) tokens: Option<u64>,
    /// Both are our own estimates.
    pub(crate) estimated: bool,
}

impl Outcome {
    /// Of a try that gave no answer, or one that is a failure, which costs nothing (spec: data-plane
    /// 11.1). Where there is none, nobody knows what the provider will charge for.
    pub(crate) fn of_failure(trace: &Trace) -> Self {
        let answered = trace.upstream_status.is_some();
        Self {
            sent: trace.was_sent(),
            cost: answered.then_some(Cost::ZERO),
            tokens: answered.then_some(0),
            estimated: false,
        }
    }
}

/// Books what a try used, and gives back what it did not. What nobody knows stays as it was set
/// apart. Does not wait.
pub(crate) fn settle(shared: &Shared, facts: &mut Facts, outcome: &Outcome) {
    let held = std::mem::take(&mut facts.trace.spend.held);
    for Held { claims, reservation } in held {
        if !outcome.sent {
            // Dropping gives it back.
            drop(reservation);
            continue;
        }
        let now = shared.clock.now();
        let booked = claims.demands().iter().map(|demand| booked(demand, outcome, shared));
        if claims.is_credits() {
            credits::settle(shared, facts, (&claims, reservation), outcome);
        } else {
            let settlement = Settlement { spent: booked.collect(), credit: None };
            shared.ledger.settle(reservation, settlement, now);
        }
    }
}

/// What is booked in a bucket.
fn booked(demand: &Demand, outcome: &Outcome, shared: &Shared) -> u64 {
    let reserved = demand.claim.amount;
    match demand.unit {
        Unit::Cost => cost(reserved, outcome, shared),
        Unit::Tokens => outcome.tokens.unwrap_or(reserved),
        Unit::Requests => 1,
        Unit::Time => 0,
    }
}

/// Pico-dollars. An estimate counts only beyond what was set apart as the most that there can be.
pub(super) fn cost(reserved: u64, outcome: &Outcome, shared: &Shared) -> u64 {
    let Some(cost) = outcome.cost.map(|cost| u64::try_from(cost.pico()).unwrap_or(0)) else {
        return reserved;
    };
    if outcome.estimated {
        return cost.max(reserved);
    }
    if reserved > 0 && cost > reserved {
        shared.metrics.ledger_underestimated.inc();
    }
    cost
}

/// What a credit settlement needs of its claims.
pub(super) fn reserved(claims: &Claims) -> u64 {
    claims.demands().first().map_or(0, |demand| demand.claim.amount)
}
