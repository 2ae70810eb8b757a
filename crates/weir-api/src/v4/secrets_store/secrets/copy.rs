//! A secret under a second name. The value is opened only to be sealed again.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use weir_core::Timestamp;
use weir_core::secrets::StoredSecret;

use super::super::form::{COPY, SECRET};
use super::super::{fresh_id, named, refuse_above_quota};
use super::find;
use super::view::View;
use crate::body::Json;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::operation::{Answer, Operation};
use crate::path::Segments;
use crate::{Api, envelope};

pub(super) const POST: Operation = Operation {
    id: "copySecret",
    summary: "Copy a secret under a new name in the same store",
    query: &[],
    body: Some(COPY),
    answer: Answer::Result(SECRET),
};

#[derive(Deserialize)]
pub(super) struct Copy {
    name: String,
    scopes: Vec<String>,
    comment: Option<String>,
}

/// `POST .../secrets/{secret_id}/duplicate`.
pub(super) async fn copy(
    State(api): State<Arc<Api>>,
    caller: Caller,
    segments: Segments,
    body: Json<Copy>,
) -> Result<Response, ApiError> {
    let account = caller.account();
    let original = Arc::clone(find(caller.configuration(), account, &segments)?);
    let clear =
        api.vault.open(account, &StoredSecret::purpose(&original.id), &original.sealed).await?;
    let (id, at) = (fresh_id(), Timestamp::now());
    let copy = StoredSecret {
        sealed: api.vault.seal(account, &StoredSecret::purpose(&id), &clear).await?,
        id,
        account_id: account.clone(),
        store_id: Arc::clone(&original.store_id),
        name: body.value.name,
        scopes: body.value.scopes,
        comment: body.value.comment,
        preview: original.preview.clone(),
        reference: original.reference.clone(),
        created: at,
        modified: at,
    };
    caller
        .change(&api, |now, changes| {
            find(now, account, &segments)?;
            refuse_above_quota(now, account, 1)?;
            if named(now, account, &copy.store_id, &copy.name).is_some() {
                let text = format!("a secret named {} already exists", copy.name);
                return Err(ApiError::body("name", text));
            }
            changes.put(copy.clone());
            Ok(())
        })
        .await?;
    Ok(envelope::noted(&View::of(&copy), body.ignored))
}
