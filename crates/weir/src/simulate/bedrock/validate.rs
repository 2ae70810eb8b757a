//! What Converse refuses, as `ValidationException`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::conversation;
use super::request::{Block, Body, Media, ToolConfig};
use crate::simulate::fault::Fault;

const IMAGES: [&str; 4] = ["png", "jpeg", "gif", "webp"];
const DOCUMENTS: [&str; 9] = ["pdf", "csv", "doc", "docx", "xls", "xlsx", "html", "txt", "md"];

/// Checks a request.
///
/// # Errors
/// 400 that names the place.
pub(super) fn check(body: &Body) -> Result<(), Fault> {
    for (index, block) in body.system.iter().enumerate() {
        check_block(block, &format!("system.{index}"))?;
    }
    for (index, message) in body.messages.iter().enumerate() {
        if message.content.is_empty() {
            return Err(refused(format!(
                "The content field in the Message object at messages.{index} is empty."
            )));
        }
        for (nth, block) in message.content.iter().enumerate() {
            check_block(block, &format!("messages.{index}.content.{nth}"))?;
        }
    }
    inference(body)?;
    if let Some(config) = &body.tool_config {
        tools(config)?;
    }
    conversation::check(body)
}

fn check_block(block: &Block, place: &str) -> Result<(), Fault> {
    let set = [
        block.text.is_some(),
        block.image.is_some(),
        block.document.is_some(),
        block.video.is_some(),
        block.audio.is_some(),
        block.tool_use.is_some(),
        block.tool_result.is_some(),
        block.guard_content.is_some(),
        block.cache_point.is_some(),
        block.reasoning_content.is_some(),
        block.citations_content.is_some(),
        block.search_result.is_some(),
        block.json.is_some(),
    ];
    let bad = |text: &str| Err(refused(format!("The content block at {place} {text}.")));
    if set.iter().filter(|set| **set).count() != 1 {
        return bad("must set exactly one member");
    }
    if block.text.as_deref().is_some_and(|text| text.trim().is_empty()) {
        return bad("has a blank text field. Add text to it, and try again");
    }
    if let Some(image) = &block.image {
        return media(image, &IMAGES, place);
    }
    if let Some(document) = &block.document {
        let good = |c: char| c.is_ascii_alphanumeric() || " -()[]".contains(c);
        let name = document.name.as_deref().unwrap_or_default();
        if name.is_empty() || !name.chars().all(good) || name.contains("  ") {
            return bad("has a bad document name: letters, digits, single spaces, -, () and []");
        }
        return media(document, &DOCUMENTS, place);
    }
    if let Some(call) = &block.tool_use {
        if !call.input.is_object() {
            return bad("has a toolUse.input that is no JSON object");
        }
        return check_id(&call.tool_use_id, place);
    }
    if let Some(result) = &block.tool_result {
        for (nth, inner) in result.content.iter().enumerate() {
            check_block(inner, &format!("{place}.toolResult.content.{nth}"))?;
            if inner.json.as_ref().is_some_and(|json| !json.is_object()) {
                return bad("has a toolResult json that is no JSON object");
            }
        }
        if result.status.as_deref().is_some_and(|it| it != "success" && it != "error") {
            return bad("has a toolResult.status other than success and error");
        }
        if result.status.as_deref() == Some("error") && result.content.is_empty() {
            return bad("has an empty toolResult with status error");
        }
        return check_id(&result.tool_use_id, place);
    }
    match &block.cache_point {
        Some(point) if point.kind != "default" => bad("has a cachePoint type other than default"),
        _ => Ok(()),
    }
}

fn check_id(id: &str, place: &str) -> Result<(), Fault> {
    let good = |b: u8| b.is_ascii_alphanumeric() || b"_.:-".contains(&b);
    if (1..=64).contains(&id.len()) && id.bytes().all(good) {
        return Ok(());
    }
    Err(refused(format!(
        "Value '{id}' at {place} toolUseId must satisfy the pattern [a-zA-Z0-9_.:-]+ and have at \
         most 64 characters."
    )))
}

fn media(media: &Media, formats: &[&str], place: &str) -> Result<(), Fault> {
    if !formats.contains(&media.format.as_str()) {
        return Err(refused(format!("The format `{}` at {place} is unknown.", media.format)));
    }
    if let Some(bytes) = media.source.get("bytes") {
        let good = bytes.as_str().is_some_and(|it| !it.is_empty() && STANDARD.decode(it).is_ok());
        if !good {
            return Err(refused(format!("source.bytes at {place} is not base64.")));
        }
    }
    let known = ["bytes", "s3Location", "text", "content"];
    if media.source.len() == 1 && media.source.keys().all(|key| known.contains(&key.as_str())) {
        return Ok(());
    }
    Err(refused(format!("source at {place} must be bytes or s3Location.")))
}

fn inference(body: &Body) -> Result<(), Fault> {
    let Some(config) = &body.inference_config else { return Ok(()) };
    for (name, value) in [("temperature", config.temperature), ("topP", config.top_p)] {
        if value.is_some_and(|value| !(0.0..=1.0).contains(&value)) {
            return Err(refused(format!("inferenceConfig.{name} must be from 0 to 1.")));
        }
    }
    if config.max_tokens == Some(0) {
        return Err(refused("inferenceConfig.maxTokens must be at least 1."));
    }
    if config.stop_sequences.iter().any(String::is_empty) {
        return Err(refused("inferenceConfig.stopSequences must not have an empty member."));
    }
    Ok(())
}

fn tools(config: &ToolConfig) -> Result<(), Fault> {
    let bad = |text: String| Err(refused(format!("The value at toolConfig.{text}.")));
    if config.tools.is_empty() {
        return bad("tools must have at least 1 member".to_owned());
    }
    for (index, tool) in config.tools.iter().enumerate() {
        let members =
            [tool.tool_spec.is_some(), tool.cache_point.is_some(), tool.system_tool.is_some()];
        if members.iter().filter(|set| **set).count() != 1 {
            return bad(format!("tools.{index} must set exactly one member"));
        }
        let Some(spec) = &tool.tool_spec else { continue };
        let good = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
        if !(1..=64).contains(&spec.name.len()) || !spec.name.bytes().all(good) {
            return bad(format!("tools.{index}.toolSpec.name must match [a-zA-Z0-9_-]+"));
        }
        if spec.description.as_deref() == Some("") {
            return bad(format!("tools.{index}.toolSpec.description must not be empty"));
        }
        if spec.input_schema.json.get("type").and_then(Value::as_str) != Some("object") {
            return bad(format!(
                "tools.{index}.toolSpec.inputSchema.json.type must be one of the following: object"
            ));
        }
    }
    let Some(choice) = &config.tool_choice else { return Ok(()) };
    let known = choice.keys().all(|key| matches!(key.as_str(), "auto" | "any" | "tool"));
    if choice.len() != 1 || !known {
        return bad("toolChoice must be one of auto, any and tool".to_owned());
    }
    let name = choice.get("tool").map(|tool| tool.get("name").and_then(Value::as_str));
    let offered = |name: &str| {
        config.tools.iter().any(|it| it.tool_spec.as_ref().is_some_and(|spec| spec.name == name))
    };
    match name {
        Some(name) if !name.is_some_and(offered) => {
            bad("toolChoice.tool.name is not among the tools".to_owned())
        }
        _ => Ok(()),
    }
}

pub(super) fn refused(message: impl Into<String>) -> Fault {
    Fault::bad_request(message.into())
}
