//! The management API as a client sees it, whether it is in this process or far away.

use std::fmt;

use async_trait::async_trait;
use http::Method;
use serde_json::Value;

/// Rows asked for at once.
const PAGE: usize = 50;

/// Pages of one list at most: more of them means that the other side does not page at all.
const MOST_PAGES: usize = 2_000;

/// A server of the management API.
#[async_trait]
pub(crate) trait Api: Sync {
    /// Calls `path` (below `/client/v4`); gives the whole answer of a success.
    async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, CallError>;
}

/// Why a call did not succeed.
#[derive(Debug)]
pub(crate) enum CallError {
    /// The server said no.
    Refused { status: u16, errors: Vec<ApiMessage> },
    /// There was no answer, or none that can be read.
    Failed(anyhow::Error),
}

/// One of the `errors` of an answer.
#[derive(Debug)]
pub(crate) struct ApiMessage {
    pub(crate) message: String,
    /// Which input it is about, e.g. `["body", "cache_ttl"]`.
    pub(crate) path: Vec<String>,
}

impl CallError {
    /// What an answer that is no success says.
    pub(crate) fn refused(status: u16, answer: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let errors = answer["errors"].as_array().into_iter().flatten().map(|error| ApiMessage {
            message: text(&error["message"]),
            path: error["path"].as_array().into_iter().flatten().map(text).collect(),
        });
        Self::Refused { status, errors: errors.collect() }
    }
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused { status, errors } => {
                write!(f, "answered {status}")?;
                for error in errors {
                    write!(f, ": {}", error.message)?;
                }
                Ok(())
            }
            Self::Failed(error) => write!(f, "{error:#}"),
        }
    }
}

impl std::error::Error for CallError {}

/// Every row of a list, page by page. Lists stand in `result`, or by their name in `data`
/// (spec: management-api 1.1, 8).
pub(crate) async fn rows(api: &dyn Api, path: &str) -> Result<Vec<Value>, CallError> {
    let (plain, mark) = path.split_once('?').map_or((path, '?'), |(plain, _)| (plain, '&'));
    let name = plain.rsplit('/').next().unwrap_or_default();
    let mut rows: Vec<Value> = Vec::new();
    for page in 1..=MOST_PAGES {
        let target = format!("{path}{mark}page={page}&per_page={PAGE}");
        let mut answer = api.call(Method::GET, &target, None).await?;
        let total = answer["result_info"]["total_count"].as_u64();
        let list = match answer["result"].take() {
            Value::Array(list) => list,
            _ => match answer["data"][name].take() {
                Value::Array(list) => list,
                _ => return Err(unreadable(&target, "has no list")),
            },
        };
        let complete = list.len() < PAGE;
        // A server that passes the page number over would send the same rows for ever.
        let again = page > 1 && !list.is_empty() && list.first() == rows.get(rows.len() - PAGE);
        if again {
            return Ok(rows);
        }
        rows.extend(list);
        if complete || total.is_some_and(|total| rows.len() as u64 >= total) {
            return Ok(rows);
        }
    }
    Err(unreadable(path, "has too many pages"))
}

pub(crate) fn unreadable(path: &str, what: &str) -> CallError {
    CallError::Failed(anyhow::anyhow!("the answer to {path} {what}"))
}

/// A part of a path, with everything but plain characters escaped.
pub(crate) fn segment(text: &str) -> String {
    weir_llm::percent::encode(text, b"")
}
