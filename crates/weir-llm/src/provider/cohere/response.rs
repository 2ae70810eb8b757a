//! An answer in one piece.

use serde::Deserialize;
use serde_json::Value;

use super::super::{DecodeContext, Wire};
use super::answer::{self, Citation, Counts, Likelihood};
use crate::canonical::{Choice, Failure, Finish, Part, PartKind, Response, ToolCall};
use crate::json::TextOr;

#[derive(Deserialize)]
struct Answer {
    id: Option<String>,
    finish_reason: Option<String>,
    message: Option<Said>,
    usage: Option<Counts>,
    logprobs: Option<Vec<Likelihood>>,
    /// Of an answer in OpenAI's shape: a gateway may stand at Cohere's address.
    choices: Option<serde::de::IgnoredAny>,
}

/// An error with a good status has a text in the place of a message; it is not read as one.
#[derive(Deserialize)]
struct Said {
    content: Option<TextOr<Content>>,
    tool_plan: Option<String>,
    tool_calls: Option<Vec<Call>>,
    citations: Option<Vec<Citation>>,
}

#[derive(Deserialize)]
struct Content {
    text: Option<String>,
    thinking: Option<String>,
}

#[derive(Deserialize)]
struct Call {
    id: Option<String>,
    function: Option<Function>,
}

#[derive(Deserialize)]
struct Function {
    name: Option<String>,
    arguments: Option<String>,
}

pub(in crate::provider) fn decode(
    body: &[u8],
    context: &DecodeContext,
) -> Result<Response, Failure> {
    let answer: Answer = serde_json::from_slice(body).map_err(Failure::unreadable)?;
    let Some(message) = answer.message else {
        if answer.choices.is_some() {
            return Wire::OpenAi.decode(body, context);
        }
        return Err(Failure::unreadable("it has no message"));
    };
    let finish = answer.finish_reason.as_deref().map_or(Ok(Finish::Stop), answer::finish)?;
    let mut choice = Choice { parts: message.parts(context), finish, ..Choice::default() };
    let calls = choice.parts.iter().any(|part| matches!(part.kind, PartKind::ToolCall(_)));
    if calls && choice.finish == Finish::Stop {
        choice.finish = Finish::ToolCalls;
    }
    let citations = message.citations.unwrap_or_default();
    choice.annotations = citations.into_iter().flat_map(Citation::annotations).collect();
    let tokens =
        answer.logprobs.map(|list| list.iter().map(Likelihood::token).collect::<Vec<Value>>());
    choice.logprobs = tokens.map(|tokens| answer::logprobs(&tokens));
    Ok(Response {
        id: answer.id,
        choices: vec![choice],
        usage: answer.usage.as_ref().map(Counts::usage),
        ..Response::default()
    })
}

impl Said {
    fn parts(&self, context: &DecodeContext) -> Vec<Part> {
        let thinking = |text: &str| {
            let text = text.to_owned();
            Part::from(PartKind::Thinking { text, signature: None })
        };
        let mut parts = Vec::new();
        match &self.content {
            Some(TextOr::Text(text)) if !text.is_empty() => parts.push(Part::text(text)),
            Some(TextOr::List(list)) => {
                for content in list {
                    parts.extend(content.thinking.as_deref().map(thinking));
                    parts.extend(content.text.as_deref().map(Part::text));
                }
            }
            _ => {}
        }
        if let Some(plan) = self.tool_plan.as_deref().filter(|plan| !plan.is_empty()) {
            parts.push(thinking(plan));
        }
        for (index, call) in self.tool_calls.iter().flatten().enumerate() {
            let made_up = || format!("call_{}_{index}", context.base);
            let function = call.function.as_ref();
            let name = function.and_then(|function| function.name.clone());
            let arguments = function.and_then(|function| function.arguments.clone());
            let call = ToolCall {
                id: call.id.clone().unwrap_or_else(made_up),
                name: name.unwrap_or_default(),
                arguments: arguments.unwrap_or_default(),
                signature: None,
            };
            parts.push(PartKind::ToolCall(call).into());
        }
        parts
    }
}
