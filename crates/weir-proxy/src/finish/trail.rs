//! What is added to the trail when a call ends: whose key went along, where the time went, and what
//! the cost is made of.

use std::time::Instant;

use weir_core::secrets::ProviderConfig;
use weir_core::trail::{CredentialTrail, Phases, Trail};

use crate::credential::Source;
use crate::exchange::Facts;
use crate::money::Money;

/// The trail of a call that has ended, whole.
pub(super) fn complete(facts: &mut Facts, money: &Money, ended: Instant) -> Box<Trail> {
    let mut trail = std::mem::take(&mut facts.trail);
    if trail.credential.is_none() {
        trail.credential = credential(facts);
    }
    trail.phases = Some(phases(facts, ended));
    trail.price = Some(money.trail());
    Box::new(trail)
}

/// Whose credential went along; none where the call did not come that far.
pub(crate) fn credential(facts: &Facts) -> Option<CredentialTrail> {
    let source = facts.trace.source.as_ref()?;
    let mut trail = CredentialTrail { source: word(source).into(), ..CredentialTrail::default() };
    if let Source::Stored(id) = source {
        let account = &facts.gateway.account_id;
        let key = facts.snapshot.configuration().get::<ProviderConfig>(account, id);
        trail.id = Some(id.clone());
        trail.alias = key.map(|key| key.alias.as_str().into());
    }
    if let Some(key) = &facts.trace.key {
        trail.because.clone_from(&key.because);
        if *source == Source::Platform && !key.because.is_empty() {
            trail.alias = Some(key.name.clone());
        }
    }
    Some(trail)
}

const fn word(source: &Source) -> &'static str {
    match source {
        Source::Request => "request",
        Source::Stored(_) => "stored",
        Source::Platform => "platform",
        Source::Nothing => "none",
    }
}

fn phases(facts: &Facts, ended: Instant) -> Phases {
    let micros =
        |duration: std::time::Duration| u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
    let since = |at: Instant| micros(at.duration_since(facts.started));
    Phases {
        body_us: micros(facts.trace.body_wait),
        sent_us: facts.trace.sent_at.map(since),
        head_us: facts.trace.head_at.map(since),
        first_byte_us: facts.trace.first_byte_at.map(since),
        ended_us: since(ended),
    }
}
