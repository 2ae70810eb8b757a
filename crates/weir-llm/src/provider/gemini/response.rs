//! Reading an answer in one piece (spec: providers 4.3).

use super::answer::{Answer, Candidate, Part, Text};
use super::citations::{Cited, citations};
use super::likelihoods::likelihoods;
use super::{failure, finish, usage};
use crate::canonical::{
    self, Choice, Failure, Finish, Image, Media, PartKind, Response, Source, ToolCall,
};
use crate::provider::DecodeContext;

pub(in crate::provider) fn decode(
    body: &[u8],
    context: &DecodeContext,
) -> Result<Response, Failure> {
    let answer: Answer<'_> = serde_json::from_slice(body).map_err(Failure::unreadable)?;
    if let Some(error) = answer.error {
        return Err(failure::inside(error));
    }
    let mut calls = 0;
    let candidates = answer.candidates.iter().flatten();
    let mut choices = candidates
        .map(|candidate| choice(candidate, context, &mut calls))
        .collect::<Result<Vec<_>, _>>()?;
    if choices.is_empty() {
        if !answer.is_blocked() {
            return Err(Failure::unreadable("it has no candidates and no reason for that"));
        }
        choices.push(Choice { finish: Finish::ContentFilter, ..Choice::default() });
    }
    Ok(Response {
        id: answer.response_id.map(|Text(id)| id.into_owned()),
        model: answer.model_version.map(|Text(model)| model.into_owned()),
        choices,
        usage: answer.usage_metadata.as_ref().map(usage::usage),
        ..Response::default()
    })
}

fn choice(
    candidate: &Candidate<'_>,
    context: &DecodeContext,
    calls: &mut u32,
) -> Result<Choice, Failure> {
    let given = candidate.content.iter().flat_map(|content| content.parts.iter().flatten());
    let mut parts: Vec<canonical::Part> = Vec::new();
    for part in given {
        let Some(kind) = kind(part, context, calls) else { continue };
        match (parts.last_mut().map(|last| &mut last.kind), kind) {
            // Text comes in several parts for no reason that a reader would care about.
            (Some(PartKind::Text(last)), PartKind::Text(more)) => last.push_str(&more),
            (_, kind) => parts.push(kind.into()),
        }
    }
    let has_calls = parts.iter().any(|part| matches!(part.kind, PartKind::ToolCall(_)));
    let annotations = candidate.grounding_metadata.map_or_else(Vec::new, |grounding| {
        let texts = parts.iter().filter_map(|part| match &part.kind {
            PartKind::Text(text) => Some(text.as_str()),
            _ => None,
        });
        citations(grounding, Cited::Text(&texts.collect::<String>()))
    });
    Ok(Choice {
        finish: finish::finish(candidate, has_calls)?,
        logprobs: candidate.logprobs_result.and_then(likelihoods),
        annotations,
        parts,
    })
}

/// What a part is; `None` for one that says nothing. The signature of a plain text is not kept:
/// Gemini does not ask for it back.
fn kind(part: &Part<'_>, context: &DecodeContext, calls: &mut u32) -> Option<PartKind> {
    let signature = || part.thought_signature.as_ref().map(|Text(text)| text.to_string());
    if let Some(call) = &part.function_call {
        let id = call.id_or(&context.base, *calls).into_owned();
        *calls += 1;
        return Some(PartKind::ToolCall(ToolCall {
            id,
            name: call.name.0.to_string(),
            arguments: call.arguments().map_or_else(|| "{}".to_owned(), Into::into),
            signature: signature(),
        }));
    }
    if let Some(blob) = &part.inline_data {
        let media_type = blob.mime_type.0.to_string();
        let source = Source::Data { media_type, base64: blob.data.0.to_string() };
        return Some(match blob.mime_type.0.split('/').next() {
            Some("audio") => PartKind::Audio(Media { source, name: None }),
            _ => PartKind::Image(Image { source, detail: None }),
        });
    }
    let text = part.text.as_ref().map_or("", |Text(text)| text);
    if part.thought == Some(true) {
        return Some(PartKind::Thinking { text: text.to_owned(), signature: signature() });
    }
    (!text.is_empty()).then(|| PartKind::Text(text.to_owned()))
}
