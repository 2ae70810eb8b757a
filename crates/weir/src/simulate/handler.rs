//! One request from head to response.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONNECTION, CONTENT_ENCODING, CONTENT_TYPE, RETRY_AFTER,
};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming;

use super::body::Body;
use super::failures::Failures;
use super::fault::{self, Family, Fault};
use super::reply::{Call, Content, Operation, Reply};
use super::route::{self, Endpoint, NoRoute};
use super::script::{self, Script};
use super::{credential, dispatch, seed};

/// Largest request body, in bytes.
const MAX_REQUEST: usize = 128 * 1024 * 1024;

/// Tells requests of one test apart for the `fail` directive.
const SIM_KEY: HeaderName = HeaderName::from_static("x-sim-key");

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const PLENTY: HeaderValue = HeaderValue::from_static("9999");

/// A request, read to its end.
pub(super) struct Asked<'a> {
    pub(super) method: &'a Method,
    pub(super) uri: &'a Uri,
    pub(super) headers: &'a HeaderMap,
    pub(super) body: &'a [u8],
}

/// A refusal with the pause that the script adds to it.
struct Refusal {
    fault: Fault,
    first: Duration,
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Self { fault, first: Duration::ZERO }
    }
}

/// Answers one request. `garble` spoils the connection's output when set.
///
/// # Errors
/// Never: what goes wrong is an answer too.
pub(super) async fn handle(
    request: Request<Incoming>,
    failures: Arc<Failures>,
    garble: Arc<AtomicBool>,
) -> Result<Response<Body>, Infallible> {
    let (head, body) = request.into_parts();
    let (family, endpoint) = route::find(&head.method, &head.uri, &head.headers);
    let mut exchange =
        Exchange { family, headers: &head.headers, failures: &failures, garble: &garble, seed: 0 };
    let answered = match endpoint {
        Err(NoRoute::UnknownPath) => {
            Err(Fault::new(StatusCode::NOT_FOUND, "The simulator has nothing at this path.")
                .with_code("unknown_url")
                .into())
        }
        Err(NoRoute::WrongMethod) => {
            Err(Fault::new(StatusCode::METHOD_NOT_ALLOWED, "This path takes another method.")
                .into())
        }
        Ok(endpoint) => exchange.answer(endpoint, &head, body).await,
    };
    let response = match answered {
        Ok(response) => response,
        Err(refusal) => exchange.refuse(&refusal).await,
    };
    Ok(exchange.finish(response))
}

/// What the steps of one request share.
struct Exchange<'a> {
    family: Family,
    headers: &'a HeaderMap,
    failures: &'a Failures,
    garble: &'a AtomicBool,
    /// Hash of the request body, once read.
    seed: u64,
}

impl Exchange<'_> {
    async fn answer(
        &mut self,
        endpoint: Endpoint,
        head: &Parts,
        body: Incoming,
    ) -> Result<Response<Body>, Refusal> {
        let body = read(body).await?;
        self.seed = seed::hash(&body);
        let asked =
            Asked { method: &head.method, uri: &head.uri, headers: &head.headers, body: &body };
        credential::check(self.family, &asked)?;
        // The cloud providers have the version in the body.
        let by_header = matches!(endpoint, Endpoint::Messages | Endpoint::CountTokens);
        if by_header && !self.headers.contains_key("anthropic-version") {
            return Err(Fault::bad_request("The header `anthropic-version` is required.").into());
        }
        self.run(&*dispatch::operation(endpoint, &asked)?).await
    }

    /// Follows the script of the request's model, then lets the dialect answer.
    async fn run(&self, operation: &dyn Operation) -> Result<Response<Body>, Refusal> {
        let (model, script) = script::parse(operation.model()).map_err(|reason| {
            Fault::bad_request(format!("The model's script is wrong: {reason}."))
                .with_param("model")
        })?;
        if script.hang {
            std::future::pending::<()>().await;
        }
        if script.garbage {
            return Ok(self.garbage());
        }
        if let Some(status) = self.scripted_status(operation.model(), &script) {
            let fault = Fault::new(status, "This failure was ordered by the model's name.")
                .with_retry_after(script.retry_after);
            return Err(Refusal { fault, first: script.first });
        }
        let reply = operation.reply(&Call { model, script: &script, seed: self.seed })?;
        if !script.first.is_zero() {
            tokio::time::sleep(script.first).await;
        }
        respond(reply, &script, script.gzip && accepts_gzip(self.headers)).map_err(|error| {
            Fault::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into()
        })
    }

    fn scripted_status(&self, model: &str, script: &Script) -> Option<StatusCode> {
        let Some(limit) = script.fail else { return script.status };
        let key = self.headers.get(SIM_KEY).and_then(|value| value.to_str().ok()).unwrap_or(model);
        let fails = self.failures.take(key, limit);
        fails.then(|| script.status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR))
    }

    /// A response of which nothing will arrive: the wire replaces it by noise and closes.
    fn garbage(&self) -> Response<Body> {
        self.garble.store(true, Ordering::Relaxed);
        let mut response = Response::new(Body::document(Vec::new()));
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        response
    }

    async fn refuse(&self, refusal: &Refusal) -> Response<Body> {
        if !refusal.first.is_zero() {
            tokio::time::sleep(refusal.first).await;
        }
        let body = refusal.fault.body(self.family, &self.request_id());
        let mut response = Response::new(Body::document(body));
        *response.status_mut() = refusal.fault.status();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, JSON);
        if let Some(seconds) = refusal.fault.retry_after() {
            headers.insert(RETRY_AFTER, seconds.into());
        }
        if self.family == Family::Bedrock {
            let kind = HeaderValue::from_static(fault::aws_type(&refusal.fault));
            headers.insert("x-amzn-errortype", kind);
        }
        response
    }

    /// Adds the headers that gateways are to keep (spec: providers.json, `special`).
    fn finish(&self, mut response: Response<Body>) -> Response<Body> {
        let (id, remaining) = match self.family {
            Family::Anthropic => ("request-id", Some("anthropic-ratelimit-requests-remaining")),
            Family::Bedrock => ("x-amzn-requestid", None),
            Family::Gemini { .. } | Family::Vertex { .. } | Family::OAuth => ("x-request-id", None),
            Family::Cohere => ("x-debug-trace-id", None),
            Family::WorkersAi => ("cf-ai-req-id", None),
            Family::OpenAi => ("x-request-id", Some("x-ratelimit-remaining-requests")),
        };
        let headers = response.headers_mut();
        if let Ok(value) = HeaderValue::try_from(self.request_id()) {
            headers.insert(id, value);
        }
        if let Some(remaining) = remaining {
            headers.insert(remaining, PLENTY);
        }
        response
    }

    fn request_id(&self) -> String {
        format!("req_{:016x}", self.seed)
    }
}

/// Reads the request body, with a limit.
async fn read(body: Incoming) -> Result<Bytes, Fault> {
    match Limited::new(body, MAX_REQUEST).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => {
            Err(Fault::new(StatusCode::PAYLOAD_TOO_LARGE, "The request body is too large."))
        }
        Err(_) => Err(Fault::bad_request("The request body did not arrive completely.")),
    }
}

fn respond(reply: Reply, script: &Script, gzip: bool) -> io::Result<Response<Body>> {
    let is_stream = matches!(reply.content, Content::Stream(_));
    let body = match reply.content {
        Content::Document(document) => Body::scripted(document, script, gzip)?,
        Content::Stream(events) => Body::stream(events, script, gzip)?,
    };
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    if is_stream {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    }
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(reply.content_type));
    if gzip {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    for (name, value) in reply.headers {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(name, value);
        }
    }
    Ok(response)
}

/// Whether the client lists gzip, or anything, without refusing it by a quality of zero.
fn accepts_gzip(headers: &HeaderMap) -> bool {
    let accepts = |coding: &str| {
        let (name, quality) = coding.split_once(';').unwrap_or((coding, ""));
        let refused = matches!(quality.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000");
        matches!(name.trim(), "gzip" | "*") && !refused
    };
    headers
        .get_all(ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(|value| value.split(',').any(accepts))
}
