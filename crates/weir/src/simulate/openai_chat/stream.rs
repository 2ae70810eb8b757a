//! The answer of Chat Completions as a stream of chunks (spec: providers 4.4).

use serde::Serialize;
use serde_json::Value;

use super::{FINGERPRINT, finish_reason, tool_call_id};
use crate::simulate::answer::{self, Choice, Content};
use crate::simulate::prompt::Prompt;
use crate::simulate::reply::Reply;
use crate::simulate::seed;
use crate::simulate::sse::Events;

#[derive(Serialize)]
struct Chunk<'a> {
    id: &'a str,
    object: &'static str,
    created: u64,
    model: &'a str,
    service_tier: &'static str,
    system_fingerprint: &'static str,
    choices: &'a [ChunkChoice<'a>],
    /// Absent unless asked for; then null in all chunks but the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<Option<&'a Value>>,
}

#[derive(Serialize)]
struct ChunkChoice<'a> {
    index: usize,
    delta: Delta<'a>,
    logprobs: Option<()>,
    finish_reason: Option<&'static str>,
}

#[derive(Default, Serialize)]
struct Delta<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'static str>,
    /// The inner option is JSON's null, the outer one a missing field.
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<Option<&'a str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_calls: Option<[ToolDelta<'a>; 1]>,
}

#[derive(Serialize)]
struct ToolDelta<'a> {
    index: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    function: FunctionDelta<'a>,
}

#[derive(Serialize)]
struct FunctionDelta<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    arguments: &'a str,
}

/// Writes the chunks of all choices, one after the other, and the usage if it was asked for.
pub(super) fn write(prompt: &Prompt<'_>, choices: &[Choice], usage: Option<&Value>) -> Reply {
    let id = prompt.call.id("chatcmpl-");
    let mut events = Events::new(error);
    let mut chunk = |choices: &[ChunkChoice<'_>], total: Option<&Value>| {
        events.data(&Chunk {
            id: &id,
            object: "chat.completion.chunk",
            created: seed::CREATED,
            model: prompt.call.model,
            service_tier: "default",
            system_fingerprint: FINGERPRINT,
            choices,
            usage: usage.is_some().then_some(total),
        });
    };
    for (index, choice) in choices.iter().enumerate() {
        let mut part = |delta: Delta<'_>, finish_reason: Option<&'static str>| {
            chunk(&[ChunkChoice { index, delta, logprobs: None, finish_reason }], None);
        };
        let call_id = tool_call_id(prompt.call, index);
        part(opening(choice, &call_id), None);
        for piece in answer::pieces(prompt, &choice.content) {
            part(fragment(choice, piece), None);
        }
        part(Delta::default(), Some(finish_reason(choice.finish)));
    }
    if let Some(total) = usage {
        chunk(&[], Some(total));
    }
    events.done();
    Reply::Stream(events)
}

/// The first delta: the role, and for a tool call all but its arguments.
fn opening<'a>(choice: &'a Choice, call_id: &'a str) -> Delta<'a> {
    let role = Some("assistant");
    match &choice.content {
        Content::Text(_) => Delta { role, content: Some(Some("")), tool_calls: None },
        Content::ToolCall { name, .. } => {
            let function = FunctionDelta { name: Some(name), arguments: "" };
            let call = ToolDelta { index: 0, id: Some(call_id), kind: Some("function"), function };
            Delta { role, content: Some(None), tool_calls: Some([call]) }
        }
    }
}

fn fragment<'a>(choice: &Choice, piece: &'a str) -> Delta<'a> {
    match choice.content {
        Content::Text(_) => Delta { content: Some(Some(piece)), ..Delta::default() },
        Content::ToolCall { .. } => {
            let function = FunctionDelta { name: None, arguments: piece };
            let call = ToolDelta { index: 0, id: None, kind: None, function };
            Delta { tool_calls: Some([call]), ..Delta::default() }
        }
    }
}

fn error(_events_before: usize) -> String {
    "data: {\"error\":{\"message\":\"This failure was ordered by the model's name.\",\
     \"type\":\"server_error\",\"param\":null,\"code\":null}}\n\n"
        .to_owned()
}
