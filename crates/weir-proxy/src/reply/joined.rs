//! One provider's answer for several identical calls.

use http::Response;
use http_body_util::BodyExt;
use weir_core::trail::CacheTrail;

use super::heard::GivenAgain;
use super::source::BodySource;
use super::tap::{Change, TapBody};
use super::{Identity, ReplyBody, finish_head, watch};
use crate::cache::{Lead, SharedBody, SharedEnd, SharedHead};
use crate::exchange::{Exchange, Joined};
use crate::explain;
use crate::spending::threshold;

/// Hands the answer of the call that was made to all who wait for it. The exchange of that call
/// stays inside the answer: it ends when the answer does, whoever reads it.
pub(crate) fn share(response: Response<ReplyBody>, lead: Lead) -> Response<ReplyBody> {
    let (head, body) = response.into_parts();
    let ReplyBody::Tapped(mut tap) = body else { return Response::from_parts(head, body) };
    let end = SharedEnd::default();
    let mut headers = head.headers.clone();
    let call = tap.tell(&end);
    let from = call.map(|facts| facts.id);
    // What is about the call that was made is for its caller.
    headers.remove(explain::NAME);
    if let Some((facts, admission)) = call.and_then(|it| Some((it, it.admission.as_ref()?))) {
        admission.untell(&facts.gateway, &mut headers);
    }
    threshold::untell(&mut headers);
    let shared = SharedHead { status: head.status, headers, from, end };
    let body = lead.publish(shared, tap.boxed_unsync());
    Response::from_parts(head, ReplyBody::Shared(Box::new(body)))
}

/// Gives the answer of another call: its head and its bytes as they come, with ids of its own.
pub(crate) fn relay(
    shared: SharedHead,
    body: SharedBody,
    mut exchange: Exchange,
    identity: &Identity,
) -> Response<ReplyBody> {
    let SharedHead { status, headers, from, end } = shared;
    // The same request was changed in the same way.
    let dropped = headers.get("cf-aig-dropped-params").cloned();
    let identity = Identity { dropped, ..identity.clone() };
    watch(&mut exchange, &headers, None);
    if let Some(facts) = exchange.facts_mut() {
        facts.trace.fill = None;
        let failed = status.as_u16() >= 400;
        facts.trace.joined = Some(Joined { failed, end });
        // Or a provider's 429 would look like one of ours.
        facts.trace.upstream_status = failed.then_some(status.as_u16());
        facts.trail.cache = Some(CacheTrail {
            outcome: "joined".into(),
            reason: None,
            from: from.map(|id| id.to_string().into()),
            ..facts.trail.cache.take().unwrap_or_default()
        });
    }
    let (mut head, ()) = Response::new(()).into_parts();
    head.status = status;
    head.headers = headers;
    head.extensions.insert(GivenAgain);
    finish_head(&mut head, &mut exchange, &identity, None);
    let source = BodySource::Shared(Box::new(body));
    let tap = TapBody::new(source, None, Change::Done, exchange);
    Response::from_parts(head, ReplyBody::Tapped(Box::new(tap)))
}
