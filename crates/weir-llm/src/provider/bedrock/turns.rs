//! The conversation: system texts apart, turns that alternate, results of tools before all else.

use std::borrow::Cow;
use std::collections::HashSet;

use serde_json::Value;
use serde_json::value::RawValue;

use super::body::{Block, CachePoint, ReasoningContent, ToolResult, ToolUse, Turn};
use super::family::{Cache, Family, Thinking};
use super::media::{self, Names};
use super::tools;
use crate::canonical::{self, Message, Part, PartKind, Role, ToolCall};
use crate::fault::{Fault, Losses, Param};

/// A conversation being built.
pub(super) struct Conversation<'a, 'l> {
    family: &'l Family,
    losses: &'l mut Losses,
    system: Vec<Block<'a>>,
    turns: Vec<Open<'a>>,
    /// Ids of the calls so far.
    calls: HashSet<&'a str>,
    names: Names,
}

/// A turn that may still grow.
struct Open<'a> {
    role: &'static str,
    results: Vec<Block<'a>>,
    content: Vec<Block<'a>>,
    /// Place of its first message in the client's list.
    index: usize,
}

const USER: &str = "user";
const ASSISTANT: &str = "assistant";

/// Gives the system texts and the turns.
pub(super) fn build<'a>(
    messages: &'a [Message],
    family: &Family,
    losses: &mut Losses,
) -> Result<(Vec<Block<'a>>, Vec<Turn<'a>>), Fault> {
    let mut conversation = Conversation {
        family,
        losses,
        system: Vec::new(),
        turns: Vec::new(),
        calls: HashSet::new(),
        names: Names::default(),
    };
    for message in messages {
        conversation.message(message)?;
    }
    conversation.close()
}

impl<'a> Conversation<'a, '_> {
    fn message(&mut self, message: &'a Message) -> Result<(), Fault> {
        let place = Param::Message(message.index);
        let role = match message.role {
            Role::System => return self.system(message, &place),
            Role::User | Role::Tool => USER,
            Role::Assistant => ASSISTANT,
        };
        if self.turns.last().is_none_or(|turn| turn.role != role) {
            let index = message.index;
            self.turns.push(Open { role, results: Vec::new(), content: Vec::new(), index });
        }
        for part in &message.parts {
            let Some(block) = self.block(part, role, &place)? else { continue };
            let mark = cache_point(part.cache.as_ref(), self.family, self.losses)?;
            let Some(turn) = self.turns.last_mut() else { continue };
            let is_result = matches!(block, Block::ToolResult(_));
            let list = if is_result { &mut turn.results } else { &mut turn.content };
            list.push(block);
            list.extend(mark.map(Block::CachePoint));
        }
        Ok(())
    }

    fn system(&mut self, message: &'a Message, place: &Param) -> Result<(), Fault> {
        if !self.family.system {
            let why = "takes no system messages with this model; say it in the first user message";
            return Err(self.losses.refuse(place, why));
        }
        for part in &message.parts {
            let PartKind::Text(text) = &part.kind else {
                return Err(self.losses.refuse(place, "takes only text in system messages"));
            };
            if is_blank(text) {
                continue;
            }
            self.system.push(Block::Text(text.into()));
            let mark = cache_point(part.cache.as_ref(), self.family, self.losses)?;
            self.system.extend(mark.map(Block::CachePoint));
        }
        Ok(())
    }

    /// `None` for what says nothing to the target: blank texts, which it refuses, and thoughts that
    /// it did not seal itself.
    fn block(
        &mut self,
        part: &'a Part,
        role: &'static str,
        place: &Param,
    ) -> Result<Option<Block<'a>>, Fault> {
        let from_user = role == USER;
        let is_claude = self.family.thinking == Thinking::Claude;
        Ok(match &part.kind {
            PartKind::Text(text) | PartKind::Refusal(text) => {
                (!is_blank(text)).then(|| Block::Text(text.into()))
            }
            PartKind::Image(image) if from_user => {
                Some(media::image(image, self.family, place, self.losses)?)
            }
            PartKind::File(media) if from_user => {
                Some(media::document(media, self.family, &mut self.names, place, self.losses)?)
            }
            PartKind::Audio(_) => {
                return Err(self.losses.refuse(place, "takes no audio; send a transcript"));
            }
            PartKind::Image(_) | PartKind::File(_) => {
                let why = "takes images and documents in user messages only";
                return Err(self.losses.refuse(place, why));
            }
            PartKind::ToolCall(call) => Some(self.call(call, place)?),
            PartKind::ToolResult(result) => Some(self.result(result, place)?),
            PartKind::Thinking { text, signature: Some(signature) } if is_claude => {
                Some(Block::ReasoningContent(ReasoningContent::ReasoningText { text, signature }))
            }
            PartKind::RedactedThinking(sealed) if is_claude => {
                Some(Block::ReasoningContent(ReasoningContent::RedactedContent(sealed)))
            }
            PartKind::Thinking { .. } | PartKind::RedactedThinking(_) => None,
        })
    }

    fn call(&mut self, call: &'a ToolCall, place: &Param) -> Result<Block<'a>, Fault> {
        let arguments = if is_blank(&call.arguments) { "{}" } else { call.arguments.trim() };
        let input: Option<&RawValue> = serde_json::from_str(arguments).ok();
        let Some(input) = input.filter(|_| arguments.starts_with('{')) else {
            let why = format!("the arguments of the call {} have to be a JSON object", call.id);
            return Err(self.losses.invalid(place, &why));
        };
        tools::check_name(&call.name, place, self.losses)?;
        self.calls.insert(&call.id);
        Ok(Block::ToolUse(ToolUse { tool_use_id: tool_id(&call.id), name: &call.name, input }))
    }

    fn result(
        &mut self,
        result: &'a canonical::ToolResult,
        place: &Param,
    ) -> Result<Block<'a>, Fault> {
        if !self.calls.contains(&*result.id) {
            let why = format!("there is no earlier tool call {} that it could answer", result.id);
            return Err(self.losses.invalid(place, &why));
        }
        let mut content = Vec::with_capacity(result.parts.len());
        for part in &result.parts {
            match &part.kind {
                PartKind::Text(_) | PartKind::Image(_) | PartKind::File(_) => {
                    content.extend(self.block(part, USER, place)?);
                }
                _ => {
                    let why = "takes only text, images and documents as the result of a tool";
                    return Err(self.losses.refuse(place, why));
                }
            }
        }
        let status = (result.is_error && self.family.status).then_some("error");
        if result.is_error && status.is_none() {
            content.insert(0, Block::Text("error:".into()));
        }
        let tool_use_id = tool_id(&result.id);
        Ok(Block::ToolResult(ToolResult { tool_use_id, content, status }))
    }

    fn close(self) -> Result<(Vec<Block<'a>>, Vec<Turn<'a>>), Fault> {
        let Self { family, losses, system, turns, .. } = self;
        let turns = merge(turns);
        match (turns.first(), turns.last()) {
            (Some(first), Some(last)) => {
                if first.role != USER {
                    let why = "has to begin with a user message for this provider";
                    return Err(losses.invalid(&Param::Messages, why));
                }
                if last.role != USER && !family.prefill {
                    let why = "does not continue an assistant message; end with a user message";
                    return Err(losses.refuse(&Param::Message(last.index), why));
                }
            }
            _ => {
                let why = "has to hold at least one user message that is not blank";
                return Err(losses.invalid(&Param::Messages, why));
            }
        }
        for turn in &turns {
            let has_document = turn.content.iter().any(|it| matches!(it, Block::Document(_)));
            if has_document && !turn.content.iter().any(|it| matches!(it, Block::Text(_))) {
                let why = "takes a document only together with a text; add one";
                return Err(losses.refuse(&Param::Message(turn.index), why));
            }
        }
        let turn = |Open { role, mut results, content, .. }| {
            results.extend(content);
            Turn { role, content: results }
        };
        Ok((system, turns.into_iter().map(turn).collect()))
    }
}

/// Turns of which nothing is left go; their neighbours then have one role.
fn merge(turns: Vec<Open<'_>>) -> Vec<Open<'_>> {
    let mut merged: Vec<Open<'_>> = Vec::with_capacity(turns.len());
    for turn in turns {
        if turn.results.is_empty() && turn.content.is_empty() {
            continue;
        }
        match merged.last_mut().filter(|last| last.role == turn.role) {
            Some(last) => {
                last.results.extend(turn.results);
                last.content.extend(turn.content);
            }
            None => merged.push(turn),
        }
    }
    merged
}

fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}

/// Where a prompt cache ends, for a part with Anthropic's `cache_control`.
pub(super) fn cache_point(
    control: Option<&Value>,
    family: &Family,
    losses: &mut Losses,
) -> Result<Option<CachePoint>, Fault> {
    let Some(control) = control else { return Ok(None) };
    if family.cache == Cache::None {
        losses.drop(&Param::CacheControl)?;
        return Ok(None);
    }
    let long = family.cache == Cache::Everywhere && control["ttl"] == "1h";
    Ok(Some(CachePoint { kind: "default", ttl: long.then_some("1h") }))
}

/// Ids of other providers may be longer than Converse takes, or of other characters. The same id
/// always becomes the same.
fn tool_id(id: &str) -> Cow<'_, str> {
    let permitted =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b':' | b'-');
    if (1..=64).contains(&id.len()) && id.bytes().all(permitted) {
        return Cow::Borrowed(id);
    }
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, id.as_bytes());
    let hex = |byte: &u8| format!("{byte:02x}");
    Cow::Owned(format!("id-{}", digest.as_ref().iter().take(16).map(hex).collect::<String>()))
}

/// Whether any turn has calls or results: Converse then insists on the tools.
pub(super) fn uses_tools(turns: &[Turn<'_>]) -> bool {
    let blocks = turns.iter().flat_map(|turn| &turn.content);
    let mut of_tools = blocks.filter(|it| matches!(it, Block::ToolUse(_) | Block::ToolResult(_)));
    of_tools.next().is_some()
}

/// Whether Claude may think on: in the middle of a tool loop its last turn has to bring the sealed
/// thoughts that led to the calls, and many clients lose them.
pub(super) fn can_think_on(turns: &[Turn<'_>]) -> bool {
    let answered = turns
        .last()
        .is_some_and(|last| last.content.iter().any(|block| matches!(block, Block::ToolResult(_))));
    let before = turns.iter().rev().find(|turn| turn.role == ASSISTANT);
    let sealed = |turn: &Turn<'_>| {
        turn.content.iter().any(|block| matches!(block, Block::ReasoningContent(_)))
    };
    !answered || before.is_none_or(sealed)
}
