//! The list of a store's secrets.

use std::sync::Arc;

use axum::response::Response;
use weir_core::secrets::StoredSecret;

use super::super::form::{DIRECTION, SECRET, SECRET_ORDER, WITH_SCOPES};
use super::super::stores;
use super::view::View;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::operation::{Answer, Operation, PAGE, per_page, search};
use crate::path::Segments;
use crate::query::{Paging, Params};

pub(super) const LIST: Operation = Operation {
    id: "listSecrets",
    summary: "List secrets, without their values",
    query: &[
        PAGE,
        per_page(1, 100),
        SECRET_ORDER,
        DIRECTION,
        search("Part of the name or the comment, in any case."),
        WITH_SCOPES,
    ],
    body: None,
    answer: Answer::List(SECRET),
};

/// `GET .../secrets`.
pub(super) async fn list(
    caller: Caller,
    params: Params,
    segments: Segments,
) -> Result<Response, ApiError> {
    let (now, account) = (caller.configuration(), caller.account());
    let store = stores::find(now, account, segments.get("store_id")?)?;
    let search = params.get("search").unwrap_or_default().to_lowercase();
    let scopes: Vec<&str> = params.all("scopes").filter(|scope| !scope.is_empty()).collect();
    let mut secrets: Vec<&Arc<StoredSecret>> = now
        .of::<StoredSecret>(account)
        .filter(|secret| secret.store_id == store.id)
        .filter(|secret| {
            let texts = [secret.name.as_str(), secret.comment.as_deref().unwrap_or_default()];
            texts.iter().any(|text| text.to_lowercase().contains(&search))
        })
        .filter(|secret| {
            scopes.is_empty() || secret.scopes.iter().any(|held| scopes.contains(&held.as_str()))
        })
        .collect();
    let order = params.get("order").unwrap_or("created");
    let ascending = params.get("direction") == Some("asc");
    secrets.sort_by(|one, other| {
        let ordering = match order {
            "name" => one.name.cmp(&other.name),
            "comment" => one.comment.cmp(&other.comment),
            "modified" => one.modified.cmp(&other.modified),
            // All are active: their ids decide.
            "status" => std::cmp::Ordering::Equal,
            _ => one.created.cmp(&other.created),
        };
        let ordering = ordering.then_with(|| one.id.cmp(&other.id));
        if ascending { ordering } else { ordering.reverse() }
    });
    Ok(Paging::read(&params).answer(&secrets, |secret| View::of(secret)))
}
