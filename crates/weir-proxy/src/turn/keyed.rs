//! Whose key a turn goes out with: one that is free and not at its limit, and another one when the
//! provider refuses it.

use weir_core::counters::Drawn;
use weir_core::trail::LimitTrail;
use weir_core::{Error, Kind, Retry};

use super::{Ask, Made, ended, retry_after};
use crate::credential::{self, KeyId, Source, UsedKey};
use crate::diagnose;
use crate::exchange::{Exchange, Facts};
use crate::order;
use crate::plane::Shared;
use crate::reply::Answer;
use crate::spending;

/// What another key of the pool needs to take over.
#[derive(Default)]
pub(super) struct Keys {
    /// The request once more; none where no other key could send it.
    spare: Option<Ask>,
    /// Keys that were tried for it.
    tried: Vec<KeyId>,
}

impl Keys {
    /// Whether another key could take over.
    pub(super) const fn may_change(&self) -> bool {
        self.spare.is_some()
    }
}

/// Makes the request with a key that may be used.
pub(super) async fn first(
    shared: &Shared,
    exchange: &mut Exchange,
    ask: Ask,
) -> Result<(Made, Keys), Error> {
    let facts = exchange.facts().ok_or_else(ended)?;
    let is_pooled = ask.need(shared, facts).is_pooled();
    let mut keys = Keys { spare: is_pooled.then(|| ask.copy()).flatten(), tried: Vec::new() };
    let made = make(shared, exchange, ask, &mut keys).await?;
    let made = made.ok_or_else(|| Error::new(Kind::Internal, "There is no key to choose"))?;
    Ok((made, keys))
}

/// Makes the request with another key, if one is free. What stands in its way has no say: the answer
/// that there is will do.
pub(super) async fn next(
    shared: &Shared,
    exchange: &mut Exchange,
    keys: &mut Keys,
) -> Option<Made> {
    let ask = keys.spare.as_ref()?.copy()?;
    match make(shared, exchange, ask, keys).await {
        Ok(made) => made,
        Err(error) => {
            tracing::debug!(%error, "no other key of the pool can be used");
            None
        }
    }
}

/// Tries the keys of a pool in turn until one may be used. `None` when none is left.
async fn make(
    shared: &Shared,
    exchange: &mut Exchange,
    ask: Ask,
    keys: &mut Keys,
) -> Result<Option<Made>, Error> {
    let (mut ask, mut notes) = (Some(ask), Vec::<Box<str>>::new());
    let mut paid = !keys.tried.is_empty();
    let mut refused: Option<Error> = None;
    loop {
        let again = ask.take().or_else(|| keys.spare.as_ref().and_then(Ask::copy));
        let Some(now) = again else { break };
        let facts = exchange.facts().ok_or_else(ended)?;
        let resolved = credential::resolve(&now.need(shared, facts), &keys.tried).await?;
        let Some(mut resolved) = resolved else { break };
        // The account's credits pay; a later try claims what this one did.
        if resolved.source == Source::Platform && !paid {
            Box::pin(spending::credits::admit(shared, exchange, &now)).await?;
            paid = true;
        }
        let facts = exchange.facts().ok_or_else(ended)?;
        let (used, source) = (resolved.key.clone(), resolved.source.clone());
        if let Some(key) = &mut resolved.key {
            notes.append(&mut key.because);
            key.because.clone_from(&notes);
        }
        let made = order(shared, facts, now, resolved).await;
        let Some(used) = used else { return made.map(Some) };
        keys.tried.push(used.id.clone());
        let error = match made {
            Ok(made) => match take(shared, exchange, &used).await {
                Ok(()) => return Ok(Some(made)),
                Err(error) => error,
            },
            Err(error) => {
                if error.kind() == Kind::KeyRejected
                    && let Some(facts) = exchange.facts()
                {
                    cool(shared, facts, &used, 401, None);
                }
                error
            }
        };
        // Faults of the request are the same with every key.
        let is_of_key =
            matches!(error.kind(), Kind::RateLimited | Kind::KeyRejected | Kind::EgressRefused);
        if keys.spare.is_none() || !is_of_key || source == Source::Request {
            return Err(error);
        }
        notes.push(format!("'{}': {}", used.name, error.hint().unwrap_or(error.public())).into());
        refused.get_or_insert(error);
    }
    refused.map_or(Ok(None), Err)
}

async fn order(
    shared: &Shared,
    facts: &Facts,
    ask: Ask,
    resolved: credential::Resolved,
) -> Result<Made, Error> {
    match ask {
        Ask::Native(ask) => {
            let super::NativeAsk { target, sifted, body, may_ask } = *ask;
            let order = order::native(shared, facts, target, sifted, body, resolved, may_ask);
            Ok((order.await?, Vec::new()))
        }
        Ask::Unified(ask) => {
            let super::UnifiedAsk { wanted, query, sifted } = *ask;
            order::unified(shared, facts, &wanted, &query, sifted, resolved).await
        }
    }
}

/// Takes a call from the limit of a key (spec: data-plane 2.5).
pub(super) async fn take(
    shared: &Shared,
    exchange: &mut Exchange,
    key: &UsedKey,
) -> Result<(), Error> {
    let Some(draw) = &key.limit else { return Ok(()) };
    let drawn = shared.counters.draw(draw, shared.clock.now()).await;
    let (passed, used) = match drawn {
        Drawn::Taken(level) => (true, level.used),
        Drawn::Full(level) => (false, level.used),
    };
    if let Some(facts) = exchange.facts_mut().filter(|facts| facts.is_told()) {
        facts.trail.limits.push(LimitTrail {
            name: format!("key '{}'", key.name).into(),
            unit: "requests".into(),
            of: None,
            limit: draw.limit,
            window: Some(draw.window.seconds),
            before: if passed { used.saturating_sub(draw.amount) } else { used },
            after: used,
            passed,
        });
    }
    if passed {
        return Ok(());
    }
    shared.metrics.keys_limited.inc();
    let hint = format!(
        "the stored key '{}' allows {} calls in {} s",
        key.name, draw.limit, draw.window.seconds
    );
    Err(Error::new(Kind::RateLimited, "Rate limited")
        .with_retry(Retry::NextTarget)
        .with_hint(diagnose::ascii(&hint)))
}

/// What an answer says about the key that the call went out with. Says whether the key was refused.
pub(super) fn learn(
    shared: &Shared,
    exchange: &Exchange,
    answered: &Result<Answer, Error>,
) -> bool {
    let (Some(facts), Ok(answer)) = (exchange.facts(), answered) else { return false };
    let Some(key) = &facts.trace.key else { return false };
    let status = answer.response.status().as_u16();
    if matches!(status, 401 | 403 | 429) {
        let wish = retry_after(answer.response.headers()).map(|wish| wish.as_secs());
        cool(shared, facts, key, status, wish);
        return true;
    }
    if status < 400
        && let Some(sent) = facts.trace.sent_at
    {
        let ago = i64::try_from(sent.elapsed().as_millis()).unwrap_or(i64::MAX);
        let sent = shared.clock.now().as_millis().saturating_sub(ago);
        shared.key_health.taken(&key.id, weir_core::Timestamp::from_millis(sent));
    }
    false
}

fn cool(shared: &Shared, facts: &Facts, key: &UsedKey, status: u16, wish: Option<u64>) {
    let now = shared.clock.now();
    let Some(rest) = shared.key_health.refused(&key.id, status, wish, now) else { return };
    let provider = facts.call.provider.as_str();
    let seconds = (rest.until.as_millis() - now.as_millis()) / 1000;
    shared.metrics.key_cools(provider, status);
    tracing::warn!(
        account = %facts.gateway.account_id,
        gateway = %facts.gateway.id,
        provider,
        key = &*key.name,
        status,
        seconds,
        "a provider refused a key, which now cools down"
    );
}
