//! The value of a secret on its way into the vault.

use serde::Deserialize;
use weir_core::gateway::Hidden;
use weir_core::secrets::{SecretReference, StoredSecret};
use weir_core::vault::Sealed;
use weir_core::{AccountId, Secret};

use crate::Api;
use crate::error::ApiError;

/// Bytes a value may have (spec: management-api 6).
const MAX_BYTES: usize = 65_536;

/// A value as sent.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(in crate::v4) struct Value(Hidden);

impl From<Hidden> for Value {
    fn from(text: Hidden) -> Self {
        Self(text)
    }
}

impl Value {
    /// Refuses what is too long. Characters are counted by the schema; this counts bytes.
    pub(in crate::v4) fn check(&self, path: &[&str]) -> Result<(), ApiError> {
        if self.0.0.len() > MAX_BYTES {
            let text = format!("the value has {} bytes; {MAX_BYTES} are permitted", self.0.0.len());
            return Err(ApiError::input(path, text));
        }
        Ok(())
    }

    /// Whether it begins or ends with white space, as a key copied with its line end does.
    pub(in crate::v4) fn is_ragged(&self) -> bool {
        self.0.0.trim() != self.0.0
    }

    /// What may be shown of it (spec: management-api 11): enough to tell keys apart, nothing of a
    /// short one.
    pub(in crate::v4) fn preview(&self) -> String {
        const HEAD: usize = 3;
        const TAIL: usize = 4;
        let characters: Vec<char> = self.0.0.chars().collect();
        if characters.len() < 12 {
            return "…".to_owned();
        }
        let head = &characters[..HEAD];
        let tail = &characters[characters.len() - TAIL..];
        head.iter().chain(&['…']).chain(tail).collect()
    }
}

/// Seals a value for the secret of that id.
pub(in crate::v4) async fn seal(
    api: &Api,
    account: &AccountId,
    id: &str,
    value: &Value,
) -> Result<Sealed, ApiError> {
    let clear = Secret::new(value.0.0.clone().into_bytes());
    Ok(api.vault.seal(account, &StoredSecret::purpose(id), &clear).await?)
}

/// What a secret is given: a value, or a place and nothing to seal.
pub(super) struct Material {
    pub(super) value: Value,
    pub(super) preview: String,
    pub(super) reference: Option<SecretReference>,
}

impl Material {
    /// Reads what was given at `path` of a body; `None` when nothing was.
    pub(super) fn read(
        api: &Api,
        value: Option<Value>,
        reference: Option<&str>,
        path: &[&str],
    ) -> Result<Option<Self>, ApiError> {
        let at = |field| [path, &[field]].concat();
        match (value, reference) {
            (Some(_), Some(_)) => {
                let text = "value and secret_ref exclude each other: give one of them";
                Err(ApiError::input(&at("secret_ref"), text))
            }
            (Some(value), None) => {
                value.check(&at("value"))?;
                Ok(Some(Self { preview: value.preview(), value, reference: None }))
            }
            (None, Some(text)) => {
                let path = at("secret_ref");
                let refuse = |reason| ApiError::input(&path, format!("secret_ref {reason}"));
                let reference = SecretReference::parse(text).map_err(refuse)?;
                permitted(api, &reference, &path)?;
                let value = Value(Hidden(String::new()));
                let preview = reference.to_string();
                Ok(Some(Self { value, preview, reference: Some(reference) }))
            }
            (None, None) => Ok(None),
        }
    }
}

/// Refuses a reference to a place that the operator does not permit.
pub(in crate::v4) fn permitted(
    api: &Api,
    reference: &SecretReference,
    path: &[&str],
) -> Result<(), ApiError> {
    let checked = api.options.secret_places.check(reference);
    checked.map_err(|refused| ApiError::input(path, format!("{reference}: {refused}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn little_is_shown_of_a_key_and_nothing_of_a_short_one() {
        let preview = |text: &str| Value(Hidden(text.to_owned())).preview();
        assert_eq!(preview("sk-proj-abcdefgh"), "sk-…efgh");
        assert_eq!(preview("123456789012"), "123…9012");
        assert_eq!(preview("12345678901"), "…");
        assert_eq!(preview(""), "…");
        assert_eq!(preview("äöüäöüäöüäöü"), "äöü…üäöü");
    }
}
