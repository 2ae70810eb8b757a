//! One step of a universal request.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use serde::de::{self, Deserialize, Deserializer, SeqAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value, from_slice};
use weir_core::{Error, Kind};
use weir_llm::json::Object;

use crate::front::Place;
use crate::front::door::Door;
use crate::front::headers::Issued;
use crate::front::query::take_tokens;

/// Most steps of a request.
const MOST: usize = 20;

/// Most headers of a step. A map of headers ends the call outright when it has many thousands.
const MOST_HEADERS: usize = 100;

/// What a step's `config` says, as the header that says the same (spec: data-plane 1.5). Inside a step
/// it counts more than its headers.
const CONFIG: [(&str, &str); 7] = [
    ("requestTimeout", "cf-aig-request-timeout"),
    ("maxAttempts", "cf-aig-max-attempts"),
    ("retryDelay", "cf-aig-retry-delay"),
    ("backoff", "cf-aig-backoff"),
    ("cacheTtl", "cf-aig-cache-ttl"),
    ("skipCache", "cf-aig-skip-cache"),
    ("cacheKey", "cf-aig-cache-key"),
];

/// A step, read.
#[derive(Debug)]
pub(super) struct Step {
    /// In lower case: the original does not mind capitals here.
    pub(super) provider: String,
    /// Path after the provider, with its query.
    pub(super) endpoint: String,
    pub(super) headers: HeaderMap,
    /// The JSON of `query`, as it was written.
    pub(super) body: Bytes,
}

/// Reads a request: a list of steps, or a single one.
pub(super) fn read(body: &Bytes) -> Result<Vec<Step>, Error> {
    let is_list = body.trim_ascii_start().first() == Some(&b'[');
    let steps: Vec<&RawValue> = if is_list {
        let Steps(steps) = from_slice(body).map_err(|error| malformed(&error.to_string()))?;
        steps
    } else {
        vec![from_slice(body).map_err(|error| malformed(&error.to_string()))?]
    };
    if steps.is_empty() {
        return Err(malformed(&format!("there are 0 steps: 1 to {MOST} can be")));
    }
    let read = |(index, raw): (usize, &RawValue)| {
        Step::read(raw, body).map_err(|reason| malformed(&format!("step {index}: {reason}")))
    };
    steps.into_iter().enumerate().map(read).collect()
}

/// A list that is given up when it is too long: millions of steps would take more memory than their
/// text.
struct Steps<'a>(Vec<&'a RawValue>);

impl<'de> Deserialize<'de> for Steps<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Few;
        impl<'de> Visitor<'de> for Few {
            type Value = Steps<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of steps")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Steps<'de>, A::Error> {
                let mut steps = Vec::new();
                while let Some(step) = seq.next_element()? {
                    if steps.len() == MOST {
                        let reason = format!("there are more than {MOST} steps");
                        return Err(de::Error::custom(reason));
                    }
                    steps.push(step);
                }
                Ok(Steps(steps))
            }
        }
        from.deserialize_seq(Few)
    }
}

fn malformed(reason: &str) -> Error {
    Error::new(Kind::BadRequest, "Invalid universal request")
        .with_hint(crate::diagnose::ascii(reason))
}

impl Step {
    /// Reads a step of `body`, of which its query stays a part.
    fn read(raw: &RawValue, body: &Bytes) -> Result<Self, String> {
        let mut object =
            Object::read(raw.get().as_bytes()).map_err(|it| it.message().to_owned())?;
        let query = object.take_raw("query");
        let text = |name: &str| object.get::<String>(name).map_err(|it| it.message().to_owned());
        let provider = text("provider")?.ok_or("it names no provider")?.to_lowercase();
        let endpoint = text("endpoint")?.ok_or("it names no endpoint")?;
        let query = query.ok_or("it has no query")?;
        let named = object.get::<Map<String, Value>>("headers");
        let named = named.map_err(|it| it.message().to_owned())?.unwrap_or_default();
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(value) = text("authorization")? {
            headers.insert(header::AUTHORIZATION, header_value(&value)?);
        }
        if named.len() > MOST_HEADERS {
            return Err(format!("it has {} headers: {MOST_HEADERS} can be", named.len()));
        }
        for (name, value) in &named {
            let Some(text) = stringified(value) else { continue };
            let name = HeaderName::from_bytes(name.as_bytes())
                .map_err(|_| format!("'{name}' is no header's name"))?;
            match header_value(&text) {
                Ok(value) => drop(headers.insert(name, value)),
                // A bad option never fails a request (spec: data-plane 3.1).
                Err(_) if name.as_str().starts_with("cf-aig-") => {}
                Err(reason) => return Err(reason),
            }
        }
        let config = object.get::<Map<String, Value>>("config");
        let config = config.map_err(|it| it.message().to_owned())?.unwrap_or_default();
        for (key, header) in CONFIG {
            let value = config.get(key).and_then(stringified).map(|text| header_value(&text));
            if let Some(Ok(value)) = value {
                headers.insert(HeaderName::from_static(header), value);
            }
        }
        let endpoint = endpoint.trim_start_matches('/').to_owned();
        let body = body.slice_ref(query.get().as_bytes());
        Ok(Self { provider, endpoint, headers, body })
    }

    /// Takes tokens of ours out of its query, as out of a request's (spec: data-plane 2.2). The
    /// request has let its caller in already, so no more comes of them.
    pub(super) fn drop_tokens(&mut self, issued: Issued<'_>) {
        if let Cow::Owned(cleaned) = take_tokens(&self.endpoint, issued).rest {
            self.endpoint = cleaned;
        }
    }

    /// Where the step leads.
    pub(super) fn place(&self) -> Result<Place<'_>, Error> {
        if self.provider == "compat" {
            let door = Door::compat(&self.endpoint);
            let unknown = || crate::front::no_such_path(&format!("/compat/{}", self.endpoint));
            return door.map(Place::Door).ok_or_else(unknown);
        }
        Ok(Place::Native { provider: &self.provider, rest: &self.endpoint })
    }
}

/// A header's value as text: objects stay JSON (spec: data-plane 1.5).
fn stringified(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

/// Labels may be in any language: a header holds bytes.
fn header_value(text: &str) -> Result<HeaderValue, String> {
    HeaderValue::from_bytes(text.as_bytes())
        .map_err(|_| "a header's value has forbidden characters".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(json: &str) -> Result<Vec<Step>, String> {
        read(&Bytes::copy_from_slice(json.as_bytes())).map_err(|it| it.description().into_owned())
    }

    #[test]
    fn a_step_keeps_its_query_byte_for_byte() {
        let steps = one(
            r#"[{"provider":"OpenAI","endpoint":"/chat/completions","authorization":"Bearer a",
            "headers":{"Authorization":"Bearer b","cf-aig-cache-ttl":0,"x":{"a":1},"n":null},
            "config":{"requestTimeout":50},"query":{"temperature": 1.50}}]"#,
        )
        .unwrap();
        let step = &steps[0];
        assert_eq!(
            (step.provider.as_str(), step.endpoint.as_str()),
            ("openai", "chat/completions")
        );
        assert_eq!(step.body, r#"{"temperature": 1.50}"#);
        assert_eq!(step.headers["authorization"], "Bearer b");
        assert_eq!(step.headers["cf-aig-request-timeout"], "50");
        assert_eq!(step.headers["x"], r#"{"a":1}"#);
        assert!(!step.headers.contains_key("n"));
    }

    #[test]
    fn what_is_wrong_is_named() {
        assert!(one("[]").unwrap_err().contains("0 steps"));
        assert!(one("{").is_err());
        let text = one(r#"[{"provider":"openai","endpoint":"x"}]"#).unwrap_err();
        assert!(text.contains("step 0: it has no query"), "{text}");
        let step = r#"{"provider":"a","endpoint":"b","query":1}"#;
        assert_eq!(one(step).unwrap().len(), 1);
        assert_eq!(one(&format!("[{}]", [step; MOST].join(","))).unwrap().len(), MOST);
        let text = one(&format!("[{}]", [step; MOST + 1].join(","))).unwrap_err();
        assert!(text.contains("more than 20 steps"), "{text}");
    }

    #[test]
    fn a_step_has_few_headers() {
        let headers: Vec<String> = (0..40_000).map(|n| format!(r#""x-{n}":"v""#)).collect();
        let text = one(&format!(
            r#"{{"provider":"a","endpoint":"b","query":1,"headers":{{{}}}}}"#,
            headers.join(",")
        ));
        assert!(text.unwrap_err().contains("40000 headers"));
    }
}
