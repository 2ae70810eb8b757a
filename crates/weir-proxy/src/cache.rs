//! The cache as a step of a call: look it up before anything is spent, fill it when the answer has
//! been handed over (spec: data-plane 5). What no stored answer is for, one to a like question may be
//! for: `semantic`.

mod coalesce;
mod fill;
mod key;
mod replay;
pub(crate) mod semantic;

use std::sync::Arc;
use std::time::Duration;

use http::{HeaderValue, Method};
use weir_core::cache::{CacheKey, CachedAnswer};
use weir_core::trail::CacheTrail;

pub(crate) use self::coalesce::{
    Ended, FlightKey, Flights, Lead, Seat, SharedBody, SharedEnd, SharedHead,
};
pub(crate) use self::fill::{Fill, Fills, Kept};
pub(crate) use self::key::Asking;
pub(crate) use self::replay::Replay;

use crate::exchange::Facts;
use crate::options::caching::CacheWish;
use crate::plane::Shared;

/// What a look into the cache came to.
pub(crate) enum Looked {
    /// There is an answer.
    Hit(Arc<CachedAnswer>),
    /// There is none; the answer to come may be stored, and shared with calls of the same key where
    /// the gateway wants that.
    Miss(Box<Fill>, Option<Box<FlightKey>>),
    /// The cache has nothing to do with the call.
    Off,
}

/// The answer that is to be looked for.
pub(crate) struct Lookup {
    key: CacheKey,
    parts: key::Parts,
    ttl: Duration,
    /// A stream is wanted, and only a stream will do: the key does not tell.
    form: Option<bool>,
    /// The key that the call would have without one of the caller's.
    default: Option<CacheKey>,
    /// Compressions that the client reads.
    accepts: Option<HeaderValue>,
}

/// What a call is to look for; or else why nothing, where somebody asked.
pub(crate) fn lookup(facts: &Facts, asking: &Asking<'_>) -> Result<Lookup, Option<&'static str>> {
    let (ttl, own_key) = match &facts.options.cache {
        CacheWish::Use { ttl, key } => (*ttl, key.as_deref()),
        CacheWish::Off => return Err(None),
        CacheWish::Never => return Err(Some("ttl_zero")),
        CacheWish::Skip => return Err(Some("skipped")),
    };
    if let Some(reason) = not_cacheable(facts, own_key.is_some()) {
        return Err(Some(reason));
    }
    let (key, parts) = key::of(facts, asking, own_key);
    let form = own_key.map(|_| asking.stream);
    let is_shared = own_key.is_some() && facts.gateway.settings.cache_coalesce;
    let default = is_shared.then(|| key::of(facts, asking, None).0);
    Ok(Lookup { key, parts, ttl, form, default, accepts: asking.accepts.cloned() })
}

/// Looks for an answer, and notes what came of it.
pub(crate) async fn look_up(
    shared: &Shared,
    facts: &mut Facts,
    lookup: Result<Lookup, Option<&'static str>>,
) -> Looked {
    let Lookup { key, parts, ttl, form, default, accepts } = match lookup {
        Ok(lookup) => lookup,
        Err(reason) => {
            facts.trail.cache = reason.map(|reason| CacheTrail {
                outcome: "off".into(),
                reason: Some(reason.into()),
                ..CacheTrail::default()
            });
            return Looked::Off;
        }
    };
    let found = shared.cache.get(&key, shared.clock.now()).await;
    let reason = if found.is_some() { "other_form" } else { "not_stored" };
    let fits = |answer: &Arc<CachedAnswer>| form.is_none_or(|it| answer.frames.is_empty() != it);
    let found = found.filter(fits);
    facts.trail.cache = facts.is_told().then(|| CacheTrail {
        outcome: if found.is_some() { "hit" } else { "miss" }.into(),
        reason: found.is_none().then(|| reason.into()),
        ttl: Some(ttl.as_secs()),
        key: Some(key.to_string().into()),
        parts,
        from: found.as_ref().map(|answer| answer.log_id.to_string().into()),
        similarity: None,
        saved: found.as_ref().and_then(|answer| answer.cost).map(|cost| cost.dollars()),
    });
    let Some(answer) = found else {
        let settings = &facts.gateway.settings;
        let fill = Box::new(Fill::new(key, ttl, settings.cache_streams));
        let flight = settings.cache_coalesce.then(|| Box::new(FlightKey { key, default, accepts }));
        return Looked::Miss(fill, flight);
    };
    Looked::Hit(answer)
}

/// Parts of paths under which calls make or change something that lies at the provider. The same
/// call twice is to do the same thing twice.
const STATEFUL: [&str; 12] = [
    "assistants",
    "batches",
    "batchpredictionjobs",
    "cancel",
    "conversations",
    "files",
    "fine_tuning",
    "predictions",
    "runs",
    "threads",
    "uploads",
    "vector_stores",
];

/// Why the answer to a call must not be given again, if so.
fn not_cacheable(facts: &Facts, own_key: bool) -> Option<&'static str> {
    let call = &facts.call;
    match call.method {
        Method::POST => {}
        Method::GET if own_key => {}
        _ => return Some("method"),
    }
    let path = call.rest.split('?').next().unwrap_or_default();
    let stateful =
        path.split('/').any(|part| STATEFUL.iter().any(|it| part.eq_ignore_ascii_case(it)));
    (stateful && call.unified.is_none() && !own_key).then_some("stateful_path")
}

/// Puts what a call collected into the cache.
pub(crate) fn store(shared: &Shared, mut fill: Fill, facts: &Facts, kept: Kept) {
    let (key, asked) = (fill.key(), fill.asked.take());
    let now = shared.clock.now();
    if let Some(answer) = fill.into_answer(now, facts.id, kept) {
        // Whoever is given it next has another key.
        if facts.trace.sent_keys.are_in(&answer.body) {
            return;
        }
        let expires_at = answer.expires_at;
        shared.cache.put(key, answer);
        if let Some(asked) = asked {
            asked.remember(key, expires_at, &shared.semantic, now);
        }
    }
}
