//! Which key of a pool a call goes out with.

use std::sync::Arc;

use weir_core::Timestamp;
use weir_core::counters::{CounterKey, Draw, Window};
use weir_core::route::Technique;
use weir_core::secrets::{ProviderConfig, StoredSecret};

use super::health::{KeyHealth, KeyId, Rest};
use super::platform::PlatformKey;
use super::{Need, Source};
use crate::chance::Chance;

/// A key that a call may go out with.
#[derive(Clone, Copy, Debug)]
pub(super) enum Member<'a> {
    Stored(&'a Arc<ProviderConfig>),
    Platform(&'a Arc<PlatformKey>),
}

/// A key that was chosen. Never the key itself.
#[derive(Clone, Debug)]
pub(crate) struct UsedKey {
    pub(crate) id: KeyId,
    /// Its alias, or what the operator would call it.
    pub(crate) name: Box<str>,
    /// Its own limit.
    pub(crate) limit: Option<Draw>,
    /// Where it may be sent; none where only the provider's domain is known.
    pub(crate) origin: Option<Box<str>>,
    /// How it was chosen, for people.
    pub(crate) because: Vec<Box<str>>,
}

impl<'a> Member<'a> {
    pub(super) fn id(self, need: &Need<'_>) -> KeyId {
        match self {
            Self::Stored(key) => {
                let secrets = need.facts.snapshot.configuration();
                let secret = secrets.get::<StoredSecret>(&key.account_id, &key.secret_id);
                of_stored(key, secret.map_or(key.modified_at, |secret| secret.modified))
            }
            Self::Platform(key) => {
                let never = Timestamp::from_millis(0);
                KeyId { of: Arc::clone(&key.id), state: (never, never) }
            }
        }
    }

    fn weight(self) -> u32 {
        match self {
            Self::Stored(key) => key.share(),
            Self::Platform(key) => key.weight,
        }
    }

    pub(super) fn source(self) -> Source {
        match self {
            Self::Stored(key) => Source::Stored(Arc::clone(&key.id)),
            Self::Platform(_) => Source::Platform,
        }
    }

    pub(super) fn used(self, id: KeyId, because: Vec<Box<str>>) -> UsedKey {
        match self {
            Self::Stored(key) => UsedKey {
                id,
                name: key.alias.as_str().into(),
                limit: key.limit().map(|limit| draw(&key.id, limit)),
                origin: key.origin.as_deref().map(Into::into),
                because,
            },
            Self::Platform(key) => {
                UsedKey { id, name: key.name.clone(), limit: None, origin: None, because }
            }
        }
    }
}

/// The identity of a stored key whose secret changed last at that time.
pub(super) fn of_stored(key: &ProviderConfig, secret_modified: Timestamp) -> KeyId {
    KeyId { of: Arc::clone(&key.secret_id), state: (secret_modified, key.modified_at) }
}

/// A call, taken from the limit of a key (spec: data-plane 2.5).
fn draw(id: &str, (limit, seconds): (u64, u64)) -> Draw {
    let key = CounterKey::of(&[b"provider key", id.as_bytes()]);
    Draw { key, window: Window { seconds, technique: Technique::Fixed }, limit, amount: 1 }
}

/// A key that may be chosen, as far as the choice goes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate {
    pub(super) weight: u32,
    pub(super) rest: Option<Rest>,
}

/// What was chosen, and why when there was a choice.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Chosen {
    pub(super) index: usize,
    pub(super) because: Option<Box<str>>,
}

/// Chooses among keys: by weight among those that do not rest, then one of weight 0, then the one
/// whose rest ends first, unless `rested` asks for none of those. `None` when there is none.
pub(super) fn choose(
    keys: &[Candidate],
    chance: &Chance,
    now: Timestamp,
    rested: bool,
) -> Option<Chosen> {
    let free = || keys.iter().enumerate().filter(|(_, key)| key.rest.is_none());
    let total = free().map(|(_, key)| key.weight).fold(0, u32::saturating_add);
    if total > 0 {
        let mut weighted = free().filter(|(_, key)| key.weight > 0);
        let mut draw = if weighted.clone().count() > 1 { chance.below(total) } else { 0 };
        let found = weighted.find(|(_, key)| {
            let is_it = draw < key.weight;
            draw = draw.saturating_sub(key.weight);
            is_it
        });
        let because = (keys.len() > 1)
            .then(|| found.map(|(_, key)| format!("a share of {} in {total}", key.weight).into()));
        return found.map(|(index, _)| Chosen { index, because: because.flatten() });
    }
    let last: Vec<usize> = free().map(|(index, _)| index).collect();
    if !last.is_empty() {
        let most = u32::try_from(last.len()).unwrap_or(u32::MAX);
        let at = if most > 1 { chance.below(most) as usize } else { 0 };
        let because = (keys.len() > 1).then(|| "the last resort: no other is free".into());
        return last.get(at).map(|index| Chosen { index: *index, because });
    }
    if rested {
        return None;
    }
    let resting = keys.iter().enumerate().filter_map(|(index, key)| Some((index, key.rest?)));
    let (index, rest) = resting.min_by_key(|(_, rest)| rest.until)?;
    let left = (rest.until.as_millis() - now.as_millis() + 999) / 1000;
    let of = if keys.len() > 1 { "every key of the pool" } else { "the key" };
    let because = format!("{of} cools down; this one is free first, in {left} s");
    Some(Chosen { index, because: Some(because.into()) })
}

/// The candidates that keys are.
pub(super) fn candidates(
    keys: &[(Member<'_>, KeyId)],
    health: &KeyHealth,
    now: Timestamp,
) -> Vec<Candidate> {
    let of = |(member, id): &(Member<'_>, KeyId)| Candidate {
        weight: member.weight(),
        rest: health.rest(id, now),
    };
    keys.iter().map(of).collect()
}

#[cfg(test)]
mod tests;
