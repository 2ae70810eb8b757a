//! What an answer used that did not tell, or not to its end: whoever leaves a stream before its last
//! event has used it all the same (spec: data-plane 11.1).

use weir_core::Usage;
use weir_llm::answer::{Answer, End};
use weir_llm::{request, tokens};

use crate::exchange::Call;
use crate::request_body::RequestCopy;

/// Bytes of text for a token, where nobody counts better.
const BYTES_PER_TOKEN: u64 = 4;

/// What an answer in one piece has around its text.
const ENVELOPE: u64 = 300;

/// An answer of the provider's, as far as it came.
pub(crate) struct Heard<'a> {
    pub(crate) read: Option<&'a Answer>,
    /// What it told.
    pub(crate) told: Option<Usage>,
    /// Bytes of it.
    pub(crate) size: u64,
    /// It was handed over to its end.
    pub(crate) is_whole: bool,
    pub(crate) is_stream: bool,
}

/// The usage of an answer that is no failure, and whether it is an estimate.
pub(crate) fn usage(call: &Call, heard: &Heard<'_>) -> (Option<Usage>, bool) {
    let end = heard.read.map(|read| read.end).unwrap_or_default();
    let is_over = end == End::Complete || heard.is_whole && end != End::Truncated;
    let is_told = heard.read.is_some_and(|read| read.finish_reason.is_some());
    if heard.told.is_some() && (is_over || is_told) || !makes_text(call) {
        return (heard.told, false);
    }
    let delivered = heard.read.map_or(0, |read| read.delivered);
    let failed = heard.read.is_some_and(|read| read.error.is_some());
    if failed && delivered == 0 {
        return (heard.told, false);
    }
    let bytes = if heard.is_stream { delivered } else { heard.size.saturating_sub(ENVELOPE) };
    let output = bytes.div_ceil(BYTES_PER_TOKEN);
    match heard.told {
        // What it told on the way counts as long as it can be true of what came. It is not the last
        // word: the provider may have gone on, so what was set apart stays taken.
        Some(told) if told.output.saturating_mul(3) / 2 >= output => (Some(told), true),
        Some(told) => {
            let total = told.input.saturating_add(output);
            (Some(Usage { output, total, ..told }), true)
        }
        None => {
            let input = prompt(call);
            let total = input.saturating_add(output);
            (Some(Usage { input, output, total, ..Usage::default() }), true)
        }
    }
}

fn makes_text(call: &Call) -> bool {
    let kind = match &call.unified {
        Some(unified) => Some(unified.model_type),
        None => request::model_type(call.provider.as_str(), &call.rest),
    };
    kind == Some("text-generation")
}

/// Tokens of the prompt.
fn prompt(call: &Call) -> u64 {
    let (body, size) = match &call.request {
        RequestCopy::Whole(bytes) => (Some(&bytes[..]), bytes.len() as u64),
        RequestCopy::Settled { body, size, .. } => (body.as_deref(), *size),
        RequestCopy::Passing(passing) => {
            let passing = passing.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            (None, passing.capture.size())
        }
    };
    let guess = body.and_then(tokens::guess).map(|guess| guess.input);
    guess.unwrap_or(size / BYTES_PER_TOKEN)
}
