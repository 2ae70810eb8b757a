//! The members of a credential in JSON, however their names are spelt.

use serde_json::{Map, Value};

use super::CredentialFault;

/// The members of one credential.
pub(super) struct Members {
    what: &'static str,
    members: Map<String, Value>,
}

impl Members {
    /// Reads an object. The reader's own error is left out: it may quote the text.
    pub(super) fn read(what: &'static str, text: &[u8]) -> Result<Self, CredentialFault> {
        let members =
            serde_json::from_slice(text).map_err(|_| CredentialFault::NotJson { what })?;
        Ok(Self { what, members })
    }

    /// A text that may be absent. `accessKeyId`, `access_key_id` and `AccessKeyId` are one name.
    pub(super) fn optional(&self, key: &str) -> Option<&str> {
        let (_, value) = self.members.iter().find(|(name, _)| plain(name).eq(plain(key)))?;
        value.as_str().map(str::trim).filter(|text| !text.is_empty())
    }

    /// A text that has to be there.
    pub(super) fn required(&self, key: &'static str) -> Result<&str, CredentialFault> {
        self.optional(key).ok_or(CredentialFault::Missing { what: self.what, key })
    }

    /// A region, which becomes part of a host name.
    pub(super) fn region(&self) -> Result<Option<&str>, CredentialFault> {
        let region = self.optional("region");
        if region.is_none_or(is_region) {
            return Ok(region);
        }
        let reason = "has to be the name of a region, e.g. us-east-1".into();
        Err(CredentialFault::Wrong { what: self.what, key: "region", reason })
    }
}

fn plain(name: &str) -> impl Iterator<Item = char> + '_ {
    name.chars().filter(|c| *c != '_').map(|c| c.to_ascii_lowercase())
}

fn is_region(text: &str) -> bool {
    let word = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
    (1..=63).contains(&text.len()) && text.bytes().all(word)
}
