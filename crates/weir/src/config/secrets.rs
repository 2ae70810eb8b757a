//! `[secrets]`: the key that opens what is sealed in the configuration store.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use weir_store::MasterKeySource;

use super::Problem;
use super::sections::SecretText;

/// Where the master key comes from; at most one of the two.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Secrets {
    pub(crate) master_key: Option<SecretText>,
    pub(crate) master_key_file: Option<PathBuf>,
}

impl Secrets {
    pub(super) fn validate(&self, problems: &mut Vec<Problem>) {
        if self.master_key.is_some() && self.master_key_file.is_some() {
            let message = "there is master_key_file, too: only one of the two can be meant";
            problems.push(Problem::new("secrets.master_key", message));
        }
        if self.master_key.as_ref().is_some_and(|key| key.0.expose().trim().is_empty()) {
            problems.push(Problem::new("secrets.master_key", "must not be empty"));
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
}
