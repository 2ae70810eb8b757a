//! Files of the first version.

use proptest::prelude::*;
use rusqlite::{Connection, params};
use serde_json::{Value, json};
use weir_core::{ApiToken, Permission, TokenHash};

use super::super::upgrade::seal_clear_bodies;
use super::*;
use crate::sqlite::{connection, migrate};

const CANARY: &str = "canary-9b2f60-left-by-the-first-version";

/// A file as the first version made it, left open.
fn first_version(dir: &Path) -> Connection {
    let mut connection = connection::open_writer(&file_in(dir)).unwrap();
    migrate::run(&mut connection, &migrate::CONFIG[..1]).unwrap();
    connection
}

fn insert_gateway(old: &Connection, gateway: &Gateway) {
    old.execute(
        "INSERT INTO gateways VALUES (?, ?, ?, ?, ?)",
        params![
            gateway.account_id.as_str(),
            gateway.id.as_str(),
            serde_json::to_string(&gateway.settings).unwrap(),
            gateway.created_at.as_millis(),
            gateway.modified_at.as_millis(),
        ],
    )
    .unwrap();
}

fn insert_provider(old: &Connection, provider: &CustomProvider) {
    old.execute(
        "INSERT INTO custom_providers VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        params![
            &*provider.id,
            provider.account_id.as_str(),
            provider.slug,
            provider.name,
            provider.base_url,
            provider.enable,
            serde_json::to_string(&provider.headers).unwrap(),
            provider.created_at.as_millis(),
            provider.modified_at.as_millis(),
        ],
    )
    .unwrap();
}

fn insert_token(old: &Connection, token: &ApiToken) {
    old.execute(
        "INSERT INTO tokens VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        params![
            &*token.id,
            token.account_id.as_str(),
            token.name,
            token.hash.0,
            token.length,
            serde_json::to_string(&token.permissions).unwrap(),
            token.created_at.as_millis(),
            token.expires_at.map(Timestamp::as_millis),
            token.revoked_at.map(Timestamp::as_millis),
        ],
    )
    .unwrap();
}

fn token(id: &str) -> ApiToken {
    ApiToken {
        id: id.into(),
        account_id: "account".into(),
        name: "Token \"quoted\"".to_owned(),
        hash: TokenHash::of(id.as_bytes()),
        length: 69,
        permissions: Permission::EVERY.to_vec(),
        gateways: None,
        models: None,
        ip_allow: Vec::new(),
        budgets: Vec::new(),
        disabled: false,
        not_before: None,
        created_at: Timestamp::from_millis(1_795_206_896_999),
        modified_at: None,
        expires_at: None,
        revoked_at: Some(Timestamp::from_millis(1_795_206_897_001)),
    }
}

/// An object as its text reads back: reading may differ from writing in a float's last digit.
fn json_of(object: &impl serde::Serialize) -> Value {
    serde_json::from_str(&serde_json::to_string(object).unwrap()).unwrap()
}

fn settings() -> impl Strategy<Value = Gateway> {
    let moment = 0_i64..253_402_207_200_000;
    let numbers = proptest::option::of(prop_oneof![Just(u64::MAX), any::<u64>()]);
    ("[a-z0-9-]{1,9}", "\\PC{0,20}", numbers, any::<f64>(), moment.clone(), moment).prop_map(
        |(id, text, number, float, created, modified)| {
            let mut gateway = gateway("account", &id);
            gateway.settings.cache_ttl = number;
            gateway.settings.logpush_public_key = Some(format!("{text}\n\u{0}\t'"));
            gateway.settings.otel =
                Some(json!([{ "url": text, "n": float, "null": null, "id": {} }]));
            gateway.settings.rate_limiting_technique = None;
            gateway.created_at = Timestamp::from_millis(created);
            gateway.modified_at = Timestamp::from_millis(modified);
            gateway
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn every_row_is_carried_over_whole(
        gateways in proptest::collection::btree_map("[a-c]{1,2}", settings(), 0..4),
        (text, other) in ("\\PC{0,20}", "\\PC{1,20}"),
        enable in any::<bool>(),
        expires in proptest::option::of(0_i64..253_402_207_200_000),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let old = first_version(dir.path());
        let gateways: Vec<_> = gateways
            .into_iter()
            .map(|(account, gateway)| Gateway { account_id: account.into(), ..gateway })
            .collect();
        for gateway in &gateways {
            insert_gateway(&old, gateway);
        }
        let provider = CustomProvider {
            enable,
            name: text.clone(),
            headers: [(other.clone(), Hidden(text.clone())), (text, Hidden(other))].into(),
            ..provider("account", "p", "")
        };
        insert_provider(&old, &provider);
        let token = ApiToken { expires_at: expires.map(Timestamp::from_millis), ..token("t") };
        insert_token(&old, &token);
        old.execute("UPDATE meta SET value = 17", []).unwrap();
        drop(old);

        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let opened = open(dir.path());
        let found = runtime.block_on(opened.store.load()).unwrap();
        prop_assert_eq!(found.generation, 17);
        prop_assert_eq!(found.objects().len(), gateways.len() + 2);
        for gateway in &gateways {
            let found = found.get::<Gateway>(&gateway.account_id, gateway.id.as_str()).unwrap();
            prop_assert_eq!(serde_json::to_value(&**found).unwrap(), json_of(gateway));
        }
        let found_provider = found.get::<CustomProvider>(&"account".into(), "p").unwrap();
        prop_assert_eq!(json_of(&**found_provider), json_of(&provider));
        let found_token = found.get::<ApiToken>(&"account".into(), "t").unwrap();
        prop_assert_eq!(json_of(&**found_token), json_of(&token));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_life_beyond_the_year_9999_ends_with_it() {
    let dir = tempfile::tempdir().unwrap();
    let old = first_version(dir.path());
    let endless =
        ApiToken { expires_at: Some(Timestamp::from_millis(i64::MAX)), ..token("endless") };
    insert_token(&old, &endless);
    drop(old);
    let opened = open(dir.path());
    let found = opened.store.load().await.unwrap();
    let expires = found.get::<ApiToken>(&"account".into(), "endless").unwrap().expires_at;
    assert_eq!(expires.unwrap().to_string(), "9999-12-30T22:00:00.000Z");
}

/// Rows that were replaced and deleted, and a write-ahead log that was never folded back, as after
/// a `kill -9`.
fn old_file_with_copies(dir: &Path) {
    let work = tempfile::tempdir().unwrap();
    let old = first_version(work.path());
    for number in 0..40 {
        insert_provider(
            &old,
            &CustomProvider {
                slug: number.to_string(),
                ..provider("account", &number.to_string(), &CANARY.repeat(1 + number % 7 * 40))
            },
        );
    }
    old.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    old.execute_batch(
        "UPDATE custom_providers SET headers = json_object('x', 'short ' || id);
         DELETE FROM custom_providers WHERE CAST(id AS INTEGER) >= 20",
    )
    .unwrap();
    insert_provider(&old, &provider("account", "last", CANARY));
    for name in ["config.db", "config.db-wal"] {
        fs::copy(work.path().join(name), dir.join(name)).unwrap();
    }
    assert_eq!(traces(dir, CANARY).len(), 2, "in the file and in its log");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clear_credentials_are_sealed_and_every_copy_is_wiped() {
    let dir = tempfile::tempdir().unwrap();
    old_file_with_copies(dir.path());
    let opened = open(dir.path());
    assert_eq!(traces(dir.path(), CANARY), [""; 0].map(PathBuf::from), "while it is open");
    let found = opened.store.load().await.unwrap();
    assert_eq!(found.custom_providers.iter().count(), 21);
    let last = found.get::<CustomProvider>(&"account".into(), "last").unwrap();
    assert_eq!(last.headers["x-api-key"].0, CANARY);
    assert_eq!(opened.query::<i64>("SELECT value FROM meta WHERE name = 'clear_copies'"), 0);
    drop(opened);
    assert_eq!(traces(dir.path(), CANARY), [""; 0].map(PathBuf::from), "after it was closed");
}

#[test]
fn what_could_not_be_wiped_is_wiped_by_the_next_start() {
    let dir = tempfile::tempdir().unwrap();
    old_file_with_copies(dir.path());
    // Somebody reads, so the log cannot be emptied.
    let reader = Connection::open(file_in(dir.path())).unwrap();
    reader.execute_batch("BEGIN; SELECT * FROM custom_providers").unwrap();
    let mut connection = file::open_connection(&file_in(dir.path())).unwrap();
    connection.busy_timeout(std::time::Duration::ZERO).unwrap();
    let place = OpenOptions::new(dir.path()).key_place();
    let keyring = crate::vault::Keyring::new(place.clone(), place.generate().unwrap());
    seal_clear_bodies(&mut connection, &keyring, &file_in(dir.path())).unwrap();
    drop(connection);
    assert!(!traces(dir.path(), CANARY).is_empty(), "copies are left");
    drop(reader);
    drop(open(dir.path()));
    assert_eq!(traces(dir.path(), CANARY), [""; 0].map(PathBuf::from));
}
