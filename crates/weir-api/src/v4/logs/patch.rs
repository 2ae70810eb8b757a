//! `PATCH /logs/{log_id}`: a person's verdict on a row (spec: management-api 4.3).

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use serde_json::{Map, Value, json};
use weir_core::audit::Action;
use weir_core::store::LogPatch;

use super::{form, fresh};
use crate::body::Json;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::operation::{Answer, Operation};
use crate::path::{InGateway, LogPath};
use crate::schema::Schema;
use crate::{Api, envelope, trail};

/// Labels of a row at most (spec: observability 1.12).
const MOST_LABELS: usize = 50;
/// Bytes of all labels of a row at most. They are in every listed row.
const MOST_BYTES: usize = 16 * 1024;

pub(super) const PATCH: Operation = Operation {
    id: "editLog",
    summary: "Set feedback, score or metadata of a log row; what is left out stays",
    query: &[],
    body: Some(form::PATCH),
    answer: Answer::Result(Schema::Object(&[])),
};

pub(super) async fn patch(
    State(api): State<Arc<Api>>,
    caller: Caller,
    InGateway(gateway): InGateway,
    LogPath(id): LogPath,
    body: Json<Map<String, Value>>,
) -> Result<Response, ApiError> {
    let number = |name| body.value.get(name).map(Value::as_f64);
    let metadata = match body.value.get("metadata") {
        None => None,
        Some(Value::Object(labels)) => Some(Some(text(labels)?)),
        Some(_) => Some(None),
    };
    let patch = LogPatch { feedback: number("feedback"), score: number("score"), metadata };
    fresh::patch(&api, &gateway, id, patch).await?;
    let mut after = body.value;
    after.retain(|name, _| ["feedback", "score", "metadata"].contains(&name.as_str()));
    let record = trail::deed(&caller, &gateway, Action::Update, &id.to_string(), after.into());
    trail::keep(&api, record);
    Ok(envelope::noted(&json!({}), body.ignored))
}

fn text(labels: &Map<String, Value>) -> Result<Box<str>, ApiError> {
    if labels.len() > MOST_LABELS {
        return Err(ApiError::body("metadata", format!("{MOST_LABELS} entries at most")));
    }
    let text = serde_json::to_string(labels).map_err(|error| ApiError::Internal(error.into()))?;
    if text.len() > MOST_BYTES {
        return Err(ApiError::body("metadata", format!("{MOST_BYTES} bytes at most, as JSON")));
    }
    Ok(text.into())
}
