//! What the binary cannot do yet. The only place that says so: when a feature is built, its lines
//! are deleted here and its vectors run.

use serde_json::Value;

use super::vector::Vector;

/// What needs a feature, and the feature.
type Table = &'static [(&'static str, &'static str)];

/// Areas whose every vector waits.
const AREAS: Table = &[
    ("auto-router", "the auto router is not built"),
    ("dlp", "data loss prevention is not built"),
    ("guardrails", "guardrails are not built"),
    ("otel", "span export is not built"),
    ("websocket", "WebSockets are not built"),
    ("x402", "machine payments are not built"),
];

/// Keys of `given`.
const GIVEN: Table = &[
    ("dlp_profiles", "data loss prevention is not built"),
    ("guard_scanner", "guardrails are not built"),
    ("x402", "machine payments are not built"),
];

/// Settings of `given.gateway`, unless they are off (null, 0 or false).
const SETTINGS: Table = &[
    ("dlp", "data loss prevention is not built"),
    ("guardrails", "guardrails are not built"),
    ("otel", "span export is not built"),
];

/// Items of a sequence, and kinds of request.
const ITEMS: Table = &[("ws", "WebSockets are not built")];

/// Why a vector cannot be run yet; `None` when it can.
pub fn reason(vector: &Vector) -> Option<&'static str> {
    let given = || vector.given.keys().find_map(|key| find(GIVEN, key));
    let setting = || {
        let settings = vector.given.get("gateway")?.as_object()?;
        let mut on = settings.iter().filter(|(_, value)| !is_off(value));
        on.find_map(|(key, _)| find(SETTINGS, key))
    };
    let item = || {
        vector.items().into_iter().find_map(|item| {
            let keys = item.as_object()?.keys();
            keys.into_iter().find_map(|key| find(ITEMS, key))
        })
    };
    find(AREAS, &vector.area).or_else(given).or_else(setting).or_else(item)
}

fn find(table: Table, key: &str) -> Option<&'static str> {
    table.iter().find(|(name, _)| *name == key).map(|(_, reason)| *reason)
}

fn is_off(value: &Value) -> bool {
    value.is_null() || value == &Value::Bool(false) || value.as_u64() == Some(0)
}
