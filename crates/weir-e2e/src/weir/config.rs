//! The configuration file, built piece by piece.

use std::net::SocketAddr;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde_json::{Map, Value, json};

use super::clock;
use crate::catalogue;
use crate::upstream::Upstream;

/// A configuration of the binary. What a test does not say is left to the binary's defaults,
/// but for the address, the data folder and permission to call loopback addresses.
#[derive(Clone, Debug)]
pub struct Config {
    root: Map<String, Value>,
    prices: Option<Value>,
    variables: Vec<(String, String)>,
    largest_file: Option<u64>,
    has_test_clock: bool,
}

impl Config {
    /// Account `acc1` without gateways, and two tokens of it: `tok-run`, which runs and reads, and
    /// `tok-admin`, which may do everything.
    pub fn bare() -> Self {
        let mut root = Map::new();
        root.insert("egress".into(), json!({"allow": ["127.0.0.1"]}));
        root.insert(
            "bootstrap".into(),
            json!({"account_id": "acc1", "gateways": [], "tokens": [], "custom_providers": []}),
        );
        Self {
            root,
            prices: None,
            variables: Vec::new(),
            largest_file: None,
            has_test_clock: false,
        }
        .token("run", "tok-run", "acc1", &["AI Gateway Run", "AI Gateway Read"])
        .token("admin", "tok-admin", "acc1", &["*"])
    }

    /// The world of most tests: [`Config::bare`] with gateway `gw1`, and every provider at
    /// `upstream`.
    pub fn new(upstream: &Upstream) -> Self {
        Self::bare().gateway("gw1", &json!({})).providers(upstream)
    }

    /// Adds a gateway with these settings.
    #[must_use]
    pub fn gateway(self, id: &str, settings: &Value) -> Self {
        let mut entry = Map::from_iter([("id".to_owned(), json!(id))]);
        entry.extend(settings.as_object().cloned().unwrap_or_default());
        self.bootstrap("gateways", Value::Object(entry))
    }

    /// Starts the binary with this variable in its environment.
    #[must_use]
    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Lets calls go by a clock that the test sets: [`super::Weir::set_clock`].
    #[must_use]
    pub const fn test_clock(mut self) -> Self {
        self.has_test_clock = true;
        self
    }

    /// Lets the system refuse writes beyond this size of any file, as a full disk would.
    #[must_use]
    pub const fn largest_file(mut self, kibibytes: Option<u64>) -> Self {
        self.largest_file = kibibytes;
        self
    }

    pub(super) const fn file_limit(&self) -> Option<u64> {
        self.largest_file
    }

    pub(super) fn variables(&self) -> impl Iterator<Item = (&str, &str)> {
        self.variables.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Where the binary says that it is ready, when that is a listener of its own.
    pub(super) fn admin_address(&self) -> Option<SocketAddr> {
        self.root.get("admin")?.get("listen")?.as_str()?.parse().ok()
    }

    /// Adds an API token.
    #[must_use]
    pub fn token(self, name: &str, secret: &str, account: &str, permissions: &[&str]) -> Self {
        let token = json!({"name": name, "secret": secret, "account_id": account,
            "permissions": permissions});
        self.bootstrap("tokens", token)
    }

    /// Adds a custom provider (spec: data-plane 1.7) and points it at `upstream`.
    #[must_use]
    pub fn custom_provider(self, provider: &Value, upstream: &Upstream) -> Self {
        let slug = provider.get("slug").and_then(Value::as_str).unwrap_or_default();
        let slug = format!("custom-{slug}");
        let origin = catalogue::origin(&slug, &upstream.base());
        self.bootstrap("custom_providers", provider.clone()).origin(&slug, &origin)
    }

    fn bootstrap(mut self, list: &str, entry: Value) -> Self {
        let entries = self.root.get_mut("bootstrap").and_then(|bootstrap| bootstrap.get_mut(list));
        if let Some(entries) = entries.and_then(Value::as_array_mut) {
            entries.push(entry);
        }
        self
    }

    /// Points every provider of the catalogue at `upstream`.
    #[must_use]
    pub fn providers(mut self, upstream: &Upstream) -> Self {
        for slug in catalogue::slugs() {
            self = self.origin(slug, &catalogue::origin(slug, &upstream.base()));
        }
        self
    }

    /// Replaces scheme and host of a provider.
    #[must_use]
    pub fn origin(self, slug: &str, origin: &str) -> Self {
        self.set(&["providers", slug, "origin"], json!(origin))
    }

    /// Replaces the built-in price list: `{"provider/model": {"in", "out"}}`, USD per token.
    #[must_use]
    pub fn prices(mut self, prices: &Value) -> Self {
        self.prices = Some(prices.clone());
        self.set(&["prices", "file"], json!("prices.json"))
    }

    /// Sets any value by its path.
    #[must_use]
    pub fn set(mut self, path: &[&str], value: Value) -> Self {
        insert(&mut self.root, path, value);
        self
    }

    /// Takes a top-level table out.
    #[must_use]
    pub fn without(mut self, table: &str) -> Self {
        self.root.remove(table);
        self
    }

    pub(super) const fn price_list(&self) -> Option<&Value> {
        self.prices.as_ref()
    }

    /// The file's text, for a server at `address` that keeps its data under `folder`.
    ///
    /// # Errors
    /// When a value has no form in TOML.
    pub fn to_toml(&self, address: SocketAddr, folder: &Path) -> Result<String> {
        let mut root = Map::from_iter([
            ("listen".to_owned(), json!(address.to_string())),
            ("data_dir".to_owned(), json!(folder.join("data"))),
        ]);
        root.extend(self.root.clone());
        if self.prices.is_some() {
            insert(&mut root, &["prices", "file"], json!(folder.join("prices.json")));
        }
        if self.has_test_clock {
            insert(&mut root, &["testing", "clock_file"], json!(folder.join(clock::FILE)));
        }
        toml::to_string(&without_nulls(Value::Object(root))).context("configuration as TOML")
    }
}

fn insert(table: &mut Map<String, Value>, path: &[&str], value: Value) {
    match path {
        [] => {}
        [key] => {
            table.insert((*key).to_owned(), value);
        }
        [key, rest @ ..] => {
            let inner = table.entry(*key).or_insert_with(|| json!({}));
            if let Some(inner) = inner.as_object_mut() {
                insert(inner, rest, value);
            }
        }
    }
}

/// TOML has no null: a key that is null is left out.
fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(table) => table
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(key, value)| (key, without_nulls(value)))
            .collect(),
        Value::Array(list) => list.into_iter().map(without_nulls).collect(),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_file_says_what_was_built() {
        let upstream = Upstream::start().await.unwrap();
        let config = Config::new(&upstream)
            .gateway("gw2", &json!({"authentication": false, "cache_ttl": null}))
            .custom_provider(&json!({"slug": "x", "base_url": "https://h.example/v2"}), &upstream);
        let text = config.to_toml(upstream.address(), Path::new("/tmp/w")).unwrap();
        let read: toml::Table = text.parse().unwrap();
        assert_eq!(read["data_dir"].as_str(), Some("/tmp/w/data"));
        let gateways = read["bootstrap"]["gateways"].as_array().unwrap();
        assert_eq!(gateways[1]["authentication"].as_bool(), Some(false));
        assert!(gateways[1].get("cache_ttl").is_none());
        let origin = format!("{}/custom-x", upstream.base());
        assert_eq!(read["providers"]["custom-x"]["origin"].as_str(), Some(origin.as_str()));
        assert_eq!(read["providers"].as_table().unwrap().len(), 26);
    }
}
