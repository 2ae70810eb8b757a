//! A request, as bytes.

use bytes::Bytes;
use serde_json::Value;

/// A request that is sent as it is written down here.
///
/// Added unless given: `host` in front, and `content-length` at the end when there is a body.
#[derive(Clone, Debug)]
pub struct Request {
    /// Method.
    pub method: String,
    /// Path and query, not encoded or checked.
    pub target: String,
    /// Headers in order; values may hold any byte.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The body.
    pub body: Bytes,
}

impl Request {
    /// A request without headers or body.
    pub fn new(method: &str, target: &str) -> Self {
        let (method, target) = (method.to_owned(), target.to_owned());
        Self { method, target, headers: Vec::new(), body: Bytes::new() }
    }

    /// A GET.
    pub fn get(target: &str) -> Self {
        Self::new("GET", target)
    }

    /// A POST without a body yet.
    pub fn post(target: &str) -> Self {
        Self::new("POST", target)
    }

    /// A POST of JSON to provider `rest` (slug and path) of gateway `gw1`, with the gateway token
    /// `tok-run` and the provider key `sk-client`.
    pub fn call(rest: &str, body: &Value) -> Self {
        Self::post(&format!("/v1/acc1/gw1/{rest}")).with_keys().json(body)
    }

    /// Adds the gateway token `tok-run` and the provider key `sk-client`.
    #[must_use]
    pub fn with_keys(self) -> Self {
        self.header("cf-aig-authorization", "Bearer tok-run")
            .header("authorization", "Bearer sk-client")
    }

    /// Adds a header; one that is there already stays.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.headers.push((name.to_owned(), value.as_ref().to_vec()));
        self
    }

    /// Sets the body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// Sets a JSON body and its content type.
    #[must_use]
    pub fn json(self, body: &Value) -> Self {
        self.header("content-type", "application/json").body(body.to_string())
    }

    /// The bytes before the body.
    pub fn head(&self) -> Vec<u8> {
        let named = |name: &str| self.headers.iter().any(|(key, _)| key.eq_ignore_ascii_case(name));
        let mut head = format!("{} {} HTTP/1.1\r\n", self.method, self.target).into_bytes();
        let mut line = |name: &str, value: &[u8]| {
            head.extend_from_slice(name.as_bytes());
            head.extend_from_slice(b": ");
            head.extend_from_slice(value);
            head.extend_from_slice(b"\r\n");
        };
        if !named("host") {
            line("host", b"weir.test");
        }
        for (name, value) in &self.headers {
            line(name, value);
        }
        let framed = named("content-length") || named("transfer-encoding");
        let sends = matches!(self.method.as_str(), "POST" | "PUT" | "PATCH");
        if !framed && (sends || !self.body.is_empty()) {
            line("content-length", self.body.len().to_string().as_bytes());
        }
        head.extend_from_slice(b"\r\n");
        head
    }

    /// All bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.head();
        bytes.extend_from_slice(&self.body);
        bytes
    }
}
