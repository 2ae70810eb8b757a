//! `weir token`: API tokens, made, listed and revoked in the configuration store. A running gateway
//! notices within a second.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::Subcommand;
use weir_core::store::{ConfigStore, StoreError};
use weir_core::{AccountId, ApiToken, Permission, Timestamp};

use super::say;
use crate::bootstrap;
use crate::cli::ConfigSource;
use crate::config::{self, Config, Environment};

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
    let config = config::load(source.config.as_deref(), &Environment::of_process()).into_valid()?;
    super::block_on(async {
        let store = weir_store::open_config(&config.data_dir)
            .with_context(|| format!("cannot open {}", config.data_dir.display()))?;
        match command {
            TokenCommand::Create { name, permissions, account, expires_in_days } => {
                let permissions = parse_permissions(permissions)?;
                let account = account.as_deref().unwrap_or(&config.bootstrap.account_id);
                let life =
                    expires_in_days.map(|days| Duration::from_secs(u64::from(days) * 86_400));
                create(&*store, name, account.into(), permissions, life).await
            }
            TokenCommand::List => list(&store).await,
            TokenCommand::Revoke { id } => revoke(&store, id, &config).await,
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
    store: &dyn ConfigStore,
    name: &str,
    account: AccountId,
    permissions: Vec<Permission>,
    life: Option<Duration>,
) -> anyhow::Result<()> {
    let secret = bootstrap::random_secret();
    let token = bootstrap::token(name, account, &secret, permissions, life);
    store.create_token(&token).await?;
    say(&format!("id       {}", token.id));
    say(&format!("account  {}", token.account_id));
    say(&format!("token    {secret}"));
    say("The token is not stored and cannot be shown again.");
    Ok(())
}

async fn list(store: &Arc<dyn ConfigStore>) -> anyhow::Result<()> {
    let mut tokens = store.load().await?.tokens;
    tokens.sort_by_key(|token| token.created_at);
    if tokens.is_empty() {
        say("no tokens");
    }
    for token in tokens {
        let permissions: Vec<_> = token.permissions.iter().map(|held| held.name()).collect();
        say(&format!(
            "{}  {}  account {}  {}  [{}]",
            token.id,
            state(&token),
            token.account_id,
            token.name,
            permissions.join(", ")
        ));
    }
    Ok(())
}

fn state(token: &ApiToken) -> &'static str {
    if token.revoked_at.is_some() {
        "revoked"
    } else if token.is_live(Timestamp::now()) {
        "active "
    } else {
        "expired"
    }
}

async fn revoke(store: &Arc<dyn ConfigStore>, id: &str, config: &Config) -> anyhow::Result<()> {
    match store.revoke_token(id, Timestamp::now()).await {
        Ok(()) => {
            say(&format!("revoked {id}"));
            Ok(())
        }
        Err(StoreError::NotFound(_)) => {
            bail!("there is no token {id} in {}; see `weir token list`", config.data_dir.display())
        }
        Err(error) => Err(error.into()),
    }
}
