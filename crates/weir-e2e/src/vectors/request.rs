//! The request of a vector, as the bytes that are sent.

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::http::Request;

/// What a name in a header stands for, `@name`.
pub(super) type Named<'a> = &'a dyn Fn(&str) -> Option<&'a str>;

/// A request from `{method, path, host?, headers, body | body_size_bytes}`.
pub(super) fn build(item: &Value, named: Named<'_>) -> Result<Request> {
    let text = |key: &str| item.get(key).and_then(Value::as_str);
    let path = text("path").context("a request without path")?;
    let mut request = Request::new(text("method").unwrap_or("POST"), path);
    if let Some(host) = text("host") {
        request = request.header("host", host);
    }
    for (name, value) in item.get("headers").and_then(Value::as_object).into_iter().flatten() {
        let values = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
        for value in values {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let value = match value.strip_prefix('@') {
                Some(name) => named(name).with_context(|| value.clone())?.to_owned(),
                None => value,
            };
            request = match name.as_str() {
                "auth" => request.header("cf-aig-authorization", format!("Bearer {value}")),
                name => request.header(name, value),
            };
        }
    }
    let body = match (item.get("body"), item.get("body_size_bytes").and_then(Value::as_u64)) {
        (_, Some(size)) => sized_body(usize::try_from(size)?),
        (Some(Value::String(text)), _) => text.clone(),
        (Some(body), _) => body.to_string(),
        (None, None) => String::new(),
    };
    Ok(request.body(body))
}

/// A chat request of exactly this many bytes.
fn sized_body(size: usize) -> String {
    let (before, after) = (r#"{"model":"gpt-4o-mini","messages":[],"pad":""#, r#""}"#);
    let pad = size.saturating_sub(before.len() + after.len());
    [before, &"x".repeat(pad), after].concat()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_shorthands_are_written_out() {
        let item = json!({"method": "POST", "path": "/v1/a/g/x//y", "host": "ai.example.com",
            "headers": {"auth": "tok", "n": 5, "d": ["1", "@two"]}, "body": {"b": 1, "a": 2}});
        let bytes = build(&item, &|name| (name == "two").then_some("2")).unwrap().to_bytes();
        let expected = "POST /v1/a/g/x//y HTTP/1.1\r\nhost: ai.example.com\r\n\
            cf-aig-authorization: Bearer tok\r\nn: 5\r\nd: 1\r\nd: 2\r\n\
            content-length: 13\r\n\r\n{\"b\":1,\"a\":2}";
        assert_eq!(String::from_utf8(bytes).unwrap(), expected);
    }

    #[test]
    fn a_name_that_nobody_knows_is_an_error() {
        let item = json!({"path": "/", "headers": {"a": "@nobody"}});
        assert!(build(&item, &|_| None).is_err());
    }

    #[test]
    fn a_sized_body_has_its_size_and_is_json() {
        let body = build(&json!({"path": "/", "body_size_bytes": 1000}), &|_| None).unwrap().body;
        assert_eq!(body.len(), 1000);
        assert!(serde_json::from_slice::<Value>(&body).is_ok());
    }
}
