//! The conversation. Cohere's roles are OpenAI's, in any order after the first word of the user.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use crate::canonical::{Image, Message, Part, PartKind, Role, Source, ToolCall, ToolResult};
use crate::capability::Capabilities;
use crate::fault::{Fault, Losses, Param};

pub(super) fn write(
    messages: &[Message],
    capabilities: &Capabilities,
    losses: &mut Losses,
) -> Result<Value, Fault> {
    let mut spoken = messages.iter().filter(|message| message.role != Role::System);
    let first = spoken.next();
    let last = spoken.next_back().or(first);
    match (first, last) {
        (None, _) => {
            return Err(losses.invalid(&Param::Messages, "Cohere needs a message of the user"));
        }
        (Some(first), _) if first.role != Role::User => {
            let why = "the conversation has to begin with the user at Cohere";
            return Err(losses.invalid(&Param::Message(first.index), why));
        }
        (_, Some(last)) if last.role == Role::Assistant => {
            let why = "cannot continue an answer that has begun; end with the user or a tool";
            return Err(losses.refuse(&Param::Message(last.index), why));
        }
        _ => {}
    }
    let parts = || messages.iter().flat_map(|message| &message.parts);
    if parts().any(|part| part.cache.is_some()) {
        losses.drop(&Param::CacheControl)?;
    }
    let mut writer = Turns { capabilities, losses, calls: HashSet::new(), out: Vec::new() };
    for message in messages {
        writer.message(message)?;
    }
    Ok(Value::Array(writer.out))
}

struct Turns<'a> {
    capabilities: &'a Capabilities,
    losses: &'a Losses,
    /// Ids of the calls so far.
    calls: HashSet<&'a str>,
    out: Vec<Value>,
}

impl<'a> Turns<'a> {
    fn message(&mut self, message: &'a Message) -> Result<(), Fault> {
        match message.role {
            Role::System | Role::User => {
                let role = if message.role == Role::User { "user" } else { "system" };
                let content = self.content(&message.parts, message.index)?;
                self.out.push(json!({"role": role, "content": content}));
            }
            Role::Assistant => self.assistant(message)?,
            Role::Tool => {
                for part in &message.parts {
                    let PartKind::ToolResult(result) = &part.kind else { continue };
                    self.result(result, message.index)?;
                }
            }
        }
        Ok(())
    }

    /// A text where it is one, else a list of parts.
    fn content(&self, parts: &[Part], index: usize) -> Result<Value, Fault> {
        if let [Part { kind: PartKind::Text(text), .. }] = parts {
            return Ok(text.as_str().into());
        }
        parts.iter().map(|part| self.part(part, index)).collect()
    }

    fn part(&self, part: &Part, index: usize) -> Result<Value, Fault> {
        let place = Param::Message(index);
        match &part.kind {
            PartKind::Text(text) | PartKind::Refusal(text) => {
                Ok(json!({"type": "text", "text": text}))
            }
            PartKind::Image(image) => self.image(image, &place),
            PartKind::Audio(_) => {
                Err(self.losses.refuse(&place, "cannot hear; send the sound as text"))
            }
            PartKind::File(_) => {
                Err(self.losses.refuse(&place, "reads no files; send the text of the file"))
            }
            // Not what users say; the doors do not make them.
            PartKind::ToolCall(_)
            | PartKind::ToolResult(_)
            | PartKind::Thinking { .. }
            | PartKind::RedactedThinking(_) => {
                Err(self.losses.invalid(&place, "has a part that does not belong to its role"))
            }
        }
    }

    fn image(&self, image: &Image, place: &Param) -> Result<Value, Fault> {
        if self.capabilities.vision == Some(false) {
            return Err(self.losses.refuse(place, "sees no images with this model; leave it out"));
        }
        let Some(url) = image.source.to_url() else {
            let Source::Id(id) = &image.source else { return Ok(Value::Null) };
            let why = format!("does not have the file {id}; send the image itself or its address");
            return Err(self.losses.refuse(place, &why));
        };
        let mut image_url = Map::new();
        image_url.insert("url".to_owned(), url.into());
        if let Some(detail) = &image.detail {
            image_url.insert("detail".to_owned(), detail.as_str().into());
        }
        Ok(json!({"type": "image_url", "image_url": image_url}))
    }

    /// Thoughts that led to calls are the plan of those calls. Others, and those of other providers,
    /// Cohere does not ask for.
    fn assistant(&mut self, message: &'a Message) -> Result<(), Fault> {
        let mut texts = Vec::new();
        let mut plan = String::new();
        let mut calls = Vec::new();
        for part in &message.parts {
            match &part.kind {
                PartKind::Thinking { text, signature: None } => plan.push_str(text),
                PartKind::Thinking { .. } | PartKind::RedactedThinking(_) => {}
                PartKind::ToolCall(call) => calls.push(self.call(call, message.index)?),
                _ => texts.push(part.clone()),
            }
        }
        let mut turn = Map::new();
        turn.insert("role".to_owned(), "assistant".into());
        if !texts.is_empty() {
            turn.insert("content".to_owned(), self.content(&texts, message.index)?);
        }
        if calls.is_empty() {
            if texts.is_empty() {
                turn.insert("content".to_owned(), "".into());
            }
        } else {
            turn.insert("tool_calls".to_owned(), calls.into());
            if !plan.is_empty() {
                turn.insert("tool_plan".to_owned(), plan.into());
            }
        }
        self.out.push(Value::Object(turn));
        Ok(())
    }

    fn call(&mut self, call: &'a ToolCall, index: usize) -> Result<Value, Fault> {
        self.calls.insert(&call.id);
        let arguments = if call.arguments.trim().is_empty() { "{}" } else { &call.arguments };
        if serde_json::from_str::<Map<String, Value>>(arguments).is_err() {
            let why = format!("the arguments of call {} are not a JSON object", call.id);
            return Err(self.losses.invalid(&Param::Message(index), &why));
        }
        Ok(json!({
            "id": call.id,
            "type": "function",
            "function": {"name": call.name, "arguments": arguments},
        }))
    }

    fn result(&mut self, result: &ToolResult, index: usize) -> Result<(), Fault> {
        let place = Param::Message(index);
        if !self.calls.contains(result.id.as_str()) {
            let why = format!("answers call {:?}, which no message before it makes", result.id);
            return Err(self.losses.invalid(&place, &why));
        }
        let is_text = |part: &Part| matches!(part.kind, PartKind::Text(_));
        if !result.parts.iter().all(is_text) {
            let why = "takes text from tools only; say in words what the tool gave";
            return Err(self.losses.refuse(&place, why));
        }
        let mut text = result.joined_text();
        if result.is_error {
            text.insert_str(0, "Error: ");
        }
        self.out.push(json!({"role": "tool", "tool_call_id": result.id, "content": text}));
        Ok(())
    }
}
