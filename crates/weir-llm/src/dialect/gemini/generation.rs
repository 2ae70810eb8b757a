//! `generationConfig`.

use serde_json::Value;

use super::fields::Fields;
use super::schema;
use crate::canonical::{Effort, Format, PartKind, Reasoning, Request};
use crate::fault::Fault;
use crate::json;

pub(super) fn read(body: &mut Fields<'_>, request: &mut Request) -> Result<(), Fault> {
    let Some(mut config) = body.object("generationConfig")? else { return Ok(()) };
    request.max_tokens = config.count("maxOutputTokens")?;
    request.temperature = config.take("temperature")?;
    request.top_p = config.take("topP")?;
    request.top_k = config.count("topK")?;
    request.stop = config.take("stopSequences")?.unwrap_or_default();
    request.seed = config.integer("seed")?;
    request.frequency_penalty = config.take("frequencyPenalty")?;
    request.presence_penalty = config.take("presencePenalty")?;
    request.logprobs = config.take("responseLogprobs")?;
    request.top_logprobs = config.count("logprobs")?;
    request.n = config.count("candidateCount")?.filter(|count| *count > 0);
    request.format = format(&mut config)?;
    request.reasoning = config.object("thinkingConfig")?.map(reasoning).transpose()?.flatten();
    only_text(&mut config)?;
    if let Some(resolution) = config.take::<String>("mediaResolution")? {
        look_closely(&resolution, request);
    }
    for (name, raw) in config.rest() {
        request.own.insert(name.clone(), json::read(raw, &name)?);
    }
    Ok(())
}

fn format(config: &mut Fields<'_>) -> Result<Format, Fault> {
    let openapi: Option<Value> = config.take("responseSchema")?;
    let hidden: Option<Value> = config.take("_responseJsonSchema")?;
    let schema = config.take("responseJsonSchema")?.or(hidden);
    let schema = schema.or_else(|| openapi.map(schema::json_schema));
    let kind: Option<String> = config.take("responseMimeType")?;
    match (kind.as_deref(), schema) {
        (Some("text/x.enum"), _) => {
            let why = "only Google answers with a bare word of a list; use application/json";
            Err(config.unsupported("responseMimeType", why))
        }
        (None | Some("" | "text/plain" | "application/json"), Some(schema)) => {
            let name = "response".to_owned();
            Ok(Format::JsonSchema { name, description: None, schema, strict: None })
        }
        (Some("application/json"), None) => Ok(Format::JsonObject),
        (None | Some("" | "text/plain"), None) => Ok(Format::Text),
        _ => Err(config.invalid("responseMimeType", "has to be text/plain or application/json")),
    }
}

fn reasoning(mut config: Fields<'_>) -> Result<Option<Reasoning>, Fault> {
    // A negative budget leaves it to the model.
    let budget = config.integer("thinkingBudget")?.and_then(|budget| u64::try_from(budget).ok());
    let level = config.take::<String>("thinkingLevel")?.map(|level| level.to_lowercase());
    let level = level.as_deref().map(|word| word.strip_prefix("thinking_level_").unwrap_or(word));
    let effort = match level.filter(|word| *word != "unspecified") {
        Some(word) => Some(Effort::parse(word).ok_or_else(|| {
            config.invalid("thinkingLevel", "has to be MINIMAL, LOW, MEDIUM or HIGH")
        })?),
        None => None,
    };
    let reasoning = Reasoning { effort, budget, show: config.take("includeThoughts")? };
    Ok((reasoning != Reasoning::default()).then_some(reasoning))
}

/// Answers in pictures and sound cannot be carried over.
fn only_text(config: &mut Fields<'_>) -> Result<(), Fault> {
    let modalities: Vec<String> = config.take("responseModalities")?.unwrap_or_default();
    if modalities.iter().any(|word| !word.eq_ignore_ascii_case("text")) {
        return Err(config.unsupported("responseModalities", "only TEXT can be answered here"));
    }
    if config.raw("speechConfig").is_some() {
        return Err(config.unsupported("speechConfig", "only text can be answered here"));
    }
    Ok(())
}

/// One setting for all pictures; elsewhere each picture has its own.
fn look_closely(resolution: &str, request: &mut Request) {
    let detail = match resolution.strip_prefix("MEDIA_RESOLUTION_").unwrap_or(resolution) {
        "LOW" => "low",
        "HIGH" => "high",
        _ => return,
    };
    for part in request.messages.iter_mut().flat_map(|message| &mut message.parts) {
        if let PartKind::Image(image) = &mut part.kind {
            image.detail = Some(detail.to_owned());
        }
    }
}
