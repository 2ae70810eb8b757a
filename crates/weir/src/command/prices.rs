//! `weir prices`: a newer price table, looked at before it counts.

mod changes;

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Subcommand;
use weir_llm::catalogue;
use weir_llm::pricing::PriceTable;

use self::changes::Changes;
use super::{hand_over, say, settings};
use crate::cli::ConfigSource;
use crate::prices;

#[derive(Subcommand)]
pub(crate) enum PricesCommand {
    /// Check a price table, show what it changes, and put it in the place of the present one. The
    /// gateway reads it at its next start.
    Update {
        /// A table in the form aig-prices/1.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Accept a change of five times or more; once for each model.
        #[arg(long, value_name = "PROVIDER/MODEL")]
        accept: Vec<String>,
        /// Show what would change, and change nothing.
        #[arg(long)]
        dry_run: bool,
    },
    /// Print the row a model is charged by.
    Show {
        /// Name of the model, or provider/model.
        #[arg(value_name = "MODEL")]
        model: String,
    },
}

pub(crate) fn run(source: &ConfigSource, command: &PricesCommand) -> anyhow::Result<()> {
    let config = settings(source)?;
    let present = prices::load(&config)?;
    match command {
        PricesCommand::Show { model } => show(&present, model),
        PricesCommand::Update { file, accept, dry_run } => {
            let text = std::fs::read_to_string(file)
                .with_context(|| format!("cannot read {}", file.display()))?;
            let new = PriceTable::parse(&text).with_context(|| file.display().to_string())?;
            if new.is_empty() {
                bail!("{} has no prices in it", file.display());
            }
            let changes = Changes::between(&present, &new);
            for line in changes.lines() {
                say(&line);
            }
            let refused = changes.leaps(accept);
            if !refused.is_empty() {
                bail!(
                    "not written: a price changes five times or more. If that is right, say \
                     --accept for each: {}",
                    refused.join(", ")
                );
            }
            if config.prices.file.is_none() && new.as_of() < PriceTable::builtin().as_of() {
                bail!(
                    "not written: the table is of {}, and the built-in one is newer; name the \
                     table in prices.file to go by it all the same",
                    if new.as_of().is_empty() { "no date" } else { new.as_of() }
                );
            }
            if *dry_run {
                return Ok(());
            }
            let target = prices::path(&config);
            replace(&target, text.as_bytes())
                .with_context(|| format!("cannot write {}", target.display()))?;
            say(&format!("written to {}; restart the gateway to go by it", target.display()));
            Ok(())
        }
    }
}

/// Prints the row of a model at each provider that has one.
fn show(table: &PriceTable, model: &str) -> anyhow::Result<()> {
    let named = model.split_once('/').and_then(|(provider, rest)| {
        let slug = catalogue::find(provider).map_or(provider, |found| found.slug);
        table.providers().find(|known| *known == slug).zip(Some(rest))
    });
    let found: Vec<&str> = match named.and_then(|(provider, rest)| table.row(provider, rest)) {
        Some(row) => vec![row],
        None => table.providers().filter_map(|provider| table.row(provider, model)).collect(),
    };
    if found.is_empty() {
        bail!("no price is known for {model}");
    }
    found.into_iter().try_for_each(|row| hand_over(&format!("{row}\n")))
}

/// Puts a file in the place of another, all of it or nothing.
fn replace(target: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let mut beside = target.as_os_str().to_owned();
    beside.push(format!(".{}", std::process::id()));
    let beside = PathBuf::from(beside);
    let written = (|| {
        let mut file = std::fs::File::create(&beside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&beside, target)
    })();
    if written.is_err() {
        // Nothing to be done if even this fails; the first error is the one to tell.
        let _ = std::fs::remove_file(&beside);
    }
    Ok(written?)
}

#[cfg(test)]
mod tests;
