//! The keys of issuers: fetched before they are needed, kept while an issuer is down, asked for anew
//! when a token names one that is not there.

mod fetch;
mod source;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream;
use weir_core::access::Issuer;
use weir_llm::auth::jwt::KeySet;

use self::source::Source;
use crate::plane::Shared;

/// How often it is looked whether keys are due.
const TICK: Duration = Duration::from_secs(5);

/// Issuers that are asked at the same time. One that is silent must not hold the others up.
const AT_ONCE: usize = 8;

/// Where keys are. Issuers that are entered twice have one place; one whose keys are said to be
/// elsewhere has another, so that nobody can put keys under another one's name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Place {
    issuer: Box<str>,
    jwks_url: Option<Box<str>>,
}

impl Place {
    fn of(issuer: &Issuer) -> Self {
        Self {
            issuer: issuer.issuer.as_str().into(),
            jwks_url: issuer.jwks_url.as_deref().map(Into::into),
        }
    }
}

/// The keys of all issuers. There are as many places as operators enter.
#[derive(Default)]
pub(super) struct IssuerKeys {
    sources: Mutex<HashMap<Place, Arc<Source>>>,
}

impl IssuerKeys {
    /// The keys that are held of an issuer, if they may be used.
    pub(super) fn present(&self, issuer: &Issuer) -> Option<Arc<KeySet>> {
        self.source(&Place::of(issuer)).usable()
    }

    fn source(&self, place: &Place) -> Arc<Source> {
        let mut sources = self.sources.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(source) = sources.get(place) {
            return Arc::clone(source);
        }
        let source = Arc::new(Source::default());
        sources.insert(place.clone(), Arc::clone(&source));
        source
    }

    /// Keeps what is needed, and nothing else.
    fn keep_only(&self, places: &[Place]) {
        let mut sources = self.sources.lock().unwrap_or_else(PoisonError::into_inner);
        sources.retain(|place, _| places.contains(place));
    }
}

/// The keys of an issuer. Waits only when there are none that may be used.
pub(super) async fn of(shared: &Arc<Shared>, issuer: &Issuer) -> Option<Arc<KeySet>> {
    let place = Place::of(issuer);
    let source = shared.users.keys.source(&place);
    if let Some(keys) = source.usable() {
        if source.is_stale() {
            shared.metrics.identity.stale_keys_used.inc();
        }
        return Some(keys);
    }
    ask(shared, &place, &source).await;
    source.usable()
}

/// The keys of an issuer, asked for anew unless that was done a moment ago.
pub(super) async fn again(shared: &Arc<Shared>, issuer: &Issuer) -> Option<Arc<KeySet>> {
    let place = Place::of(issuer);
    let source = shared.users.keys.source(&place);
    ask(shared, &place, &source).await;
    source.usable()
}

/// Asks in a task of its own: a client that leaves must not break off what others wait for.
async fn ask(shared: &Arc<Shared>, place: &Place, source: &Arc<Source>) {
    if source.was_just_tried() {
        return;
    }
    let (shared, place, source) = (Arc::clone(shared), place.clone(), Arc::clone(source));
    let asking = tokio::spawn(async move { renew(&shared, &place, &source).await });
    // When the task is cut off, the process is ending, and there are no keys.
    drop(asking.await);
}

async fn renew(shared: &Shared, place: &Place, source: &Source) {
    let fetch = || fetch::key_set(shared, place);
    let Some(outcome) = source.renew(fetch).await else { return };
    shared.metrics.identity.key_fetches.inc();
    if let Err(reason) = outcome {
        shared.metrics.identity.key_fetch_failures.inc();
        // Said once, not with every try.
        if source.failures() == 1 {
            tracing::warn!(issuer = &*place.issuer, reason, "cannot fetch an issuer's keys");
        }
    }
}

/// Fetches the keys of every issuer that is in force before they are needed, for as long as it is
/// polled, and says how many have become old.
pub(super) async fn keep(shared: &Arc<Shared>) {
    let mut ticks = tokio::time::interval(TICK);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let snapshot = shared.configuration.snapshot();
        let enabled = snapshot.configuration().issuers.iter().filter(|issuer| issuer.enabled);
        let places: Vec<Place> = enabled.map(|issuer| Place::of(issuer)).collect();
        let keys = &shared.users.keys;
        keys.keep_only(&places);
        let sources: Vec<_> = places.into_iter().map(|it| (keys.source(&it), it)).collect();
        let due = sources.iter().filter(|(source, _)| source.is_due());
        stream::iter(due)
            .for_each_concurrent(AT_ONCE, |(source, place)| renew(shared, place, source))
            .await;
        let stale = sources.iter().filter(|(source, _)| source.is_stale()).count();
        shared.metrics.identity.stale_keys.set(i64::try_from(stale).unwrap_or(i64::MAX));
    }
}
