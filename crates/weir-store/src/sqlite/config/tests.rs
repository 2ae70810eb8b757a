//! What only this engine can get wrong: its files, their damage, their keys.

mod canary;
mod damage;
mod full;
mod rotation;
mod upgrade;

use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use weir_core::audit::Actor;
use weir_core::config::{Changes, Commit, Resource};
use weir_core::gateway::Hidden;
use weir_core::store::ConfigStore;
use weir_core::vault::Vault;
use weir_core::{CustomProvider, Gateway, Secret, Timestamp};

use super::*;
use crate::OpenOptions;

/// A store, as the parts of it that tests look into.
struct Opened {
    store: SqliteConfigStore,
    vault: SqliteVault,
}

fn file_in(dir: &Path) -> PathBuf {
    dir.join("config.db")
}

fn try_open(options: &OpenOptions) -> StoreResult<Opened> {
    let store = SqliteConfigStore::open(&file_in(&options.data_dir), options.key_place())?;
    let vault = store.vault();
    Ok(Opened { store, vault })
}

fn open(dir: &Path) -> Opened {
    try_open(&OpenOptions::new(dir)).unwrap()
}

/// What opening says when it fails.
fn open_error(options: &OpenOptions) -> String {
    match try_open(options) {
        Ok(_) => panic!("opened"),
        Err(error) => error.to_string(),
    }
}

impl Opened {
    /// Runs a statement on the file, past the store.
    fn execute(&self, sql: &str) {
        self.store.file.connection().execute_batch(sql).unwrap();
    }

    fn query<T: rusqlite::types::FromSql>(&self, sql: &str) -> T {
        self.store.file.connection().query_row(sql, [], |row| row.get(0)).unwrap()
    }

    async fn change(&self, edit: impl FnOnce(&Configuration, &mut Changes)) -> StoreResult<u64> {
        let base = self.store.load().await?;
        let mut changes = Changes::default();
        edit(&base, &mut changes);
        let commit = Commit::new(&base, changes, &Actor::command_line("test"), Timestamp::now());
        self.store.commit(&commit).await
    }

    async fn put(&self, object: impl Resource) {
        self.change(|_, changes| changes.put(object)).await.unwrap();
    }

    async fn load_error(&self) -> String {
        self.store.load().await.unwrap_err().to_string()
    }

    async fn audit_total(&self, account: &str) -> u64 {
        audit_of(&self.store, account).await.total
    }
}

async fn audit_of(store: &dyn ConfigStore, account: &str) -> AuditPage {
    let query = AuditQuery {
        account: account.into(),
        gateway: None,
        action: None,
        resource_type: None,
        resource_id: None,
        actor_id: None,
        since: None,
        until: None,
        offset: 0,
        limit: 100,
    };
    store.audit(&query).await.unwrap()
}

fn gateway(account: &str, id: &str) -> Gateway {
    Gateway::with_defaults(account.into(), id.into(), Timestamp::from_millis(1_795_206_896_040))
}

/// A provider whose header is a credential.
fn provider(account: &str, id: &str, credential: &str) -> CustomProvider {
    CustomProvider {
        id: id.into(),
        account_id: account.into(),
        name: "Name".to_owned(),
        slug: "slug".to_owned(),
        base_url: "https://h.example".to_owned(),
        enable: true,
        headers: [("x-api-key".to_owned(), Hidden(credential.to_owned()))].into(),
        beta: false,
        position: 0,
        description: None,
        link: None,
        logo: None,
        curl_example: None,
        js_example: None,
        created_at: Timestamp::from_millis(1),
        modified_at: Timestamp::from_millis(2),
    }
}

/// Files under a folder that hold a text: in clear, in hex, or in base64 wherever in a longer text
/// it may begin.
fn traces(dir: &Path, text: &str) -> Vec<PathBuf> {
    let hex: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
    let mut forms = vec![text.to_owned(), hex.to_uppercase(), hex];
    for shift in 0..3 {
        let shifted = [&b"xxx"[..shift], text.as_bytes()].concat();
        for engine in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
            // Digits at both ends depend on the neighbours, too.
            let digits = engine.encode(&shifted);
            forms.push(digits[4..digits.len() - 4].to_owned());
        }
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let content = fs::read(&path).unwrap();
        let holds =
            |form: &String| content.windows(form.len()).any(|window| window == form.as_bytes());
        if forms.iter().any(holds) {
            found.push(path);
        }
    }
    found
}
