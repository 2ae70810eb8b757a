//! Token counts (spec: providers 4.3).

use weir_core::Usage;

use super::answer::{Modality, UsageMetadata};

pub(super) fn usage(counts: &UsageMetadata<'_>) -> Usage {
    let sum = |first: Option<u64>, second: Option<u64>| {
        first.unwrap_or_default().saturating_add(second.unwrap_or_default())
    };
    let input = sum(counts.prompt_token_count, counts.tool_use_prompt_token_count);
    let output = sum(counts.candidates_token_count, counts.thoughts_token_count);
    let least = input.saturating_add(output);
    Usage {
        input,
        output,
        total: counts.total_token_count.unwrap_or_default().max(least),
        reasoning: counts.thoughts_token_count.unwrap_or_default(),
        cache_read: counts.cached_content_token_count.unwrap_or_default(),
        audio_in: of("AUDIO", counts.prompt_tokens_details.as_deref()),
        audio_out: of("AUDIO", counts.candidates_tokens_details.as_deref()),
        image_in: of("IMAGE", counts.prompt_tokens_details.as_deref()),
        image_out: of("IMAGE", counts.candidates_tokens_details.as_deref()),
        ..Usage::default()
    }
}

fn of(name: &str, list: Option<&[Modality<'_>]>) -> u64 {
    let found = list.into_iter().flatten().filter(|entry| entry.modality.0 == name);
    found.map(|entry| entry.token_count).fold(0, u64::saturating_add)
}
