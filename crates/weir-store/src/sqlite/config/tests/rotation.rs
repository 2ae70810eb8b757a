//! The exchange of keys, beside a server and across crashes.

use weir_core::AccountId;
use weir_core::audit::Action;
use weir_core::secrets::StoredSecret;
use weir_core::vault::Sealed;

use super::*;
use crate::{MasterKeySource, ReSeal, Rotated, rotate_keys};

fn rotate(dir: &Path, reseal: ReSeal) -> Rotated {
    try_rotate(&OpenOptions::new(dir), reseal).unwrap()
}

fn try_rotate(options: &OpenOptions, reseal: ReSeal) -> StoreResult<Rotated> {
    rotate_keys(options, reseal, &Actor::command_line("rotate-keys"))
}

/// Ids of the keys in the file, in its order.
fn keys_in_file(dir: &Path) -> Vec<String> {
    let keys = OpenOptions::new(dir).key_place().read().unwrap().unwrap();
    keys.iter().map(|key| key.id().to_owned()).collect()
}

async fn seal(opened: &Opened, account: &str) -> Sealed {
    opened.vault.seal(&account.into(), "p", &Secret::new(b"clear".to_vec())).await.unwrap()
}

async fn opens(opened: &Opened, account: &str, sealed: &Sealed) {
    let clear = opened.vault.open(&account.into(), "p", sealed).await.unwrap();
    assert_eq!(clear.expose(), b"clear");
}

async fn stored_secret(opened: &Opened, account: &str) -> StoredSecret {
    let account = AccountId::from(account);
    let clear = Secret::new(b"clear".to_vec());
    let sealed = opened.vault.seal(&account, &StoredSecret::purpose("s"), &clear).await.unwrap();
    StoredSecret {
        id: "s".into(),
        account_id: account,
        store_id: "store".into(),
        name: "name".to_owned(),
        scopes: Vec::new(),
        comment: None,
        sealed,
        preview: String::new(),
        reference: None,
        created: Timestamp::from_millis(1),
        modified: Timestamp::from_millis(1),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_beside_it_keeps_working() {
    let dir = tempfile::tempdir().unwrap();
    let server = open(dir.path());
    server.put(gateway("known", "g")).await;
    let known = seal(&server, "known").await;
    // Keys that the server has not seen yet.
    let other = open(dir.path());
    let unseen = seal(&other, "unseen").await;
    drop(other);
    let before = keys_in_file(dir.path());

    let rotated = rotate(dir.path(), ReSeal::DataKeys);
    assert_eq!(rotated.former, before);
    assert_eq!((rotated.data_keys, rotated.resealed, rotated.former_still_there), (2, 0, false));
    assert_eq!(keys_in_file(dir.path()), [rotated.master_key.as_str()]);
    assert_ne!(before, [rotated.master_key.as_str()]);

    opens(&server, "known", &known).await;
    opens(&server, "unseen", &unseen).await;
    let fresh = seal(&server, "made afterwards").await;
    server.put(gateway("known", "later")).await;
    let again = open(dir.path());
    for (account, sealed) in [("known", &known), ("unseen", &unseen), ("made afterwards", &fresh)] {
        opens(&again, account, sealed).await;
    }
    assert_eq!(again.store.load().await.unwrap().gateways.iter().count(), 2);

    for account in ["known", "unseen"] {
        let page = audit_of(&again.store, account).await;
        let records: Vec<_> =
            page.records.iter().filter(|record| record.action == Action::RotateKeys).collect();
        assert_eq!(records.len(), 1, "{account}");
        assert_eq!(*records[0].resource_id, rotated.master_key);
        assert_eq!(records[0].actor.id, "rotate-keys");
    }
    assert_eq!(again.audit_total("made afterwards").await, 0);
}

/// A server that has read the old key only makes a data key just when the old key is gone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_data_key_never_hangs_on_a_former_master_key() {
    let dir = tempfile::tempdir().unwrap();
    let server = open(dir.path());
    let rotated = rotate(dir.path(), ReSeal::DataKeys);
    let sealed = seal(&server, "new").await;
    let used: String = server.query("SELECT master_key_id FROM data_keys");
    assert_eq!(used, rotated.master_key);
    opens(&open(dir.path()), "new", &sealed).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crash_before_the_rewrap_leaves_an_installation_that_opens() {
    let dir = tempfile::tempdir().unwrap();
    let opened = open(dir.path());
    let sealed = seal(&opened, "account").await;
    let before = keys_in_file(dir.path());
    opened.execute(
        "CREATE TRIGGER crash BEFORE UPDATE ON data_keys BEGIN SELECT RAISE(FAIL, 'crash'); END",
    );
    let error = try_rotate(&OpenOptions::new(dir.path()), ReSeal::DataKeys).unwrap_err();
    assert!(error.to_string().contains("crash"), "{error}");
    let during = keys_in_file(dir.path());
    assert_eq!(during[1..], before, "the new key stands above the old one");

    let again = open(dir.path());
    opens(&again, "account", &sealed).await;
    let other = seal(&again, "other").await;
    opens(&opened, "other", &other).await;

    again.execute("DROP TRIGGER crash");
    let rotated = rotate(dir.path(), ReSeal::DataKeys);
    assert_eq!(keys_in_file(dir.path()), [rotated.master_key.as_str()]);
    let again = open(dir.path());
    opens(&again, "account", &sealed).await;
    opens(&again, "other", &other).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crash_after_the_rewrap_leaves_an_installation_that_opens() {
    let dir = tempfile::tempdir().unwrap();
    let sealed = seal(&open(dir.path()), "account").await;
    let path = dir.path().join("master.key");
    let old = fs::read_to_string(&path).unwrap();
    rotate(dir.path(), ReSeal::DataKeys);
    let new = fs::read_to_string(&path).unwrap();
    fs::write(&path, new + &old).unwrap();
    opens(&open(dir.path()), "account", &sealed).await;
    let rotated = rotate(dir.path(), ReSeal::DataKeys);
    assert_eq!(keys_in_file(dir.path()), [rotated.master_key.as_str()]);
    opens(&open(dir.path()), "account", &sealed).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_can_be_sealed_anew() {
    let dir = tempfile::tempdir().unwrap();
    let server = open(dir.path());
    server.put(gateway("account", "g")).await;
    server.put(provider("account", "p", "credential")).await;
    let secret = stored_secret(&server, "account").await;
    server.put(secret.clone()).await;
    let before = server.store.load().await.unwrap();
    let body = "SELECT sealed FROM objects WHERE kind = 'gateway'";
    let old_body: Vec<u8> = server.query(body);

    let rotated = rotate(dir.path(), ReSeal::Everything);
    assert_eq!((rotated.data_keys, rotated.resealed), (2, 3));
    let new_body: Vec<u8> = server.query(body);
    assert_ne!(old_body[1..17], new_body[1..17], "under another data key");

    for opened in [&server, &open(dir.path())] {
        let found = opened.store.load().await.unwrap();
        assert_eq!(found.generation, before.generation + 1, "a server reads it anew");
        let fresh = found.get::<StoredSecret>(&"account".into(), "s").unwrap();
        assert_ne!(fresh.sealed, secret.sealed);
        for sealed in [&secret.sealed, &fresh.sealed] {
            let purpose = StoredSecret::purpose("s");
            let clear = opened.vault.open(&"account".into(), &purpose, sealed).await.unwrap();
            assert_eq!(clear.expose(), b"clear", "what a call holds still opens");
        }
        let header = &found.get::<CustomProvider>(&"account".into(), "p").unwrap().headers;
        assert_eq!(header["x-api-key"].0, "credential");
        // What the server seals now is under the new key, though it knows the old one.
        let sealed = seal(opened, "account").await;
        assert_eq!(sealed.0[1..17], new_body[1..17]);
    }

    // The retired key goes away with a later exchange, but not with one right after.
    rotate(dir.path(), ReSeal::Everything);
    assert_eq!(server.query::<i64>("SELECT count(*) FROM data_keys"), 3);
    server.execute("UPDATE data_keys SET retired_at = retired_at - 3600001");
    rotate(dir.path(), ReSeal::Everything);
    assert_eq!(server.query::<i64>("SELECT count(*) FROM data_keys"), 2);
    let opened = open(dir.path());
    let (account, purpose) = ("account".into(), StoredSecret::purpose("s"));
    let error = opened.vault.open(&account, &purpose, &secret.sealed).await.unwrap_err();
    let error = error.to_string();
    assert!(error.contains("a data key that is not here"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_given_value_is_exchanged_by_its_owner() {
    let dir = tempfile::tempdir().unwrap();
    let (old, new) = ("01".repeat(32), "02".repeat(32));
    let with = |text: String| OpenOptions {
        master_key: MasterKeySource::Value(Secret::new(text)),
        ..OpenOptions::new(dir.path())
    };
    let sealed = seal(&try_open(&with(old.clone())).unwrap(), "account").await;
    let error = try_rotate(&with(old.clone()), ReSeal::DataKeys).unwrap_err().to_string();
    assert!(error.contains("put a new key on a line above"), "{error}");

    let rotated = try_rotate(&with(format!("{new}\n{old}")), ReSeal::DataKeys).unwrap();
    assert!(rotated.former_still_there);
    assert_eq!(rotated.former.len(), 1);
    opens(&try_open(&with(new)).unwrap(), "account", &sealed).await;
    assert!(open_error(&with(old)).contains(&rotated.master_key));
    assert!(!dir.path().join("master.key").exists());
}

#[test]
fn where_nothing_is_nothing_is_made() {
    let dir = tempfile::tempdir().unwrap();
    let error = try_rotate(&OpenOptions::new(dir.path()), ReSeal::DataKeys).unwrap_err();
    assert!(error.to_string().contains("config.db: is not there"), "{error}");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn exchanges_at_the_same_moment_agree_in_the_end() {
    let dir = tempfile::tempdir().unwrap();
    let server = open(dir.path());
    let sealed = seal(&server, "account").await;
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| rotate(dir.path(), ReSeal::Everything));
        }
    });
    let used: String = server.query("SELECT DISTINCT master_key_id FROM data_keys");
    assert!(keys_in_file(dir.path()).contains(&used));
    opens(&open(dir.path()), "account", &sealed).await;
    opens(&server, "account", &sealed).await;
}
