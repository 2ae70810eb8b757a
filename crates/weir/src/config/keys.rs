//! The names of all settings, and the nearest one to a name that is none.

use toml::{Table, Value};
use weir_core::gateway::GatewaySettings;

use super::Problem;

/// Keys at the top.
pub(super) const TOP: [&str; 19] = [
    "admin",
    "api",
    "billing",
    "bootstrap",
    "cache",
    "data_dir",
    "egress",
    "identity",
    "ledger",
    "limits",
    "listen",
    "log",
    "prices",
    "providers",
    "secrets",
    "shutdown",
    "telemetry",
    "testing",
    "tls",
];

/// Keys of each section.
pub(super) const SECTIONS: [(&str, &[&str]); 16] = [
    ("admin", &["listen"]),
    ("api", &["max_gateways", "public_url"]),
    ("billing", &["fee_percent", "markup_percent"]),
    ("bootstrap", &["account_id", "custom_providers", "gateways", "tokens"]),
    ("cache", &["disk_bytes", "memory_bytes"]),
    ("egress", &["allow", "allow_media"]),
    ("identity", &["client_ip_header", "country_header", "trusted_proxies"]),
    ("ledger", &["lease_ms"]),
    (
        "limits",
        &[
            "client_idle_timeout_ms",
            "connect_timeout_ms",
            "first_byte_timeout_ms",
            "idle_timeout_ms",
            "log_body_bytes",
            "platform_calls",
            "platform_window",
            "request_body_bytes",
        ],
    ),
    ("log", &["batch_rows", "interval_ms", "queue_bytes", "queue_rows"]),
    ("prices", &["file"]),
    ("secrets", &["environment", "files", "master_key", "master_key_file", "vault"]),
    ("shutdown", &["drain_ms"]),
    ("telemetry", &["format", "level"]),
    ("testing", &["clock_file", "seed"]),
    ("tls", &["cert", "key"]),
];

const PROVIDER: [&str; 9] = [
    "account_id",
    "any_token_uri",
    "origin",
    "platform_key",
    "platform_keys",
    "platform_zdr_key",
    "tls_ca",
    "tls_client_cert",
    "tls_client_key",
];
/// Keys of `[secrets.vault]`.
pub(super) const VAULT: [&str; 7] =
    ["address", "mounts", "namespace", "tls_ca", "token", "token_file", "ttl"];
const TOKEN: [&str; 8] =
    ["account_id", "budgets", "gateways", "ip_allow", "models", "name", "permissions", "secret"];
const BUDGET: [&str; 7] = ["hard", "limit", "period", "soft", "technique", "unit", "window"];
const CUSTOM_PROVIDER: [&str; 6] = ["account_id", "base_url", "enable", "headers", "name", "slug"];

/// Reports every key that no setting has.
pub(super) fn report_unknown(table: &Table, problems: &mut Vec<Problem>) {
    check("", table, &TOP, problems);
    for (section, keys) in SECTIONS {
        if let Some(Value::Table(inner)) = table.get(section) {
            check(section, inner, keys, problems);
        }
    }
    if let Some(Value::Table(providers)) = table.get("providers") {
        for (slug, section) in providers {
            if let Value::Table(section) = section {
                check(&format!("providers.{slug}"), section, &PROVIDER, problems);
            }
        }
    }
    if let Some(Value::Table(vault)) = table.get("secrets").and_then(|it| it.get("vault")) {
        check("secrets.vault", vault, &VAULT, problems);
    }
    if let Some(Value::Table(bootstrap)) = table.get("bootstrap") {
        let gateway = gateway_keys();
        let gateway: Vec<&str> = gateway.iter().map(String::as_str).collect();
        check_list("bootstrap", bootstrap, "gateways", &gateway, problems);
        check_list("bootstrap", bootstrap, "tokens", &TOKEN, problems);
        let tokens = bootstrap.get("tokens").and_then(Value::as_array);
        for (index, token) in tokens.into_iter().flatten().enumerate() {
            if let Value::Table(token) = token {
                let place = format!("bootstrap.tokens[{index}]");
                check_list(&place, token, "budgets", &BUDGET, problems);
            }
        }
        check_list("bootstrap", bootstrap, "custom_providers", &CUSTOM_PROVIDER, problems);
    }
}

/// A gateway's own two keys and all its settings.
fn gateway_keys() -> Vec<String> {
    let mut keys = vec!["account_id".to_owned(), "id".to_owned()];
    if let Ok(serde_json::Value::Object(settings)) =
        serde_json::to_value(GatewaySettings::default())
    {
        keys.extend(settings.into_iter().map(|(name, _)| name));
    }
    keys
}

fn check_list(
    section: &str,
    table: &Table,
    list: &str,
    keys: &[&str],
    problems: &mut Vec<Problem>,
) {
    let Some(Value::Array(entries)) = table.get(list) else { return };
    for (index, entry) in entries.iter().enumerate() {
        if let Value::Table(entry) = entry {
            check(&format!("{section}.{list}[{index}]"), entry, keys, problems);
        }
    }
}

fn check(place: &str, table: &Table, keys: &[&str], problems: &mut Vec<Problem>) {
    for name in table.keys().filter(|name| !keys.contains(&name.as_str())) {
        let full = if place.is_empty() { name.clone() } else { format!("{place}.{name}") };
        problems.push(Problem::new(full, unknown(name, keys)));
    }
}

/// The complaint about a name that is none.
pub(crate) fn unknown(name: &str, keys: &[&str]) -> String {
    match weir_core::text::nearest(name, keys.iter().copied()) {
        Some(near) => format!("unknown key; did you mean `{near}`?"),
        None => format!("unknown key; there are: {}", keys.join(", ")),
    }
}
