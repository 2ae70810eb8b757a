//! `weir import cloudflare`: the configuration of an account, read where it is now and made here.

use clap::Subcommand;
use weir_core::Secret;

use super::{declared, say};
use crate::cli::ConfigSource;
use crate::declared::{Rehearsal, Vocabulary, observe};
use crate::import::{Remote, clean, leave_out};

#[derive(Subcommand)]
pub(crate) enum ImportCommand {
    /// From Cloudflare AI Gateway, or any other server of its management API.
    Cloudflare {
        /// Account to read.
        #[arg(long, value_name = "ID")]
        account: String,
        /// API token that may read it.
        #[arg(long, env = "CLOUDFLARE_API_TOKEN", hide_env_values = true)]
        token: String,
        /// Where the API is.
        #[arg(long, value_name = "URL", default_value = "https://api.cloudflare.com")]
        api_url: String,
        /// Account to make it in; the configured one by default.
        #[arg(long, value_name = "ID")]
        into: Option<String>,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
    },
}

/// Reads the account, shows what it would change here and what stays behind, and applies it.
pub(crate) fn run(source: &ConfigSource, command: ImportCommand) -> anyhow::Result<()> {
    let ImportCommand::Cloudflare { account, token, api_url, into, yes } = command;
    super::block_on(async {
        let (config, live) = super::installation(source).await?;
        let into = into.unwrap_or_else(|| config.bootstrap.account_id.clone());
        let remote = Remote::new(&api_url, &Secret::new(token))?;
        let snapshot = live.snapshot();
        let options = config.api_options(false);
        let here = Rehearsal::of(snapshot.configuration(), &into.as_str().into(), options).await?;
        let vocabulary = Vocabulary::read(&here.openapi().await?);
        let observed = observe(&remote, &account, &vocabulary, true).await?;
        let (mut document, mut left) = clean(observed);
        let realised = loop {
            match declared::tried(&config, &live, &document, &into, false).await? {
                Ok(realised) => break realised,
                Err(problems) => {
                    if !leave_out(&mut document, &problems, &mut left) {
                        return Err(declared::listed("the account", &problems));
                    }
                }
            }
        };
        say("What cannot come along:");
        left.iter().for_each(|what| say(&format!("  {what}")));
        say(&format!("\nWhat is made in account {into}:"));
        declared::carry_out(&live, "import", realised, yes).await
    })?
}
