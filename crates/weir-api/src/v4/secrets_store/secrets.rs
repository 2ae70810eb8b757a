//! Secrets.

mod copy;
mod list;
mod view;

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use axum::routing::MethodFilter;
use serde::Deserialize;
use weir_core::config::Configuration;
use weir_core::secrets::StoredSecret;
use weir_core::{AccountId, Permission, Timestamp};

use self::view::View;
use super::form::{CREATE, EDIT, NAMED, SECRET};
use super::stores;
use super::value::{Material, Value, seal};
use super::{GATEWAY_SCOPE, fresh_id, named, refuse_above_quota, refuse_used};
use crate::body::{Json, given};
use crate::caller::Caller;
use crate::error::ApiError;
use crate::operation::{Answer, Operation};
use crate::path::Segments;
use crate::routes::Table;
use crate::schema::Schema;
use crate::v4::gateways::later_than;
use crate::{Api, envelope};

const GET: Operation = Operation {
    id: "getSecret",
    summary: "Show a secret, without its value",
    query: &[],
    body: None,
    answer: Answer::Result(SECRET),
};
const POST: Operation = Operation {
    id: "createSecrets",
    summary: "Create secrets, all or none",
    body: Some(CREATE),
    answer: Answer::Result(Schema::list(&SECRET)),
    ..GET
};
const PATCH: Operation = Operation {
    id: "editSecret",
    summary: "Change a secret; what is left out keeps its value",
    body: Some(EDIT),
    ..GET
};
const DELETE: Operation =
    Operation { id: "deleteSecret", summary: "Delete a secret that no gateway uses", ..GET };
const DELETE_SOME: Operation = Operation {
    id: "deleteSecrets",
    summary: "Delete the secrets named in the body, all or none",
    body: Some(NAMED),
    answer: Answer::Result(Schema::list(&SECRET)),
    ..GET
};

pub(super) fn routes(table: Table) -> Table {
    const ALL: &str = "/accounts/{account_id}/secrets_store/stores/{store_id}/secrets";
    const ONE: &str = "/accounts/{account_id}/secrets_store/stores/{store_id}/secrets/{secret_id}";
    const COPY: &str =
        "/accounts/{account_id}/secrets_store/stores/{store_id}/secrets/{secret_id}/duplicate";
    table
        .route(MethodFilter::GET, ALL, Permission::SecretsRead, &list::LIST, list::list)
        .route(MethodFilter::POST, ALL, Permission::SecretsWrite, &POST, create)
        .route(MethodFilter::DELETE, ALL, Permission::SecretsWrite, &DELETE_SOME, delete_some)
        .route(MethodFilter::GET, ONE, Permission::SecretsRead, &GET, get)
        .route(MethodFilter::PATCH, ONE, Permission::SecretsWrite, &PATCH, edit)
        .route(MethodFilter::DELETE, ONE, Permission::SecretsWrite, &DELETE, delete)
        .route(MethodFilter::POST, COPY, Permission::SecretsWrite, &copy::POST, copy::copy)
}

/// The secret of a path.
fn find<'a>(
    now: &'a Configuration,
    account: &AccountId,
    segments: &Segments,
) -> Result<&'a Arc<StoredSecret>, ApiError> {
    let store = stores::find(now, account, segments.get("store_id")?)?;
    let found = now.get::<StoredSecret>(account, segments.get("secret_id")?);
    let found = found.filter(|secret| secret.store_id == store.id);
    found.ok_or(ApiError::NotFound("secret not found".into()))
}

/// `GET .../secrets/{secret_id}`.
async fn get(caller: Caller, segments: Segments) -> Result<Response, ApiError> {
    let secret = find(caller.configuration(), caller.account(), &segments)?;
    Ok(envelope::object(&View::of(secret)))
}

#[derive(Deserialize)]
struct NewSecret {
    name: String,
    value: Option<Value>,
    secret_ref: Option<String>,
    scopes: Vec<String>,
    comment: Option<String>,
}

/// `POST .../secrets`.
async fn create(
    State(api): State<Arc<Api>>,
    caller: Caller,
    segments: Segments,
    body: Json<Vec<NewSecret>>,
) -> Result<Response, ApiError> {
    let account = caller.account();
    let store =
        Arc::clone(stores::find(caller.configuration(), account, segments.get("store_id")?)?);
    if body.value.is_empty() {
        return Err(ApiError::input(&["body"], "at least one secret is required"));
    }
    let at = Timestamp::now();
    let mut secrets: Vec<StoredSecret> = Vec::with_capacity(body.value.len());
    for (place, new) in body.value.into_iter().enumerate() {
        let place = place.to_string();
        let id = fresh_id();
        let path = ["body", place.as_str()];
        let material = Material::read(&api, new.value, new.secret_ref.as_deref(), &path)?;
        let missing = || ApiError::input(&["body", &place, "value"], "value is required");
        let Material { value, preview, reference } = material.ok_or_else(missing)?;
        secrets.push(StoredSecret {
            sealed: seal(&api, account, &id, &value).await?,
            id,
            account_id: account.clone(),
            store_id: Arc::clone(&store.id),
            name: new.name,
            scopes: new.scopes,
            comment: new.comment,
            preview,
            reference,
            created: at,
            modified: at,
        });
    }
    caller
        .change(&api, |now, changes| {
            stores::find(now, account, &store.id)?;
            refuse_above_quota(now, account, secrets.len())?;
            for (place, secret) in secrets.iter().enumerate() {
                let is_twice = secrets[..place].iter().any(|other| other.name == secret.name);
                if is_twice || named(now, account, &store.id, &secret.name).is_some() {
                    let text = format!("a secret named {} already exists", secret.name);
                    return Err(ApiError::input(&["body", &place.to_string(), "name"], text));
                }
                changes.put(secret.clone());
            }
            Ok(())
        })
        .await?;
    let views: Vec<View<'_>> = secrets.iter().map(View::of).collect();
    Ok(envelope::noted(&views, body.ignored))
}

#[derive(Deserialize)]
struct Edit {
    value: Option<Value>,
    secret_ref: Option<String>,
    scopes: Option<Vec<String>>,
    #[serde(default, deserialize_with = "given")]
    comment: Option<Option<String>>,
}

/// `PATCH .../secrets/{secret_id}`. A new value is in force at once for every gateway that uses the
/// secret.
async fn edit(
    State(api): State<Arc<Api>>,
    caller: Caller,
    segments: Segments,
    Json { value: body, ignored }: Json<Edit>,
) -> Result<Response, ApiError> {
    let account = caller.account();
    let secret = find(caller.configuration(), account, &segments)?;
    let material = Material::read(&api, body.value, body.secret_ref.as_deref(), &["body"])?;
    let sealed = match material {
        Some(Material { value, preview, reference }) => {
            Some((seal(&api, account, &secret.id, &value).await?, preview, reference))
        }
        None => None,
    };
    let changed = caller
        .change(&api, |now, changes| {
            let present = find(now, account, &segments)?;
            let mut changed = StoredSecret::clone(present);
            if let Some((sealed, preview, reference)) = &sealed {
                changed.sealed.clone_from(sealed);
                changed.preview.clone_from(preview);
                changed.reference.clone_from(reference);
            }
            if let Some(scopes) = &body.scopes {
                changed.scopes.clone_from(scopes);
                if !scopes.iter().any(|scope| scope == GATEWAY_SCOPE) {
                    refuse_used(now, present, &["body", "scopes"])?;
                }
            }
            if let Some(comment) = &body.comment {
                changed.comment.clone_from(comment);
            }
            changed.modified = later_than(present.modified);
            changes.put(changed.clone());
            Ok(changed)
        })
        .await?;
    Ok(envelope::noted(&View::of(&changed), ignored))
}

/// `DELETE .../secrets/{secret_id}`.
async fn delete(
    State(api): State<Arc<Api>>,
    caller: Caller,
    segments: Segments,
) -> Result<Response, ApiError> {
    let gone = caller
        .change(&api, |now, changes| {
            let secret = find(now, caller.account(), &segments)?;
            refuse_used(now, secret, &["path", "secret_id"])?;
            changes.delete(&**secret);
            Ok(Arc::clone(secret))
        })
        .await?;
    Ok(envelope::object(&View::of_deleted(&gone)))
}

#[derive(Deserialize)]
struct Named {
    id: String,
}

/// `DELETE .../secrets`. A call that names none deletes none, and is told so.
async fn delete_some(
    State(api): State<Arc<Api>>,
    caller: Caller,
    segments: Segments,
    Json { value: body, mut ignored }: Json<Option<Vec<Named>>>,
) -> Result<Response, ApiError> {
    let account = caller.account();
    let wanted = body.unwrap_or_default();
    if wanted.is_empty() {
        ignored.push("no secret was named, so none was deleted: send [{\"id\": ...}]".to_owned());
    }
    let gone = caller
        .change(&api, |now, changes| {
            let store = stores::find(now, account, segments.get("store_id")?)?;
            let mut gone: Vec<Arc<StoredSecret>> = Vec::with_capacity(wanted.len());
            for (place, Named { id }) in wanted.iter().enumerate() {
                let place = place.to_string();
                let path = ["body", place.as_str(), "id"];
                let secret = now.get::<StoredSecret>(account, id);
                let secret =
                    secret.filter(|secret| secret.store_id == store.id).ok_or_else(|| {
                        ApiError::input(&path, format!("secret {id} was not found in this store"))
                    })?;
                refuse_used(now, secret, &path)?;
                if !gone.iter().any(|other| other.id == secret.id) {
                    changes.delete(&**secret);
                    gone.push(Arc::clone(secret));
                }
            }
            Ok(gone)
        })
        .await?;
    let views: Vec<View<'_>> = gone.iter().map(|secret| View::of_deleted(secret)).collect();
    Ok(envelope::noted(&views, ignored))
}
