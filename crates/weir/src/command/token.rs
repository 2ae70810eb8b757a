//! `weir token`: API tokens, made, listed and revoked in the configuration store. A running gateway
//! notices within a second.

mod terms;

use std::time::Duration;

use anyhow::{Context, bail};
use clap::Subcommand;
use weir_core::config::{Changes, Configuration};
use weir_core::{ApiToken, Gateway, GatewayId, LiveConfiguration, Permission, Timestamp};

use super::say;
use crate::bootstrap;
use crate::cli::ConfigSource;
use crate::config::{Config, TokenScope};

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
        #[command(flatten)]
        scope: ScopeOptions,
    },
    /// List all tokens, without the tokens themselves.
    List,
    /// Make a token useless from now on.
    Revoke {
        /// Its id, as listed.
        id: String,
    },
}

/// What a token is limited to.
#[derive(clap::Args)]
pub(crate) struct ScopeOptions {
    /// Gateways it opens, comma-separated; all by default.
    #[arg(long, value_delimiter = ',', value_name = "IDS")]
    gateways: Option<Vec<String>>,
    /// Models it may ask, comma-separated, as author/model with * for any text without a slash; all
    /// by default.
    #[arg(long, value_delimiter = ',', value_name = "MODELS")]
    models: Option<Vec<String>>,
    /// Addresses and networks it may come from, comma-separated; all by default.
    #[arg(long, value_delimiter = ',', value_name = "NETWORKS")]
    ip_allow: Vec<String>,
    /// What it may use: an amount, a unit (dollars, tokens, requests, seconds) and a time (hourly,
    /// daily, weekly, monthly, total, or seconds such as 60s). May stand several times.
    #[arg(long, value_name = "\"25 dollars monthly\"")]
    budget: Vec<String>,
}

impl ScopeOptions {
    fn scope(&self) -> anyhow::Result<TokenScope> {
        let budgets = self.budget.iter().map(|text| terms::parse(text));
        let gateways = self.gateways.as_ref();
        Ok(TokenScope {
            gateways: gateways.map(|ids| ids.iter().map(|id| id.as_str().into()).collect()),
            models: self.models.clone(),
            ip_allow: self.ip_allow.clone(),
            budgets: budgets.collect::<anyhow::Result<_>>()?,
        })
    }
}

pub(crate) fn run(source: &ConfigSource, command: &TokenCommand) -> anyhow::Result<()> {
    super::block_on(async {
        let (config, live) = super::installation(source).await?;
        match command {
            TokenCommand::Create { name, permissions, account, expires_in_days, scope } => {
                let permissions = parse_permissions(permissions)?;
                let account = account.as_deref().unwrap_or(&config.bootstrap.account_id);
                let life =
                    expires_in_days.map(|days| Duration::from_secs(u64::from(days) * 86_400));
                let secret = bootstrap::random_secret();
                let token = bootstrap::token(name, account.into(), &secret, permissions, life);
                create(&live, &scope.scope()?.of(token), &secret).await
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

async fn create(live: &LiveConfiguration, token: &ApiToken, secret: &str) -> anyhow::Result<()> {
    let faults: Vec<String> = token.faults().into_iter().map(|fault| fault.message).collect();
    if !faults.is_empty() {
        bail!("{}", faults.join("; "));
    }
    let edit = |now: &Configuration, changes: &mut Changes| {
        for id in token.gateways.iter().flatten() {
            if now.get::<Gateway>(&token.account_id, id.as_str()).is_none() {
                bail!("there is no gateway {id} in account {}", token.account_id);
            }
        }
        changes.put(token.clone());
        Ok(())
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
