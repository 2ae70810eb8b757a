//! Rows as CSV (RFC 4180).

use serde_json::Value;

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

/// A cell. Text that a spreadsheet would run as a formula gets an apostrophe in front: clients
/// write metadata and user agents, and operators open the file.
fn cell(word: &str, text: &mut Vec<u8>) {
    let formula = word.starts_with(['=', '+', '@', '\t', '\r'])
        || (word.starts_with('-') && word.parse::<f64>().is_err());
    let quoted = formula || word.contains(['"', ',', '\n', '\r']);
    if !quoted {
        text.extend_from_slice(word.as_bytes());
        return;
    }
    text.push(b'"');
    if formula {
        text.push(b'\'');
    }
    text.extend_from_slice(word.replace('"', "\"\"").as_bytes());
    text.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(word: &str) -> String {
        let mut text = Vec::new();
        cell(word, &mut text);
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn cells_are_quoted_where_they_must_be() {
        assert_eq!(written("plain"), "plain");
        assert_eq!(written(r#"a "b", c"#), r#""a ""b"", c""#);
        assert_eq!(written("two\nlines"), "\"two\nlines\"");
        assert_eq!(written("=1+1"), "\"'=1+1\"");
        assert_eq!(written("-1.5"), "-1.5");
        assert_eq!(written("-1+cmd"), "\"'-1+cmd\"");
    }
}
