use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_logs_keep_the_contract() {
    let dir = tempfile::tempdir().unwrap();
    contract::log_store(async |name| open(&dir.path().join(name)).unwrap().logs).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_configuration_keeps_the_contract() {
    let dir = tempfile::tempdir().unwrap();
    contract::config_store(async |name| open_config(&dir.path().join(name)).unwrap()).await;
}

#[tokio::test]
async fn files_are_for_the_own_user_alone() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("a/b");
    let stores = open(&data).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&data), 0o700);
    let names: Vec<_> = fs::read_dir(&data).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(names.len() >= 2);
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
    let Err(error) = open(dir.path()) else { panic!("opened") };
    let text = error.to_string();
    assert!(text.contains("config.db: is damaged: restore a backup, or move it away"), "{text}");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "nothing is touched");
}

/// A server and a command that start at the same moment on an empty folder.
#[test]
fn stores_may_be_opened_together() {
    for _ in 0..20 {
        let dir = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            let opening: Vec<_> = (0..4).map(|_| scope.spawn(|| open(dir.path()))).collect();
            for opened in opening {
                opened.join().unwrap().map(drop).unwrap();
            }
        });
    }
}
