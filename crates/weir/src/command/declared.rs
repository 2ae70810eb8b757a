//! `weir export`, `weir plan` and `weir apply`: the configuration of an account as a file.

use std::io::{IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, bail};
use weir_core::LiveConfiguration;
use weir_core::config::{Changes, Configuration};

use super::{complain, hand_over, say};
use crate::cli::ConfigSource;
use crate::config::{Config, Problem};
use crate::declared::{self, Document, Realised, Rehearsal, Vocabulary};

/// Exit status of `weir plan` when there is something to do.
const DIFFERENT: u8 = 2;

/// How a document is to be applied.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mode {
    /// Delete what the document does not name.
    pub(crate) prune: bool,
    /// Do not ask.
    pub(crate) yes: bool,
}

/// Writes an account to `output`, or to standard output.
pub(crate) fn export(
    source: &ConfigSource,
    account: Option<&str>,
    output: Option<&Path>,
) -> anyhow::Result<()> {
    super::block_on(async {
        let (config, live) = super::installation(source).await?;
        let account = account.unwrap_or(&config.bootstrap.account_id);
        let rehearsal = rehearse(&config, &live, account).await?;
        let vocabulary = Vocabulary::read(&rehearsal.openapi().await?);
        let found = declared::observe(&rehearsal, account, &vocabulary, false).await?;
        if found.document.objects.is_empty() {
            complain(&format!("weir: account {account} holds nothing that a file could say"));
        }
        let document = Document { remarks: found.left, ..found.document };
        let text = declared::write(&document);
        match output {
            Some(file) => std::fs::write(file, text)
                .with_context(|| format!("cannot write {}", file.display())),
            None => hand_over(&text),
        }
    })?
}

/// Shows what applying `file` would change.
pub(crate) fn plan(
    source: &ConfigSource,
    file: &Path,
    account: Option<&str>,
    prune: bool,
) -> anyhow::Result<ExitCode> {
    super::block_on(async {
        let (config, live) = super::installation(source).await?;
        let document = read(file)?;
        let account = target(&config, &document, account);
        let realised = realised(&config, &live, &document, account, prune).await?;
        say(&format!("Account {account}:"));
        say(realised.plan.render().trim_end());
        let different = !realised.plan.is_empty();
        Ok(if different { ExitCode::from(DIFFERENT) } else { ExitCode::SUCCESS })
    })?
}

/// Makes the account what `file` says.
pub(crate) fn apply(
    source: &ConfigSource,
    file: &Path,
    account: Option<&str>,
    mode: Mode,
) -> anyhow::Result<()> {
    super::block_on(async {
        let (config, live) = super::installation(source).await?;
        let document = read(file)?;
        let account = target(&config, &document, account);
        let realised = realised(&config, &live, &document, account, mode.prune).await?;
        say(&format!("Account {account}:"));
        carry_out(&live, "apply", realised, mode.yes).await
    })?
}

/// Reads a document, or says everything that is wrong with it.
fn read(file: &Path) -> anyhow::Result<Document> {
    let text =
        std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    declared::read(&text).map_err(|problems| listed(&file.display().to_string(), &problems))
}

/// The account that is meant: the caller's word counts before the document's.
fn target<'a>(config: &'a Config, document: &'a Document, named: Option<&'a str>) -> &'a str {
    named.or(document.account.as_deref()).unwrap_or(&config.bootstrap.account_id)
}

/// What a document comes to, or everything that is wrong with it.
async fn realised(
    config: &Config,
    live: &LiveConfiguration,
    document: &Document,
    account: &str,
    prune: bool,
) -> anyhow::Result<Realised> {
    let tried = tried(config, live, document, account, prune).await?;
    tried.map_err(|problems| listed("the document", &problems))
}

/// The same, with the problems one by one.
pub(super) async fn tried(
    config: &Config,
    live: &LiveConfiguration,
    document: &Document,
    account: &str,
    prune: bool,
) -> anyhow::Result<Result<Realised, Vec<Problem>>> {
    let rehearsal = rehearse(config, live, account).await?;
    let vocabulary = Vocabulary::read(&rehearsal.openapi().await?);
    Ok(declared::realise(&rehearsal, account, &vocabulary, document, prune).await)
}

async fn rehearse(
    config: &Config,
    live: &LiveConfiguration,
    account: &str,
) -> anyhow::Result<Rehearsal> {
    let snapshot = live.snapshot();
    Rehearsal::of(snapshot.configuration(), &account.into(), config.api_options(false)).await
}

pub(super) fn listed(what: &str, problems: &[Problem]) -> anyhow::Error {
    let lines: Vec<String> = problems.iter().map(|problem| format!("\n  {problem}")).collect();
    anyhow::anyhow!("{what} has {} problem(s):{}", lines.len(), lines.concat())
}

/// Shows the plan, asks unless told not to, and makes all changes in one, or none.
pub(super) async fn carry_out(
    live: &LiveConfiguration,
    command: &str,
    realised: Realised,
    yes: bool,
) -> anyhow::Result<()> {
    say(realised.plan.render().trim_end());
    if realised.plan.is_empty() {
        return Ok(());
    }
    if !yes && !confirmed()? {
        bail!("nothing was changed");
    }
    let Realised { changes, generation, .. } = realised;
    let edit = |now: &Configuration, into: &mut Changes| {
        if now.generation != generation {
            bail!("somebody else changed the configuration meanwhile: look at the plan again");
        }
        changes.iter().for_each(|change| into.push(change.clone()));
        Ok(())
    };
    super::change(live, command, edit).await?;
    say("Done.");
    Ok(())
}

fn confirmed() -> anyhow::Result<bool> {
    if !std::io::stdin().is_terminal() {
        bail!("nothing was changed: there is nobody to ask; --yes makes it so");
    }
    complain("Make it so? Type yes:");
    std::io::stderr().flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "yes"))
}

/// Prints the OpenAPI document of the management API.
pub(crate) fn openapi() -> anyhow::Result<()> {
    super::block_on(async {
        let nothing = Configuration::default();
        let rehearsal =
            Rehearsal::of(&nothing, &"local".into(), weir_api::Options::default()).await?;
        hand_over(&format!("{}\n", serde_json::to_string_pretty(&rehearsal.openapi().await?)?))
    })?
}
