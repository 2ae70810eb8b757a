//! The outer shape of every JSON answer, and the only place that turns an error into a status and
//! a body (spec: management-api 1.1, 1.3, 1.6).

use std::borrow::Cow;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use serde::Serialize;
use serde_json::Value;
use weir_core::{Error, Kind};

use crate::error::ApiError;

/// Success and failure alike. A failure carries `result: null`, so that readers of either of the
/// two published failure shapes find their keys.
#[derive(Serialize)]
struct Envelope<'a, T: ?Sized> {
    success: bool,
    result: Option<&'a T>,
    errors: &'a [ErrorItem],
    messages: &'a [Message],
    #[serde(skip_serializing_if = "Option::is_none")]
    result_info: Option<&'a Value>,
}

/// An answer whose fields stand where `result` would.
#[derive(Serialize)]
struct BareEnvelope<'a, T> {
    success: bool,
    #[serde(flatten)]
    fields: &'a T,
    errors: [(); 0],
    messages: Vec<Message>,
}

#[derive(Serialize)]
struct ErrorItem {
    code: u32,
    message: Cow<'static, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_chain: Option<[Cause; 1]>,
}

#[derive(Serialize)]
struct Cause {
    code: u32,
    message: &'static str,
}

/// A remark on a call that succeeded.
#[derive(Serialize)]
struct Message {
    code: u32,
    message: String,
}

/// Where a page stands in its list (spec: management-api 1.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct PageInfo {
    /// Number of the page, from 1.
    pub(crate) page: u64,
    /// Rows a full page has.
    pub(crate) per_page: u32,
    /// Rows this page has.
    pub(crate) count: usize,
    /// Rows in all.
    pub(crate) total_count: u64,
    /// Pages in all.
    pub(crate) total_pages: u64,
}

/// 200 with one object as `result`.
pub(crate) fn object<T: Serialize>(result: &T) -> Response {
    success(Some(result), &[], None)
}

/// 200 with one object as `result`, and remarks on the input: fields that were passed over.
pub(crate) fn noted<T: Serialize>(result: &T, ignored: Vec<String>) -> Response {
    success(Some(result), &notes(ignored), None)
}

fn notes(ignored: Vec<String>) -> Vec<Message> {
    ignored.into_iter().map(|message| Message { code: IGNORED, message }).collect()
}

/// 200 with `result: null`.
pub(crate) fn nothing() -> Response {
    success::<()>(None, &[], None)
}

/// 200 with one page of a list as `result`.
pub(crate) fn list<T: Serialize>(rows: &[T], info: PageInfo) -> Response {
    list_with(rows, &info)
}

/// 200 with a list as `result`, and further figures in `result_info`.
pub(crate) fn list_with<T: Serialize>(rows: &[T], info: &impl Serialize) -> Response {
    match serde_json::to_value(info) {
        Ok(info) => success(Some(rows), &[], Some(&info)),
        Err(error) => ApiError::Internal(error.into()).into_response(),
    }
}

/// 200 with the fields of `fields` where `result` would be (spec: management-api 1.1).
pub(crate) fn beside<T: Serialize>(fields: &T) -> Response {
    beside_noted(fields, Vec::new())
}

/// The same with remarks on the input.
pub(crate) fn beside_noted<T: Serialize>(fields: &T, ignored: Vec<String>) -> Response {
    let messages = notes(ignored);
    json(StatusCode::OK, &BareEnvelope { success: true, fields, errors: [], messages })
}

/// 200 with nothing around the value.
pub(crate) fn bare<T: Serialize>(value: &T) -> Response {
    json(StatusCode::OK, value)
}

/// Code of the remark that a field was passed over.
const IGNORED: u32 = 7000;

fn success<T: Serialize + ?Sized>(
    result: Option<&T>,
    messages: &[Message],
    result_info: Option<&Value>,
) -> Response {
    json(StatusCode::OK, &Envelope { success: true, result, errors: &[], messages, result_info })
}

fn json(status: StatusCode, envelope: &impl Serialize) -> Response {
    let (status, body) = match serde_json::to_vec(envelope) {
        Ok(body) => (status, Body::from(body)),
        Err(error) => {
            tracing::error!(%error, "answer cannot be written as JSON");
            (StatusCode::INTERNAL_SERVER_ERROR, Body::from(UNWRITABLE))
        }
    };
    (status, [(CONTENT_TYPE, "application/json")], body).into_response()
}

/// Stands in for an answer that cannot be serialised. Written out, because serialising just failed.
const UNWRITABLE: &str = concat!(
    r#"{"success":false,"result":null,"#,
    r#""errors":[{"code":2900,"message":"Internal error"}],"messages":[]}"#
);

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let (status, items) = describe(self);
        let envelope = Envelope::<()> {
            success: false,
            result: None,
            errors: &items,
            messages: &[],
            result_info: None,
        };
        let mut response = json(status, &envelope);
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

fn item(code: u32, message: impl Into<Cow<'static, str>>) -> ErrorItem {
    ErrorItem { code, message: message.into(), path: None, error_chain: None }
}

/// Status, code and text of each refusal (spec: management-api 1.5, 1.6).
///
/// A taken name is 400, not 409: the official clients repeat every 408, 409, 429 and 5xx.
fn describe(error: ApiError) -> (StatusCode, Vec<ErrorItem>) {
    let (status, one) = match error {
        ApiError::Input(refusals) => {
            let refused = refusals.into_iter().map(|refusal| ErrorItem {
                path: Some(refusal.path),
                ..item(7001, refusal.message)
            });
            return (StatusCode::BAD_REQUEST, refused.collect());
        }
        ApiError::TooLarge => {
            let text = "The body is too large: at most 4 MiB are accepted";
            (StatusCode::PAYLOAD_TOO_LARGE, item(7001, text))
        }
        ApiError::NotFound(message) => (StatusCode::NOT_FOUND, item(7002, message)),
        ApiError::NoDynamicRoute => (StatusCode::NOT_FOUND, item(7005, "route not found")),
        ApiError::DynamicRouteExists => {
            let text = "A route of this name already exists in this gateway";
            let path = Some(vec!["body".to_owned(), "name".to_owned()]);
            (StatusCode::BAD_REQUEST, ErrorItem { path, ..item(7005, text) })
        }
        ApiError::InUse(message) => (StatusCode::CONFLICT, item(7001, message)),
        ApiError::TooOften(message) => (StatusCode::TOO_MANY_REQUESTS, item(7001, message)),
        ApiError::Retired(message) => (StatusCode::FORBIDDEN, item(1000, message)),
        ApiError::NoRoute => {
            let text = "No such route: check the path, and that this version serves it";
            (StatusCode::NOT_FOUND, item(7003, text))
        }
        ApiError::MethodNotAllowed => {
            let text =
                "This path does not take this method: the header 'allow' lists those it takes";
            (StatusCode::METHOD_NOT_ALLOWED, item(10405, text))
        }
        ApiError::NoCredential => {
            let text = "Missing Authorization header: send 'Authorization: Bearer <token>'";
            (StatusCode::BAD_REQUEST, item(9106, text))
        }
        ApiError::UnreadableCredential => {
            let cause = Cause { code: 6111, message: "Invalid format for Authorization header" };
            let item = item(6003, "Invalid request headers");
            (StatusCode::BAD_REQUEST, ErrorItem { error_chain: Some([cause]), ..item })
        }
        ApiError::InvalidToken => {
            let text = "Authentication error: the token is unknown, revoked or expired";
            (StatusCode::UNAUTHORIZED, item(10000, text))
        }
        ApiError::UnverifiableToken => {
            (StatusCode::UNAUTHORIZED, item(1000, "Invalid API Token: it is unknown or revoked"))
        }
        ApiError::Forbidden(needed) => {
            let name = needed.name();
            let text = format!(
                "Authentication error: this needs a token of this account with the permission \
                 '{name}'"
            );
            (StatusCode::FORBIDDEN, item(10000, text))
        }
        ApiError::OtherAccount => {
            let text = "Authentication error: this token is not of this account";
            (StatusCode::FORBIDDEN, item(10000, text))
        }
        ApiError::OtherGateways => {
            let text = "Authentication error: this token is restricted to other gateways";
            (StatusCode::FORBIDDEN, item(10000, text))
        }
        ApiError::OtherAddress => {
            let text = "Authentication error: this token may not be used from this address";
            (StatusCode::FORBIDDEN, item(10000, text))
        }
        ApiError::Store(error) => {
            tracing::error!(%error, "store failed");
            broken(&Error::new(Kind::Unavailable, "The store is not available now"))
        }
        ApiError::Internal(error) => {
            tracing::error!(%error, "management call failed");
            broken(&Error::new(Kind::Internal, "Internal error"))
        }
    };
    (status, vec![one])
}

/// A failure of ours, in the codes that the data plane uses for it.
fn broken(public: &Error) -> (StatusCode, ErrorItem) {
    let status = StatusCode::from_u16(public.code().http);
    let item = item(public.code().number, public.public().to_owned());
    (status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), item)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_answer_that_cannot_be_written_is_still_an_envelope() {
        struct Unwritable;
        impl Serialize for Unwritable {
            fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
                Err(serde::ser::Error::custom("no"))
            }
        }
        let answer = object(&Unwritable);
        assert_eq!(answer.status(), 500);
        assert_eq!(answer.headers()["content-type"], "application/json");
        let json: serde_json::Value = serde_json::from_str(UNWRITABLE).unwrap();
        assert_eq!(json["errors"][0]["code"], 2900);
    }
}
