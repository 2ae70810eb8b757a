//! The content of a message.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::quirks::Files;
use super::request::Writing;
use crate::canonical::{Image, Media, Part, PartKind, Source};
use crate::fault::{Fault, Param};
use crate::json::push_string;

/// Writes the content of a message that can hold text alone.
pub(super) fn push_text(
    w: &mut Writing<'_>,
    index: usize,
    parts: &[&Part],
    between: &str,
) -> Result<(), Fault> {
    if w.quirks.cache_control && parts.iter().any(|part| part.cache.is_some()) {
        return push_list(w, index, &[], parts);
    }
    if let [Part { kind: PartKind::Text(text), cache }] = parts {
        w.member("content", text);
        return w.cache(cache.as_ref());
    }
    let mut text = String::new();
    for (at, part) in parts.iter().enumerate() {
        let (PartKind::Text(piece) | PartKind::Refusal(piece)) = &part.kind else {
            let why = "takes text alone in this message";
            return Err(w.losses.refuse(&Param::Message(index), why));
        };
        if at > 0 {
            text.push_str(between);
        }
        text.push_str(piece);
        w.cache(part.cache.as_ref())?;
    }
    w.member("content", &text);
    Ok(())
}

/// Writes what the user says: a text where that is enough, which every provider takes, else a list.
pub(super) fn push_user(
    w: &mut Writing<'_>,
    index: usize,
    moved: &[&Image],
    parts: &[&Part],
) -> Result<(), Fault> {
    let plain = parts.iter().all(|part| matches!(part.kind, PartKind::Text(_)));
    if plain && moved.is_empty() {
        push_text(w, index, parts, "\n")
    } else {
        push_list(w, index, moved, parts)
    }
}

/// Writes content that begins with thoughts.
pub(super) fn push_thoughts(
    w: &mut Writing<'_>,
    thoughts: &str,
    parts: &[&Part],
) -> Result<(), Fault> {
    let thinking = json!([{"type": "text", "text": thoughts}]);
    let mut list = vec![json!({"type": "thinking", "thinking": thinking, "closed": true})];
    for part in parts {
        if let PartKind::Text(text) | PartKind::Refusal(text) = &part.kind {
            list.push(json!({"type": "text", "text": text}));
        }
        w.cache(part.cache.as_ref())?;
    }
    w.member("content", &list);
    Ok(())
}

fn push_list(
    w: &mut Writing<'_>,
    index: usize,
    moved: &[&Image],
    parts: &[&Part],
) -> Result<(), Fault> {
    w.name("content");
    w.out.push(b'[');
    for (at, picture) in moved.iter().enumerate() {
        if at > 0 {
            w.out.push(b',');
        }
        image(w, picture, index)?;
        w.out.push(b'}');
    }
    for (at, part) in parts.iter().enumerate() {
        if at > 0 || !moved.is_empty() {
            w.out.push(b',');
        }
        self::part(w, part, index)?;
        w.cache(part.cache.as_ref())?;
        w.out.push(b'}');
    }
    w.out.push(b']');
    Ok(())
}

/// Writes a part up to its closing brace.
fn part(w: &mut Writing<'_>, part: &Part, index: usize) -> Result<(), Fault> {
    match &part.kind {
        PartKind::Text(text) | PartKind::Refusal(text) => {
            w.out.extend_from_slice(b"{\"type\":\"text\",\"text\":");
            push_string(&mut w.out, text);
            Ok(())
        }
        PartKind::Image(picture) => image(w, picture, index),
        PartKind::Audio(media) => audio(w, media, index),
        PartKind::File(media) => file(w, media, index),
        _ => Err(w.losses.refuse(&Param::Message(index), "does not take such a part here")),
    }
}

fn image(w: &mut Writing<'_>, image: &Image, index: usize) -> Result<(), Fault> {
    if w.capabilities.vision == Some(false) {
        let why = "sees no pictures with this model; leave them out or use another model";
        return Err(w.losses.refuse(&Param::Message(index), why));
    }
    let Some(url) = image.source.to_url() else { return Err(foreign_id(w, index)) };
    w.out.extend_from_slice(b"{\"type\":\"image_url\",\"image_url\":{\"url\":");
    push_string(&mut w.out, &url);
    if let Some(detail) = &image.detail {
        w.member("detail", detail);
    }
    w.out.push(b'}');
    Ok(())
}

fn audio(w: &mut Writing<'_>, media: &Media, index: usize) -> Result<(), Fault> {
    if !w.quirks.audio || w.capabilities.audio_input == Some(false) {
        let why = "hears no audio with this model; send a transcript or use another model";
        return Err(w.losses.refuse(&Param::Message(index), why));
    }
    let Source::Data { media_type, base64 } = &media.source else {
        let why = "takes audio as base64 alone";
        return Err(w.losses.refuse(&Param::Message(index), why));
    };
    let format = match media_type.strip_prefix("audio/").unwrap_or(media_type) {
        "mpeg" | "mp3" => "mp3",
        "x-wav" | "wave" | "vnd.wave" => "wav",
        other => other,
    };
    let inner = json!({"data": base64, "format": format});
    w.out.extend_from_slice(b"{\"type\":\"input_audio\",\"input_audio\":");
    w.json(&inner);
    Ok(())
}

fn file(w: &mut Writing<'_>, media: &Media, index: usize) -> Result<(), Fault> {
    if let Some(text) = as_text(&media.source) {
        w.out.extend_from_slice(b"{\"type\":\"text\",\"text\":");
        push_string(&mut w.out, &text);
        return Ok(());
    }
    if w.quirks.files == Files::None || w.capabilities.pdf_input == Some(false) {
        let why = "reads no documents with this model; send their text or use another model";
        return Err(w.losses.refuse(&Param::Message(index), why));
    }
    let Some(url) = media.source.to_url() else { return Err(foreign_id(w, index)) };
    let is_address = matches!(media.source, Source::Url(_));
    match w.quirks.files {
        Files::DocumentUrl => {
            let part = json!({"document_url": url, "document_name": media.name});
            w.out.extend_from_slice(b"{\"type\":\"document_url\"");
            for (name, value) in part.as_object().into_iter().flatten() {
                if !value.is_null() {
                    w.member(name, value);
                }
            }
            Ok(())
        }
        Files::Bytes if is_address => {
            let why = "takes documents as base64 alone";
            Err(w.losses.refuse(&Param::Message(index), why))
        }
        _ => {
            let name = media.name.as_deref().unwrap_or("document.pdf");
            let inner = json!({"filename": name, "file_data": url});
            w.out.extend_from_slice(b"{\"type\":\"file\",\"file\":");
            w.json(&inner);
            Ok(())
        }
    }
}

/// A document that is plain text goes as text: every provider reads that.
fn as_text(source: &Source) -> Option<String> {
    let Source::Data { media_type, base64 } = source else { return None };
    if !media_type.starts_with("text/") {
        return None;
    }
    String::from_utf8(STANDARD.decode(base64).ok()?).ok()
}

fn foreign_id(w: &Writing<'_>, index: usize) -> Fault {
    let why = "does not know the file of this id; send its bytes";
    w.losses.refuse(&Param::Message(index), why)
}
