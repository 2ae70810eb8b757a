//! The answer on its way to the client: head, tapped body, errors of our own.

mod cached;
mod converted;
pub(crate) mod error;
mod heard;
mod joined;
pub(crate) mod local;
mod source;
mod tap;

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Instant;

use bytes::Bytes;
use http::header::{self, HeaderName};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use http_body::{Body, Frame, SizeHint};
use http_body_util::Full;
use weir_core::{Error, Kind, LogId};
use weir_llm::answer::{Encoding, Framing, Reader, usage_from_headers};
use weir_llm::catalogue::Provider;
use weir_llm::dialect::Dialect;
use weir_llm::stream_usage::UsageEventFilter;

use crate::cache::SharedBody;
use crate::capture::Capture;
use crate::convert::Conversion;
use crate::credential::Source;
use crate::diagnose::{self, ProviderError};
use crate::exchange::{AnswerCopy, Exchange};
use crate::explain;
use crate::front::headers::connection_names;
use crate::pipeline::Refusal;
use crate::request_body;
use crate::spending;
use crate::upstream::UpstreamBody;

pub(crate) use self::cached::relay as relay_cached;
pub(crate) use self::converted::relay as relay_converted;
pub(crate) use self::heard::{hear_out, is_failure, is_given_again};
pub(crate) use self::joined::{relay as relay_joined, share};
use self::source::BodySource;
use self::tap::{Change, TapBody};

/// Body of a data-plane answer.
pub enum ReplyBody {
    /// All of it, possibly nothing.
    Whole(Full<Bytes>),
    /// A provider's answer, passed on as it comes.
    Tapped(Box<TapBody>),
    /// The same, read by identical calls, too.
    Shared(Box<SharedBody>),
}

/// A provider's answer before it is passed on.
pub(crate) struct Answer {
    pub(crate) response: Response<UpstreamBody>,
    /// A frame that was read ahead.
    pub(crate) first: Option<Bytes>,
    pub(crate) provider: Option<&'static Provider>,
    /// A key for the provider went along.
    pub(crate) provider_key: bool,
    pub(crate) placeholder_key: bool,
    /// Whose key it was.
    pub(crate) source: Source,
    /// The client did not ask for the usage of its stream; we did.
    pub(crate) asked_usage: bool,
    /// How the answer becomes the client's.
    pub(crate) conversion: Option<Conversion>,
}

/// The ids that go out with an answer (spec: data-plane 3.2).
#[derive(Clone)]
pub(crate) struct Identity {
    /// Id of the request.
    pub(crate) id: LogId,
    /// Id of the log row: another one where a request has several steps.
    pub(crate) log: LogId,
    /// Which step answers.
    pub(crate) step: u32,
    /// A log row of that id is written.
    pub(crate) logged: bool,
    /// The client's own event id.
    pub(crate) event: Option<HeaderValue>,
    pub(crate) metadata_invalid: bool,
    /// Where the call came in, which decides how its errors look.
    pub(crate) host: Host,
    /// What the client speaks, at a unified endpoint.
    pub(crate) dialect: Option<Dialect>,
    /// Parameters that the provider did not get.
    pub(crate) dropped: Option<HeaderValue>,
    /// What else a refusal says in headers: why it came about, when to come again.
    pub(crate) extra: HeaderMap,
}

/// Which of the two hosts of the original a call is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Host {
    /// `/v1/...`.
    #[default]
    Data,
    /// `/client/v4/...`.
    Api,
}

impl Identity {
    pub(crate) fn new(id: LogId, host: Host) -> Self {
        Self {
            id,
            log: id,
            step: 0,
            logged: false,
            event: None,
            metadata_invalid: false,
            host,
            dialect: None,
            dropped: None,
            extra: HeaderMap::new(),
        }
    }

    /// Writes which step answers.
    pub(crate) fn write_step(&self, headers: &mut HeaderMap) {
        headers.insert(HeaderName::from_static("cf-aig-step"), HeaderValue::from(self.step));
    }

    /// Notes what was left out, for the header that says so.
    pub(crate) fn note_dropped(&mut self, dropped: &[Box<str>]) {
        if !dropped.is_empty() {
            self.dropped = HeaderValue::from_str(&diagnose::ascii(&dropped.join(","))).ok();
        }
    }

    /// Ends a call with an error, and attaches the ids.
    pub(crate) fn end(&self, exchange: &mut Exchange, error: Error) -> Refusal {
        let mut extra = HeaderMap::new();
        let cache_status = HeaderName::from_static("cf-aig-cache-status");
        extra.insert(cache_status, HeaderValue::from_static("MISS"));
        if let Some(facts) = exchange.facts() {
            extra.extend(explain::of(facts).map(|it| (HeaderName::from_static(explain::NAME), it)));
            if let Some(admission) = &facts.admission {
                let is_refusal = error.kind() == Kind::RateLimited;
                admission.tell(&facts.gateway, is_refusal, &mut extra);
            }
            let now = exchange.shared().clock.now();
            spending::threshold::tell(facts, &mut extra);
            spending::threshold::tell_when(facts, now, &mut extra);
        }
        exchange.refuse(&error);
        Refusal { error, identity: Box::new(Self { extra, ..self.clone() }) }
    }

    /// Attaches the ids to an error.
    pub(crate) fn refuse(&self, error: Error) -> Refusal {
        Refusal { error, identity: Box::new(self.clone()) }
    }

    /// Writes the ids into the head of an answer.
    pub(crate) fn write(&self, headers: &mut HeaderMap) {
        let text = Bytes::copy_from_slice(&self.id.text());
        let Ok(own) = HeaderValue::from_maybe_shared(text) else { return };
        headers.insert(HeaderName::from_static("cf-aig-request-id"), own.clone());
        if self.logged {
            let text = Bytes::copy_from_slice(&self.log.text());
            if let Ok(log) = HeaderValue::from_maybe_shared(text) {
                headers.insert(HeaderName::from_static("cf-aig-log-id"), log);
            }
        }
        let event = self.event.clone().unwrap_or(own);
        headers.insert(HeaderName::from_static("cf-aig-event-id"), event);
        if self.metadata_invalid {
            headers.insert(
                HeaderName::from_static("cf-aig-warning"),
                HeaderValue::from_static("metadata-invalid"),
            );
        }
        if let Some(dropped) = &self.dropped {
            headers.insert(HeaderName::from_static("cf-aig-dropped-params"), dropped.clone());
        }
    }
}

/// Passes a provider's answer on, byte for byte, while a copy is read.
pub(crate) fn relay(
    answer: Answer,
    mut exchange: Exchange,
    identity: &Identity,
) -> Response<ReplyBody> {
    let hint = hint(&answer, &exchange);
    let (mut head, body) = answer.response.into_parts();
    watch(&mut exchange, &head.headers, body.size_hint().exact());
    let extra_event = answer.asked_usage
        && is_event_stream(&head.headers)
        && !head.headers.contains_key(header::CONTENT_ENCODING);
    let change = if extra_event {
        head.headers.remove(header::CONTENT_LENGTH);
        Change::Usage(UsageEventFilter::default())
    } else {
        Change::Nothing
    };
    finish_head(&mut head, &mut exchange, identity, hint);
    let tap = TapBody::new(BodySource::Upstream(body), answer.first, change, exchange);
    Response::from_parts(head, ReplyBody::Tapped(Box::new(tap)))
}

/// Makes the copy that is read while the answer passes.
fn watch(exchange: &mut Exchange, headers: &HeaderMap, length: Option<u64>) {
    let limit = exchange.shared().limits.payload;
    let Some(facts) = exchange.facts_mut() else { return };
    let payload = if facts.options.payload { limit } else { 0 };
    facts.trace.answer = Some(copy_of(headers, payload, length));
    facts.trace.header_usage =
        usage_from_headers(|name| headers.get(name).and_then(|value| value.to_str().ok()));
    if facts.trace.answer.as_ref().is_some_and(|answer| answer.is_stream) {
        let is_json = request_body::is_json(facts.call.content_type.as_deref());
        facts.call.request.settle(payload, is_json);
    }
}

/// Makes the head of an answer the client's.
fn finish_head(
    head: &mut http::response::Parts,
    exchange: &mut Exchange,
    identity: &Identity,
    hint: Option<std::borrow::Cow<'static, str>>,
) {
    strip_response(&mut head.headers);
    identity.write(&mut head.headers);
    identity.write_step(&mut head.headers);
    let is_hit = exchange.facts().is_some_and(|facts| facts.trace.is_cached());
    let status = HeaderValue::from_static(if is_hit { "HIT" } else { "MISS" });
    head.headers.insert(HeaderName::from_static("cf-aig-cache-status"), status);
    if let Some(hint) = hint.and_then(|hint| HeaderValue::from_str(&hint).ok()) {
        head.headers.insert(HeaderName::from_static("weir-hint"), hint);
    }
    if let Some(facts) = exchange.facts() {
        if let Some(explained) = explain::of(facts) {
            head.headers.insert(explain::NAME, explained);
        }
        if let Some(admission) = &facts.admission {
            admission.tell(&facts.gateway, false, &mut head.headers);
        }
        spending::threshold::tell(facts, &mut head.headers);
    }
    // The connection to the client may speak another version than the one to the provider.
    head.version = http::Version::HTTP_11;
    let fills = exchange.shared().fills.clone();
    if let Some(facts) = exchange.facts_mut() {
        facts.trace.status = Some(head.status.as_u16());
        facts.trace.replied_at = Some(Instant::now());
        if let Some(fill) = &mut facts.trace.fill {
            fill.begin(head.status, &head.headers, &fills);
        }
    }
}

fn hint(answer: &Answer, exchange: &Exchange) -> Option<std::borrow::Cow<'static, str>> {
    let status = answer.response.status().as_u16();
    if status < 400 {
        return None;
    }
    let facts = exchange.facts()?;
    let request = crate::finish::request_facts(&facts.call);
    diagnose::provider_error(&ProviderError {
        status,
        provider: answer.provider,
        slug: facts.call.provider.as_str(),
        rest: &facts.call.rest,
        gateway_token: facts.caller.is_authenticated(),
        provider_key: answer.provider_key,
        placeholder_key: answer.placeholder_key,
        model: request.model.as_deref(),
    })
}

fn copy_of(headers: &HeaderMap, payload: usize, length: Option<u64>) -> AnswerCopy {
    let content_type = text_header(headers, &header::CONTENT_TYPE);
    let framing = Framing::of(content_type.as_deref());
    let encoding = Encoding::of(text_header(headers, &header::CONTENT_ENCODING).as_deref());
    let mut capture = Capture::new(payload);
    if let Some(length) = length {
        capture.expect(length);
    }
    let is_stream = framing.is_stream();
    let gzip = encoding == Encoding::Gzip;
    AnswerCopy { content_type, is_stream, gzip, reader: Reader::new(framing, encoding), capture }
}

/// Whether the answer is a stream of server-sent events.
pub(crate) fn is_event_stream(headers: &HeaderMap) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    Framing::of(content_type) == Framing::Sse
}

/// Removes what is for the upstream connection or for nobody (spec: data-plane 3.3).
fn strip_response(headers: &mut HeaderMap) {
    for name in connection_names(headers) {
        headers.remove(name);
    }
    for name in [
        header::CONNECTION,
        header::TRANSFER_ENCODING,
        header::UPGRADE,
        header::TRAILER,
        header::TE,
        header::PROXY_AUTHENTICATE,
        header::SET_COOKIE,
    ] {
        headers.remove(name);
    }
    headers.remove("keep-alive");
    headers.remove("proxy-connection");
    if headers.keys().any(|name| name.as_str().starts_with("cf-aig-")) {
        let own: Vec<HeaderName> =
            headers.keys().filter(|name| name.as_str().starts_with("cf-aig-")).cloned().collect();
        for name in own {
            headers.remove(name);
        }
    }
}

/// A header's value as text, when it is text.
pub(crate) fn text_header(headers: &HeaderMap, name: &HeaderName) -> Option<Box<str>> {
    headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into())
}

/// The answer to a browser that asks whether it may call (spec: data-plane 1.2).
pub(crate) fn preflight(request: &HeaderMap) -> Response<ReplyBody> {
    let mut response = Response::new(ReplyBody::Whole(Full::default()));
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    allow_origin(headers);
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_METHODS,
        HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"),
    );
    let asked = request.get(header::ACCESS_CONTROL_REQUEST_HEADERS).cloned();
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        asked.unwrap_or(HeaderValue::from_static("*")),
    );
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
    response
}

/// Lets any page read the answer; the token, not the page, is what gives access.
pub(crate) fn allow_origin(headers: &mut HeaderMap) {
    if !headers.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("*"));
    }
}

impl Body for ReplyBody {
    type Data = Bytes;
    type Error = Box<dyn std::error::Error + Send + Sync>;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        match self.get_mut() {
            Self::Whole(bytes) => Pin::new(bytes).poll_frame(cx).map_err(|never| match never {}),
            Self::Tapped(tap) => Pin::new(tap.as_mut()).poll_frame(cx),
            Self::Shared(shared) => Pin::new(shared.as_mut()).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(bytes) => bytes.is_end_stream(),
            Self::Tapped(tap) => tap.is_end_stream(),
            Self::Shared(shared) => shared.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => bytes.size_hint(),
            Self::Tapped(tap) => tap.size_hint(),
            Self::Shared(shared) => shared.size_hint(),
        }
    }
}
