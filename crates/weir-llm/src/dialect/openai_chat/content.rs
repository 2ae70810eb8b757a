//! The content of a message: a text or a list of parts.

use super::node::Node;
use crate::canonical::{Image, Media, Part, PartKind, Source};
use crate::fault::Fault;

/// Whose content it is: not everybody may say everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Speaker {
    System,
    User,
    Assistant,
    Tool,
}

/// Reads `content`; `None` when it is not there.
pub(super) fn read(node: &mut Node<'_>, speaker: Speaker) -> Result<Option<Vec<Part>>, Fault> {
    let Some(raw) = node.raw("content") else { return Ok(None) };
    match raw.get().as_bytes().first() {
        Some(b'"') => Ok(Some(vec![Part::text(node.parse::<String>(raw, "content")?)])),
        Some(b'[') => {
            let items = node.list(raw, "content")?.into_iter();
            items.map(|item| part(item, speaker)).collect::<Result<_, _>>().map(Some)
        }
        _ => Err(node.invalid("content", "has to be a string or a list of parts")),
    }
}

fn part(mut node: Node<'_>, speaker: Speaker) -> Result<Part, Fault> {
    let kind = node.word("type")?;
    let kind = match (&*kind, speaker) {
        ("text" | "input_text" | "output_text", _) => PartKind::Text(node.need("text")?),
        ("image_url", Speaker::User | Speaker::Tool) => PartKind::Image(image(&mut node)?),
        ("input_audio", Speaker::User) => PartKind::Audio(audio(&mut node)?),
        ("file", Speaker::User | Speaker::Tool) => PartKind::File(file(&mut node)?),
        ("refusal", Speaker::Assistant) => PartKind::Refusal(node.need("refusal")?),
        ("thinking", Speaker::Assistant) => {
            PartKind::Thinking { text: node.need("thinking")?, signature: node.take("signature")? }
        }
        ("redacted_thinking", Speaker::Assistant) => PartKind::RedactedThinking(node.need("data")?),
        (kind, _) => {
            let why = format!("a part of type {kind} cannot be carried over here");
            return Err(node.unsupported("type", &why));
        }
    };
    Ok(Part { kind, cache: node.take("cache_control")? })
}

/// An object; some clients send the address alone.
fn image(node: &mut Node<'_>) -> Result<Image, Fault> {
    let Some(raw) = node.raw("image_url") else { return Err(node.missing("image_url")) };
    if raw.get().starts_with('"') {
        let url: String = node.parse(raw, "image_url")?;
        return Ok(Image { source: source(node, "image_url", &url)?, detail: None });
    }
    let mut inner = node.child(raw, "image_url")?;
    let url: String = inner.need("url")?;
    Ok(Image { source: source(&inner, "url", &url)?, detail: inner.take("detail")? })
}

/// The source of a URL, which has to be one that can be fetched or holds base64.
fn source(node: &Node<'_>, name: &str, url: &str) -> Result<Source, Fault> {
    let source = Source::from_url(url);
    match &source {
        Source::Url(url) if url.starts_with("http://") || url.starts_with("https://") => Ok(source),
        Source::Data { media_type, base64 } if !media_type.is_empty() && !base64.is_empty() => {
            Ok(source)
        }
        // Google's own scheme, which its OpenAI surface and Gemini take.
        Source::Url(url) if url.starts_with("gs://") => Ok(source),
        _ => Err(node.invalid(name, "has to be an https URL or data:{type};base64,{bytes}")),
    }
}

fn audio(node: &mut Node<'_>) -> Result<Media, Fault> {
    let mut inner = node.node("input_audio")?.ok_or_else(|| node.missing("input_audio"))?;
    let format: String = inner.need("format")?;
    let media_type = match format.as_str() {
        "mp3" => "audio/mpeg".to_owned(),
        format => format!("audio/{format}"),
    };
    let base64 = inner.need("data")?;
    Ok(Media { source: Source::Data { media_type, base64 }, name: None })
}

fn file(node: &mut Node<'_>) -> Result<Media, Fault> {
    let mut inner = node.node("file")?.ok_or_else(|| node.missing("file"))?;
    let name = inner.take("filename")?;
    if let Some(bytes) = inner.take::<String>("file_data")? {
        let is_url = ["data:", "http:", "https:"].iter().any(|scheme| bytes.starts_with(scheme));
        let source = if is_url {
            source(&inner, "file_data", &bytes)?
        } else {
            // Bare base64: OpenAI takes PDF files that way.
            Source::Data { media_type: "application/pdf".to_owned(), base64: bytes }
        };
        return Ok(Media { source, name });
    }
    match inner.take("file_id")? {
        Some(id) => Ok(Media { source: Source::Id(id), name }),
        None => Err(inner.missing("file_data")),
    }
}
