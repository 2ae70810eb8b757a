//! The raw counts of an answer, and how they become a [`Usage`] (spec: observability 5.1).

#[cfg(test)]
mod tests;

use weir_core::{Units, Usage};

/// A number some dialect reports. Dialects share a count when they mean the same by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Count {
    /// OpenAI chat and its many relatives: all input.
    Prompt,
    /// The same: output.
    Completion,
    /// The provider's own total.
    Total,
    /// Responses, Anthropic, Converse, Cohere: input. Without the cache where that is told apart.
    Input,
    /// The same: output.
    Output,
    /// Read from the cache, inside the input.
    Cached,
    /// Written to the cache, inside the input.
    WriteWithin,
    /// Read from the cache, told apart from the input.
    ApartRead,
    /// Written to the cache, told apart from the input.
    ApartWrite,
    /// Part of the writes: for five minutes.
    Write5m,
    /// Part of the writes: for one hour.
    Write1h,
    /// Reasoning.
    Reasoning,
    /// Audio in the input.
    AudioIn,
    /// Audio in the output.
    AudioOut,
    /// Images in the input.
    ImageIn,
    /// Images in the output.
    ImageOut,
    /// Perplexity: text of cited pages, fed to the model.
    Citation,
    /// Searches billed one by one.
    WebSearch,
    /// Gemini: prompt.
    GeminiPrompt,
    /// Gemini: results of tools, fed back.
    GeminiTool,
    /// Gemini: answer without thoughts.
    GeminiCandidates,
    /// Gemini: thoughts.
    GeminiThoughts,
    /// Cohere: input as billed.
    BilledIn,
    /// Cohere: output as billed.
    BilledOut,
    /// Bedrock's own count of an invocation: input without the cache.
    MetricIn,
    /// The same: output.
    MetricOut,
    /// The same: read from the cache.
    MetricRead,
    /// The same: written to the cache.
    MetricWrite,
    /// Images that were made.
    Images,
    /// Milliseconds of audio that was listened to.
    AudioMs,
    /// Characters that were read aloud.
    Characters,
    /// Cohere: search units as billed.
    Queries,
    /// Pages that were read.
    Pages,
    /// Vertex embeddings: summed over the texts.
    Predicted,
}

const LEN: usize = Count::Predicted as usize + 1;

/// The counts seen so far. Within one, the last report wins: cumulative streams repeat them, and
/// Anthropic splits them over two events.
#[derive(Clone, Debug)]
pub(super) struct Counts([Option<u64>; LEN]);

impl Default for Counts {
    fn default() -> Self {
        Self([None; LEN])
    }
}

impl Counts {
    /// Takes a report.
    pub(super) fn set(&mut self, count: Count, value: u64) {
        if count == Count::Predicted {
            self.add(count, value);
        } else {
            self.0[count as usize] = Some(value);
        }
    }

    /// Adds to a count.
    pub(super) fn add(&mut self, count: Count, value: u64) {
        let place = &mut self.0[count as usize];
        *place = Some(place.unwrap_or_default().saturating_add(value));
    }

    /// Keeps the larger of two reports.
    pub(super) fn raise(&mut self, count: Count, value: u64) {
        let place = &mut self.0[count as usize];
        *place = (*place).max(Some(value));
    }

    fn get(&self, count: Count) -> u64 {
        self.0[count as usize].unwrap_or_default()
    }

    fn has(&self, count: Count) -> bool {
        self.0[count as usize].is_some()
    }

    fn any(&self, counts: &[Count]) -> bool {
        counts.iter().any(|count| self.has(*count))
    }

    /// The normalised usage, by the first family of counts that is there.
    pub(super) fn usage(&self) -> Option<Usage> {
        use Count::{
            BilledIn, BilledOut, Completion, GeminiCandidates, GeminiPrompt, GeminiThoughts, Input,
            MetricIn, MetricOut, Output, Predicted, Prompt, Total,
        };
        let mut usage = if self.any(&[GeminiPrompt, GeminiCandidates, GeminiThoughts]) {
            self.gemini()
        } else if self.any(&[Prompt, Completion]) {
            self.chat()
        } else if self.any(&[Input, Output]) {
            self.told_apart()
        } else if self.any(&[MetricIn, MetricOut]) {
            self.invocation()
        } else if self.any(&[BilledIn, BilledOut]) {
            Usage { input: self.get(BilledIn), output: self.get(BilledOut), ..Usage::default() }
        } else if self.has(Predicted) {
            Usage { input: self.get(Predicted), ..Usage::default() }
        } else if self.has(Total) {
            // Some embedding services report nothing but a total.
            Usage { input: self.get(Total), ..Usage::default() }
        } else if !self.units().is_none() {
            Usage::default()
        } else {
            return None;
        };
        usage.audio_in = usage.audio_in.max(self.get(Count::AudioIn));
        usage.audio_out = usage.audio_out.max(self.get(Count::AudioOut));
        usage.image_in = usage.image_in.max(self.get(Count::ImageIn));
        usage.image_out = usage.image_out.max(self.get(Count::ImageOut));
        usage.web_searches = self.get(Count::WebSearch);
        usage.units = self.units();
        let sum = usage.input.saturating_add(usage.output);
        // A total that leaves the cache out is no total.
        usage.total = if self.get(Total) >= sum { self.get(Total) } else { sum };
        Some(usage)
    }

    /// What the provider bills, where that is less than what it counted (Cohere).
    pub(super) fn billed(&self) -> Option<Usage> {
        if !self.any(&[Count::BilledIn, Count::BilledOut]) {
            return None;
        }
        let (input, output) = (self.get(Count::BilledIn), self.get(Count::BilledOut));
        let total = input.saturating_add(output);
        Some(Usage { input, output, total, units: self.units(), ..Usage::default() })
    }

    fn units(&self) -> Units {
        Units {
            images: self.get(Count::Images),
            audio_ms: self.get(Count::AudioMs),
            characters: self.get(Count::Characters),
            queries: self.get(Count::Queries),
            pages: self.get(Count::Pages),
        }
    }

    fn chat(&self) -> Usage {
        let input = self.get(Count::Prompt).saturating_add(self.get(Count::Citation));
        let mut output = self.get(Count::Completion);
        let mut reasoning = self.get(Count::Reasoning);
        // Reasoning outside the completion shows as a gap to the total (xAI, Gemini's OpenAI
        // surface). It is billed as output.
        let gap = self.get(Count::Total).saturating_sub(input.saturating_add(output));
        if self.has(Count::Completion) && gap > 0 {
            output = output.saturating_add(gap);
            reasoning = reasoning.max(gap);
        }
        Usage {
            input,
            output,
            reasoning,
            cache_read: self.get(Count::Cached),
            cache_write: self.get(Count::WriteWithin),
            ..Usage::default()
        }
    }

    /// Responses has the cached tokens inside the input, Anthropic and Converse beside it; each
    /// leaves the other's counts out.
    fn told_apart(&self) -> Usage {
        let write_1h = self.get(Count::Write1h);
        let split = self.get(Count::Write5m).saturating_add(write_1h);
        let written = self.get(Count::ApartWrite).max(split);
        let read = self.get(Count::ApartRead);
        Usage {
            input: self.get(Count::Input).saturating_add(read).saturating_add(written),
            output: self.get(Count::Output),
            reasoning: self.get(Count::Reasoning),
            cache_read: read.saturating_add(self.get(Count::Cached)),
            cache_write: (written - write_1h).saturating_add(self.get(Count::WriteWithin)),
            cache_write_1h: write_1h,
            ..Usage::default()
        }
    }

    fn gemini(&self) -> Usage {
        let reasoning = self.get(Count::GeminiThoughts);
        Usage {
            input: self.get(Count::GeminiPrompt).saturating_add(self.get(Count::GeminiTool)),
            output: self.get(Count::GeminiCandidates).saturating_add(reasoning),
            reasoning,
            cache_read: self.get(Count::Cached),
            ..Usage::default()
        }
    }

    fn invocation(&self) -> Usage {
        let (read, write) = (self.get(Count::MetricRead), self.get(Count::MetricWrite));
        Usage {
            input: self.get(Count::MetricIn).saturating_add(read).saturating_add(write),
            output: self.get(Count::MetricOut),
            cache_read: read,
            cache_write: write,
            ..Usage::default()
        }
    }
}

/// Reads a count: a JSON number, as an integer or as a whole float. Anything else is none.
pub(super) fn parse(raw: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(raw).ok()?;
    text.parse().ok().or_else(|| {
        let number: f64 = text.parse().ok()?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked")]
        (0.0..=9e15).contains(&number).then(|| number.round() as u64)
    })
}

/// Reads seconds, whole or not, into milliseconds.
pub(super) fn parse_seconds(raw: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(raw).ok()?;
    crate::decimal::parse(text, 3).and_then(|millis| u64::try_from(millis).ok())
}

/// Usage from headers, for answers whose body has none: of a Bedrock `invoke` (spec: observability
/// 5.1), and of ElevenLabs and Deepgram, whose body is sound. `get` looks a header up by its
/// lower-case name.
pub fn usage_from_headers<'a>(get: impl Fn(&str) -> Option<&'a str>) -> Option<Usage> {
    let mut counts = Counts::default();
    for (name, count) in [
        ("x-amzn-bedrock-input-token-count", Count::MetricIn),
        ("x-amzn-bedrock-output-token-count", Count::MetricOut),
        ("x-amzn-bedrock-cache-read-input-token-count", Count::MetricRead),
        ("x-amzn-bedrock-cache-write-input-token-count", Count::MetricWrite),
        ("character-cost", Count::Characters),
        ("dg-char-count", Count::Characters),
    ] {
        if let Some(value) = get(name).and_then(|text| parse(text.trim().as_bytes())) {
            counts.set(count, value);
        }
    }
    counts.usage()
}
