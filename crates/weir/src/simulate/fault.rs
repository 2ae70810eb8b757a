//! Refusals, in the error shape of each provider family (spec: providers.json, `error`).

mod google;
mod shapes;

use std::borrow::Cow;

use http::StatusCode;

pub(super) use self::shapes::aws_type;

/// Providers that share an error shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    OpenAi,
    Anthropic,
    /// The Gemini API. A refused stream that is not SSE is an array of one.
    Gemini {
        array: bool,
    },
    /// Vertex AI, which differs in its credentials.
    Vertex {
        array: bool,
    },
    Bedrock,
    Cohere,
    WorkersAi,
    /// An OAuth token endpoint.
    OAuth,
}

/// A refusal before it has taken the shape of a family.
#[derive(Debug)]
pub(super) struct Fault {
    status: StatusCode,
    message: Cow<'static, str>,
    code: Option<&'static str>,
    param: Option<&'static str>,
    /// Seconds after which to try again, on the script's order.
    retry_after: Option<u64>,
}

impl Fault {
    pub(super) fn new(status: StatusCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self { status, message: message.into(), code: None, param: None, retry_after: None }
    }

    /// A request that cannot be understood.
    pub(super) fn bad_request(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// The machine-readable reason, in the words of the family: OpenAI's `code`, the type of an
    /// AWS exception, the reason of a Google error, OAuth's `error`.
    pub(super) fn with_code(mut self, code: &'static str) -> Self {
        self.code = Some(code);
        self
    }

    /// The request field at fault, which OpenAI names.
    pub(super) fn with_param(mut self, param: &'static str) -> Self {
        self.param = Some(param);
        self
    }

    pub(super) const fn with_retry_after(mut self, seconds: Option<u64>) -> Self {
        self.retry_after = seconds;
        self
    }

    pub(super) const fn status(&self) -> StatusCode {
        self.status
    }

    pub(super) const fn retry_after(&self) -> Option<u64> {
        self.retry_after
    }

    /// The JSON body in the shape of `family`.
    pub(super) fn body(&self, family: Family, request_id: &str) -> Vec<u8> {
        let body = match family {
            Family::OpenAi => shapes::openai(self),
            Family::Anthropic => shapes::anthropic(self, request_id),
            Family::Gemini { array } | Family::Vertex { array } => google::body(self, array),
            Family::Bedrock => shapes::bedrock(self),
            Family::Cohere => shapes::cohere(self, request_id),
            Family::WorkersAi => shapes::workers_ai(self),
            Family::OAuth => shapes::oauth(self),
        };
        // Strings into memory: there is nothing that could fail.
        serde_json::to_vec(&body).unwrap_or_default()
    }
}
