//! Stored provider keys of a gateway (spec: management-api 6, data-plane 2.5).

mod create;
mod form;
mod material;
mod origin;
mod test;
mod view;

use std::cmp::Reverse;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use axum::routing::MethodFilter;
use weir_core::config::Configuration;
use weir_core::secrets::{ProviderConfig, StoredSecret};
use weir_core::{Gateway, Permission};

use self::form::{CONFIG, ROTATE, Rotation};
use self::material::Brought;
use self::view::View;
use super::gateways::later_than;
use crate::body::Json;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::operation::{Answer, Operation, PAGE, per_page};
use crate::path::{Id, InGateway};
use crate::query::{Paging, Params};
use crate::routes::Table;
use crate::{Api, envelope};

const LIST: Operation = Operation {
    id: "listProviderConfigs",
    summary: "List stored provider keys, newest first, masked",
    query: &[PAGE, per_page(1, 100)],
    body: None,
    answer: Answer::List(CONFIG),
};
const PUT: Operation = Operation {
    id: "rotateProviderConfig",
    summary: "Replace a stored key at once, or change its limit and its place in a pool",
    query: &[],
    body: Some(ROTATE),
    answer: Answer::Result(CONFIG),
};
const DELETE: Operation = Operation {
    id: "deleteProviderConfig",
    summary: "Remove a stored key, and its secret when it was made with it",
    body: None,
    ..PUT
};

pub(crate) fn routes(table: Table) -> Table {
    const ALL: &str = "/accounts/{account_id}/ai-gateway/gateways/{gateway_id}/provider_configs";
    const ONE: &str =
        "/accounts/{account_id}/ai-gateway/gateways/{gateway_id}/provider_configs/{id}";
    const TEST: &str =
        "/accounts/{account_id}/ai-gateway/gateways/{gateway_id}/provider_configs/{id}/test";
    table
        .route(MethodFilter::GET, ALL, Permission::Read, &LIST, list)
        .route(MethodFilter::POST, ALL, Permission::SecretsWrite, &create::POST, create::create)
        .route(MethodFilter::PUT, ONE, Permission::SecretsWrite, &PUT, rotate)
        .route(MethodFilter::DELETE, ONE, Permission::SecretsWrite, &DELETE, delete)
        .route(MethodFilter::POST, TEST, Permission::SecretsWrite, &test::POST, test::test)
}

fn find<'a>(
    now: &'a Configuration,
    gateway: &Gateway,
    id: &str,
) -> Result<&'a Arc<ProviderConfig>, ApiError> {
    now.in_gateway(gateway, id).ok_or(ApiError::NotFound("provider config not found".into()))
}

/// Refuses a token for some gateways to touch a secret that is not of them alone: it would reach
/// into other gateways by way of it.
pub(super) fn refuse_reach(
    now: &Configuration,
    caller: &Caller,
    gateway: &Gateway,
    secret_id: &str,
) -> Result<(), ApiError> {
    if caller.token.gateways.is_none() {
        return Ok(());
    }
    let mut of_secret = now
        .of::<ProviderConfig>(&gateway.account_id)
        .filter(|config| &*config.secret_id == secret_id)
        .peekable();
    let is_own = of_secret.peek().is_some()
        && of_secret.all(|config| caller.token.opens(config.gateway_id.as_str()));
    if is_own { Ok(()) } else { Err(ApiError::OtherGateways) }
}

/// `GET .../provider_configs`.
async fn list(
    State(api): State<Arc<Api>>,
    caller: Caller,
    params: Params,
    InGateway(gateway): InGateway,
) -> Response {
    let now = caller.configuration();
    let mut configs: Vec<&Arc<ProviderConfig>> = now.of_gateway(&gateway).collect();
    configs.sort_unstable_by_key(|config| (Reverse(config.created_at), &config.id));
    Paging::read(&params).answer(&configs, |config| {
        View::of(&api, config, now.get::<StoredSecret>(&config.account_id, &config.secret_id))
    })
}

/// `PUT .../provider_configs/{id}`. The secret gets a new value, for all that use it.
async fn rotate(
    State(api): State<Arc<Api>>,
    caller: Caller,
    InGateway(gateway): InGateway,
    Id(id): Id,
    Json { value: body, ignored }: Json<Rotation>,
) -> Result<Response, ApiError> {
    let config = find(caller.configuration(), &gateway, &id)?;
    let brought = match body.material()? {
        Some(material) => {
            Some(Brought::seal(&api, &caller, Arc::clone(&config.secret_id), material).await?)
        }
        None => None,
    };
    let (config, secret) = caller
        .change(&api, |now, changes| {
            let present = find(now, &gateway, &id)?;
            // What was sealed for one secret opens for no other.
            if present.secret_id != config.secret_id {
                let text = "this configuration was just given another secret: look at it again";
                return Err(ApiError::body("secret", text));
            }
            // It cannot be deleted before the configuration.
            let secret = now.get::<StoredSecret>(&present.account_id, &present.secret_id);
            let missing = || ApiError::Internal("a provider config names no secret".into());
            let mut secret = StoredSecret::clone(secret.ok_or_else(missing)?);
            let mut config = ProviderConfig::clone(present);
            body.apply_to(&mut config);
            if let Some(brought) = &brought {
                refuse_reach(now, &caller, &gateway, &present.secret_id)?;
                brought.fill(&mut secret);
                secret.modified = later_than(secret.modified);
                changes.put(secret.clone());
            }
            // A new key is for where its provider is now; an old one stays where it was.
            let is_for = (&present.account_id, present.provider_slug.as_str());
            match (&body.origin, &brought) {
                (Some(wish), Some(_)) => {
                    config.origin = origin::of_key(now, is_for.0, is_for.1, wish.as_deref())?;
                }
                (Some(_), None) => {
                    let text = "origin changes with the key alone: give secret, too";
                    return Err(ApiError::body("origin", text));
                }
                (None, Some(_)) => {
                    let kept = present.origin.as_deref().filter(|_| origin::is_chosen(is_for.1));
                    config.origin = origin::of_key(now, is_for.0, is_for.1, kept)?;
                }
                (None, None) => {}
            }
            config.modified_at = later_than(present.modified_at);
            changes.put(config.clone());
            Ok((config, Arc::new(secret)))
        })
        .await?;
    Ok(envelope::noted(&View::of(&api, &config, Some(&secret)), ignored))
}

/// `DELETE .../provider_configs/{id}`.
async fn delete(
    State(api): State<Arc<Api>>,
    caller: Caller,
    InGateway(gateway): InGateway,
    Id(id): Id,
) -> Result<Response, ApiError> {
    let (config, secret) = caller
        .change(&api, |now, changes| {
            let config = find(now, &gateway, &id)?;
            let secret = now.get::<StoredSecret>(&config.account_id, &config.secret_id).cloned();
            changes.delete_provider_configs(now, &[Arc::clone(config)]);
            Ok((Arc::clone(config), secret))
        })
        .await?;
    Ok(envelope::object(&View::of(&api, &config, secret.as_ref())))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use weir_core::Permission;
    use weir_core::audit::Actor;

    use super::*;
    use crate::tests::{TestApi, secret, token};

    #[tokio::test]
    async fn a_key_sealed_for_one_secret_never_lands_in_another() {
        const CONFIGS: &str = "/client/v4/accounts/acc1/ai-gateway/gateways/shop/provider_configs";
        let test = TestApi::new();
        let mut made = Vec::new();
        for alias in ["a", "b"] {
            let body = json!({"provider_slug": "openai", "alias": alias, "default_config": false,
                              "secret": "sk-0123456789"});
            made.push(test.post(CONFIGS, &body).await.ok()["result"].clone());
        }
        let (api, account) = (test.api(), "acc1".into());
        let snapshot = api.configuration.snapshot();
        let gateway = Arc::clone(snapshot.gateway("acc1", "shop").unwrap());
        let token = Arc::new(token(&secret(Permission::All), Permission::All));
        let caller = Caller { token, snapshot, peer: None };
        // The command line gives the configuration another secret while the call is under way.
        let id = made[0]["id"].as_str().unwrap();
        let edit = |now: &Configuration, changes: &mut weir_core::config::Changes| {
            let present = now.get::<ProviderConfig>(&account, id).unwrap();
            let secret_id = made[1]["secret_id"].as_str().unwrap().into();
            changes.put(ProviderConfig { secret_id, ..ProviderConfig::clone(present) });
            Ok::<_, std::convert::Infallible>(())
        };
        api.configuration.change(&Actor::system("test"), edit).await.unwrap();
        let value = serde_json::from_value(json!({"secret": "sk-another-0123456789"})).unwrap();
        let body = Json { value, ignored: Vec::new() };
        let answer = rotate(State(api), caller, InGateway(gateway), Id(id.to_owned()), body).await;
        assert!(matches!(answer, Err(ApiError::Input(_))));
    }
}
