//! One turn at one target: cache, credential, request, tries, answer. What a client asks for directly
//! is one turn; a step of a universal request and a model of a dynamic route are one each
//! (spec: data-plane 4, steps 6 to 13).

mod applying;
mod coalesced;
mod keyed;

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use http::header::{ACCEPT_ENCODING, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, Response};
use weir_core::trail::AttemptTrail;
use weir_core::{Error, Kind, LogId, Retry};
use weir_llm::operation::Operation;
use weir_llm::request::RequestFacts;
use weir_llm::request::streams;

use self::keyed::Keys;
use crate::attempt;
use crate::cache::{self, Asking, Looked, semantic};
use crate::credential::{self, Identity as CredentialIdentity, Need};
use crate::exchange::{Exchange, Facts};
use crate::front::headers::Sifted;
use crate::options::retry::is_passing;
use crate::order::Order;
use crate::pipeline::Refusal;
use crate::plane::Shared;
use crate::reply::{self, Answer, Identity, ReplyBody};
use crate::request_body::{self, RequestBody, RequestCopy};
use crate::spending;
use crate::target::Target;
use crate::unified::{Owner, Wanted};
use crate::upstream::SendBody;

/// A turn, before anything was spent on it.
pub(crate) struct Turn {
    pub(crate) exchange: Exchange,
    pub(crate) ask: Ask,
}

/// What is asked.
pub(crate) enum Ask {
    /// A provider's own path: bytes pass as they are.
    Native(Box<NativeAsk>),
    /// A unified endpoint: the request is made of the client's.
    Unified(Box<UnifiedAsk>),
}

impl Ask {
    /// The client's body, if it is whole in memory.
    pub(crate) fn body(&self) -> Option<&[u8]> {
        match self {
            Self::Native(ask) => ask.body.whole.as_deref(),
            Self::Unified(ask) => Some(&ask.wanted.body),
        }
    }

    /// The operation, where the endpoint tells it.
    pub(crate) const fn operation(&self) -> Option<Operation> {
        match self {
            Self::Native(_) => None,
            Self::Unified(ask) => Some(ask.wanted.operation),
        }
    }
}

pub(crate) struct NativeAsk {
    pub(crate) target: Target,
    pub(crate) sifted: Sifted,
    pub(crate) body: RequestBody,
    /// The provider may have to be asked for the usage of its stream.
    pub(crate) may_ask: bool,
}

#[derive(Clone)]
pub(crate) struct UnifiedAsk {
    pub(crate) wanted: Wanted,
    /// The client's query.
    pub(crate) query: Box<str>,
    pub(crate) sifted: Sifted,
}

/// Takes a turn: gives the answer, tapped on its way to the client. `finish` runs at its last byte.
pub(crate) async fn take(
    shared: &Arc<Shared>,
    turn: Turn,
    identity: Identity,
) -> Result<Response<ReplyBody>, Refusal> {
    let Turn { mut exchange, ask } = turn;

    // May it be asked at all.
    if let Some(Err(error)) = exchange.facts().map(|facts| spending::enter(shared, facts)) {
        return Err(identity.end(&mut exchange, error));
    }

    // An answer that is stored costs nothing and is asked nothing.
    if exchange.facts().is_some_and(|facts| facts.options.cache.is_asked()) {
        // Boxed, so that calls without a cache do not carry its size.
        match Box::pin(look_up(shared, &mut exchange, &ask)).await {
            Looked::Hit(answer) => {
                // Lets other calls that are ready come this far before the first of them writes, as
                // in `attempt`.
                tokio::task::yield_now().await;
                return Ok(reply::relay_cached(answer, exchange, &identity));
            }
            Looked::Miss(fill, flight) => {
                if let Some(facts) = exchange.facts_mut() {
                    facts.trace.fill = Some(fill);
                }
                // Another call may be asking for the same thing just now.
                if let Some(flight) = flight {
                    let turn = Turn { exchange, ask };
                    return Box::pin(coalesced::take(shared, turn, identity, *flight)).await;
                }
            }
            Looked::Off => {}
        }
    }

    call(shared, Turn { exchange, ask }, identity).await
}

/// Calls the provider.
async fn call(
    shared: &Arc<Shared>,
    turn: Turn,
    mut identity: Identity,
) -> Result<Response<ReplyBody>, Refusal> {
    let Turn { mut exchange, ask } = turn;

    // Is there room for it.
    if let Err(error) = applying::pass(shared, &mut exchange, &ask).await {
        return Err(identity.end(&mut exchange, error));
    }

    // Do policies, spend limits and budgets let it in. Boxed, so that calls without any do not carry
    // its size.
    if let Err(error) = Box::pin(spending::admit(shared, &mut exchange, &ask)).await {
        return Err(identity.end(&mut exchange, error));
    }

    // Whose key goes along, and the request in the provider's words.
    let limit = exchange.facts().and_then(Facts::patience);
    let made = Box::pin(in_time(limit, keyed::first(shared, &mut exchange, ask))).await;
    let (order, keys) = match made {
        Ok(((order, dropped), keys)) => {
            identity.note_dropped(&dropped);
            (order, keys)
        }
        Err(error) => return Err(identity.end(&mut exchange, error)),
    };
    let plan = exchange.facts().map(|facts| facts.options.retry).unwrap_or_default();
    if plan.attempts == 1 && !keys.may_change() {
        let (tried, _) = once(&mut exchange, Box::new(order), true).await;
        return hand_over(tried, exchange, &identity).await;
    }
    Box::pin(several(shared, exchange, order, keys, identity)).await
}

/// Tries until an answer will do, or no try is left. Every try leaves a row of its own.
async fn several(
    shared: &Arc<Shared>,
    mut exchange: Exchange,
    order: Order,
    mut keys: Keys,
    mut identity: Identity,
) -> Result<Response<ReplyBody>, Refusal> {
    let plan = exchange.facts().map(|facts| facts.options.retry).unwrap_or_default();
    let mut order = Some(order);
    let mut tried = 0;
    loop {
        tried += 1;
        let is_last = tried >= plan.attempts;
        let spare = if is_last { None } else { order.as_ref().and_then(Order::copy) };
        let Some(now) = order.take() else {
            return Err(identity.refuse(Error::new(Kind::Internal, "Nothing is left to send")));
        };
        let waits = is_last && plan.last_waits;
        let (answered, key_refused) = once(&mut exchange, Box::new(now), !waits).await;
        // Another key of the pool goes on at once: that is no try of the caller's.
        if key_refused && let Some((next, _)) = keyed::next(shared, &mut exchange, &mut keys).await
        {
            let trail = AttemptTrail {
                index: tried - 1,
                of: plan.attempts,
                kind: "key".into(),
                after: Some(ending(&answered)),
                ..AttemptTrail::default()
            };
            exchange = match again(shared, exchange, answered, &mut identity, trail, None).await {
                Ok(exchange) => exchange,
                Err(served) => return *served,
            };
            shared.metrics.key_changes.inc();
            tried -= 1;
            order = Some(next);
            continue;
        }
        let passing = match &answered {
            Ok(answer) => is_passing(answer.response.status().as_u16()),
            Err(error) => matches!(error.retry(), Retry::SameTarget { .. }),
        };
        let named = answered.as_ref().ok().and_then(|it| retry_after(it.response.headers()));
        let wait = plan.wait(tried, named);
        let in_time = exchange.facts().and_then(Facts::time_left).is_none_or(|left| wait < left);
        if !passing || !in_time || spare.is_none() {
            return hand_over(answered, exchange, &identity).await;
        }
        // Each try counts where the key has a limit of its own.
        let key = exchange.facts().and_then(|facts| facts.trace.key.clone());
        if let Some(key) = key
            && keyed::take(shared, &mut exchange, &key).await.is_err()
        {
            return hand_over(answered, exchange, &identity).await;
        }
        let trail = AttemptTrail {
            index: tried,
            of: plan.attempts,
            kind: "retry".into(),
            after: Some(ending(&answered)),
            ..AttemptTrail::default()
        };
        exchange = match again(shared, exchange, answered, &mut identity, trail, Some(wait)).await {
            Ok(exchange) => exchange,
            Err(served) => return *served,
        };
        shared.metrics.retries.inc();
        order = spare;
    }
}

/// Sets the clocks of another try.
fn begin_again(shared: &Shared, again: &mut Facts) {
    again.started = Instant::now();
    again.created_at = shared.clock.now();
}

/// Ends a try whose answer will not do, and begins the next one of the same call, which claims anew
/// what it may spend. Gives what the client gets where there can be none.
async fn again(
    shared: &Arc<Shared>,
    mut exchange: Exchange,
    answered: Result<Answer, Error>,
    identity: &mut Identity,
    trail: AttemptTrail,
    wait: Option<Duration>,
) -> Result<Exchange, Box<Result<Response<ReplyBody>, Refusal>>> {
    // What this try claimed is settled before the next one claims the same.
    if let Some(facts) = exchange.facts_mut() {
        let outcome = spending::Outcome::of_failure(&facts.trace);
        spending::settle(shared, facts, &outcome);
    }
    let next = exchange.facts_mut().and_then(|facts| facts.again(LogId::generate()));
    let Some(mut next) = next else {
        return Err(Box::new(hand_over(answered, exchange, identity).await));
    };
    // Its row tells what it said; nobody waits for that.
    let given_up = hand_over(answered, exchange, identity).await;
    reply::hear_out(shared, given_up.ok());
    let slept = Instant::now();
    if let Some(wait) = wait {
        tokio::time::sleep(wait).await;
    }
    begin_again(shared, &mut next);
    let waited = u64::try_from(slept.elapsed().as_millis()).unwrap_or(u64::MAX);
    next.trail.attempt = Some(AttemptTrail { waited_ms: Some(waited), ..trail });
    identity.log = next.id;
    let mut exchange = Exchange::new(next, Arc::clone(shared));
    let stopped = exchange.facts().map(|facts| spending::enter(shared, facts));
    if let Some(Err(error)) = stopped {
        return Err(Box::new(Err(identity.end(&mut exchange, error))));
    }
    if let Err(error) = Box::pin(spending::claim_again(shared, &mut exchange)).await {
        return Err(Box::new(Err(identity.end(&mut exchange, error))));
    }
    Ok(exchange)
}

/// What a try ended in, for people.
fn ending(answered: &Result<Answer, Error>) -> Box<str> {
    match answered {
        Ok(answer) => format!("status {}", answer.response.status().as_u16()).into(),
        Err(error) => error.kind().label().into(),
    }
}

/// A provider's word on when to come again, as seconds; as a date it does not count.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

/// Makes one try. Says, too, whether the provider refused the key of it.
async fn once(
    exchange: &mut Exchange,
    order: Box<Order>,
    patient: bool,
) -> (Result<Answer, Error>, bool) {
    // Boxed, or every future around this one would carry its size and be copied with it.
    let answer = Box::pin(attempt::run(exchange, *order, patient)).await;
    // As in `attempt`, for the clients' side.
    tokio::task::yield_now().await;
    let shared = Arc::clone(exchange.shared());
    let key_refused = keyed::learn(&shared, exchange, &answer);
    (answer, key_refused)
}

/// The provider's answer, tapped on its way to the client.
async fn hand_over(
    answered: Result<Answer, Error>,
    mut exchange: Exchange,
    identity: &Identity,
) -> Result<Response<ReplyBody>, Refusal> {
    let mut answer = match answered {
        Ok(answer) => answer,
        Err(error) => return Err(identity.end(&mut exchange, error)),
    };
    match answer.conversion.take() {
        None => Ok(reply::relay(answer, exchange, identity)),
        Some(conversion) => {
            let converted = reply::relay_converted(answer, conversion, exchange, identity);
            Box::pin(converted).await.map_err(|error| identity.refuse(error))
        }
    }
}

async fn look_up(shared: &Arc<Shared>, exchange: &mut Exchange, ask: &Ask) -> Looked {
    let Some(facts) = exchange.facts_mut() else { return Looked::Off };
    let (body, sifted) = match ask {
        Ask::Native(ask) => (ask.body.whole.as_ref(), &ask.sifted),
        Ask::Unified(ask) => (Some(&ask.wanted.body), &ask.sifted),
    };
    let Some(body) = body else { return Looked::Off };
    // A key of ours holds all of the body; what is in it is asked where that is not enough.
    let settings = &facts.gateway.settings;
    let reads = facts.options.cache.has_key() || settings.cache_semantic.is_some();
    let asked = if reads { request_body::read(body) } else { RequestFacts::default() };
    let model = match ask {
        Ask::Native(_) => asked.model.as_deref(),
        Ask::Unified(ask) => Some(&*ask.wanted.model),
    };
    let credential = credential::identity(&ask.need(shared, facts));
    let accepts = sifted.forward.get(ACCEPT_ENCODING);
    let stream = asked.stream == Some(true)
        || match ask {
            Ask::Native(_) => streams(&facts.call.rest),
            Ask::Unified(ask) => ask.wanted.stream,
        };
    let known = |value: &HeaderValue| matches!(credential, CredentialIdentity::Request(it) if it == value.as_bytes());
    let telling = sifted.telling().filter(|(_, value)| !known(value)).collect();
    let asking = Asking { body, model, credential, telling, stream, accepts };
    let lookup = cache::lookup(facts, &asking);
    let question = semantic::question(facts, &asking, ask.operation());
    match (cache::look_up(shared, facts, lookup).await, question) {
        // The answer to a like question will do.
        (Looked::Miss(fill, flight), Some(question)) => {
            semantic::look_up(shared, facts, question, &sifted.credentials, (fill, flight)).await
        }
        (looked, _) => looked,
    }
}

impl Ask {
    /// Of whom a credential is needed, and what the client sent of it.
    pub(crate) fn need<'a>(&'a self, shared: &'a Shared, facts: &'a Facts) -> Need<'a> {
        match self {
            Self::Native(ask) => Need::native(shared, facts, &ask.target, &ask.sifted),
            Self::Unified(ask) => Need {
                shared,
                facts,
                row: row_of(&ask.wanted.owner),
                sent: &ask.sifted.credentials,
                in_query: false,
            },
        }
    }

    /// The same once more; none where the body passes and cannot be sent again.
    fn copy(&self) -> Option<Self> {
        Some(match self {
            Self::Native(ask) => {
                let NativeAsk { target, sifted, body, may_ask } = &**ask;
                let whole = body.whole.clone()?;
                let body = RequestBody {
                    send: SendBody::whole(whole.clone()),
                    whole: Some(whole),
                    copy: RequestCopy::nothing(),
                };
                let (target, sifted) = (target.clone(), sifted.clone());
                Self::Native(Box::new(NativeAsk { target, sifted, body, may_ask: *may_ask }))
            }
            Self::Unified(ask) => Self::Unified(ask.clone()),
        })
    }
}

/// A request, and the parameters that the provider does not get.
type Made = (Order, Vec<Box<str>>);

const fn row_of(owner: &Owner) -> Option<&'static weir_llm::catalogue::Provider> {
    match owner {
        Owner::Listed(row) => Some(row),
        Owner::Custom(_) => None,
    }
}

/// Making a request can ask others, for a token or a picture: the deadlines hold for that, too.
async fn in_time<T>(
    limit: Option<Duration>,
    ordering: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    let Some(limit) = limit else { return ordering.await };
    tokio::time::timeout(limit, ordering).await.unwrap_or_else(|_| {
        let waited = limit.as_millis();
        let hint = format!("what the request needs was not there within {waited} ms");
        Err(Error::new(Kind::Timeout, "Request timed out").with_hint(hint))
    })
}

fn ended() -> Error {
    Error::new(Kind::Internal, "The call has already ended")
}

#[cfg(test)]
mod tests;
