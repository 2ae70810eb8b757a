//! `[secrets]`: the key that opens what is sealed in the configuration store, and where keys may lie
//! that are not stored there.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use weir_core::secrets::SecretPlaces;
use weir_proxy::Origin;
use weir_store::MasterKeySource;

use super::Problem;
use super::sections::SecretText;

/// Where the master key comes from, at most one of the two; and what stored keys may refer to.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Secrets {
    pub(crate) master_key: Option<SecretText>,
    pub(crate) master_key_file: Option<PathBuf>,
    /// Variables that stored keys may refer to.
    pub(crate) environment: Vec<String>,
    /// Files that they may refer to.
    pub(crate) files: Vec<String>,
    /// The KV store that they may refer to.
    pub(crate) vault: Option<VaultSection>,
}

/// `[secrets.vault]`: a KV store that speaks the API of HashiCorp's Vault.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct VaultSection {
    pub(crate) address: String,
    pub(crate) token: Option<SecretText>,
    pub(crate) token_file: Option<PathBuf>,
    pub(crate) namespace: Option<String>,
    pub(crate) mounts: Vec<String>,
    pub(crate) ttl: Option<u64>,
    pub(crate) tls_ca: Option<PathBuf>,
}

impl Secrets {
    pub(super) fn validate(&self, problems: &mut Vec<Problem>) {
        let mut complain = |key: &str, message: &str| {
            problems.push(Problem::new(format!("secrets.{key}"), message))
        };
        if self.master_key.is_some() && self.master_key_file.is_some() {
            let message = "there is master_key_file, too: only one of the two can be meant";
            complain("master_key", message);
        }
        if self.master_key.as_ref().is_some_and(|key| key.0.expose().trim().is_empty()) {
            complain("master_key", "must not be empty");
        }
        if self.environment.iter().any(|name| name.trim_matches('*').is_empty()) {
            complain("environment", "must name variables: `*` alone would open all of them");
        }
        if self.files.iter().any(|path| !is_plain(path)) {
            let message = "must hold whole paths without `.` or `..`, with `*` below a folder only";
            complain("files", message);
        }
        let Some(vault) = &self.vault else { return };
        if Origin::parse(&vault.address).is_err() {
            complain("vault.address", "must be an address such as https://vault.example:8200");
        }
        match (&vault.token, &vault.token_file) {
            (Some(_), Some(_)) => {
                complain(
                    "vault.token",
                    "there is token_file, too: only one of the two can be meant",
                );
            }
            (None, None) => complain("vault.token", "is missing, or token_file in its place"),
            _ => {}
        }
        if vault.mounts.iter().all(|mount| mount.trim_matches('/').is_empty()) {
            complain("vault.mounts", "must list what may be read, e.g. [\"secret\"]");
        }
        if vault.namespace.as_ref().is_some_and(|it| http::HeaderValue::from_str(it).is_err()) {
            complain("vault.namespace", "has forbidden characters");
        }
        if vault.ttl == Some(0) {
            complain("vault.ttl", "must be at least 1 second");
        }
    }

    /// What the stores ask for. Without a setting the key is made in the data folder.
    pub(crate) fn source(&self) -> MasterKeySource {
        match (&self.master_key, &self.master_key_file) {
            (Some(key), _) => MasterKeySource::Value(key.0.clone()),
            (None, Some(file)) => MasterKeySource::File(file.clone()),
            (None, None) => MasterKeySource::Generated,
        }
    }

    /// What stored keys may refer to.
    pub(crate) fn places(&self) -> SecretPlaces {
        SecretPlaces {
            environment: self.environment.clone(),
            files: self.files.clone(),
            mounts: self.vault.as_ref().map(|vault| vault.mounts.clone()),
        }
    }
}

/// Whether a pattern begins with a folder that is named in full.
fn is_plain(pattern: &str) -> bool {
    let mut segments = pattern.strip_prefix('/').unwrap_or_default().split('/');
    let first = segments.next().unwrap_or_default();
    let sound = |segment: &str| !matches!(segment, "" | "." | "..");
    sound(first) && !first.contains('*') && segments.all(sound)
}
