//! `WEIR_*` variables: `WEIR_LISTEN`, `WEIR_DATA_DIR`, and with two underscores for each dot
//! `WEIR_EGRESS__ALLOW`, `WEIR_PROVIDERS__OPENAI__ORIGIN`.

use std::collections::HashMap;

use toml::{Table, Value};
use weir_core::Secret;

use super::{Problem, keys};

/// The variables that concern us, as name and value.
#[derive(Clone, Debug, Default)]
pub(crate) struct Environment(Vec<(String, String)>);

/// Names the file; read by the command line.
const CONFIG: &str = "WEIR_CONFIG";
const PREFIX: &str = "WEIR_";

/// Names that begin so are no settings: they are free for keys that are referred to.
const FREE: &str = "WEIR_KEY_";

impl Environment {
    /// The variables of this process.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub(crate) fn of_process() -> Self {
        Self::new(std::env::vars())
    }

    /// The values of those variables of this process that are wanted.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub(crate) fn secrets(wanted: impl Fn(&str) -> bool) -> HashMap<String, Secret<String>> {
        let all = std::env::vars().filter(|(name, text)| !text.is_empty() && wanted(name));
        all.map(|(name, text)| (name, Secret::new(text))).collect()
    }

    /// From any list of variables.
    pub(crate) fn new(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut own: Vec<_> = variables
            .into_iter()
            .filter(|(name, _)| {
                name.starts_with(PREFIX) && !name.starts_with(FREE) && name != CONFIG
            })
            .collect();
        own.sort();
        Self(own)
    }

    /// Writes the variables over what a file said.
    pub(super) fn apply(&self, table: &mut Table, problems: &mut Vec<Problem>) {
        for (name, value) in &self.0 {
            if let Err(message) = set(table, name, value) {
                problems.push(Problem::new(name, message));
            }
        }
    }
}

fn set(table: &mut Table, name: &str, text: &str) -> Result<(), String> {
    let lower = name[PREFIX.len()..].to_ascii_lowercase();
    let parts: Vec<&str> = lower.split("__").collect();
    let known = variable_names();
    match parts.as_slice() {
        ["providers", slug, key @ ("origin" | "account_id")] => {
            let slug = slug.replace('_', "-");
            let section = subtable(table, "providers").and_then(|all| subtable(all, &slug));
            let section = section.ok_or("`providers` is not a table in the file")?;
            section.insert((*key).to_owned(), Value::String(text.to_owned()));
            Ok(())
        }
        ["secrets", "vault", key] if keys::VAULT.contains(key) => {
            let vault = subtable(table, "secrets").and_then(|all| subtable(all, "vault"));
            let vault = vault.ok_or("`secrets.vault` is not a table in the file")?;
            vault.insert((*key).to_owned(), value("secrets.vault", key, text));
            Ok(())
        }
        [key] if known.contains(&(*key).to_owned()) => {
            table.insert((*key).to_owned(), Value::String(text.to_owned()));
            Ok(())
        }
        [section, key] if known.contains(&format!("{section}__{key}")) => {
            let inner = subtable(table, section);
            let inner = inner.ok_or_else(|| format!("`{section}` is not a table in the file"))?;
            inner.insert((*key).to_owned(), value(section, key, text));
            Ok(())
        }
        _ => {
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            Err(match weir_core::text::nearest(&lower, known.iter().copied()) {
                Some(near) => format!(
                    "unknown variable; did you mean `{PREFIX}{}`?",
                    near.to_ascii_uppercase()
                ),
                None => "unknown variable; see weir.example.toml for what can be set".to_owned(),
            })
        }
    }
}

/// Every variable but those of providers, lower case and without the prefix.
fn variable_names() -> Vec<String> {
    let plain = ["listen", "data_dir"].map(str::to_owned);
    let sections = keys::SECTIONS
        .iter()
        .flat_map(|(section, keys)| keys.iter().map(move |key| format!("{section}__{key}")));
    plain.into_iter().chain(sections).collect()
}

fn subtable<'a>(table: &'a mut Table, key: &str) -> Option<&'a mut Table> {
    table.entry(key).or_insert_with(|| Value::Table(Table::new())).as_table_mut()
}

/// Lists may be written `a,b`, or in TOML; numbers and truth values are read as such; anything else
/// is text.
fn value(section: &str, key: &str, text: &str) -> Value {
    if matches!((section, key), ("secrets", "master_key") | ("secrets.vault", "token")) {
        return Value::String(text.to_owned());
    }
    let trimmed = text.trim();
    let as_toml = || -> Option<Value> {
        let table: Table = format!("v = {trimmed}").parse().ok()?;
        table.get("v").cloned()
    };
    if trimmed.starts_with('[') || trimmed.starts_with('{') {
        return as_toml().unwrap_or_else(|| Value::String(text.to_owned()));
    }
    let is_list = matches!(
        (section, key),
        ("egress", "allow" | "allow_media")
            | ("bootstrap", "gateways")
            | ("identity", "trusted_proxies")
            | ("secrets", "environment" | "files")
            | ("secrets.vault", "mounts")
    );
    if is_list {
        let items = trimmed.split(',').map(str::trim).filter(|item| !item.is_empty());
        return Value::Array(items.map(|item| Value::String(item.to_owned())).collect());
    }
    match as_toml() {
        Some(number @ (Value::Integer(_) | Value::Boolean(_))) => number,
        _ => Value::String(text.to_owned()),
    }
}
