//! The answer of Chat Completions as a stream of chunks (spec: providers 4.4).

use serde::Serialize;
use serde_json::Value;

use super::{ERROR, FINGERPRINT, finish_reason, shows_thoughts, tool_call_id};
use crate::simulate::answer::{Block, Choice};
use crate::simulate::events::{Events, Framing};
use crate::simulate::prompt::Prompt;
use crate::simulate::reply::Reply;
use crate::simulate::seed;

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
    reasoning_content: Option<&'a str>,
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
    let mut events = Events::new(Framing::Sse, ERROR);
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
        write_choice(prompt, index, choice, &mut part);
        part(Delta::default(), Some(finish_reason(choice.finish)));
    }
    if let Some(total) = usage {
        chunk(&[], Some(total));
    }
    events.done();
    Reply::stream(events)
}

/// Writes the deltas of one choice. The role comes with the first.
fn write_choice(
    prompt: &Prompt<'_>,
    index: usize,
    choice: &Choice,
    part: &mut impl FnMut(Delta<'_>, Option<&'static str>),
) {
    let mut role = Some("assistant");
    let blocks = choice.blocks(shows_thoughts(prompt.call));
    if !matches!(blocks.first(), Some(Block::ToolCall(..))) {
        part(Delta { role: role.take(), content: Some(Some("")), ..Delta::default() }, None);
    }
    for block in blocks {
        if let Block::ToolCall(nth, call) = block {
            let id = tool_call_id(prompt.call, index, nth);
            let function = FunctionDelta { name: Some(&call.name), arguments: "" };
            let opened = ToolDelta { index: nth, id: Some(&id), kind: Some("function"), function };
            let content = role.map(|_| None);
            let tool_calls = Some([opened]);
            part(Delta { role: role.take(), content, tool_calls, ..Delta::default() }, None);
        }
        for piece in block.pieces(prompt) {
            part(fragment(block, piece), None);
        }
    }
}

fn fragment<'a>(block: Block<'_>, piece: &'a str) -> Delta<'a> {
    match block {
        Block::Thoughts(_) => Delta { reasoning_content: Some(piece), ..Delta::default() },
        Block::Text(_) => Delta { content: Some(Some(piece)), ..Delta::default() },
        Block::ToolCall(index, _) => {
            let function = FunctionDelta { name: None, arguments: piece };
            let call = ToolDelta { index, id: None, kind: None, function };
            Delta { tool_calls: Some([call]), ..Delta::default() }
        }
    }
}
