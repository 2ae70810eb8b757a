use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::*;

fn at(dir: &Path, name: &str) -> OpenOptions {
    OpenOptions::new(&dir.join(name))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_logs_keep_the_contract() {
    let dir = tempfile::tempdir().unwrap();
    contract::log_store(async |name| open(&at(dir.path(), name)).unwrap().logs).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_configuration_keeps_the_contract() {
    let dir = tempfile::tempdir().unwrap();
    contract::config_store(async |name| open_config(&at(dir.path(), name)).unwrap().0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_vault_keeps_the_contract() {
    let dir = tempfile::tempdir().unwrap();
    contract::vault(async |name| open_config(&at(dir.path(), name)).unwrap().1).await;
}

#[tokio::test]
async fn files_are_for_the_own_user_alone() {
    let dir = tempfile::tempdir().unwrap();
    let options = at(dir.path(), "a/b");
    let stores = open(&options).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&options.data_dir), 0o700);
    let names: Vec<_> =
        fs::read_dir(&options.data_dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(names.len() >= 3);
    for name in names {
        assert_eq!(mode(&name), 0o600, "{}", name.display());
    }
    stores.logs.close().await.unwrap();
}

#[test]
fn a_damaged_configuration_is_an_error_that_says_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("config.db");
    fs::write(&file, "this is no database, just a text that is long enough to look like one")
        .unwrap();
    let Err(error) = open(&OpenOptions::new(dir.path())) else { panic!("opened") };
    let text = error.to_string();
    assert!(text.contains("config.db: is damaged: restore a backup, or move it away"), "{text}");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "nothing is touched");
}

/// A server and a command that start at the same moment on an empty folder.
#[test]
fn stores_may_be_opened_together() {
    for _ in 0..20 {
        let dir = tempfile::tempdir().unwrap();
        let options = OpenOptions::new(dir.path());
        std::thread::scope(|scope| {
            let opening: Vec<_> = (0..4).map(|_| scope.spawn(|| open(&options))).collect();
            for opened in opening {
                opened.join().unwrap().map(drop).unwrap();
            }
        });
    }
}
