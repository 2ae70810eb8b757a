//! What answers in one piece and streams share: reasons, counts, citations, likelihoods.

use serde::Deserialize;
use serde_json::{Value, json};
use weir_core::Usage;

use crate::canonical::{Failure, Finish};

/// Why an answer ended, or that it failed (spec: providers 4.3).
pub(super) fn finish(reason: &str) -> Result<Finish, Failure> {
    Ok(match reason {
        "STOP_SEQUENCE" => Finish::StopSequence(None),
        "MAX_TOKENS" | "ERROR_LIMIT" => Finish::Length,
        "TOOL_CALL" => Finish::ToolCalls,
        "ERROR_TOXIC" => Finish::ContentFilter,
        "ERROR" => return Err(failed(502, "ERROR", "the provider broke the answer off")),
        "TIMEOUT" => return Err(failed(504, "TIMEOUT", "the provider ran out of time")),
        _ => Finish::Stop,
    })
}

fn failed(status: u16, kind: &str, message: &str) -> Failure {
    Failure { kind: Some(kind.to_owned()), ..Failure::new(status, message) }
}

#[derive(Deserialize)]
pub(super) struct Counts {
    tokens: Option<Tokens>,
    billed_units: Option<Tokens>,
    cached_tokens: Option<f64>,
}

/// Whole numbers, written with a point at times.
#[derive(Clone, Copy, Deserialize)]
struct Tokens {
    input_tokens: Option<f64>,
    output_tokens: Option<f64>,
}

impl Counts {
    /// The real tokens; where only the billed ones are told, those.
    pub(super) fn usage(&self) -> Usage {
        let told = |tokens: &&Tokens| tokens.input_tokens.or(tokens.output_tokens).is_some();
        let real = self.tokens.as_ref().filter(told).or(self.billed_units.as_ref());
        let input = real.map_or(0, |tokens| whole(tokens.input_tokens));
        let output = real.map_or(0, |tokens| whole(tokens.output_tokens));
        let cache_read = whole(self.cached_tokens);
        Usage { input, output, total: input.saturating_add(output), cache_read, ..Usage::default() }
    }
}

/// A count; what is negative or no number at all is none.
fn whole(count: Option<f64>) -> u64 {
    // A float that is out of range becomes the nearest end of it.
    count.map_or(0, |count| count as u64)
}

#[derive(Deserialize)]
pub(super) struct Citation {
    start: Option<u64>,
    end: Option<u64>,
    #[serde(default)]
    sources: Vec<Source>,
    #[serde(rename = "type")]
    kind: Option<String>,
}

#[derive(Deserialize)]
struct Source {
    id: Option<String>,
    document: Option<Value>,
}

impl Citation {
    /// As OpenAI's `url_citation`s, one for each source. A source without an address is known by its
    /// id alone, so that stands in its place. Citations of the plan or of thoughts count places in a
    /// text that is not the answer's and have no form there.
    pub(super) fn annotations(self) -> impl Iterator<Item = Value> {
        let of_text = self.kind.as_deref().is_none_or(|kind| kind == "TEXT_CONTENT");
        let (start, end) = (self.start.unwrap_or_default(), self.end.unwrap_or_default());
        self.sources.into_iter().filter(move |_| of_text).map(move |source| {
            let id = source.id.unwrap_or_default();
            let member = |name: &str| {
                let document = source.document.as_ref()?;
                document.get(name).or_else(|| document.get("data")?.get(name))?.as_str()
            };
            json!({
                "type": "url_citation",
                "url_citation": {
                    "start_index": start,
                    "end_index": end,
                    "title": member("title").unwrap_or(&id),
                    "url": member("url").unwrap_or(&id),
                },
            })
        })
    }
}

/// The likelihoods of a piece of text: one for each token, though their texts are not told apart.
#[derive(Deserialize)]
pub(super) struct Likelihood {
    text: Option<String>,
    #[serde(default)]
    logprobs: Vec<f64>,
}

impl Likelihood {
    /// In OpenAI's form: the piece counts as one token, as likely as its tokens together.
    pub(super) fn token(&self) -> Value {
        let text = self.text.as_deref().unwrap_or_default();
        let logprob: f64 = self.logprobs.iter().sum();
        json!({"token": text, "logprob": logprob, "bytes": text.as_bytes(), "top_logprobs": []})
    }
}

pub(super) fn logprobs(tokens: &[Value]) -> Value {
    json!({"content": tokens, "refusal": null})
}
