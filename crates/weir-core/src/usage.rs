//! What a call consumed, normalised over all providers.

use serde::{Deserialize, Serialize};

/// Tokens and other units of one answer (spec: observability 5.1).
///
/// `input` and `output` are totals: cached, audio and image tokens are counted inside them,
/// whatever the provider's own accounting. Zero means "none reported" for the parts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// All input tokens, those read from and written to a prompt cache included.
    #[serde(rename = "input_tokens")]
    pub input: u64,
    /// All output tokens, reasoning included.
    #[serde(rename = "output_tokens")]
    pub output: u64,
    /// The provider's own total when it gives one, else `input + output`.
    #[serde(rename = "total_tokens")]
    pub total: u64,
    /// Reasoning tokens, inside `output`.
    #[serde(rename = "output_reasoning_tokens")]
    pub reasoning: u64,
    /// Input tokens read from the provider's prompt cache, inside `input`.
    #[serde(rename = "input_cached_tokens")]
    pub cache_read: u64,
    /// Input tokens written to the provider's prompt cache at its default lifetime, inside `input`.
    #[serde(rename = "input_cache_write_tokens", skip_serializing_if = "is_zero", default)]
    pub cache_write: u64,
    /// Input tokens written for one hour, inside `input` and not in `cache_write`.
    #[serde(rename = "input_cache_write_1h_tokens", skip_serializing_if = "is_zero", default)]
    pub cache_write_1h: u64,
    /// Audio tokens, inside `input`.
    #[serde(rename = "input_audio_tokens", skip_serializing_if = "is_zero", default)]
    pub audio_in: u64,
    /// Audio tokens, inside `output`.
    #[serde(rename = "output_audio_tokens", skip_serializing_if = "is_zero", default)]
    pub audio_out: u64,
    /// Image tokens, inside `input`.
    #[serde(rename = "input_image_tokens", skip_serializing_if = "is_zero", default)]
    pub image_in: u64,
    /// Image tokens, inside `output`.
    #[serde(rename = "output_image_tokens", skip_serializing_if = "is_zero", default)]
    pub image_out: u64,
    /// Web searches billed one by one.
    #[serde(rename = "web_searches", skip_serializing_if = "is_zero", default)]
    pub web_searches: u64,
    /// What is billed by other measures than tokens.
    #[serde(flatten)]
    pub units: Units,
}

/// What an answer consumed that is not counted in tokens (spec: observability 5.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Units {
    /// Images that were made.
    #[serde(skip_serializing_if = "is_zero", default)]
    pub images: u64,
    /// Audio that was listened to, in milliseconds.
    #[serde(rename = "audio_milliseconds", skip_serializing_if = "is_zero", default)]
    pub audio_ms: u64,
    /// Characters that were read aloud.
    #[serde(skip_serializing_if = "is_zero", default)]
    pub characters: u64,
    /// Queries, in the provider's own measure: Cohere's search units.
    #[serde(skip_serializing_if = "is_zero", default)]
    pub queries: u64,
    /// Pages of documents that were read.
    #[serde(skip_serializing_if = "is_zero", default)]
    pub pages: u64,
}

impl Units {
    /// None of any.
    pub const NONE: Self = Self { images: 0, audio_ms: 0, characters: 0, queries: 0, pages: 0 };

    /// Whether there is none of any.
    pub fn is_none(&self) -> bool {
        *self == Self::NONE
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}
