//! An answer in one piece (spec: providers 4.3).

use serde_json::{Value, json};

use super::failure;
use super::wire::{Body, Call, Choice as TheirChoice, Message, arguments};
use crate::canonical::{
    Choice, Failure, Finish, Image, Part, PartKind, Response, Source, ToolCall,
};
use crate::provider::DecodeContext;

/// Reads an answer. An error inside a body of a good status is one.
pub(in crate::provider) fn decode(
    body: &[u8],
    context: &DecodeContext,
) -> Result<Response, Failure> {
    let answer: Body<'_> = serde_json::from_slice(body).map_err(Failure::unreadable)?;
    if let Some(error) = answer.error {
        return Err(failure::inside(&parse(error)));
    }
    if answer.success == Some(false) {
        return Err(failure::read(502, body));
    }
    if let Some(inner) = answer.result {
        return decode(inner.get().as_bytes(), context);
    }
    let mut ids = Ids { base: &context.base, used: 0 };
    let sources = sources(answer.citations, answer.search_results);
    let mut choices = Vec::new();
    match (answer.choices, answer.response, answer.tool_calls) {
        (Some(theirs), ..) => {
            for choice in theirs {
                choices.push(ids.choice(choice)?);
            }
        }
        (None, None, None) => return Err(Failure::unreadable("it has no choices")),
        (None, text, calls) => choices.push(ids.native(text.map(native_text), calls)),
    }
    if let Some(first) = choices.first_mut()
        && first.annotations.is_empty()
    {
        first.annotations = sources;
    }
    let created = answer.created.and_then(|number| number.as_i64());
    Ok(Response {
        id: answer.id.map(|text| text.0.into_owned()),
        created,
        model: answer.model.map(|text| text.0.into_owned()),
        choices,
        usage: answer.usage.and_then(super::usage::Counts::usage),
        service_tier: answer.service_tier.map(|text| text.0.into_owned()),
    })
}

/// A value that was read before, so that it is JSON.
pub(super) fn parse(raw: &serde_json::value::RawValue) -> Value {
    serde_json::from_str(raw.get()).unwrap_or_default()
}

/// Workers AI answers with text, or with a number or an object where a schema asked for one.
pub(super) fn native_text(raw: &serde_json::value::RawValue) -> String {
    arguments(raw).into_owned()
}

/// Why an answer ended. `None`: it failed.
pub(super) fn finish(word: &str, calls_tools: bool) -> Option<Finish> {
    Some(match word {
        "error" => return None,
        "length" | "max_tokens" | "model_length" | "MAX_TOKENS" => Finish::Length,
        "content_filter" | "safety" | "SAFETY" | "RECITATION" => Finish::ContentFilter,
        // Several providers say `stop` when they want a tool called.
        _ if calls_tools => Finish::ToolCalls,
        "tool_calls" | "function_call" | "tool_use" => Finish::ToolCalls,
        _ => Finish::Stop,
    })
}

/// Perplexity's sources as citations, the richer list first.
pub(super) fn sources(
    citations: Option<&serde_json::value::RawValue>,
    results: Option<&serde_json::value::RawValue>,
) -> Vec<Value> {
    let list = |raw: Option<&serde_json::value::RawValue>| {
        let list: Vec<Value> =
            raw.and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default();
        list
    };
    let results = list(results);
    let found = if results.is_empty() { list(citations) } else { results };
    let citation = |source: &Value| {
        let url = source.as_str().or_else(|| source["url"].as_str())?;
        let title = source["title"].as_str().unwrap_or(url);
        Some(json!({"type": "url_citation", "url_citation": {"url": url, "title": title}}))
    };
    found.iter().filter_map(citation).collect()
}

/// Ids for tool calls that have none.
struct Ids<'a> {
    base: &'a str,
    used: usize,
}

impl Ids<'_> {
    fn choice(&mut self, theirs: TheirChoice<'_>) -> Result<Choice, Failure> {
        if let Some(error) = theirs.error {
            return Err(failure::inside(&parse(error)));
        }
        let mut choice = Choice::default();
        self.message(theirs.message.unwrap_or_default(), &mut choice);
        let word = theirs.finish_reason.map(|text| text.0).unwrap_or_default();
        let calls = choice.parts.iter().any(|part| matches!(part.kind, PartKind::ToolCall(_)));
        choice.finish = finish(&word, calls)
            .ok_or_else(|| Failure::new(502, "the provider broke the answer off with an error"))?;
        choice.logprobs = theirs.logprobs.map(parse);
        Ok(choice)
    }

    fn message(&mut self, mut message: Message<'_>, choice: &mut Choice) {
        let mut kinds = Vec::new();
        for block in message.thinking_blocks.take().unwrap_or_default() {
            kinds.push(match block.data {
                Some(sealed) => PartKind::RedactedThinking(sealed),
                None => PartKind::Thinking {
                    text: block.thinking.unwrap_or_default(),
                    signature: block.signature,
                },
            });
        }
        let plain = message.thoughts();
        if let Some(text) = plain.filter(|_| kinds.is_empty()) {
            kinds.push(PartKind::Thinking { text: text.into_owned(), signature: None });
        }
        if let Some(content) = message.content.take() {
            content.each(|thought, text| {
                if text.is_empty() {
                    return;
                }
                let text = text.into_owned();
                kinds.push(match thought {
                    true => PartKind::Thinking { text, signature: None },
                    false => PartKind::Text(text),
                });
            });
        }
        if let Some(refusal) = message.refusal.take().filter(|text| !text.0.is_empty()) {
            kinds.push(PartKind::Refusal(refusal.0.into_owned()));
        }
        let pictures = message.images.take().unwrap_or_default();
        for url in pictures.into_iter().filter_map(|picture| picture.image_url) {
            let source = Source::from_url(&url.url);
            kinds.push(PartKind::Image(Image { source, detail: None }));
        }
        let older = message.function_call.take().map(|function| Call {
            index: None,
            id: None,
            function: Some(function),
            name: None,
            arguments: None,
            extra_content: None,
        });
        for call in message.tool_calls.take().unwrap_or_default().into_iter().chain(older) {
            kinds.push(PartKind::ToolCall(self.call(call)));
        }
        choice.parts = kinds.into_iter().map(Part::from).collect();
        choice.annotations = message.annotations.take().unwrap_or_default();
    }

    fn call(&mut self, mut call: Call<'_>) -> ToolCall {
        let (name, arguments) = call.take_function();
        let given = call.id.map(|text| text.0.into_owned()).filter(|id| !id.is_empty());
        let id = given.unwrap_or_else(|| {
            self.used += 1;
            format!("call_{}_{}", self.base, self.used - 1)
        });
        ToolCall {
            id,
            name: name.unwrap_or_default().into_owned(),
            arguments: arguments.unwrap_or_default().into_owned(),
            signature: call.extra_content.and_then(super::wire::Extra::signature),
        }
    }

    /// The answer of Workers AI in its own form.
    fn native(&mut self, text: Option<String>, calls: Option<Vec<Call<'_>>>) -> Choice {
        let calls = calls.unwrap_or_default();
        let finish = if calls.is_empty() { Finish::Stop } else { Finish::ToolCalls };
        let text = text.filter(|text| !text.is_empty()).map(Part::text);
        let calls = calls.into_iter().map(|call| PartKind::ToolCall(self.call(call)).into());
        Choice { parts: text.into_iter().chain(calls).collect(), finish, ..Choice::default() }
    }
}
