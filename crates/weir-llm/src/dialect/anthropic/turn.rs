//! `system` and `messages`.

use std::borrow::Cow;

use serde::Deserialize;

use super::block::{self, Block, Speaker};
use crate::canonical::{Message, Part, PartKind, Role};
use crate::fault::Fault;
use crate::json::{self, Object, Raw, TextOr};

#[derive(Deserialize)]
struct Turn<'a> {
    #[serde(borrow)]
    role: Cow<'a, str>,
    #[serde(borrow)]
    content: TextOr<Block<'a>>,
}

pub(super) fn read(body: &mut Object<'_>) -> Result<Vec<Message>, Fault> {
    let mut messages = Vec::new();
    if let Some(raw) = body.take_raw("system") {
        let content = json::read::<TextOr<Block<'_>>>(raw, "system")?;
        let parts = parts(content, Speaker::System, "system")?;
        if !parts.is_empty() {
            messages.push(Message { role: Role::System, parts, index: 0 });
        }
    }
    let Some(raw) = body.take_raw("messages") else {
        return Err(Fault::missing("messages", "messages is missing"));
    };
    let turns: Vec<Raw<'_>> = json::read(raw, "messages")?;
    if turns.is_empty() {
        return Err(Fault::invalid("messages", "messages has to hold at least one message"));
    }
    messages.reserve(turns.len() + 4);
    for (index, raw) in turns.into_iter().enumerate() {
        let place = format!("messages[{index}]");
        let turn: Turn<'_> = serde_json::from_str(raw.get()).or_else(|_| precise(raw, &place))?;
        add(turn, index, &place, &mut messages)?;
    }
    Ok(messages)
}

/// The fault of a message that could not be read, with the block it is in.
fn precise<'a>(raw: Raw<'a>, place: &str) -> Result<Turn<'a>, Fault> {
    #[derive(Deserialize)]
    struct Loose<'a> {
        #[serde(borrow)]
        content: Vec<Raw<'a>>,
    }
    if let Ok(loose) = serde_json::from_str::<Loose<'_>>(raw.get()) {
        for (index, block) in loose.content.into_iter().enumerate() {
            json::read::<Block<'_>>(block, &format!("{place}.content[{index}]"))?;
        }
    }
    json::read(raw, place)
}

fn add(
    turn: Turn<'_>,
    index: usize,
    place: &str,
    messages: &mut Vec<Message>,
) -> Result<(), Fault> {
    let (role, speaker) = match &*turn.role {
        "user" => (Role::User, Speaker::User),
        "assistant" => (Role::Assistant, Speaker::Assistant),
        "system" => (Role::System, Speaker::System),
        _ => {
            let name = format!("{place}.role");
            let message = format!("{name} has to be user, assistant or system");
            return Err(Fault::invalid(name, message));
        }
    };
    let parts = parts(turn.content, speaker, place)?;
    // The user's turn also brings the results of tools, which are a role of their own elsewhere and
    // come first there.
    let (results, said): (Vec<Part>, Vec<Part>) =
        parts.into_iter().partition(|part| matches!(part.kind, PartKind::ToolResult(_)));
    let nothing_else = said.is_empty() && !results.is_empty();
    if !results.is_empty() {
        messages.push(Message { role: Role::Tool, parts: results, index });
    }
    if !nothing_else {
        messages.push(Message { role, parts: said, index });
    }
    Ok(())
}

fn parts(content: TextOr<Block<'_>>, speaker: Speaker, place: &str) -> Result<Vec<Part>, Fault> {
    match content {
        TextOr::Text(text) if text.is_empty() && speaker == Speaker::System => Ok(Vec::new()),
        TextOr::Text(text) => Ok(vec![Part::text(text)]),
        TextOr::List(blocks) => {
            let mut parts = Vec::with_capacity(blocks.len());
            for (index, block) in blocks.into_iter().enumerate() {
                let at = if speaker == Speaker::System && place == "system" {
                    format!("{place}[{index}]")
                } else {
                    format!("{place}.content[{index}]")
                };
                block::read(block, speaker, &at, &mut parts)?;
            }
            Ok(parts)
        }
    }
}
