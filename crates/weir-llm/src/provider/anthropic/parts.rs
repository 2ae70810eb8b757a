//! Parts of messages as content blocks.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::value::RawValue;

use super::body::{Block, Source as BlockSource};
use crate::canonical::{Image, Media, Message, Part, PartKind, Source, ToolCall, ToolResult};
use crate::capability::Capabilities;
use crate::fault::{Fault, Losses, Param};

/// What the parts of one message are written with.
pub(super) struct Writer<'l> {
    pub(super) capabilities: Capabilities,
    pub(super) losses: &'l mut Losses,
    /// Place of the message in the client's list.
    pub(super) index: usize,
}

impl Writer<'_> {
    /// The block of a part; `None` for what Anthropic does not take and nobody misses: empty text.
    pub(super) fn block<'a>(&mut self, part: &'a Part) -> Result<Option<Block<'a>>, Fault> {
        let cache_control = part.cache.as_ref();
        Ok(Some(match &part.kind {
            PartKind::Text(text) | PartKind::Refusal(text) => {
                if text.is_empty() {
                    return Ok(None);
                }
                Block::Text { text: text.into(), cache_control }
            }
            PartKind::Image(image) => Block::Image { source: self.image(image)?, cache_control },
            PartKind::File(media) => {
                let title = media.name.as_deref();
                Block::Document { source: self.document(media)?, title, cache_control }
            }
            PartKind::Audio(_) => return Err(self.refuse("takes no audio; send its text")),
            PartKind::ToolCall(call) => {
                let input = self.arguments(call)?;
                Block::ToolUse { id: self.id(&call.id)?, name: &call.name, input, cache_control }
            }
            PartKind::ToolResult(result) => return self.result(result, part).map(Some),
            PartKind::Thinking { text, signature } => match signature.as_deref() {
                Some(signature) if !signature.is_empty() => {
                    Block::Thinking { thinking: text, signature }
                }
                _ => {
                    // Thoughts without a seal are another provider's: Anthropic refuses them.
                    let name = self.losses.name(&Param::Message(self.index));
                    self.losses.drop(&Param::Own(format!("{name}.thinking").into()))?;
                    return Ok(None);
                }
            },
            PartKind::RedactedThinking(data) => Block::RedactedThinking { data },
        }))
    }

    fn result<'a>(&mut self, result: &'a ToolResult, part: &'a Part) -> Result<Block<'a>, Fault> {
        let mut content = Vec::with_capacity(result.parts.len());
        for inner in &result.parts {
            if !matches!(inner.kind, PartKind::Text(_) | PartKind::Image(_) | PartKind::File(_)) {
                return Err(self.refuse("takes text, images and documents in a tool's result"));
            }
            content.extend(self.block(inner)?);
        }
        Ok(Block::ToolResult {
            tool_use_id: self.id(&result.id)?,
            content,
            is_error: result.is_error,
            cache_control: part.cache.as_ref(),
        })
    }

    fn arguments<'a>(&self, call: &'a ToolCall) -> Result<&'a RawValue, Fault> {
        let text = call.arguments.trim();
        let text = if text.is_empty() { "{}" } else { text };
        let raw = serde_json::from_str::<&RawValue>(text).ok();
        raw.filter(|raw| raw.get().starts_with('{')).ok_or_else(|| {
            let why = format!("the arguments of the tool call `{}` are not a JSON object", call.id);
            self.losses.invalid(&Param::Message(self.index), &why)
        })
    }

    /// An id in the letters that Anthropic takes; both ends of a call get the same.
    pub(super) fn id<'a>(&self, id: &'a str) -> Result<Cow<'a, str>, Fault> {
        if id.is_empty() {
            let why = "a tool call and its result have to carry the same id";
            return Err(self.losses.invalid(&Param::Message(self.index), why));
        }
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        if id.chars().all(fits) {
            return Ok(id.into());
        }
        Ok(id.chars().map(|c| if fits(c) { c } else { '_' }).collect::<String>().into())
    }

    fn image<'a>(&mut self, image: &'a Image) -> Result<BlockSource<'a>, Fault> {
        if self.capabilities.vision == Some(false) {
            return Err(self.refuse("takes no images for this model"));
        }
        if image.detail.as_deref().is_some_and(|detail| detail != "auto") {
            self.losses.drop(&Param::ImageDetail)?;
        }
        Ok(match &image.source {
            Source::Data { media_type, base64 } => {
                // Not a registered type, but what many clients say.
                let media_type = if media_type == "image/jpg" { "image/jpeg" } else { media_type };
                BlockSource::Base64 { media_type, data: base64 }
            }
            Source::Url(url) => BlockSource::Url { url },
            Source::Id(_) => return Err(self.foreign_id()),
        })
    }

    fn document<'a>(&mut self, media: &'a Media) -> Result<BlockSource<'a>, Fault> {
        if self.capabilities.pdf_input == Some(false) {
            return Err(self.refuse("takes no documents for this model"));
        }
        Ok(match &media.source {
            Source::Data { media_type, base64 } if media_type == "application/pdf" => {
                BlockSource::Base64 { media_type, data: base64 }
            }
            Source::Data { media_type, base64 } if media_type.starts_with("text/") => {
                let text = STANDARD.decode(base64).ok().and_then(|it| String::from_utf8(it).ok());
                let text = text.ok_or_else(|| {
                    let why = "a text document has to be UTF-8 in standard base64";
                    self.losses.invalid(&Param::Message(self.index), why)
                })?;
                BlockSource::Text { media_type: "text/plain", data: text }
            }
            Source::Data { media_type, .. } => {
                let why = format!("takes PDF and text documents, not `{media_type}`");
                return Err(self.refuse(&why));
            }
            Source::Url(url) => BlockSource::Url { url },
            Source::Id(_) => return Err(self.foreign_id()),
        })
    }

    fn foreign_id(&self) -> Fault {
        self.refuse("does not know this file id; send the bytes as a data: URL")
    }

    fn refuse(&self, why: &str) -> Fault {
        self.losses.refuse(&Param::Message(self.index), why)
    }
}

/// Whether a message says anything at all to Anthropic.
pub(super) fn is_empty(message: &Message) -> bool {
    message.parts.iter().all(|part| matches!(&part.kind, PartKind::Text(text) if text.is_empty()))
}
