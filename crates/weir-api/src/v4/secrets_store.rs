//! The secrets store (spec: management-api 6): named stores, and secrets whose values go in and
//! never come out.

mod form;
mod secrets;
mod stores;
mod value;

use std::sync::Arc;

use axum::response::Response;
use axum::routing::MethodFilter;
use serde_json::json;
use uuid::Uuid;
use weir_core::config::{Changes, Configuration};
use weir_core::secrets::{ProviderConfig, SecretsStore, StoredSecret};
use weir_core::{AccountId, Permission, Timestamp};

pub(super) use self::form::VALUE;
pub(super) use self::value::{Value, permitted, seal};
use crate::caller::Caller;
use crate::envelope;
use crate::error::ApiError;
use crate::operation::{Answer, Operation};
use crate::routes::Table;
use crate::schema::{Field, Schema};

/// What a secret must be permitted for so that gateways may use it.
pub(super) const GATEWAY_SCOPE: &str = "ai_gateway";

/// Secrets that an account may have. They are part of the configuration, which lies in memory.
const QUOTA: usize = 10_000;

/// Name of the store that is made when a gateway names none.
const DEFAULT_STORE: &str = "default_secrets_store";

const GET_QUOTA: Operation = Operation {
    id: "secretsQuota",
    summary: "Show how many secrets there are and may be",
    query: &[],
    body: None,
    answer: Answer::Result(Schema::Object(&[Field::required(
        "secrets",
        Schema::Object(&[
            Field::required("quota", Schema::COUNT, ""),
            Field::required("usage", Schema::COUNT, ""),
        ]),
        "",
    )])),
};

pub(crate) fn routes(table: Table) -> Table {
    const QUOTA: &str = "/accounts/{account_id}/secrets_store/quota";
    let table = table.route(MethodFilter::GET, QUOTA, Permission::SecretsRead, &GET_QUOTA, quota);
    secrets::routes(stores::routes(table))
}

/// `GET /secrets_store/quota`.
async fn quota(caller: Caller) -> Response {
    let usage = caller.configuration().of::<StoredSecret>(caller.account()).count();
    envelope::object(&json!({ "secrets": { "quota": QUOTA, "usage": usage } }))
}

/// An id for a store or a secret.
pub(super) fn fresh_id() -> Arc<str> {
    Uuid::new_v4().simple().to_string().into()
}

/// The account's own store for keys of gateways that name no store; made on first use.
pub(super) fn default_store(
    now: &Configuration,
    changes: &mut Changes,
    account: &AccountId,
) -> Arc<str> {
    let mut stores = now.of::<SecretsStore>(account);
    if let Some(store) = stores.find(|store| store.name == DEFAULT_STORE) {
        return Arc::clone(&store.id);
    }
    let at = Timestamp::now();
    let store = SecretsStore {
        id: fresh_id(),
        account_id: account.clone(),
        name: DEFAULT_STORE.to_owned(),
        created: at,
        modified: at,
    };
    let id = Arc::clone(&store.id);
    changes.put(store);
    id
}

/// The secret of that name in a store.
pub(super) fn named<'a>(
    now: &'a Configuration,
    account: &AccountId,
    store: &str,
    name: &str,
) -> Option<&'a Arc<StoredSecret>> {
    now.of::<StoredSecret>(account).find(|secret| &*secret.store_id == store && secret.name == name)
}

/// Refuses `more` secrets above the quota.
pub(super) fn refuse_above_quota(
    now: &Configuration,
    account: &AccountId,
    more: usize,
) -> Result<(), ApiError> {
    if now.of::<StoredSecret>(account).count() + more > QUOTA {
        let text = format!("an account may have {QUOTA} secrets: delete some first");
        return Err(ApiError::input(&["body"], text));
    }
    Ok(())
}

/// Refuses to take away a secret that a gateway's provider configuration needs. `path` names the
/// input that would.
fn refuse_used(now: &Configuration, secret: &StoredSecret, path: &[&str]) -> Result<(), ApiError> {
    let mut configs = now.of::<ProviderConfig>(&secret.account_id);
    match configs.find(|config| config.secret_id == secret.id) {
        None => Ok(()),
        Some(config) => {
            let text = format!(
                "secret {} is used by gateway {} for {} (provider config {}, alias {}): delete \
                 that first",
                secret.name, config.gateway_id, config.provider_slug, config.id, config.alias
            );
            Err(ApiError::input(path, text))
        }
    }
}
