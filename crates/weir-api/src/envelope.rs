//! The outer shape of every JSON answer, and the only place that turns an error into a status and
//! a body (spec: management-api 1.1, 1.3, 1.6).

use std::borrow::Cow;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use serde::Serialize;
use weir_core::{Error, Kind};

use crate::error::ApiError;

/// Success and failure alike. A failure carries `result: null`, so that readers of either of the
/// two published failure shapes find their keys.
#[derive(Serialize)]
struct Envelope<'a, T: ?Sized> {
    success: bool,
    result: Option<&'a T>,
    errors: &'a [ErrorItem],
    messages: [(); 0],
    #[serde(skip_serializing_if = "Option::is_none")]
    result_info: Option<PageInfo>,
}

#[derive(Serialize)]
struct ErrorItem {
    code: u32,
    message: Cow<'static, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<[&'static str; 2]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_chain: Option<[Cause; 1]>,
}

#[derive(Serialize)]
struct Cause {
    code: u32,
    message: &'static str,
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
    success(Some(result), None)
}

/// 200 with `result: null`.
pub(crate) fn nothing() -> Response {
    success::<()>(None, None)
}

/// 200 with one page of a list as `result`.
pub(crate) fn list<T: Serialize>(rows: &[T], info: PageInfo) -> Response {
    success(Some(rows), Some(info))
}

fn success<T: Serialize + ?Sized>(result: Option<&T>, result_info: Option<PageInfo>) -> Response {
    let envelope = Envelope { success: true, result, errors: &[], messages: [], result_info };
    json(StatusCode::OK, &envelope)
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
        let (status, item) = describe(self);
        let envelope = Envelope::<()> {
            success: false,
            result: None,
            errors: &[item],
            messages: [],
            result_info: None,
        };
        let mut response = json(status, &envelope);
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

/// Status, code and text of each refusal (spec: management-api 1.5, 1.6).
///
/// A taken name would be 400, not 409: the official clients repeat every 408, 409, 429 and 5xx.
fn describe(error: ApiError) -> (StatusCode, ErrorItem) {
    let item = |code, message| ErrorItem { code, message, path: None, error_chain: None };
    match error {
        ApiError::Input { path, message } => {
            (StatusCode::BAD_REQUEST, ErrorItem { path: Some(path), ..item(7001, message) })
        }
        ApiError::NotFound(message) => (StatusCode::NOT_FOUND, item(7002, message)),
        ApiError::NoRoute => {
            let text = "No such route: check the path, and that this version serves it";
            (StatusCode::NOT_FOUND, item(7003, text.into()))
        }
        ApiError::MethodNotAllowed => {
            let text = "This path can only be read in this version: use GET";
            (StatusCode::METHOD_NOT_ALLOWED, item(10405, text.into()))
        }
        ApiError::NoCredential => {
            let text = "Missing Authorization header: send 'Authorization: Bearer <token>'";
            (StatusCode::BAD_REQUEST, item(9106, text.into()))
        }
        ApiError::UnreadableCredential => {
            let cause = Cause { code: 6111, message: "Invalid format for Authorization header" };
            let item = item(6003, "Invalid request headers".into());
            (StatusCode::BAD_REQUEST, ErrorItem { error_chain: Some([cause]), ..item })
        }
        ApiError::InvalidToken => {
            let text = "Authentication error: the token is unknown, revoked or expired";
            (StatusCode::UNAUTHORIZED, item(10000, text.into()))
        }
        ApiError::Forbidden(needed) => {
            let name = needed.name();
            let text = format!(
                "Authentication error: this needs a token of this account with the permission \
                 '{name}'"
            );
            (StatusCode::FORBIDDEN, item(10000, text.into()))
        }
        ApiError::Store(error) => {
            tracing::error!(%error, "log store failed");
            let public = Error::new(Kind::Unavailable, "The log store is not available now");
            let status = StatusCode::from_u16(public.code().http);
            let item = item(public.code().number, public.public().to_owned().into());
            (status.unwrap_or(StatusCode::SERVICE_UNAVAILABLE), item)
        }
    }
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
