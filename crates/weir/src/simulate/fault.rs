//! Refusals, in the error shape of each provider family (spec: providers.json, `error`).

use std::borrow::Cow;

use http::StatusCode;
use serde::Serialize;

/// Providers that share an error shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    OpenAi,
    Anthropic,
}

/// A refusal before it has taken the shape of a family.
#[derive(Debug)]
pub(super) struct Fault {
    status: StatusCode,
    message: Cow<'static, str>,
    code: Option<&'static str>,
    param: Option<&'static str>,
}

#[derive(Serialize)]
struct OpenAiBody<'a> {
    error: OpenAiError<'a>,
}

#[derive(Serialize)]
struct OpenAiError<'a> {
    message: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    param: Option<&'static str>,
    code: Option<&'static str>,
}

#[derive(Serialize)]
struct AnthropicBody<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    error: AnthropicError<'a>,
    request_id: &'a str,
}

#[derive(Serialize)]
struct AnthropicError<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    message: &'a str,
}

impl Fault {
    pub(super) fn new(status: StatusCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self { status, message: message.into(), code: None, param: None }
    }

    /// A request that cannot be understood.
    pub(super) fn bad_request(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// OpenAI's machine-readable reason.
    pub(super) fn with_code(mut self, code: &'static str) -> Self {
        self.code = Some(code);
        self
    }

    /// The request field at fault, which OpenAI names.
    pub(super) fn with_param(mut self, param: &'static str) -> Self {
        self.param = Some(param);
        self
    }

    pub(super) const fn status(&self) -> StatusCode {
        self.status
    }

    /// The JSON body in the shape of `family`.
    pub(super) fn body(&self, family: Family, request_id: &str) -> Vec<u8> {
        let message = &self.message;
        let written = match family {
            Family::OpenAi => serde_json::to_vec(&OpenAiBody {
                error: OpenAiError {
                    message,
                    kind: openai_type(self.status),
                    param: self.param,
                    code: self.code.or(openai_code(self.status)),
                },
            }),
            Family::Anthropic => serde_json::to_vec(&AnthropicBody {
                kind: "error",
                error: AnthropicError { kind: anthropic_type(self.status), message },
                request_id,
            }),
        };
        // Strings into memory: there is nothing that could fail.
        written.unwrap_or_default()
    }
}

fn openai_type(status: StatusCode) -> &'static str {
    match status.as_u16() {
        402 => "insufficient_quota",
        429 => "requests",
        400..500 => "invalid_request_error",
        _ => "server_error",
    }
}

fn openai_code(status: StatusCode) -> Option<&'static str> {
    match status.as_u16() {
        429 => Some("rate_limit_exceeded"),
        _ => None,
    }
}

fn anthropic_type(status: StatusCode) -> &'static str {
    match status.as_u16() {
        401 => "authentication_error",
        402 => "billing_error",
        403 => "permission_error",
        404 => "not_found_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        504 => "timeout_error",
        529 => "overloaded_error",
        400..500 => "invalid_request_error",
        _ => "api_error",
    }
}
