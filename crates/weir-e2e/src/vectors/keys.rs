//! The keys that vectors may use. One that is not here would be ignored without a word, and the
//! vector would pass for the wrong reason; so it fails.

use serde_json::{Map, Value};

use super::vector::Vector;

const GIVEN: &[&str] = &[
    "access",
    "byok",
    "credits",
    "custom_providers",
    "dlp_profiles",
    "gateway",
    "guard_scanner",
    "note",
    "now",
    "platform_keys",
    "platform_zdr_keys",
    "policies",
    "pricing",
    "routes",
    "upstream",
    "x402",
];

const SCRIPT: &[&str] = &[
    "body",
    "body_size_bytes",
    "chunk_delay_ms",
    "connect_error",
    "delay_ms",
    "first_delay_ms",
    "headers",
    "sse",
    "status",
];

/// A request, or another item of a sequence.
const ITEM: &[&str] = &[
    "advance_s",
    "advance_to",
    "body",
    "body_size_bytes",
    "config",
    "headers",
    "host",
    "method",
    "path",
    "repeat",
    "request",
    "sequence",
    "ws",
];

const EXPECT: &[&str] = &[
    "basis",
    "body",
    "body_exact",
    "body_raw",
    "distribution",
    "elapsed_ms_max",
    "elapsed_ms_min",
    "first_chunk_before_last_upstream_chunk",
    "headers",
    "headers_equal",
    "headers_json",
    "log",
    "note",
    "otel",
    "same_as_previous",
    "status",
    "steps",
    "upstream",
    "upstream_calls",
    "ws_frames",
    "ws_handshake_status",
];

const UPSTREAM: &[&str] =
    &["absent_headers", "body", "headers", "method", "provider", "received_text", "url"];

/// Every key of a vector that is not known, with where it stands.
pub(super) fn unknown(vector: &Vector) -> Vec<String> {
    let mut found = Vec::new();
    check(&vector.given, GIVEN, "given", &mut found);
    for script in vector.given.get("upstream").and_then(Value::as_object).into_iter().flatten() {
        for answer in list(script.1) {
            check_value(answer, SCRIPT, "given.upstream", &mut found);
        }
    }
    check_value(&vector.request, ITEM, "request", &mut found);
    for item in vector.items() {
        check_value(item, ITEM, "request", &mut found);
        if let Some(request) = item.get("request") {
            check_value(request, ITEM, "request.request", &mut found);
        }
    }
    check_expect(&vector.expect, "expect", &mut found);
    found
}

fn check_expect(expect: &Map<String, Value>, place: &str, found: &mut Vec<String>) {
    check(expect, EXPECT, place, found);
    for call in expect.get("upstream").map(list).unwrap_or_default() {
        check_value(call, UPSTREAM, &format!("{place}.upstream"), found);
    }
    for step in expect.get("steps").map(list).unwrap_or_default() {
        if let Some(step) = step.as_object() {
            check_expect(step, &format!("{place}.steps"), found);
        }
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn check_value(value: &Value, known: &[&str], place: &str, found: &mut Vec<String>) {
    if let Some(table) = value.as_object() {
        check(table, known, place, found);
    }
}

fn check(table: &Map<String, Value>, known: &[&str], place: &str, found: &mut Vec<String>) {
    let strange = table.keys().filter(|key| !known.contains(&key.as_str()));
    found.extend(strange.map(|key| format!("unknown key {place}.{key}")));
}
