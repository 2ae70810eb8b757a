//! JSON bodies of requests: bounded, well-formed, and as the route declares them.

use axum::body::Body;
use axum::extract::FromRequestParts;
use http::request::Parts;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::{Deserialize, DeserializeOwned, Deserializer};
use serde_json::Value;

use crate::error::ApiError;
use crate::schema::Schema;

mod strict;

pub(crate) use strict::parse as parse_strictly;

/// Bytes a body may have. Every permitted object fits many times over.
const MAX_BYTES: usize = 4 * 1024 * 1024;

/// A body that was held against its schema.
#[derive(Clone, Debug)]
pub(crate) struct CheckedBody {
    value: Value,
    ignored: Vec<String>,
}

/// For fields of type `Option<Option<T>>`: tells an explicit null, which clears, from a field that
/// is left out, which keeps its value.
pub(crate) fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// Reads a body and checks it.
pub(crate) async fn read(content: Body, schema: &Schema) -> Result<CheckedBody, ApiError> {
    let collected = Limited::new(content, MAX_BYTES).collect().await.map_err(|error| {
        if error.is::<LengthLimitError>() {
            ApiError::TooLarge
        } else {
            ApiError::input(&["body"], format!("the body broke off: {error}"))
        }
    })?;
    let bytes = collected.to_bytes();
    if bytes.is_empty() {
        if let Schema::Nullable(_) = schema {
            return Ok(CheckedBody { value: Value::Null, ignored: Vec::new() });
        }
        return Err(ApiError::input(&["body"], "a JSON body is required"));
    }
    let mut value = strict::parse(&bytes).map_err(|error| {
        ApiError::input(&["body"], format!("the body is not valid JSON: {error}"))
    })?;
    schema.settle(&mut value);
    let checked = schema.check(&value, "body");
    if !checked.refusals.is_empty() {
        return Err(ApiError::Input(checked.refusals));
    }
    Ok(CheckedBody { value, ignored: checked.ignored })
}

/// The checked body, as a type.
#[derive(Debug)]
pub(crate) struct Json<T> {
    /// What was sent.
    pub(crate) value: T,
    /// Remarks on fields that were passed over, for the answer.
    pub(crate) ignored: Vec<String>,
}

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for Json<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let missing = || ApiError::Internal("the route declares no body".into());
        let CheckedBody { value, ignored } = parts.extensions.remove().ok_or_else(missing)?;
        // What passed the schema fits the type, or the two were declared differently.
        let value = serde_json::from_value(value)
            .map_err(|error| ApiError::input(&["body"], error.to_string()))?;
        Ok(Self { value, ignored })
    }
}
