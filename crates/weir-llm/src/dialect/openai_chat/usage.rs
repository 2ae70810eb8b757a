//! Token counts.

use weir_core::Usage;

/// Appends the `usage` object.
pub(super) fn push(out: &mut Vec<u8>, usage: &Usage) {
    let written = usage.cache_write.saturating_add(usage.cache_write_1h);
    out.extend_from_slice(b"{\"prompt_tokens\":");
    number(out, usage.input);
    member(out, "completion_tokens", usage.output);
    member(out, "total_tokens", usage.total.max(usage.input.saturating_add(usage.output)));
    out.extend_from_slice(b",\"prompt_tokens_details\":{\"cached_tokens\":");
    number(out, usage.cache_read);
    member(out, "audio_tokens", usage.audio_in);
    if written > 0 {
        member(out, "cache_write_tokens", written);
    }
    if usage.image_in > 0 {
        member(out, "image_tokens", usage.image_in);
    }
    out.extend_from_slice(b"},\"completion_tokens_details\":{\"reasoning_tokens\":");
    number(out, usage.reasoning);
    member(out, "audio_tokens", usage.audio_out);
    if usage.image_out > 0 {
        member(out, "image_tokens", usage.image_out);
    }
    out.extend_from_slice(b"}}");
}

fn member(out: &mut Vec<u8>, name: &str, value: u64) {
    out.extend_from_slice(b",\"");
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\":");
    number(out, value);
}

/// Appends a number without a detour over a string.
pub(super) fn number(out: &mut Vec<u8>, value: impl serde::Serialize) {
    // Writing into memory cannot fail.
    let _ = serde_json::to_writer(out, &value);
}
