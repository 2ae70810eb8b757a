//! The last question of a conversation: its text, and where in the body it stands.
//!
//! Whoever compares questions has to know that everything around them is the same. So a question is
//! found with the place of its text in the body; what is before and after it can be compared byte
//! for byte.

#[cfg(test)]
mod tests;

use std::ops::Range;

use crate::dialect::Dialect;
use crate::json::{Object, Raw};

/// The text that a user wrote last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The text.
    pub text: String,
    /// Where its JSON string stands in the body, in bytes, quotes included.
    pub at: Range<usize>,
}

/// The dialect of a conversation, by the end of a path; `None` where the path is for something else.
/// The query does not count.
pub fn dialect_at(path: &str) -> Option<Dialect> {
    let path = path.split('?').next().unwrap_or_default().trim_end_matches('/');
    let ends = |ending: &str| {
        path.strip_suffix(ending).is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
    };
    if ends("chat/completions") {
        return Some(Dialect::OpenAiChat);
    }
    if ends("responses") {
        return Some(Dialect::OpenAiResponses);
    }
    if ends("messages") {
        return Some(Dialect::Anthropic);
    }
    let (_, verb) = path.rsplit_once(':')?;
    matches!(verb, "generateContent" | "streamGenerateContent").then_some(Dialect::Gemini)
}

/// The question that a conversation ends with. `None` when it ends with anything but one plain text
/// of the user, and when two readers of the body could find two different ones in it.
pub fn last(dialect: Dialect, body: &[u8]) -> Option<Question> {
    let mut request = Object::read(body).ok()?;
    let text = match dialect {
        Dialect::OpenAiChat | Dialect::Anthropic => {
            of_message(last_of(only(&mut request, "messages")?)?, "text")
        }
        Dialect::OpenAiResponses => {
            let input = only(&mut request, "input")?;
            if is_text(input) { Some(input) } else { of_item(last_of(input)?) }
        }
        Dialect::Gemini => of_content(last_of(only(&mut request, "contents")?)?),
    }?;
    let start = (text.get().as_ptr() as usize).checked_sub(body.as_ptr() as usize)?;
    let at = start..start + text.get().len();
    let text: String = serde_json::from_str(text.get()).ok()?;
    (!text.trim().is_empty()).then_some(Question { text, at })
}

/// A message of OpenAI's or Anthropic's; `kind` is the type of its text parts.
fn of_message<'a>(message: Raw<'a>, kind: &str) -> Option<Raw<'a>> {
    let mut message = object(message)?;
    if word(&mut message, "role")? != "user" {
        return None;
    }
    let content = only(&mut message, "content")?;
    if is_text(content) {
        return Some(content);
    }
    let mut part = object(single(content)?)?;
    (word(&mut part, "type")? == kind).then_some(())?;
    only(&mut part, "text").filter(|text| is_text(text))
}

/// An item of the Responses interface: a message, said so or not.
fn of_item(item: Raw<'_>) -> Option<Raw<'_>> {
    let mut members = object(item)?;
    let kind = members.repeats("type") || !absent(&mut members, "type", "message");
    if kind { None } else { of_message(item, "input_text") }
}

/// A content of Gemini's.
fn of_content(content: Raw<'_>) -> Option<Raw<'_>> {
    let mut content = object(content)?;
    if content.repeats("role") || !absent(&mut content, "role", "user") {
        return None;
    }
    let mut part = object(single(only(&mut content, "parts")?)?)?;
    only(&mut part, "text").filter(|text| is_text(text))
}

/// Whether a member is not there, or has this value.
fn absent(members: &mut Object<'_>, name: &str, value: &str) -> bool {
    members.take_raw(name).is_none_or(|raw| read_text(raw).as_deref() == Some(value))
}

fn word(members: &mut Object<'_>, name: &str) -> Option<String> {
    read_text(only(members, name)?)
}

fn read_text(raw: Raw<'_>) -> Option<String> {
    serde_json::from_str(raw.get()).ok()
}

/// A member that is there once: of several, readers may choose different ones.
fn only<'a>(members: &mut Object<'a>, name: &str) -> Option<Raw<'a>> {
    if members.repeats(name) { None } else { members.take_raw(name) }
}

fn object(raw: Raw<'_>) -> Option<Object<'_>> {
    Object::read(raw.get().as_bytes()).ok()
}

fn last_of(list: Raw<'_>) -> Option<Raw<'_>> {
    let items: Vec<Raw<'_>> = serde_json::from_str(list.get()).ok()?;
    items.last().copied()
}

fn single(list: Raw<'_>) -> Option<Raw<'_>> {
    let items: Vec<Raw<'_>> = serde_json::from_str(list.get()).ok()?;
    if let [item] = items[..] { Some(item) } else { None }
}

fn is_text(raw: Raw<'_>) -> bool {
    raw.get().starts_with('"')
}
