//! Keeping an installation: `weir backup`, `weir restore` and `weir rotate-keys` while it serves.

use std::path::Path;

use anyhow::{Context as _, Result};
use serde_json::json;
use weir_e2e::weir::{Config, Finished, Weir, run};

use crate::rig::Rig;

/// A header value that no file may hold in clear.
const CREDENTIAL: &str = "canary-credential";

async fn with_credential() -> Result<Rig> {
    let rig = Rig::start().await?;
    let provider = json!({"name": "Mine", "slug": "mine", "base_url": "https://h.example",
        "enable": true, "headers": json!({"x-key": CREDENTIAL}).to_string()});
    rig.weir.result("POST", "/custom-providers", Some(&provider)).await?;
    Ok(rig)
}

fn path(folder: &Path) -> Result<&str> {
    folder.to_str().context("path")
}

/// `weir restore` into the data folder of settings that no server uses.
async fn restore(backup: &str, data: &Path) -> Result<Finished> {
    run(&["restore", backup], &[("WEIR_DATA_DIR", path(data)?)]).await
}

#[tokio::test]
async fn a_backup_made_under_load_is_a_whole_installation() -> Result<()> {
    let rig = with_credential().await?;
    for _ in 0..3 {
        assert_eq!(rig.chat().await?.status, 200);
    }
    rig.weir.wait_for_rows(3).await?;
    let folder = tempfile::tempdir()?;
    let target = folder.path().join("backup");
    let arguments = ["backup", path(&target)?, "--with-key"];
    let (made, _calls) = tokio::join!(rig.weir.command(&arguments), async {
        for _ in 0..20 {
            rig.chat().await?;
        }
        anyhow::Ok(())
    });
    let made = made?;
    assert_eq!(made.status, Some(0), "{made:?}");
    assert!(made.stdout.contains("master.key"), "{made:?}");
    let again = rig.weir.command(&arguments).await?;
    assert_eq!(again.status, Some(1), "the folder is in use: {again:?}");

    let mut other = Weir::start(&Config::new(&rig.upstream)).await?;
    other.stop().await?;
    let data = other.folder().join("data");
    let refused = restore(path(&target)?, &data).await?;
    assert_eq!(refused.status, Some(1), "there is an installation: {refused:?}");
    std::fs::remove_dir_all(&data)?;
    let restored = restore(path(&target)?, &data).await?;
    assert_eq!(restored.status, Some(0), "{restored:?}");
    other.restart().await?;
    assert!(other.row_count().await? >= 3);
    let providers = other.result("GET", "/custom-providers", None).await?;
    assert_eq!(providers[0]["slug"], "mine");
    Ok(())
}

#[tokio::test]
async fn a_backup_without_its_key_says_which_one_it_needs() -> Result<()> {
    let rig = with_credential().await?;
    let folder = tempfile::tempdir()?;
    let target = folder.path().join("backup");
    let made = rig.weir.command(&["backup", path(&target)?]).await?;
    assert_eq!(made.status, Some(0), "{made:?}");
    assert!(made.stdout.contains("not in it"), "{made:?}");
    assert!(!target.join("master.key").exists());
    for entry in std::fs::read_dir(&target)? {
        let bytes = std::fs::read(entry?.path())?;
        let found = bytes.windows(CREDENTIAL.len()).any(|part| part == CREDENTIAL.as_bytes());
        assert!(!found, "the credential lies in clear in the backup");
    }
    let data = folder.path().join("data");
    let restored = restore(path(&target)?, &data).await?;
    assert_eq!(restored.status, Some(0), "{restored:?}");
    assert!(restored.stdout.contains("does not open yet"), "{restored:?}");
    // With the key put there it does.
    let key = rig.weir.folder().join("data/master.key");
    std::fs::copy(key, data.join("master.key"))?;
    let exported =
        run(&["export", "--account", "acc1"], &[("WEIR_DATA_DIR", path(&data)?)]).await?;
    assert!(exported.stdout.contains("[custom_providers.mine]"), "{exported:?}");
    Ok(())
}

#[tokio::test]
async fn keys_are_exchanged_beside_a_running_server() -> Result<()> {
    let mut rig = with_credential().await?;
    let key = || std::fs::read_to_string(rig.weir.folder().join("data/master.key"));
    let before = key()?;
    for options in [&["rotate-keys"][..], &["rotate-keys", "--everything"]] {
        let rotated = rig.weir.command(options).await?;
        assert_eq!(rotated.status, Some(0), "{rotated:?}");
        assert!(rotated.stdout.contains("master key"), "{rotated:?}");
        assert!(!rotated.stdout.contains(before.trim()), "the key itself is never shown");
    }
    assert_ne!(key()?, before);
    // The server seals and opens with the new keys, before and after a restart.
    let another = json!({"name": "B", "slug": "b", "base_url": "https://b.example",
        "headers": "{\"k\":\"v\"}"});
    rig.weir.result("POST", "/custom-providers", Some(&another)).await?;
    rig.weir.stop().await?;
    rig.weir.restart().await?;
    let providers = rig.weir.result("GET", "/custom-providers", None).await?;
    assert_eq!(providers.as_array().map(Vec::len), Some(2), "{providers}");
    Ok(())
}

/// With the wrong key there is no start, and the error says what is wanted.
#[tokio::test]
async fn a_missing_key_is_told_at_the_start() -> Result<()> {
    let mut rig = with_credential().await?;
    rig.weir.stop().await?;
    std::fs::remove_file(rig.weir.folder().join("data/master.key"))?;
    let error = rig.weir.restart().await.err().context("it started without its key")?;
    assert!(format!("{error:#}").contains("master"), "{error:#}");
    Ok(())
}
