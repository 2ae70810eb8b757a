//! `DELETE /logs`: deletes the rows that match, oldest first (spec: management-api 4.1).

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use serde_json::json;
use weir_core::audit::Action;

use super::{form, list_query};
use crate::caller::Caller;
use crate::error::ApiError;
use crate::operation::{Answer, Operation};
use crate::path::InGateway;
use crate::query::Params;
use crate::schema::Schema;
use crate::{Api, envelope, filters, trail};

pub(super) const DELETE: Operation = Operation {
    id: "deleteLogs",
    summary: "Delete the log rows that match, the oldest first and 10000 at most",
    query: form::DELETE_QUERY,
    body: None,
    answer: Answer::Beside(Schema::Object(&[])),
};

pub(super) async fn delete(
    State(api): State<Arc<Api>>,
    caller: Caller,
    InGateway(gateway): InGateway,
    params: Params,
) -> Result<Response, ApiError> {
    let query = list_query::deletion(&params, &gateway)?;
    let written = filters::to_json(&list_query::written(&params)?);
    // A task of its own: when the caller hangs up, the rows are gone and must still be on record.
    let room = api.background.trail.room().await;
    let task = tokio::spawn(async move {
        let _room = room;
        let count = api.logs.delete(&query).await?;
        let after = json!({ "deleted": count, "limit": query.limit, "filters": written });
        let record = trail::deed(&caller, &gateway, Action::DeleteLogs, "", after);
        // The rows are gone; an error would only make clients delete more.
        if let Err(error) = api.configuration.store().record(&record).await {
            trail::left_out(&record, &error.to_string());
        }
        Ok::<_, ApiError>(())
    });
    task.await.map_err(|error| ApiError::Internal(error.into()))??;
    Ok(envelope::beside(&json!({})))
}
