//! Trying a stored key out at its provider.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use serde_json::json;
use weir_core::audit::Action;
use weir_core::keys::NotTested;

use super::find;
use super::form::TESTED;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::operation::{Answer, Operation};
use crate::path::{Id, InGateway};
use crate::trail::{self, deed};
use crate::{Api, envelope};

pub(super) const POST: Operation = Operation {
    id: "testProviderConfig",
    summary: "Make a cheap call at the provider with a stored key",
    query: &[],
    body: None,
    answer: Answer::Result(TESTED),
};

/// `POST .../provider_configs/{id}/test`. What the provider thinks of the key is the result, not the
/// status of the answer.
pub(super) async fn test(
    State(api): State<Arc<Api>>,
    caller: Caller,
    InGateway(gateway): InGateway,
    Id(id): Id,
) -> Result<Response, ApiError> {
    let config = find(caller.configuration(), &gateway, &id)?;
    let keys = api.keys.as_ref();
    let keys = keys.ok_or_else(|| ApiError::Internal("there is no data plane here".into()))?;
    let tested = keys.test(Arc::clone(&caller.snapshot), config).await;
    let tested = tested.map_err(|reason| match reason {
        NotTested::TooOften => ApiError::TooOften("this key was tested too often: wait a minute"),
        NotTested::NoCheck(text) => ApiError::input(&["path", "id"], text),
    })?;
    let after = json!({"ok": tested.ok, "status": tested.status});
    let mut record = deed(&caller, &gateway, Action::TestKey, &id, after);
    record.resource_type = "provider_config".into();
    trail::keep(&api, record);
    Ok(envelope::object(&tested))
}
