//! Messages as turns: the system's words apart, neighbours of one role together, results of tools
//! right behind the calls they answer (spec: providers 4.1).

use super::body::{Block, Speaker, Turn};
use super::parts::{self, Writer};
use crate::canonical::{Message, PartKind, Request, Role};
use crate::capability::Capabilities;
use crate::fault::{Fault, Losses, Param};

/// The conversation as Anthropic wants it.
#[derive(Default)]
pub(super) struct Turns<'a> {
    pub(super) system: Vec<Block<'a>>,
    pub(super) turns: Vec<Turn<'a>>,
}

impl<'a> Turns<'a> {
    pub(super) fn of(
        request: &'a Request,
        capabilities: Capabilities,
        losses: &mut Losses,
    ) -> Result<Self, Fault> {
        let mut all = Self::default();
        for message in &request.messages {
            if !parts::is_empty(message) {
                let mut writer = Writer { capabilities, losses, index: message.index };
                all.add(message, &mut writer)?;
            }
        }
        let Some(last) = all.turns.last() else {
            let why = "at least one message of the user is needed, besides those of the system";
            return Err(losses.invalid(&Param::Messages, why));
        };
        if last.role == Speaker::Assistant && capabilities.assistant_prefill == Some(false) {
            let at = Param::Message(request.messages.last().map_or(0, |message| message.index));
            let why = "does not continue an answer that was begun for this model; \
                       let the last message be the user's";
            return Err(losses.refuse(&at, why));
        }
        Ok(all)
    }

    fn add(&mut self, message: &'a Message, writer: &mut Writer<'_>) -> Result<(), Fault> {
        match message.role {
            Role::System => self.add_system(message, writer),
            Role::User => self.say(Speaker::User, message, writer),
            Role::Assistant => self.say(Speaker::Assistant, message, writer),
            Role::Tool => self.add_results(message, writer),
        }
    }

    fn add_system(&mut self, message: &'a Message, writer: &mut Writer<'_>) -> Result<(), Fault> {
        let is_text = |kind: &PartKind| matches!(kind, PartKind::Text(_));
        if message.parts.iter().any(|part| !is_text(&part.kind)) {
            let at = Param::Message(writer.index);
            return Err(writer.losses.refuse(&at, "takes only text from the system"));
        }
        let in_place = writer.capabilities.mid_conversation_system == Some(true);
        if !self.turns.is_empty() && in_place {
            return self.say(Speaker::System, message, writer);
        }
        if !self.turns.is_empty() && writer.losses.is_strict() {
            let at = Param::Message(writer.index);
            let why = "takes the system's messages only at the start for this model";
            return Err(writer.losses.refuse(&at, why));
        }
        for part in &message.parts {
            self.system.extend(writer.block(part)?);
        }
        Ok(())
    }

    fn say(
        &mut self,
        role: Speaker,
        message: &'a Message,
        writer: &mut Writer<'_>,
    ) -> Result<(), Fault> {
        let mut content = Vec::with_capacity(message.parts.len());
        for part in &message.parts {
            content.extend(writer.block(part)?);
        }
        match self.turns.last_mut() {
            _ if content.is_empty() => {}
            Some(last) if last.role == role => last.content.append(&mut content),
            _ => self.turns.push(Turn { role, content, results: 0 }),
        }
        Ok(())
    }

    /// Results go to the front of the user's turn right after the calls, wherever they came.
    fn add_results(&mut self, message: &'a Message, writer: &mut Writer<'_>) -> Result<(), Fault> {
        for part in &message.parts {
            let PartKind::ToolResult(result) = &part.kind else { continue };
            let id = writer.id(&result.id)?;
            let caller = self.turns.iter().rposition(|turn| calls(turn, &id));
            let Some(caller) = caller else {
                let why = format!("no tool call before it has the id `{}`", result.id);
                return Err(writer.losses.invalid(&Param::Message(writer.index), &why));
            };
            let Some(block) = writer.block(part)? else { continue };
            let place = caller + 1;
            if self.turns.get(place).is_none_or(|turn| turn.role != Speaker::User) {
                let turn = Turn { role: Speaker::User, content: Vec::new(), results: 0 };
                self.turns.insert(place, turn);
            }
            let turn = &mut self.turns[place];
            turn.content.insert(turn.results, block);
            turn.results += 1;
        }
        Ok(())
    }

    /// Whether the conversation stands inside a tool loop whose thoughts the client did not keep.
    pub(super) fn lost_thoughts(&self) -> bool {
        let mut back = self.turns.iter().rev().skip_while(|turn| turn.role == Speaker::System);
        let in_loop = back.next().is_some_and(|turn| turn.results > 0);
        let asked = back.find(|turn| turn.role == Speaker::Assistant);
        in_loop
            && asked.is_some_and(|turn| {
                let first = turn.content.first();
                !matches!(first, Some(Block::Thinking { .. } | Block::RedactedThinking { .. }))
            })
    }
}

fn calls(turn: &Turn<'_>, wanted: &str) -> bool {
    turn.role == Speaker::Assistant
        && turn
            .content
            .iter()
            .any(|block| matches!(block, Block::ToolUse { id, .. } if *id == wanted))
}
