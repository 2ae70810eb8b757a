//! `[providers.SLUG]`: where a provider is, how it is spoken to, and the operator's keys for it.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use weir_core::secrets::SecretReference;

use super::Problem;
use super::sections::SecretText;

/// What an operator says of one provider.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct ProviderSection {
    pub(crate) origin: Option<String>,
    pub(crate) account_id: Option<String>,
    /// The operator's own key, for callers who have credits and no key.
    pub(crate) platform_key: Option<SecretText>,
    /// The same, for calls of which the provider is to keep nothing.
    pub(crate) platform_zdr_key: Option<SecretText>,
    /// More of them, which share the calls.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) platform_keys: Vec<PlatformKeySection>,
    /// A service account's file may name any address for the exchange of tokens.
    pub(crate) any_token_uri: bool,
    /// The authorities that are trusted there, in place of the usual ones.
    pub(crate) tls_ca: Option<PathBuf>,
    /// Certificate chain and key to show there.
    pub(crate) tls_client_cert: Option<PathBuf>,
    pub(crate) tls_client_key: Option<PathBuf>,
}

/// One of several keys.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PlatformKeySection {
    pub(crate) key: SecretText,
    #[serde(default = "one")]
    pub(crate) weight: u32,
    #[serde(default)]
    pub(crate) zdr: bool,
}

const fn one() -> u32 {
    1
}

/// A key of the operator's, with what is said of it.
pub(crate) struct PlatformKeyLine<'a> {
    /// The name of the setting.
    pub(crate) name: String,
    pub(crate) key: &'a SecretText,
    pub(crate) weight: u32,
    pub(crate) zdr: bool,
}

impl ProviderSection {
    /// Every key of the operator's for this provider.
    pub(crate) fn keys(&self) -> impl Iterator<Item = PlatformKeyLine<'_>> {
        let single =
            |name: &str, key, zdr| PlatformKeyLine { name: name.to_owned(), key, weight: 1, zdr };
        let plain = self.platform_key.iter().map(move |key| single("platform_key", key, false));
        let zdr = self.platform_zdr_key.iter();
        let zdr = zdr.map(move |key| single("platform_zdr_key", key, true));
        let listed = self.platform_keys.iter().enumerate().map(|(index, line)| PlatformKeyLine {
            name: format!("platform_keys[{index}]"),
            key: &line.key,
            weight: line.weight,
            zdr: line.zdr,
        });
        plain.chain(zdr).chain(listed)
    }

    pub(super) fn validate(&self, slug: &str, problems: &mut Vec<Problem>) {
        let place = format!("providers.{slug}");
        let mut complain = |key: &str, message: String| {
            problems.push(Problem::new(format!("{place}{key}"), message));
        };
        if !slug.starts_with("custom-") && weir_llm::catalogue::find(slug).is_none() {
            let message = match weir_llm::catalogue::nearest(slug) {
                Some(near) => format!("unknown provider; did you mean `{near}`?"),
                None => "unknown provider; custom ones are written `custom-SLUG`".to_owned(),
            };
            complain("", message);
        }
        if let Some(origin) = &self.origin
            && !(origin.starts_with("https://") || origin.starts_with("http://"))
        {
            complain(".origin", format!("`{origin}` must begin with https:// or http://"));
        }
        for line in self.keys() {
            let key = format!(".{}", line.name);
            if line.key.0.expose().trim().is_empty() {
                complain(&key, "must not be empty".to_owned());
            }
            if slug.starts_with("custom-") && self.origin.is_none() {
                let message = "needs an `origin` beside it: accounts choose where their own \
                               providers lie";
                complain(&key, message.to_owned());
            }
        }
        if self.tls_client_cert.is_some() != self.tls_client_key.is_some() {
            let message = "tls_client_cert and tls_client_key belong together";
            complain(".tls_client_cert", message.to_owned());
        }
    }
}

impl SecretText {
    /// The place that it names, when it is no secret itself.
    pub(crate) fn reference(&self) -> Option<SecretReference> {
        SecretReference::parse(self.0.expose()).ok()
    }
}
