//! Asking a provider for the usage of a stream, where it tells it only when asked and the client did
//! not (spec: data-plane 11.1, observability 1.10). The one place where a native body changes.

use http::{HeaderMap, HeaderValue, Method, header};
use weir_core::Gateway;

use bytes::Bytes;

use crate::target::Target;

/// Whether the call may need the question: a chat at a provider of that kind, and a gateway that
/// does not mind.
pub(crate) fn may_ask(target: &Target, gateway: &Gateway, method: &Method, rest: &str) -> bool {
    let path = rest.split('?').next().unwrap_or_default();
    gateway.settings.inject_stream_usage
        && target.provider.is_some_and(|row| row.usage_on_request)
        && *method == Method::POST
        && path.rsplit('/').next() == Some("completions")
}

/// The body with the question in it, if it belongs there; then the answer's extra event is to be
/// taken out. The log keeps the body as the client sent it.
pub(crate) fn ask(body: &[u8], headers: &mut HeaderMap) -> Option<Bytes> {
    let asking = Bytes::from(weir_llm::stream_usage::ask(body)?);
    // The event can be found only in a stream that is not compressed.
    headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    Some(asking)
}
