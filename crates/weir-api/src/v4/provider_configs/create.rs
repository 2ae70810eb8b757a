//! Storing a key.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use uuid::Uuid;
use weir_core::config::{Changes, Configuration};
use weir_core::secrets::{ProviderConfig, SecretsStore, StoredSecret};
use weir_core::vault::Sealed;
use weir_core::{AccountId, CustomProvider, Gateway, Timestamp, text};
use weir_llm::catalogue;

use super::form::{CONFIG, CREATE, Material, NewConfig};
use super::material::Brought;
use super::origin;
use super::view::View;
use crate::body::Json;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::operation::{Answer, Operation};
use crate::path::{InGateway, present_gateway};
use crate::v4::gateways::later_than;
use crate::v4::secrets_store::{GATEWAY_SCOPE, default_store, fresh_id, named, refuse_above_quota};
use crate::{Api, envelope};

pub(super) const POST: Operation = Operation {
    id: "createProviderConfig",
    summary: "Store a provider key, or point to a stored secret",
    query: &[],
    body: Some(CREATE),
    answer: Answer::Result(CONFIG),
};

/// `POST .../provider_configs`.
pub(super) async fn create(
    State(api): State<Arc<Api>>,
    caller: Caller,
    InGateway(gateway): InGateway,
    Json { value: body, mut ignored }: Json<NewConfig>,
) -> Result<Response, ApiError> {
    let material = Material::of(body.secret.as_ref(), body.secret_ref.as_deref())?;
    let brought = match (material, &body.secret_id) {
        (Some(material), None) => Some(Brought::seal(&api, &caller, fresh_id(), material).await?),
        (None, Some(_)) => None,
        (Some(_), Some(_)) => {
            let text = "a key and secret_id exclude each other: give one of them";
            return Err(ApiError::body("secret_id", text));
        }
        (None, None) => {
            let text = "secret, secret_ref or secret_id is required";
            return Err(ApiError::body("secret", text));
        }
    };
    let (config, secret) = caller
        .change(&api, |now, changes| {
            let gateway = present_gateway(now, &gateway)?;
            check_provider(now, caller.account(), &body.provider_slug)?;
            let of_provider: Vec<&Arc<ProviderConfig>> = now
                .of_gateway::<ProviderConfig>(gateway)
                .filter(|config| config.provider_slug == body.provider_slug)
                .collect();
            if of_provider.iter().any(|config| config.alias == body.alias) {
                let text = format!(
                    "a provider config for {} with alias {} already exists",
                    body.provider_slug, body.alias
                );
                return Err(ApiError::body("alias", text));
            }
            let (account, wish) = (caller.account(), body.origin.as_deref());
            let origin = origin::of_key(now, account, &body.provider_slug, wish)?;
            let secret = match &brought {
                Some(brought) => store_key(now, changes, gateway, &body, brought)?,
                None => {
                    let id = body.secret_id.as_deref().unwrap_or_default();
                    super::refuse_reach(now, &caller, gateway, id)?;
                    let place = (body.provider_slug.as_str(), origin.as_deref());
                    origin::refuse_other(now, account, id, place)?;
                    existing(now, account, &body)?
                }
            };
            if body.default_config {
                // The newest takes the flag: a call that names no alias must mean one key.
                for former in of_provider.into_iter().filter(|config| config.default_config) {
                    changes.put(ProviderConfig {
                        default_config: false,
                        modified_at: later_than(former.modified_at),
                        ..ProviderConfig::clone(former)
                    });
                }
            }
            let at = Timestamp::now();
            let (rate_limit, rate_limit_period) = body.limit();
            let config = ProviderConfig {
                id: Uuid::new_v4().to_string().into(),
                account_id: gateway.account_id.clone(),
                gateway_id: gateway.id.clone(),
                provider_slug: body.provider_slug.clone(),
                alias: body.alias.clone(),
                default_config: body.default_config,
                secret_id: Arc::clone(&secret.id),
                owns_secret: brought.is_some(),
                rate_limit,
                rate_limit_period,
                pool: body.pool.clone(),
                weight: body.weight,
                origin,
                created_at: at,
                modified_at: at,
            };
            changes.put(config.clone());
            Ok((config, secret))
        })
        .await?;
    let name = body.secret_name(gateway.id.as_str());
    if secret.name != name {
        ignored.push(format!("secret {} is not named {name}, as others would be", secret.name));
    }
    Ok(envelope::noted(&View::of(&api, &config, Some(&secret)), ignored))
}

/// Refuses a provider that does not exist, and names the one that was meant.
fn check_provider(now: &Configuration, account: &AccountId, slug: &str) -> Result<(), ApiError> {
    let nearest = match slug.strip_prefix("custom-") {
        Some(custom) => {
            let mut own = now.of::<CustomProvider>(account).map(|own| own.slug.as_str());
            if own.any(|known| known == custom) {
                return Ok(());
            }
            let own = now.of::<CustomProvider>(account).map(|own| own.slug.as_str());
            text::nearest(custom, own).map(|near| format!("custom-{near}"))
        }
        None if catalogue::all().iter().any(|row| row.slug == slug) => return Ok(()),
        None => catalogue::nearest(slug).map(ToOwned::to_owned),
    };
    let text = match nearest {
        Some(nearest) => format!("there is no provider {slug}; {nearest} is known"),
        None => format!("there is no provider {slug}"),
    };
    Err(ApiError::body("provider_slug", text))
}

/// The secret that a body points to.
fn existing(
    now: &Configuration,
    account: &AccountId,
    body: &NewConfig,
) -> Result<Arc<StoredSecret>, ApiError> {
    let id = body.secret_id.as_deref().unwrap_or_default();
    let Some(secret) = now.get::<StoredSecret>(account, id) else {
        return Err(ApiError::body("secret_id", format!("secret {id} was not found")));
    };
    if !secret.scopes.iter().any(|scope| scope == GATEWAY_SCOPE) {
        let text = format!(
            "secret {id} was not found among those with the scope {GATEWAY_SCOPE}: add the scope"
        );
        return Err(ApiError::body("secret_id", text));
    }
    Ok(Arc::clone(secret))
}

/// Puts a key that came with the call into the gateway's store, or into the account's default one.
fn store_key(
    now: &Configuration,
    changes: &mut Changes,
    gateway: &Gateway,
    body: &NewConfig,
    brought: &Brought,
) -> Result<Arc<StoredSecret>, ApiError> {
    let account = &gateway.account_id;
    let store_id = match gateway.settings.store_id.as_deref() {
        None => default_store(now, changes, account),
        Some(id) => {
            let found = now.get::<SecretsStore>(account, id).map(|store| Arc::clone(&store.id));
            let text = || format!("secrets store {id} of the gateway was not found");
            found.ok_or_else(|| ApiError::body("secret", text()))?
        }
    };
    refuse_above_quota(now, account, 1)?;
    let name = body.secret_name(gateway.id.as_str());
    if let Some(taken) = named(now, account, &store_id, &name) {
        let text = format!("a secret named {name} already exists: use secret_id {}", taken.id);
        return Err(ApiError::body("secret", text));
    }
    let at = Timestamp::now();
    let mut secret = StoredSecret {
        id: Arc::clone(&brought.id),
        account_id: account.clone(),
        store_id,
        name,
        scopes: vec![GATEWAY_SCOPE.to_owned()],
        comment: None,
        sealed: Sealed(Vec::new()),
        preview: String::new(),
        reference: None,
        created: at,
        modified: at,
    };
    brought.fill(&mut secret);
    changes.put(secret.clone());
    Ok(Arc::new(secret))
}
