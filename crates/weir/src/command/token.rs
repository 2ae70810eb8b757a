//! `weir token`: API tokens, made, listed and revoked in the configuration store. A running gateway
//! notices within a second.

use std::time::Duration;

use anyhow::{Context, bail};
use clap::Subcommand;
use weir_core::config::{Changes, Configuration};
use weir_core::{AccountId, ApiToken, GatewayId, LiveConfiguration, Permission, Timestamp};

use super::say;
use crate::bootstrap;
use crate::cli::ConfigSource;
use crate::config::Config;

#[derive(Subcommand)]
pub(crate) enum TokenCommand {
    /// Make a token and print it, once.
    Create {
        /// Name for people.
        #[arg(long)]
        name: String,
        /// What it allows, comma-separated: run, read, metadata-read, write, secrets-store-read,
        /// secrets-store-write, account-analytics-read, workers-ai-read, or * for everything.
        #[arg(long, default_value = "run", value_delimiter = ',')]
        permissions: Vec<String>,
        /// Account it opens; the configured one by default.
        #[arg(long)]
        account: Option<String>,
        /// Days until it expires; never by default.
        #[arg(long, value_name = "DAYS")]
        expires_in_days: Option<u32>,
    },
    /// List all tokens, without the tokens themselves.
    List,
    /// Make a token useless from now on.
    Revoke {
        /// Its id, as listed.
        id: String,
    },
}

pub(crate) fn run(source: &ConfigSource, command: &TokenCommand) -> anyhow::Result<()> {
    super::block_on(async {
        let (config, live) = super::installation(source).await?;
        match command {
            TokenCommand::Create { name, permissions, account, expires_in_days } => {
                let permissions = parse_permissions(permissions)?;
                let account = account.as_deref().unwrap_or(&config.bootstrap.account_id);
                let life =
                    expires_in_days.map(|days| Duration::from_secs(u64::from(days) * 86_400));
                create(&live, name, account.into(), permissions, life).await
            }
            TokenCommand::List => {
                list(&live);
                Ok(())
            }
            TokenCommand::Revoke { id } => revoke(&live, id, &config).await,
        }
    })?
}

fn parse_permissions(names: &[String]) -> anyhow::Result<Vec<Permission>> {
    let parse = |name: &String| {
        Permission::parse(name.trim()).with_context(|| {
            let known = Permission::EVERY.map(Permission::name).join(", ");
            format!("there is no permission '{name}'; there are: {known}")
        })
    };
    names.iter().map(parse).collect()
}

async fn create(
    live: &LiveConfiguration,
    name: &str,
    account: AccountId,
    permissions: Vec<Permission>,
    life: Option<Duration>,
) -> anyhow::Result<()> {
    let secret = bootstrap::random_secret();
    let token = bootstrap::token(name, account, &secret, permissions, life);
    let edit = |_: &Configuration, changes: &mut Changes| {
        changes.put(token.clone());
        Ok::<(), anyhow::Error>(())
    };
    super::change(live, "token create", edit).await?;
    say(&format!("id       {}", token.id));
    say(&format!("account  {}", token.account_id));
    say(&format!("token    {secret}"));
    say("The token is not stored and cannot be shown again.");
    Ok(())
}

fn list(live: &LiveConfiguration) {
    let snapshot = live.snapshot();
    let mut tokens: Vec<_> = snapshot.configuration().tokens.iter().collect();
    tokens.sort_by_key(|token| token.created_at);
    if tokens.is_empty() {
        say("no tokens");
    }
    for token in tokens {
        let permissions: Vec<_> = token.permissions.iter().map(|held| held.name()).collect();
        let gateways = match &token.gateways {
            Some(gateways) => {
                let names: Vec<_> = gateways.iter().map(GatewayId::as_str).collect();
                format!("  gateways {}", names.join(", "))
            }
            None => String::new(),
        };
        say(&format!(
            "{}  {}  account {}{gateways}  {}  [{}]",
            token.id,
            state(token),
            token.account_id,
            token.name,
            permissions.join(", ")
        ));
    }
}

fn state(token: &ApiToken) -> &'static str {
    let now = Timestamp::now();
    if token.revoked_at.is_some() {
        "revoked "
    } else if token.is_live(now) {
        "active  "
    } else if token.disabled {
        "disabled"
    } else if token.not_before.is_some_and(|at| now < at) {
        "pending "
    } else {
        "expired "
    }
}

async fn revoke(live: &LiveConfiguration, id: &str, config: &Config) -> anyhow::Result<()> {
    let edit = |now: &Configuration, changes: &mut Changes| {
        let Some(token) = now.tokens.iter().find(|token| *token.id == *id) else {
            let place = config.data_dir.display();
            bail!("there is no token {id} in {place}; see `weir token list`");
        };
        if token.revoked_at.is_none() {
            let revoked_at = Some(Timestamp::now());
            changes.put(ApiToken { revoked_at, ..(**token).clone() });
        }
        Ok(())
    };
    super::change(live, "token revoke", edit).await?;
    say(&format!("revoked {id}"));
    Ok(())
}
