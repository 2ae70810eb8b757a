//! A turn beside identical ones: one of them makes the call, the others get its answer.

use std::sync::Arc;
use std::time::{Duration, Instant};

use http::Response;
use tokio::time::timeout;
use weir_core::{Error, Kind};

use super::Turn;
use crate::cache::{FlightKey, Seat};
use crate::exchange::Facts;
use crate::limits::Limits;
use crate::pipeline::Refusal;
use crate::plane::Shared;
use crate::reply::{self, Identity, ReplyBody};

/// Makes the call, or waits for the answer of the one that does. A call that comes to nothing gives
/// way to the next in line, which makes its own.
pub(super) async fn take(
    shared: &Arc<Shared>,
    turn: Turn,
    identity: Identity,
    key: FlightKey,
) -> Result<Response<ReplyBody>, Refusal> {
    let Turn { mut exchange, ask } = turn;
    let began = Instant::now();
    let patience = exchange.facts().map_or(Duration::ZERO, |it| patience(it, &shared.limits));
    match timeout(patience, shared.flights.join(key)).await {
        Ok(Some(Seat::Joined(head, body))) => {
            shared.metrics.cache_joined.inc();
            if let Some(facts) = exchange.facts_mut() {
                // It waited for the provider, as the call that was made did.
                facts.trace.sent_at = Some(began);
                facts.trace.head_at = Some(Instant::now());
            }
            Ok(reply::relay_joined(head, body, exchange, &identity))
        }
        Ok(Some(Seat::Lead(lead))) => {
            let answered = Box::pin(super::call(shared, Turn { exchange, ask }, identity)).await;
            answered.map(|response| reply::share(response, lead))
        }
        Ok(None) => Box::pin(super::call(shared, Turn { exchange, ask }, identity)).await,
        Err(_) => {
            let hint = format!(
                "an identical call that was under way had no answer within {} ms",
                patience.as_millis()
            );
            let error = Error::new(Kind::Timeout, "Request timed out").with_hint(hint);
            Err(identity.end(&mut exchange, error))
        }
    }
}

/// The longest wait for another's answer: as long as all tries of its own might take.
fn patience(facts: &Facts, limits: &Limits) -> Duration {
    let longest = facts.options.retry.longest(facts.options.request_timeout, limits.first_byte);
    facts.time_left().map_or(longest, |left| left.min(longest))
}
