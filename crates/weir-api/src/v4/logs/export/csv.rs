//! Rows as CSV (RFC 4180).

use serde_json::Value;

use crate::csv::cell;

/// The columns: fields of a row by JSON pointer, named without its slashes.
const COLUMNS: &[&str] = &[
    "/id",
    "/created_at",
    "/event_id",
    "/request_id",
    "/provider",
    "/model",
    "/model_type",
    "/path",
    "/method",
    "/request_type",
    "/request_content_type",
    "/response_content_type",
    "/status_code",
    "/upstream_status_code",
    "/success",
    "/cached",
    "/duration",
    "/timings/latency",
    "/ttft_ms",
    "/tokens_in",
    "/tokens_out",
    "/cost",
    "/custom_cost",
    "/price_id",
    "/cost_by",
    "/cost_breakdown",
    "/computed_cost",
    "/provider_reported_cost",
    "/metadata",
    "/step",
    "/attempt_index",
    "/feedback",
    "/score",
    "/authentication",
    "/key_id",
    "/wholesale",
    "/byok",
    "/user_agent",
    "/stream",
    "/finish_reason",
    "/error/code",
    "/error/message",
];

/// Writes the line with the names of the columns.
pub(super) fn head(text: &mut Vec<u8>) {
    let names = COLUMNS.iter().map(|column| column[1..].replace('/', "."));
    text.extend_from_slice(names.collect::<Vec<_>>().join(",").as_bytes());
    text.extend_from_slice(b"\r\n");
}

/// Writes a row. What is not known is empty.
pub(super) fn line(row: &Value, text: &mut Vec<u8>) {
    for (place, column) in COLUMNS.iter().enumerate() {
        if place > 0 {
            text.push(b',');
        }
        match row.pointer(column) {
            None | Some(Value::Null) => {}
            Some(Value::String(word)) => cell(word, text),
            Some(other) => cell(&other.to_string(), text),
        }
    }
    text.extend_from_slice(b"\r\n");
}
