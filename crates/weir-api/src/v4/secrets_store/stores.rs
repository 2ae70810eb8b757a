//! Stores.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use axum::routing::MethodFilter;
use serde::Deserialize;
use weir_core::config::Configuration;
use weir_core::secrets::{SecretsStore, StoredSecret};
use weir_core::{AccountId, Gateway, Permission, Timestamp};

use super::form::{DIRECTION, FORCE, STORE, STORE_NAME, STORE_ORDER};
use super::{fresh_id, refuse_used};
use crate::body::Json;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::operation::{Answer, Operation, PAGE, per_page};
use crate::path::Id;
use crate::query::{Paging, Params};
use crate::routes::Table;
use crate::schema::{Field, Schema};
use crate::{Api, envelope};

const LIST: Operation = Operation {
    id: "listStores",
    summary: "List secrets stores",
    query: &[PAGE, per_page(1, 100), STORE_ORDER, DIRECTION],
    body: None,
    answer: Answer::List(STORE),
};
const GET: Operation = Operation {
    id: "getStore",
    summary: "Show a secrets store",
    query: &[],
    body: None,
    answer: Answer::Result(STORE),
};
const POST: Operation = Operation {
    id: "createStore",
    summary: "Create a secrets store",
    body: Some(Schema::Object(&[Field::required("name", STORE_NAME, "Unique in the account.")])),
    ..GET
};
const DELETE: Operation = Operation {
    id: "deleteStore",
    summary: "Delete a secrets store; one that is not empty only with force",
    query: &[FORCE],
    ..GET
};

pub(super) fn routes(table: Table) -> Table {
    const ALL: &str = "/accounts/{account_id}/secrets_store/stores";
    const ONE: &str = "/accounts/{account_id}/secrets_store/stores/{store_id}";
    table
        .route(MethodFilter::GET, ALL, Permission::SecretsRead, &LIST, list)
        .route(MethodFilter::POST, ALL, Permission::SecretsWrite, &POST, create)
        .route(MethodFilter::GET, ONE, Permission::SecretsRead, &GET, get)
        .route(MethodFilter::DELETE, ONE, Permission::SecretsWrite, &DELETE, delete)
}

/// The store of a path.
pub(super) fn find<'a>(
    now: &'a Configuration,
    account: &AccountId,
    id: &str,
) -> Result<&'a Arc<SecretsStore>, ApiError> {
    now.get::<SecretsStore>(account, id).ok_or(ApiError::NotFound("store not found".into()))
}

/// `GET /secrets_store/stores`.
async fn list(caller: Caller, params: Params) -> Response {
    let mut stores: Vec<&Arc<SecretsStore>> =
        caller.configuration().of::<SecretsStore>(caller.account()).collect();
    let order = params.get("order").unwrap_or("created");
    let ascending = params.get("direction") == Some("asc");
    stores.sort_by(|one, other| {
        let ordering = match order {
            "name" => one.name.cmp(&other.name),
            "modified" => one.modified.cmp(&other.modified),
            _ => one.created.cmp(&other.created),
        };
        let ordering = ordering.then_with(|| one.id.cmp(&other.id));
        if ascending { ordering } else { ordering.reverse() }
    });
    Paging::read(&params).answer(&stores, |store| SecretsStore::clone(store))
}

/// `GET /secrets_store/stores/{store_id}`.
async fn get(caller: Caller, Id(id): Id) -> Result<Response, ApiError> {
    Ok(envelope::object(&**find(caller.configuration(), caller.account(), &id)?))
}

#[derive(Deserialize)]
struct NewStore {
    name: String,
}

/// `POST /secrets_store/stores`.
async fn create(
    State(api): State<Arc<Api>>,
    caller: Caller,
    body: Json<NewStore>,
) -> Result<Response, ApiError> {
    let at = Timestamp::now();
    let store = SecretsStore {
        id: fresh_id(),
        account_id: caller.account().clone(),
        name: body.value.name,
        created: at,
        modified: at,
    };
    caller
        .change(&api, |now, changes| {
            let mut stores = now.of::<SecretsStore>(caller.account());
            if stores.any(|other| other.name == store.name) {
                let text = format!("a store named {} already exists", store.name);
                return Err(ApiError::body("name", text));
            }
            changes.put(store.clone());
            Ok(())
        })
        .await?;
    Ok(envelope::noted(&store, body.ignored))
}

/// `DELETE /secrets_store/stores/{store_id}`. Not even by force goes what a gateway needs.
async fn delete(
    State(api): State<Arc<Api>>,
    caller: Caller,
    params: Params,
    Id(id): Id,
) -> Result<Response, ApiError> {
    let account = caller.account();
    let force = params.flag("force").unwrap_or(false);
    let gone = caller
        .change(&api, |now, changes| {
            let store = find(now, account, &id)?;
            let inside = now.of::<StoredSecret>(account).filter(|s| s.store_id == store.id);
            let secrets: Vec<_> = inside.collect();
            if !secrets.is_empty() && !force {
                let count = secrets.len();
                let text =
                    format!("the store holds {count} secrets: add force=true to delete them");
                return Err(ApiError::InUse(text.into()));
            }
            let mut gateways = now.of::<Gateway>(account);
            if let Some(gateway) = gateways.find(|g| g.settings.store_id.as_deref() == Some(&id)) {
                let text = format!("gateway {} keeps its provider keys in this store", gateway.id);
                return Err(ApiError::input(&["path", "store_id"], text));
            }
            for secret in secrets {
                refuse_used(now, secret, &["path", "store_id"])?;
                changes.delete(&**secret);
            }
            changes.delete(&**store);
            Ok(Arc::clone(store))
        })
        .await?;
    Ok(envelope::object(&*gone))
}
