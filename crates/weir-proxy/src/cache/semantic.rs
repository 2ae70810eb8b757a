//! Like questions, like answers: what has no answer under its exact key may have one that was given
//! to a question of nearly the same meaning, where the gateway wants that (`cache_semantic`).
//!
//! Everything but the last question has to be the same to the byte: see `key::scope`. How alike two
//! questions are is told by an embedding model, which is asked in a turn of its own (`embed`).
//! Whatever goes wrong with that, the call goes on as if nothing had been asked.

mod embed;
mod index;
mod vector;

use std::sync::Arc;
use std::time::Instant;

use http::{HeaderName, HeaderValue};
use weir_core::Timestamp;
use weir_core::cache::{CacheKey, CachedAnswer};
use weir_llm::operation::Operation;
use weir_llm::question;

pub(crate) use self::index::Index;

use self::index::Entry;
use self::vector::Direction;
use super::{Asking, Fill, FlightKey, Looked, key};
use crate::exchange::Facts;
use crate::options::caching::CacheWish;
use crate::plane::Shared;

/// The index takes at most this part of what the cache may take in memory, on top of it.
pub(crate) const SHARE: usize = 4;

/// Longest question that is compared, in bytes: models take texts of some thousand tokens.
const LONGEST: usize = 24 * 1024;

/// The question of a call.
pub(crate) struct Question {
    scope: CacheKey,
    text: String,
}

/// A question with its vector, while its answer is on the way.
#[derive(Debug)]
pub(crate) struct Asked {
    scope: CacheKey,
    direction: Direction,
}

impl Asked {
    /// Lets like questions find the answer that was stored under a key.
    pub(super) fn remember(
        self,
        key: CacheKey,
        expires_at: Timestamp,
        index: &Index,
        now: Timestamp,
    ) {
        index.remember(self.scope, Entry { key, expires_at, direction: self.direction }, now);
    }
}

/// The question that a call ends with; none where it is not to be compared.
pub(crate) fn question(
    facts: &Facts,
    asking: &Asking<'_>,
    operation: Option<Operation>,
) -> Option<Question> {
    let settings = &facts.gateway.settings;
    let by = settings.cache_semantic.as_ref()?;
    let CacheWish::Use { key: None, .. } = facts.options.cache else { return None };
    let dialect = match operation {
        Some(operation) => operation.is_conversation().then(|| operation.dialect())?,
        None => question::dialect_at(&facts.call.rest)?,
    };
    if asking.stream && !settings.cache_streams {
        // Nothing was stored, nothing will be.
        return None;
    }
    let question = question::last(dialect, asking.body)?;
    if question.text.len() > LONGEST {
        return None;
    }
    let scope = key::scope(facts, asking, &question.at, by);
    Some(Question { scope, text: question.text })
}

/// Looks for the answer to a like question, and notes what came of it. `sent` are the client's keys
/// for the provider that it calls.
pub(crate) async fn look_up(
    shared: &Arc<Shared>,
    facts: &mut Facts,
    question: Question,
    sent: &[(HeaderName, HeaderValue)],
    (mut fill, flight): (Box<Fill>, Option<Box<FlightKey>>),
) -> Looked {
    let gateway = Arc::clone(&facts.gateway);
    let Some(by) = &gateway.settings.cache_semantic else { return Looked::Miss(fill, flight) };
    let began = Instant::now();
    let vector = match embed::prepare(shared, facts, &question.text, by, sent) {
        Some((turn, identity)) => embed::ask(shared, turn, identity).await,
        None => None,
    };
    facts.trace.embedding_wait = began.elapsed();
    let Some(direction) = vector.as_deref().and_then(Direction::of) else {
        shared.metrics.embeddings_failed.inc();
        note(facts, "embedding_failed", None);
        return Looked::Miss(fill, flight);
    };
    let now = shared.clock.now();
    let found = shared.semantic.search(&question.scope, &direction, by.threshold, now).await;
    for (cosine, key) in found.alike {
        let Some(answer) = shared.cache.get(&key, now).await else {
            shared.semantic.forget(&question.scope, &key);
            continue;
        };
        shared.metrics.hits_alike.inc();
        hit(facts, &answer, cosine);
        return Looked::Hit(answer);
    }
    note(facts, "none_alike", found.best);
    fill.asked = Some(Asked { scope: question.scope, direction });
    Looked::Miss(fill, flight)
}

fn hit(facts: &mut Facts, answer: &CachedAnswer, cosine: f32) {
    note(facts, "alike", Some(cosine));
    if let Some(trail) = &mut facts.trail.cache {
        trail.outcome = "hit".into();
        trail.from = Some(answer.log_id.to_string().into());
        trail.saved = answer.cost.map(|cost| cost.dollars());
    }
}

fn note(facts: &mut Facts, reason: &str, similarity: Option<f32>) {
    if let Some(trail) = &mut facts.trail.cache {
        trail.reason = Some(reason.into());
        trail.similarity = similarity;
    }
}
