//! A target that is asked for comparison. Its answer is logged and thrown away; the call that it
//! shadows knows nothing of it.

use std::sync::Arc;
use std::time::Instant;

use weir_core::LogId;
use weir_core::route::{ModelCall, Shadow, Share, Walk};
use weir_core::trail::AttemptTrail;

use super::Run;
use super::asking::ask;
use super::call::learn;
use crate::options::caching::CacheWish;
use crate::options::retry::RetryPlan;
use crate::reply::hear_out;
use crate::spending::Scope;

/// Shadow calls under way at most; more are left out, and counted.
pub(crate) const MOST: usize = 64;

/// Sends a shadow of the call, if this one is to have one.
pub(super) fn send(run: &Run<'_>, plan: &Shadow, walk: &Walk, call: &ModelCall) {
    let shared = run.shared;
    if shared.chance.below(Share::WHOLE) >= plan.parts {
        return;
    }
    let Ok(place) = Arc::clone(&shared.shadows).try_acquire_owned() else {
        shared.metrics.shadows_left_out.inc();
        return;
    };
    let mut facts = run.facts_of(walk, call);
    facts.id = LogId::generate();
    facts.options.cache = CacheWish::Never;
    facts.options.retry = RetryPlan::default();
    facts.trail.attempt =
        Some(AttemptTrail { of: 1, kind: "shadow".into(), ..AttemptTrail::default() });
    // Nobody's limit or budget pays for it.
    facts.admission = None;
    facts.scope = Scope::Nobody;
    facts.trace.spend.gates.clear();
    let now = Instant::now();
    let Ok(picked) = run.enter(plan.target.clone(), None, now) else { return };
    facts.ticket.clone_from(&picked.ticket);
    shared.metrics.shadow_calls.inc();
    let (shared, routed) = (Arc::clone(shared), Arc::clone(&run.routed));
    let identity = run.identity.clone();
    // Bounded by the places above and by the deadlines of the call.
    run.shared.beside.spawn(async move {
        let served = ask(&shared, &routed, &identity, facts, &picked.target).await;
        learn(picked.ticket.as_ref(), &served, now);
        hear_out(&shared, served.ok());
        drop(place);
    });
}
