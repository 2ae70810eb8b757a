//! What was damaged, moved or written by a newer version is told, by name.

use crate::MasterKeySource;

use super::*;

async fn with_two_gateways(dir: &Path) -> Opened {
    let opened = open(dir);
    opened.put(gateway("account", "one")).await;
    opened.put(gateway("account", "two")).await;
    opened
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_body_is_named() {
    for damage in [
        "substr(sealed, 1, length(sealed) - 1)",
        "CAST(sealed || x'00' AS BLOB)",
        "x''",
        "zeroblob(length(sealed))",
        "CAST(substr(sealed, 1, 40) || x'0011223344556677' || substr(sealed, 49) AS BLOB)",
    ] {
        let dir = tempfile::tempdir().unwrap();
        let opened = with_two_gateways(dir.path()).await;
        opened.execute(&format!("UPDATE objects SET sealed = {damage} WHERE id = 'two'"));
        let error = opened.load_error().await;
        assert!(error.contains("config.db: holds a sealed value that was damaged"), "{error}");
        assert!(error.contains("restore a backup"), "{error}");
        assert!(error.contains("object/gateway/two of account account"), "{error}");
        assert!(!error.contains("gateway/one"), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_moved_to_another_object_does_not_open() {
    let dir = tempfile::tempdir().unwrap();
    let opened = with_two_gateways(dir.path()).await;
    opened.put(gateway("other", "one")).await;
    let swap = "UPDATE objects SET sealed =
                    (SELECT sealed FROM objects WHERE id = '{from}' AND account_id = 'account')
                WHERE id = 'one' AND account_id = '{to}'";
    for (from, to) in [("two", "account"), ("one", "other")] {
        let before: Vec<u8> = opened
            .query(&format!("SELECT sealed FROM objects WHERE id = 'one' AND account_id = '{to}'"));
        opened.execute(&swap.replace("{from}", from).replace("{to}", to));
        let error = opened.load_error().await;
        let named = format!("object/gateway/one of account {to} does not open");
        assert!(error.contains(&named), "{error}");
        let connection = opened.store.file.connection();
        let sql = "UPDATE objects SET sealed = ? WHERE id = 'one' AND account_id = ?";
        connection.execute(sql, rusqlite::params![before, to]).unwrap();
    }
    opened.store.load().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clear_body_of_another_object_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let opened = open(dir.path());
    let policy = crate::contract::every_object("account")
        .into_iter()
        .find(|object| object.kind().name() == "policy")
        .unwrap();
    let commit = Commit { base: 0, changes: vec![Change::Put(policy)], audit: Vec::new() };
    opened.store.commit(&commit).await.unwrap();
    opened.execute("UPDATE objects SET id = 'mine'");
    let error = opened.load_error().await;
    assert!(error.contains("policy mine of account account: its body is that of"), "{error}");
    opened.execute("UPDATE objects SET body = '{\"id\": 5'");
    let error = opened.load_error().await;
    assert!(error.contains("policy mine of account account"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_newer_versions_file_is_refused_as_such() {
    let dir = tempfile::tempdir().unwrap();
    let opened = open(dir.path());
    opened.execute("INSERT INTO objects (kind, account_id, id, body) VALUES ('rocket','a','b','')");
    let error = opened.load_error().await;
    assert!(error.contains("was written by a newer version of Weir"), "{error}");
    assert!(error.contains("rocket"), "{error}");
    opened.execute(
        "DELETE FROM objects;
         INSERT INTO migrations (name, checksum, applied_at) VALUES ('0003_next', '', 0)",
    );
    drop(opened);
    let error = open_error(&OpenOptions::new(dir.path()));
    assert!(error.contains("config.db: was written by a newer version of Weir"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_missing_or_wrong_master_key_is_asked_for_by_its_id() {
    let dir = tempfile::tempdir().unwrap();
    let opened = with_two_gateways(dir.path()).await;
    let wanted: String = opened.query("SELECT master_key_id FROM data_keys");
    drop(opened);
    let key_file = dir.path().join("master.key");
    let key = fs::read_to_string(&key_file).unwrap();
    let generated = OpenOptions::new(dir.path());

    fs::rename(&key_file, dir.path().join("away")).unwrap();
    let error = open_error(&generated);
    assert!(error.contains(&format!("master key {wanted}")), "{error}");
    assert!(error.contains("master.key is not there"), "{error}");
    assert!(!key_file.exists(), "a new key would only hide the loss");

    let other = "07".repeat(32);
    let value = |text: &str| OpenOptions {
        master_key: MasterKeySource::Value(Secret::new(text.to_owned())),
        ..generated.clone()
    };
    let error = open_error(&value(&other));
    assert!(error.contains(&format!("master key {wanted}")), "{error}");
    assert!(error.contains("the given master key holds"), "{error}");
    assert!(!error.contains(&other), "{error}");

    // As a value, and below another key, it does as well.
    let opened = try_open(&value(&format!("{other}\n{key}"))).unwrap();
    assert_eq!(opened.store.load().await.unwrap().gateways.iter().count(), 2);

    let digits = key.lines().last().unwrap();
    fs::rename(dir.path().join("away"), &key_file).unwrap();
    fs::write(&key_file, &digits[..50]).unwrap();
    let error = open_error(&generated);
    assert!(error.contains("master.key: line 1 holds no key"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn damaged_data_keys_are_told_at_start() {
    let dir = tempfile::tempdir().unwrap();
    let opened = with_two_gateways(dir.path()).await;
    opened.put(gateway("other", "one")).await;
    // Each account with the other's key: neither opens.
    opened.execute(
        "DROP INDEX data_keys_in_use;
         UPDATE data_keys SET account_id = iif(account_id = 'other', 'account', 'other')",
    );
    drop(opened);
    let error = open_error(&OpenOptions::new(dir.path()));
    assert!(error.contains("the data key of account"), "{error}");

    let dir = tempfile::tempdir().unwrap();
    let opened = with_two_gateways(dir.path()).await;
    opened.execute("DELETE FROM data_keys");
    drop(opened);
    let error = open(dir.path()).load_error().await;
    assert!(error.contains("sealed with a data key that is not here"), "{error}");
}
