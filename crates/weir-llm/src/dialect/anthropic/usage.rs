//! Usage in Anthropic's words: the cache stands beside the input, not inside of it.

use weir_core::Usage;

/// Appends the members of a usage object, without its braces.
pub(super) fn push(out: &mut Vec<u8>, usage: &Usage) {
    let written = usage.cache_write.saturating_add(usage.cache_write_1h);
    let fresh = usage.input.saturating_sub(usage.cache_read).saturating_sub(written);
    number(out, "\"input_tokens\":", fresh);
    number(out, ",\"cache_creation_input_tokens\":", written);
    number(out, ",\"cache_read_input_tokens\":", usage.cache_read);
    number(out, ",\"output_tokens\":", usage.output);
}

/// Appends a name, given with its colon, and a number.
pub(super) fn number(out: &mut Vec<u8>, name: &str, value: u64) {
    out.extend_from_slice(name.as_bytes());
    // Of a number into memory: cannot fail.
    let _ = serde_json::to_writer(out, &value);
}
