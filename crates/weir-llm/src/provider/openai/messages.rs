//! The conversation, message by message.

use super::content;
use super::quirks::{NO_SIGNATURE, Thoughts};
use super::request::Writing;
use crate::canonical::{Image, Message, Part, PartKind, Role, ToolCall, ToolResult};
use crate::fault::{Fault, Param};
use crate::json::push_string;

/// One or more messages of the same role, to be written as one.
struct Turn<'a> {
    role: Role,
    /// Place of the first in the client's list.
    index: usize,
    parts: Vec<&'a Part>,
}

/// The list being written.
struct List<'a> {
    first: bool,
    /// Pictures that tools gave: a tool's message holds text only, so they go to the user's next.
    moved: Vec<&'a Image>,
    /// Place of the last message with such a picture.
    from: usize,
}

/// Writes `messages`, begun by an instruction of our own if there is one.
pub(super) fn push(
    w: &mut Writing<'_>,
    history: &[Message],
    instruction: Option<&str>,
) -> Result<(), Fault> {
    if let Some(last) = history.last().filter(|last| last.role == Role::Assistant)
        && w.capabilities.assistant_prefill == Some(false)
    {
        let why = "does not continue a begun answer with this model; end with a user message";
        return Err(w.losses.refuse(&Param::Message(last.index), why));
    }
    let continued = history.last().is_some_and(|last| last.role == Role::Assistant);
    w.name("messages");
    w.out.push(b'[');
    let mut list = List { first: true, moved: Vec::new(), from: 0 };
    if let Some(text) = instruction {
        list.begin(w, "system");
        w.member("content", text);
        w.out.push(b'}');
    }
    let turns = turns(history, w.quirks.alternate);
    let last = turns.len().saturating_sub(1);
    for (at, turn) in turns.iter().enumerate() {
        list.results(w, turn)?;
        match turn.role {
            Role::Tool => {}
            Role::User => list.user(w, turn)?,
            Role::System => {
                list.flush(w)?;
                list.begin(w, "system");
                content::push_text(w, turn.index, &turn.parts, "\n")?;
                w.out.push(b'}');
            }
            Role::Assistant => {
                list.flush(w)?;
                list.begin(w, "assistant");
                assistant(w, turn)?;
                if w.quirks.prefix && continued && at == last {
                    w.member("prefix", &true);
                }
                w.out.push(b'}');
            }
        }
    }
    list.flush(w)?;
    w.out.push(b']');
    Ok(())
}

fn turns(history: &[Message], alternate: bool) -> Vec<Turn<'_>> {
    let mut turns: Vec<Turn<'_>> = Vec::with_capacity(history.len());
    for message in history {
        let parts = message.parts.iter();
        match turns.last_mut() {
            Some(turn) if alternate && turn.role == message.role => turn.parts.extend(parts),
            _ => turns.push(Turn {
                role: message.role,
                index: message.index,
                parts: parts.collect(),
            }),
        }
    }
    turns
}

impl<'a> List<'a> {
    fn begin(&mut self, w: &mut Writing<'_>, role: &str) {
        if !std::mem::replace(&mut self.first, false) {
            w.out.push(b',');
        }
        w.out.extend_from_slice(b"{\"role\":");
        push_string(&mut w.out, role);
    }

    /// What tools said, each in a message of its own.
    fn results(&mut self, w: &mut Writing<'_>, turn: &Turn<'a>) -> Result<(), Fault> {
        for part in &turn.parts {
            let PartKind::ToolResult(result) = &part.kind else { continue };
            self.begin(w, "tool");
            let id = w.ids.form(&result.id).into_owned();
            w.member("tool_call_id", &id);
            self.result_text(w, result, turn.index)?;
            if w.quirks.cache_control {
                w.cache(part.cache.as_ref())?;
            }
            w.out.push(b'}');
        }
        Ok(())
    }

    fn result_text(
        &mut self,
        w: &mut Writing<'_>,
        result: &'a ToolResult,
        index: usize,
    ) -> Result<(), Fault> {
        self.from = index;
        let images = self.moved.len();
        for part in &result.parts {
            match &part.kind {
                PartKind::Text(_) => {}
                PartKind::Image(image) => self.moved.push(image),
                _ => {
                    let why = "takes text and pictures alone as a tool's result";
                    return Err(w.losses.refuse(&Param::Message(index), why));
                }
            }
        }
        let mut text = result.joined_text();
        if text.is_empty() && self.moved.len() > images {
            text.push_str("The result is the picture in the next message of the user.");
        }
        if result.is_error {
            text.insert_str(0, "error: ");
        }
        w.member("content", &text);
        Ok(())
    }

    fn user(&mut self, w: &mut Writing<'_>, turn: &Turn<'a>) -> Result<(), Fault> {
        let said = |part: &&&Part| !matches!(part.kind, PartKind::ToolResult(_));
        let parts: Vec<&Part> = turn.parts.iter().filter(said).copied().collect();
        if parts.is_empty() && !turn.parts.is_empty() {
            // Nothing but results, which are written.
            return Ok(());
        }
        self.begin(w, "user");
        let moved = std::mem::take(&mut self.moved);
        content::push_user(w, turn.index, &moved, &parts)?;
        w.out.push(b'}');
        Ok(())
    }

    /// Pictures that no message of the user has taken up.
    fn flush(&mut self, w: &mut Writing<'_>) -> Result<(), Fault> {
        if self.moved.is_empty() {
            return Ok(());
        }
        self.begin(w, "user");
        let moved = std::mem::take(&mut self.moved);
        content::push_user(w, self.from, &moved, &[])?;
        w.out.push(b'}');
        Ok(())
    }
}

fn assistant(w: &mut Writing<'_>, turn: &Turn<'_>) -> Result<(), Fault> {
    let mut thoughts = String::new();
    let mut said = Vec::new();
    let mut calls = Vec::new();
    for part in &turn.parts {
        match &part.kind {
            PartKind::Thinking { text, .. } => thoughts.push_str(text),
            // Only the provider that sealed them can read these.
            PartKind::RedactedThinking(_) => {}
            PartKind::ToolCall(call) => calls.push(call),
            _ => said.push(*part),
        }
    }
    match w.quirks.thoughts {
        Thoughts::Parts if !thoughts.is_empty() => content::push_thoughts(w, &thoughts, &said)?,
        _ if said.is_empty() && !calls.is_empty() => w.member("content", &()),
        _ => content::push_text(w, turn.index, &said, "")?,
    }
    if let Thoughts::Member(name) = w.quirks.thoughts
        && !thoughts.is_empty()
    {
        w.member(name, &thoughts);
    }
    if !calls.is_empty() {
        w.name("tool_calls");
        for (at, call) in calls.iter().enumerate() {
            w.out.push(if at == 0 { b'[' } else { b',' });
            tool_call(w, call, at == 0);
        }
        w.out.push(b']');
    }
    Ok(())
}

fn tool_call(w: &mut Writing<'_>, call: &ToolCall, first: bool) {
    let id = w.ids.form(&call.id);
    w.out.extend_from_slice(b"{\"id\":");
    push_string(&mut w.out, &id);
    w.out.extend_from_slice(b",\"type\":\"function\",\"function\":{\"name\":");
    push_string(&mut w.out, &call.name);
    w.member("arguments", if call.arguments.is_empty() { "{}" } else { &call.arguments });
    w.out.push(b'}');
    let signature = call.signature.as_deref().or((first && w.signs).then_some(NO_SIGNATURE));
    if let Some(signature) = signature.filter(|_| w.quirks.signatures) {
        let google = serde_json::json!({"google": {"thought_signature": signature}});
        w.member("extra_content", &google);
    }
    w.out.push(b'}');
}
