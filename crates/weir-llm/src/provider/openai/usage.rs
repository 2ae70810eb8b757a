//! Token counts under the names that OpenAI-shaped providers use.

use std::fmt;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer};
use weir_core::Usage;

/// The `usage` object.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Counts {
    prompt_tokens: Option<Count>,
    completion_tokens: Option<Count>,
    total_tokens: Option<Count>,
    prompt_tokens_details: Option<Details>,
    completion_tokens_details: Option<Details>,
    /// DeepSeek.
    prompt_cache_hit_tokens: Option<Count>,
    /// Perplexity.
    citation_tokens: Option<Count>,
    num_search_queries: Option<Count>,
    reasoning_tokens: Option<Count>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Details {
    cached_tokens: Option<Count>,
    cache_write_tokens: Option<Count>,
    audio_tokens: Option<Count>,
    image_tokens: Option<Count>,
    reasoning_tokens: Option<Count>,
}

/// A count. Some providers write it with a decimal point.
#[derive(Clone, Copy, Debug, Default)]
struct Count(u64);

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Any;
        impl Visitor<'_> for Any {
            type Value = Count;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a count")
            }

            fn visit_u64<E: de::Error>(self, count: u64) -> Result<Count, E> {
                Ok(Count(count))
            }

            fn visit_i64<E: de::Error>(self, count: i64) -> Result<Count, E> {
                Ok(Count(count.try_into().unwrap_or_default()))
            }

            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "saturates"
            )]
            fn visit_f64<E: de::Error>(self, count: f64) -> Result<Count, E> {
                Ok(Count(count as u64))
            }
        }
        from.deserialize_any(Any)
    }
}

impl Counts {
    /// The normalised usage; `None` when nothing was counted.
    pub(super) fn usage(self) -> Option<Usage> {
        if self.prompt_tokens.is_none() && self.completion_tokens.is_none() {
            return None;
        }
        let count = |count: Option<Count>| count.unwrap_or_default().0;
        let within = self.prompt_tokens_details.unwrap_or_default();
        let out = self.completion_tokens_details.unwrap_or_default();
        let input = count(self.prompt_tokens).saturating_add(count(self.citation_tokens));
        let mut output = count(self.completion_tokens);
        let mut reasoning = count(out.reasoning_tokens.or(self.reasoning_tokens));
        let total = count(self.total_tokens);
        // Reasoning outside the completion shows as a gap to the total (xAI, Google).
        let gap = total.saturating_sub(input.saturating_add(output));
        if self.completion_tokens.is_some() && gap > 0 {
            output = output.saturating_add(gap);
            reasoning = reasoning.max(gap);
        }
        Some(Usage {
            input,
            output,
            total: total.max(input.saturating_add(output)),
            reasoning,
            cache_read: count(within.cached_tokens.or(self.prompt_cache_hit_tokens)),
            cache_write: count(within.cache_write_tokens),
            audio_in: count(within.audio_tokens),
            audio_out: count(out.audio_tokens),
            image_in: count(within.image_tokens),
            image_out: count(out.image_tokens),
            web_searches: count(self.num_search_queries),
            ..Usage::default()
        })
    }
}
