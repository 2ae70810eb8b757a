//! No credential lies in clear in any file.

use serde_json::json;
use weir_core::secrets::{SecretsStore, StoredSecret};

use super::*;

const CANARY: &str = "canary-4c1d7e-sk-live-do-not-find-me-anywhere";

fn secretive(id: &str) -> Gateway {
    let mut gateway = gateway("account", id);
    gateway.settings.otel = Some(json!([{
        "url": "https://o.example", "authorization": CANARY, "headers": {"x-team-key": CANARY}
    }]));
    gateway.settings.stripe = Some(json!({"authorization": CANARY, "usage_events": []}));
    gateway
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_credential_is_found_in_any_file() {
    let dir = tempfile::tempdir().unwrap();
    let opened = open(dir.path());
    opened.put(secretive("one")).await;
    opened.put(provider("account", "p", CANARY)).await;
    opened.put(provider("account", "p", &CANARY.repeat(300))).await;
    let (account, purpose) = ("account".into(), StoredSecret::purpose("s"));
    let clear = Secret::new(CANARY.as_bytes().to_vec());
    let sealed = opened.vault.seal(&account, &purpose, &clear).await.unwrap();
    let secret = StoredSecret {
        id: "s".into(),
        account_id: account.clone(),
        store_id: "store".into(),
        name: "name".to_owned(),
        scopes: Vec::new(),
        comment: None,
        sealed,
        preview: "c…e".to_owned(),
        reference: None,
        created: Timestamp::from_millis(1),
        modified: Timestamp::from_millis(1),
    };
    opened.put(secret.clone()).await;
    opened.put(secretive("two")).await;
    opened.change(|_, changes| changes.delete(&secretive("one"))).await.unwrap();
    assert_eq!(opened.audit_total("account").await, 6);

    let wal = dir.path().join("config.db-wal");
    assert!(fs::metadata(wal).unwrap().len() > 0, "the log is looked at, too");
    assert_eq!(traces(dir.path(), CANARY), [""; 0].map(PathBuf::from));
    drop(opened);
    assert_eq!(traces(dir.path(), CANARY), [""; 0].map(PathBuf::from));

    // All of it is there nevertheless.
    let opened = open(dir.path());
    let found = opened.store.load().await.unwrap();
    let gateway = found.get::<Gateway>(&account, "two").unwrap();
    assert_eq!(gateway.settings.stripe.as_ref().unwrap()["authorization"], CANARY);
    let header = &found.get::<CustomProvider>(&account, "p").unwrap().headers["x-api-key"];
    assert_eq!(header.0, CANARY.repeat(300));
    let clear = opened.vault.open(&account, &purpose, &secret.sealed).await.unwrap();
    assert_eq!(clear.expose(), CANARY.as_bytes());
}

/// Of kinds that lie in clear, too, once the log is folded back into the file.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_deleted_is_gone_from_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let opened = open(dir.path());
    let deleted = SecretsStore {
        id: "s".into(),
        account_id: "account".into(),
        name: CANARY.repeat(300),
        created: Timestamp::from_millis(1),
        modified: Timestamp::from_millis(1),
    }
    .into_object();
    let changes = [Change::Put(deleted.clone()), Change::Delete(deleted.key())];
    for (base, change) in (0..).zip(changes) {
        assert_eq!(traces(dir.path(), CANARY).len(), usize::from(base > 0));
        let commit = Commit { base, changes: vec![change], audit: Vec::new() };
        opened.store.commit(&commit).await.unwrap();
        opened.execute("PRAGMA wal_checkpoint(TRUNCATE)");
    }
    assert_eq!(traces(dir.path(), CANARY), [""; 0].map(PathBuf::from));
}

/// The search itself, in every form it knows.
#[test]
fn what_lies_in_clear_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let hex: String = CANARY.bytes().map(|byte| format!("{byte:02x}")).collect();
    let forms = [
        CANARY.to_owned(),
        hex,
        STANDARD_NO_PAD.encode(CANARY),
        STANDARD_NO_PAD.encode(format!("1{CANARY}2")),
        URL_SAFE_NO_PAD.encode(format!("12{CANARY}3456")),
    ];
    for form in forms {
        fs::write(dir.path().join("file"), format!("before {form} after")).unwrap();
        assert_eq!(traces(dir.path(), CANARY).len(), 1, "{form}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kinds_without_secrets_stay_readable() {
    let dir = tempfile::tempdir().unwrap();
    let opened = open(dir.path());
    for object in crate::contract::every_object("account") {
        let commit = Commit {
            base: opened.store.generation().await.unwrap(),
            changes: vec![Change::Put(object)],
            audit: Vec::new(),
        };
        opened.store.commit(&commit).await.unwrap();
    }
    let clear: i64 = opened.query("SELECT count(*) FROM objects WHERE json_valid(body)");
    let sealed: i64 = opened.query("SELECT count(*) FROM objects WHERE sealed IS NOT NULL");
    assert_eq!((clear, sealed), (14, 3));
}
