//! A stored answer as an answer (spec: data-plane 5).

use std::sync::Arc;

use http::header;
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use weir_core::cache::CachedAnswer;

use super::heard::GivenAgain;
use super::source::BodySource;
use super::tap::{Change, TapBody};
use super::{Identity, ReplyBody, copy_of, finish_head};
use crate::cache::Replay;
use crate::exchange::Exchange;

/// Gives a stored answer: its status, its type and its body, with ids of its own.
pub(crate) fn relay(
    answer: Arc<CachedAnswer>,
    mut exchange: Exchange,
    identity: &Identity,
) -> Response<ReplyBody> {
    let is_stream = !answer.frames.is_empty();
    let mut headers = HeaderMap::with_capacity(8);
    let content_type = answer.content_type.as_deref().map(HeaderValue::from_str);
    if let Some(Ok(content_type)) = content_type {
        headers.insert(header::CONTENT_TYPE, content_type);
    }
    if !is_stream {
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(answer.body.len()));
    }
    let mut pace = weir_core::traffic::StreamPace::default();
    let payload = exchange.shared().limits.payload;
    if let Some(facts) = exchange.facts_mut() {
        pace = facts.gateway.settings.cache_stream_pace;
        let payload = if facts.options.payload { payload } else { 0 };
        let length = Some(answer.body.len() as u64);
        facts.trace.answer = Some(copy_of(&headers, payload, length));
        facts.trace.hit = Some(Arc::clone(&answer));
    }
    let (mut head, ()) = Response::new(()).into_parts();
    head.status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    head.headers = headers;
    head.extensions.insert(GivenAgain);
    finish_head(&mut head, &mut exchange, identity, None);
    let (first, source) = if is_stream {
        (None, BodySource::Replay(Box::new(Replay::new(answer, pace))))
    } else {
        (Some(answer.body.clone()).filter(|body| !body.is_empty()), BodySource::Nothing)
    };
    let tap = TapBody::new(source, first, Change::Done, exchange);
    Response::from_parts(head, ReplyBody::Tapped(Box::new(tap)))
}
