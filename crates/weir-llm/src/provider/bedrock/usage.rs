//! Tokens, as Converse counts them: the cache apart from the input.

use serde::Deserialize;
use weir_core::Usage;

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Tokens {
    input_tokens: u64,
    output_tokens: u64,
    total_tokens: Option<u64>,
    cache_read_input_tokens: u64,
    cache_write_input_tokens: u64,
    cache_details: Vec<CacheDetail>,
}

/// Of the writes, those of one lifetime.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CacheDetail {
    ttl: String,
    input_tokens: u64,
}

impl Tokens {
    pub(super) fn usage(&self) -> Usage {
        let (read, write) = (self.cache_read_input_tokens, self.cache_write_input_tokens);
        let input = self.input_tokens.saturating_add(read).saturating_add(write);
        let long = self.cache_details.iter().filter(|detail| detail.ttl == "1h");
        let long = long.fold(0, |sum: u64, detail| sum.saturating_add(detail.input_tokens));
        let long = long.min(write);
        Usage {
            input,
            output: self.output_tokens,
            total: self.total_tokens.unwrap_or_else(|| input.saturating_add(self.output_tokens)),
            cache_read: read,
            cache_write: write - long,
            cache_write_1h: long,
            ..Usage::default()
        }
    }
}
