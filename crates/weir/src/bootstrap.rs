//! What a store holds after its first start: account, gateways, tokens, custom providers. Created
//! when absent, never overwritten.

use std::convert::Infallible;
use std::time::Duration;

use rand::RngCore;
use uuid::Uuid;
use weir_core::audit::Actor;
use weir_core::config::{Changes, Configuration};
use weir_core::gateway::Hidden;
use weir_core::live::{ChangeError, LiveConfiguration};
use weir_core::{AccountId, ApiToken, CustomProvider, Gateway, Permission, Timestamp, TokenHash};

use crate::config::{Bootstrap, BootstrapCustomProvider, BootstrapToken};

/// Name of the token of a simulated run.
const SIMULATION: &str = "simulation";

/// Creates what the settings name and the configuration lacks.
pub(crate) async fn apply(bootstrap: &Bootstrap, live: &LiveConfiguration) -> anyhow::Result<()> {
    let mut gateways = Vec::new();
    for entry in &bootstrap.gateways {
        gateways.push(entry.parts().map_err(anyhow::Error::msg)?);
    }
    change(live, |present, changes| {
        let now = Timestamp::now();
        let own = |account: Option<&str>| AccountId::from(account.unwrap_or(&bootstrap.account_id));
        for (account, id, settings) in &gateways {
            let account = own(account.as_deref());
            if present.get::<Gateway>(&account, id).is_none() {
                let made = Gateway::with_defaults(account, id.as_str().into(), now);
                changes.put(Gateway { settings: settings.clone(), ..made });
            }
        }
        for entry in &bootstrap.custom_providers {
            let account = own(entry.account_id.as_deref());
            let is_there =
                present.of::<CustomProvider>(&account).any(|provider| provider.slug == entry.slug);
            if !is_there {
                changes.put(custom_provider(entry, account, now));
            }
        }
        for entry in &bootstrap.tokens {
            let hash = TokenHash::of(entry.secret.0.expose().as_bytes());
            if !present.tokens.iter().any(|token| token.hash == hash) {
                changes.put(bootstrap_token(entry, own(entry.account_id.as_deref())));
            }
        }
    })
    .await
}

fn custom_provider(
    entry: &BootstrapCustomProvider,
    account_id: AccountId,
    now: Timestamp,
) -> CustomProvider {
    CustomProvider {
        id: Uuid::new_v4().to_string().into(),
        account_id,
        name: entry.name.clone().unwrap_or_else(|| entry.slug.clone()),
        slug: entry.slug.clone(),
        base_url: entry.base_url.clone(),
        enable: entry.enable,
        headers: entry
            .headers
            .iter()
            .map(|(name, value)| (name.clone(), Hidden(value.0.expose().clone())))
            .collect(),
        beta: false,
        position: 0,
        description: None,
        link: None,
        logo: None,
        curl_example: None,
        js_example: None,
        created_at: now,
        modified_at: now,
    }
}

/// The token that an entry of the settings says.
pub(crate) fn bootstrap_token(entry: &BootstrapToken, account: AccountId) -> ApiToken {
    let permissions = entry.permissions.iter().filter_map(|name| Permission::parse(name));
    let token = token(&entry.name, account, entry.secret.0.expose(), permissions.collect(), None);
    entry.scope.of(token)
}

/// A token when there is none that lives: without one nobody could call.
pub(crate) async fn first_token(
    bootstrap: &Bootstrap,
    live: &LiveConfiguration,
) -> anyhow::Result<Option<String>> {
    let secret = random_secret();
    let account = AccountId::from(bootstrap.account_id.as_str());
    let first = token("first", account, &secret, vec![Permission::All], None);
    let mut made = false;
    change(live, |present, changes| {
        let now = Timestamp::now();
        let usable = |token: &ApiToken| token.is_live(now) && token.name != SIMULATION;
        made = !present.tokens.iter().any(|token| usable(token));
        if made {
            changes.put(first.clone());
        }
    })
    .await?;
    Ok(made.then_some(secret))
}

/// Makes a token for a simulated run, in place of the one of the run before: its secret is printed
/// at every start, so it should not outlive the day.
pub(crate) async fn simulation_token(
    bootstrap: &Bootstrap,
    live: &LiveConfiguration,
) -> anyhow::Result<String> {
    let secret = random_secret();
    let account = AccountId::from(bootstrap.account_id.as_str());
    let day = Some(Duration::from_secs(86_400));
    let fresh = token(SIMULATION, account, &secret, vec![Permission::All], day);
    change(live, |present, changes| {
        let now = Timestamp::now();
        for former in present.tokens.iter() {
            if former.name == SIMULATION && former.is_live(now) {
                changes.put(ApiToken { revoked_at: Some(now), ..(**former).clone() });
            }
        }
        changes.put(fresh.clone());
    })
    .await?;
    Ok(secret)
}

/// A change that never says no, in the name of this part.
async fn change(
    live: &LiveConfiguration,
    mut edit: impl FnMut(&Configuration, &mut Changes),
) -> anyhow::Result<()> {
    let edit = |present: &Configuration, changes: &mut Changes| {
        edit(present, changes);
        Ok::<(), Infallible>(())
    };
    match live.change(&Actor::system("bootstrap"), edit).await {
        Ok(()) => Ok(()),
        Err(ChangeError::Refused(never)) => match never {},
        Err(ChangeError::Store(error)) => Err(error.into()),
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
        gateways: None,
        models: None,
        ip_allow: Vec::new(),
        budgets: Vec::new(),
        disabled: false,
        not_before: None,
        created_at,
        expires_at: life
            .map(|life| Timestamp::from_millis(created_at.as_millis().saturating_add(life))),
        modified_at: None,
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
