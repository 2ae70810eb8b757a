//! What a store holds after its first start: account, gateways, tokens, custom providers. Created
//! when absent, never overwritten.

use std::time::Duration;

use anyhow::Context;
use rand::RngCore;
use uuid::Uuid;
use weir_core::gateway::Hidden;
use weir_core::store::{ConfigStore, StoreError};
use weir_core::{AccountId, ApiToken, CustomProvider, Gateway, Permission, Timestamp, TokenHash};

use crate::config::Bootstrap;

/// Name of the token of a simulated run.
const SIMULATION: &str = "simulation";

/// Creates what the configuration names and the store lacks.
pub(crate) async fn apply(bootstrap: &Bootstrap, store: &dyn ConfigStore) -> anyhow::Result<()> {
    let now = Timestamp::now();
    let main = &bootstrap.account_id;
    for entry in &bootstrap.gateways {
        let (account, id, settings) = entry.parts().map_err(anyhow::Error::msg)?;
        let account = AccountId::from(account.unwrap_or_else(|| main.clone()));
        let gateway =
            Gateway { settings, ..Gateway::with_defaults(account, id.as_str().into(), now) };
        absent_only(store.create_gateway(&gateway).await)
            .with_context(|| format!("cannot create gateway {id}"))?;
    }
    for entry in &bootstrap.custom_providers {
        let account = entry.account_id.as_deref().unwrap_or(main);
        let headers = entry
            .headers
            .iter()
            .map(|(name, value)| (name.clone(), Hidden(value.0.expose().clone())))
            .collect();
        let provider = CustomProvider {
            id: Uuid::new_v4().to_string().into(),
            account_id: account.into(),
            name: entry.name.clone().unwrap_or_else(|| entry.slug.clone()),
            slug: entry.slug.clone(),
            base_url: entry.base_url.clone(),
            enable: entry.enable,
            headers,
            created_at: now,
            modified_at: now,
        };
        absent_only(store.create_custom_provider(&provider).await)
            .with_context(|| format!("cannot create custom provider {}", entry.slug))?;
    }
    for entry in &bootstrap.tokens {
        let permissions = entry.permissions.iter().filter_map(|name| Permission::parse(name));
        let account = entry.account_id.as_deref().unwrap_or(main).into();
        let secret = entry.secret.0.expose();
        let token = token(&entry.name, account, secret, permissions.collect(), None);
        absent_only(store.create_token(&token).await)
            .with_context(|| format!("cannot create token {}", entry.name))?;
    }
    Ok(())
}

/// A token when the store has none that lives: without one nobody could call.
pub(crate) async fn first_token(
    bootstrap: &Bootstrap,
    store: &dyn ConfigStore,
) -> anyhow::Result<Option<String>> {
    let now = Timestamp::now();
    let tokens = store.load().await?.tokens;
    if tokens.iter().any(|token| token.is_live(now) && token.name != SIMULATION) {
        return Ok(None);
    }
    let secret = random_secret();
    let account = bootstrap.account_id.as_str().into();
    store.create_token(&token("first", account, &secret, vec![Permission::All], None)).await?;
    Ok(Some(secret))
}

/// Makes a token for a simulated run, in place of the one of the run before: its secret is printed
/// at every start, so it should not outlive the day.
pub(crate) async fn simulation_token(
    bootstrap: &Bootstrap,
    store: &dyn ConfigStore,
) -> anyhow::Result<String> {
    let now = Timestamp::now();
    let former = store.load().await?.tokens;
    for token in former.iter().filter(|token| token.name == SIMULATION && token.is_live(now)) {
        store.revoke_token(&token.id, now).await?;
    }
    let secret = random_secret();
    let account = bootstrap.account_id.as_str().into();
    let day = Some(Duration::from_secs(86_400));
    store.create_token(&token(SIMULATION, account, &secret, vec![Permission::All], day)).await?;
    Ok(secret)
}

fn absent_only(result: Result<(), StoreError>) -> Result<(), StoreError> {
    match result {
        Err(StoreError::AlreadyExists(_)) => Ok(()),
        other => other,
    }
}

/// A token record for a secret.
pub(crate) fn token(
    name: &str,
    account_id: AccountId,
    secret: &str,
    permissions: Vec<Permission>,
    life: Option<Duration>,
) -> ApiToken {
    let created_at = Timestamp::now();
    let life = life.map(|life| i64::try_from(life.as_millis()).unwrap_or(i64::MAX));
    ApiToken {
        id: Uuid::new_v4().to_string().into(),
        account_id,
        name: name.to_owned(),
        hash: TokenHash::of(secret.as_bytes()),
        length: u16::try_from(secret.len()).unwrap_or(u16::MAX),
        permissions,
        created_at,
        expires_at: life
            .map(|life| Timestamp::from_millis(created_at.as_millis().saturating_add(life))),
        revoked_at: None,
    }
}

/// A token secret: 256 random bits behind a prefix that secret scanners can recognise.
pub(crate) fn random_secret() -> String {
    let mut bytes = [0_u8; 32];
    rand::rng().fill_bytes(&mut bytes);
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("weir_{hex}")
}
