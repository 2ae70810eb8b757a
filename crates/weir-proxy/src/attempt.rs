//! One try at one target: sending, and waiting for the first part of the answer.

use std::time::Instant;

use bytes::Bytes;
use http::{HeaderValue, Response};
use http_body_util::BodyExt;
use tokio::time::timeout;
use weir_core::credential::BoundTo;
use weir_core::{Error, Kind};

use crate::exchange::Exchange;
use crate::order::Order;
use crate::redact::SentKeys;
use crate::reply::{self, Answer};
use crate::request_body::BodyFault;
use crate::upstream::{NO_ANSWER, UpstreamBody, UpstreamRequest};

/// Calls the target and gives its answer, whatever status it has. An `Err` means there is none. The
/// caller's own deadline holds where `hurried`; that of the whole call holds always.
pub(crate) async fn run(
    exchange: &mut Exchange,
    order: Order,
    hurried: bool,
) -> Result<Answer, Error> {
    let shared = std::sync::Arc::clone(exchange.shared());
    let Some(facts) = exchange.facts_mut() else { return Err(ended()) };
    let target = order.target;
    let endpoint = target.endpoint;
    let mut headers = order.headers;
    let mut credentials = order.credentials;
    let mut own = Vec::new();
    for (name, value) in target.own_headers {
        if let Ok(mut value) = HeaderValue::from_str(&value.0) {
            value.set_sensitive(true);
            // A provider's own header stands in place of the client's (spec: data-plane 1.7).
            credentials.retain(|(sent, _)| *sent != name);
            own.push(value.clone());
            headers.insert(name, value);
        }
    }
    let mut sent_keys = SentKeys::of(&credentials);
    own.iter().for_each(|value| sent_keys.add(value));
    facts.trace.sent_keys = sent_keys;
    let request = UpstreamRequest {
        method: order.method,
        path: target.path,
        headers,
        credentials: BoundTo::new(endpoint.origin().clone(), credentials),
        body: order.body,
        replay: order.replay,
    };
    facts.trace.source = Some(order.source.clone());
    facts.trace.key = order.key;
    let patience = facts.options.request_timeout.filter(|_| hurried);
    let left = facts.time_left();
    let limit = patience.unwrap_or(shared.limits.first_byte);
    let limit = left.map_or(limit, |left| left.min(limit));
    let sent_at = Instant::now();
    facts.trace.sent_at = Some(sent_at);
    shared.metrics.attempts.inc();
    // Pinned here, so that the timer around it holds a pointer and not a second copy.
    let waiting = std::pin::pin!(async {
        // Lets every other call that is ready come this far before the first of them writes: the
        // provider's side then wakes once for many requests, not once for each.
        tokio::task::yield_now().await;
        let response = shared.upstream.send(&endpoint, request).await?;
        // A caller's own deadline covers the first event of a stream, too (spec: data-plane 7.1).
        if patience.is_some() && reply::is_event_stream(response.headers()) {
            Box::pin(with_first_frame(response)).await
        } else {
            Ok((response, None))
        }
    });
    let answered = timeout(limit, waiting).await.unwrap_or_else(|_| {
        let waited = limit.as_millis();
        Err(Error::new(Kind::Timeout, "Request timed out")
            .with_hint(format!("the provider sent nothing within {waited} ms")))
    });
    facts.trace.unsent = answered.as_ref().is_err_and(is_unsent);
    let (response, first) = answered.map_err(|error| explain(error, &shared.limits))?;
    facts.trace.head_at = Some(Instant::now());
    facts.trace.upstream_status = Some(response.status().as_u16());
    Ok(Answer {
        response,
        first,
        provider: target.provider,
        provider_key: order.provider_key,
        placeholder_key: order.placeholder_key,
        source: order.source,
        asked_usage: order.asked_usage,
        conversion: order.conversion,
    })
}

/// Whether a failure came before anything of the request could leave: a forbidden place, or no
/// connection to it.
fn is_unsent(error: &Error) -> bool {
    use std::error::Error as _;
    let unconnected = || error.source().is_some_and(|source| source.is::<std::io::Error>());
    error.kind() == Kind::EgressRefused || error.kind() == Kind::UpstreamFailed && unconnected()
}

/// Reads the first frame of a stream, so that a provider that sends a head and then nothing runs
/// into the deadline.
async fn with_first_frame(
    response: Response<UpstreamBody>,
) -> Result<(Response<UpstreamBody>, Option<Bytes>), Error> {
    let (head, mut body) = response.into_parts();
    let first = match body.frame().await {
        Some(Ok(frame)) => frame.into_data().ok(),
        Some(Err(error)) => {
            return Err(Error::new(Kind::UpstreamFailed, NO_ANSWER).because(error));
        }
        None => None,
    };
    Ok((Response::from_parts(head, body), first))
}

/// A request body that grew too large or stopped on its way is the client's fault, not the
/// provider's.
fn explain(error: Error, limits: &crate::limits::Limits) -> Error {
    let mut cause = std::error::Error::source(&error);
    while let Some(current) = cause {
        if let Some(fault) = current.downcast_ref::<BodyFault>() {
            return fault.refusal(limits);
        }
        cause = current.source();
    }
    error
}

fn ended() -> Error {
    Error::new(Kind::Internal, "The call has already ended")
}
