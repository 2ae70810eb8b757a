//! `weir backup` and `weir restore`: a whole installation, copied while it is in use, and put back.

use std::path::Path;

use anyhow::Context;
use weir_store::BackupSummary;

use super::say;
use crate::cli::ConfigSource;

/// Copies the databases into `target`, with the master key if that is asked for.
pub(crate) fn backup(source: &ConfigSource, target: &Path, with_key: bool) -> anyhow::Result<()> {
    let config = super::settings(source)?;
    let made = weir_store::backup(&config.stores(), target, with_key).context("no backup made")?;
    say(&format!("backup of {} in {}", config.data_dir.display(), target.display()));
    say(&format!("  {}", files(&made)));
    say(&format!("  {}", keys(&made)));
    Ok(())
}

/// Puts a backup into the data folder of the settings, which must not hold an installation.
pub(crate) fn restore(source: &ConfigSource, backup: &Path) -> anyhow::Result<()> {
    let config = super::settings(source)?;
    let place = &config.data_dir;
    let made = weir_store::restore(backup, place).context("nothing restored")?;
    say(&format!("restored {} into {}", backup.display(), place.display()));
    say(&format!("  {}", files(&made)));
    say(&format!("  {}", keys(&made)));
    // Opened once, so that a missing key is told now and not at the next start.
    if !made.master_keys.is_empty() {
        match weir_store::open_config(&config.stores()) {
            Ok(_) => say("  the keys are at hand: it opens"),
            Err(error) => say(&format!("  it does not open yet: {error}")),
        }
    }
    Ok(())
}

fn files(made: &BackupSummary) -> &'static str {
    match (made.has_ledger, made.has_logs) {
        (true, true) => "config.db, ledger.db, logs.db",
        (true, false) => "config.db, ledger.db; there are no logs",
        (false, true) => "config.db, logs.db; there is no ledger",
        (false, false) => "config.db; there are no logs and no ledger",
    }
}

fn keys(made: &BackupSummary) -> String {
    let ids = made.master_keys.join(", ");
    match (made.master_keys.is_empty(), made.has_key) {
        (true, _) => "needs no master key: nothing in it is sealed".to_owned(),
        (false, true) => format!(
            "master key {ids} is in it as master.key: whoever reads this folder reads every secret"
        ),
        (false, false) => {
            format!("opens with master key {ids} only, which is not in it: keep that key elsewhere")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_said_which_key_a_backup_needs_and_where_that_is() {
        let mut made = BackupSummary {
            master_keys: vec!["k1".to_owned()],
            has_key: false,
            has_logs: true,
            has_ledger: true,
        };
        assert!(keys(&made).contains("k1 only, which is not in it"));
        made.has_key = true;
        assert!(keys(&made).contains("reads every secret"));
        made.master_keys.clear();
        assert!(keys(&made).starts_with("needs no master key"));
    }
}
