//! Token counts: `usageMetadata`.

use serde::Serialize;
use weir_core::Usage;

use super::parts;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct UsageMetadata {
    prompt_token_count: u64,
    /// Without the thoughts.
    candidates_token_count: u64,
    total_token_count: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    cached_content_token_count: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thoughts_token_count: Option<u64>,
}

pub(super) fn push(out: &mut Vec<u8>, usage: &Usage) {
    let some = |count: u64| Some(count).filter(|count| *count > 0);
    let counts = UsageMetadata {
        prompt_token_count: usage.input,
        candidates_token_count: usage.output.saturating_sub(usage.reasoning),
        total_token_count: usage.total.max(usage.input.saturating_add(usage.output)),
        cached_content_token_count: some(usage.cache_read),
        thoughts_token_count: some(usage.reasoning),
    };
    parts::json(out, &counts);
}
