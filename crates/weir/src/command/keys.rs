//! `weir rotate-keys`: a new master key, while the server runs.

use weir_core::audit::Actor;
use weir_store::{ReSeal, Rotated};

use super::say;
use crate::cli::ConfigSource;

/// Exchanges the master key; with `everything` also the keys below it, and seals all secrets anew.
pub(crate) fn run(source: &ConfigSource, everything: bool) -> anyhow::Result<()> {
    let config = super::settings(source)?;
    let reseal = if everything { ReSeal::Everything } else { ReSeal::DataKeys };
    let actor = Actor::command_line("rotate-keys");
    let rotated = weir_store::rotate_keys(&config.stores(), reseal, &actor)?;
    for line in report(&rotated) {
        say(&line);
    }
    Ok(())
}

fn report(rotated: &Rotated) -> Vec<String> {
    let Rotated { master_key, former, data_keys, resealed, former_still_there } = rotated;
    let mut lines = vec![format!("master key  {master_key} (this is its id, not the key)")];
    if !former.is_empty() {
        lines.push(format!("before      {}", former.join(", ")));
    }
    lines.push(format!("exchanged   {data_keys} data keys, {resealed} sealed objects"));
    if *former_still_there {
        lines.push(
            "The former key still stands where the key comes from. Nothing needs it any more: \
             remove its line."
                .to_owned(),
        );
    }
    if !former.is_empty() {
        lines.push(
            "Backups made before now open with the former key only: keep it with them.".into(),
        );
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_to_do_is_said() {
        let mut rotated = Rotated {
            master_key: "new1".to_owned(),
            former: vec!["old1".to_owned()],
            data_keys: 2,
            resealed: 0,
            former_still_there: true,
        };
        let told = report(&rotated).join("\n");
        for part in ["new1", "old1", "remove its line", "Backups made before"] {
            assert!(told.contains(part), "{part} is missing in {told}");
        }
        rotated.former_still_there = false;
        assert!(!report(&rotated).join("\n").contains("remove its line"));
    }
}
