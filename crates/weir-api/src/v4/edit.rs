//! Objects whose fields callers may write as they are stored: their stored form is JSON, so a body
//! is laid over it field by field.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::error::ApiError;
use crate::schema::{Presence, Schema};

/// What becomes of a field that a body leaves out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LeftOut {
    /// It keeps its value: `PATCH`.
    Kept,
    /// It gets its default: `POST`, `PUT`.
    Default,
}

/// `present` with the fields of `body` that `form` lets callers write. Null gives a field its
/// default.
pub(super) fn edited<T: Serialize + DeserializeOwned>(
    present: &T,
    form: &Schema,
    body: &Map<String, Value>,
    left_out: LeftOut,
) -> Result<T, ApiError> {
    let internal = |error: serde_json::Error| ApiError::Internal(error.into());
    let Schema::Object(fields) = form else {
        return Err(ApiError::Internal("the form is not that of an object".into()));
    };
    let mut edited = serde_json::to_value(present).map_err(internal)?;
    let Some(stored) = edited.as_object_mut() else {
        return Err(ApiError::Internal("the object is not stored as one".into()));
    };
    for field in fields.iter().filter(|field| field.presence != Presence::ReadOnly) {
        match body.get(field.name) {
            None if left_out == LeftOut::Kept => {}
            None | Some(Value::Null) => {
                stored.shift_remove(field.name);
            }
            Some(value) => {
                stored.insert(field.name.to_owned(), value.clone());
            }
        }
    }
    // The form lets nothing else through than what the type takes, but for a required field that a
    // change sets to null.
    serde_json::from_value(edited).map_err(|error| ApiError::input(&["body"], error.to_string()))
}
