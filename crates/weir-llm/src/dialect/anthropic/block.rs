//! Content blocks.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::Value;

use crate::canonical::{Image, Media, Part, PartKind, Source, ToolCall, ToolResult};
use crate::fault::Fault;
use crate::json::{self, Raw, TextOr};

/// Whose block it is: not everybody may say everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Speaker {
    System,
    User,
    Assistant,
    Tool,
}

/// The members of all kinds: an enum by tag would copy the whole block before reading it.
#[derive(Deserialize)]
pub(super) struct Block<'a> {
    #[serde(borrow, rename = "type")]
    kind: Cow<'a, str>,
    text: Option<String>,
    thinking: Option<String>,
    signature: Option<String>,
    data: Option<String>,
    id: Option<String>,
    name: Option<String>,
    #[serde(borrow)]
    input: Option<Raw<'a>>,
    tool_use_id: Option<String>,
    /// Of a tool's result or of a search result.
    #[serde(borrow)]
    content: Option<Raw<'a>>,
    is_error: Option<bool>,
    /// An object, or an address in search results.
    #[serde(borrow)]
    source: Option<Raw<'a>>,
    title: Option<String>,
    context: Option<String>,
    cache_control: Option<Value>,
}

#[derive(Deserialize)]
struct Given<'a> {
    #[serde(borrow, rename = "type")]
    kind: Cow<'a, str>,
    media_type: Option<String>,
    data: Option<String>,
    url: Option<String>,
    file_id: Option<String>,
    #[serde(borrow)]
    content: Option<Raw<'a>>,
}

/// Reads a block; most are one part.
pub(super) fn read(
    block: Block<'_>,
    speaker: Speaker,
    place: &str,
    parts: &mut Vec<Part>,
) -> Result<(), Fault> {
    let cache = block.cache_control;
    let need = |value: Option<String>, name: &str| value.ok_or_else(|| missing(place, name));
    let kind = match (&*block.kind, speaker) {
        ("text", _) => PartKind::Text(need(block.text, "text")?),
        ("image", Speaker::User | Speaker::Tool) => {
            let source = source(block.source, place)?;
            PartKind::Image(Image { source: file(source, place)?, detail: None })
        }
        ("document", Speaker::User | Speaker::Tool) => {
            let source = source(block.source, place)?;
            let heading = [block.title.as_deref(), block.context.as_deref()];
            return document(source, heading, cache, place, parts);
        }
        ("search_result", Speaker::User | Speaker::Tool) => {
            let address = block.source.map(|raw| raw.get().trim_matches('"'));
            let first = heading([block.title.as_deref(), address]);
            return embedded(block.content, first, cache, place, parts);
        }
        ("tool_use", Speaker::Assistant) => PartKind::ToolCall(ToolCall {
            id: need(block.id, "id")?,
            name: need(block.name, "name")?,
            arguments: json::compact(block.input.map_or("{}", |input| input.get())).into_owned(),
            signature: None,
        }),
        ("tool_result", Speaker::User) => PartKind::ToolResult(ToolResult {
            id: need(block.tool_use_id, "tool_use_id")?,
            name: None,
            parts: inner(block.content, place)?,
            is_error: block.is_error.unwrap_or_default(),
        }),
        ("thinking", Speaker::Assistant) => PartKind::Thinking {
            text: need(block.thinking, "thinking")?,
            signature: block.signature.filter(|seal| !seal.is_empty()),
        },
        ("redacted_thinking", Speaker::Assistant) => {
            PartKind::RedactedThinking(need(block.data, "data")?)
        }
        (kind, _) => {
            let name = format!("{place}.type");
            let message =
                format!("{name}: a block of type {kind} cannot be carried over here; leave it out");
            return Err(Fault::unsupported(name, message));
        }
    };
    parts.push(Part { kind, cache });
    Ok(())
}

fn missing(place: &str, name: &str) -> Fault {
    let name = format!("{place}.{name}");
    let message = format!("{name} is missing");
    Fault::missing(name, message)
}

/// Content inside a block: of a tool's result, of a document, of a search result.
fn inner(content: Option<Raw<'_>>, place: &str) -> Result<Vec<Part>, Fault> {
    let Some(raw) = content.filter(|raw| raw.get() != "null") else { return Ok(Vec::new()) };
    let place = format!("{place}.content");
    match json::read::<TextOr<Block<'_>>>(raw, &place)? {
        TextOr::Text(text) => Ok(vec![Part::text(text)]),
        TextOr::List(blocks) => {
            let mut parts = Vec::with_capacity(blocks.len());
            for (index, block) in blocks.into_iter().enumerate() {
                read(block, Speaker::Tool, &format!("{place}[{index}]"), &mut parts)?;
            }
            Ok(parts)
        }
    }
}

fn source<'a>(raw: Option<Raw<'a>>, place: &str) -> Result<Given<'a>, Fault> {
    let raw = raw.ok_or_else(|| missing(place, "source"))?;
    json::read(raw, &format!("{place}.source"))
}

/// A source of bytes.
fn file(given: Given<'_>, place: &str) -> Result<Source, Fault> {
    let need = |value: Option<String>, name: &str| {
        value.ok_or_else(|| missing(place, &format!("source.{name}")))
    };
    match &*given.kind {
        "base64" => Ok(Source::Data {
            media_type: need(given.media_type, "media_type")?,
            base64: need(given.data, "data")?,
        }),
        "url" => Ok(Source::Url(need(given.url, "url")?)),
        "file" => Ok(Source::Id(need(given.file_id, "file_id")?)),
        _ => {
            let name = format!("{place}.source.type");
            let message = format!("{name} has to be base64, url or file here");
            Err(Fault::invalid(name, message))
        }
    }
}

/// Documents of plain text or of blocks become text: only PDF files are documents elsewhere.
fn document(
    given: Given<'_>,
    first: [Option<&str>; 2],
    cache: Option<Value>,
    place: &str,
    parts: &mut Vec<Part>,
) -> Result<(), Fault> {
    match &*given.kind {
        "text" => {
            let text = given.data.ok_or_else(|| missing(place, "source.data"))?;
            let text = match heading(first) {
                Some(heading) => format!("{heading}\n{text}"),
                None => text,
            };
            parts.push(Part { kind: PartKind::Text(text), cache });
            Ok(())
        }
        "content" => {
            embedded(given.content, heading(first), cache, &format!("{place}.source"), parts)
        }
        _ => {
            let media = Media { source: file(given, place)?, name: first[0].map(str::to_owned) };
            if let Some(context) = first[1].filter(|text| !text.is_empty()) {
                parts.push(Part::text(context));
            }
            parts.push(Part { kind: PartKind::File(media), cache });
            Ok(())
        }
    }
}

/// Blocks inside a block, one after another, under their heading.
fn embedded(
    content: Option<Raw<'_>>,
    heading: Option<String>,
    cache: Option<Value>,
    place: &str,
    parts: &mut Vec<Part>,
) -> Result<(), Fault> {
    parts.extend(heading.map(Part::text));
    parts.extend(inner(content, place)?);
    if let (Some(cache), Some(last)) = (cache, parts.last_mut()) {
        last.cache.get_or_insert(cache);
    }
    Ok(())
}

fn heading(lines: [Option<&str>; 2]) -> Option<String> {
    let lines: Vec<&str> = lines.into_iter().flatten().filter(|line| !line.is_empty()).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}
