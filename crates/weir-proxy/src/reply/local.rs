//! Answers that no provider is asked for.

use bytes::Bytes;
use http::header;
use http::{HeaderValue, Response};
use http_body_util::Full;

use super::{Identity, ReplyBody};

/// A JSON document of our own.
pub(crate) fn json(body: Bytes, identity: &Identity) -> Response<ReplyBody> {
    let mut response = Response::new(ReplyBody::Whole(Full::from(body)));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    identity.write(headers);
    identity.write_step(headers);
    response
}
