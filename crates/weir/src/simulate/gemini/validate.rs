//! What Gemini refuses, beside unknown fields.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};

use super::request::{Body, Declaration, GenerationConfig, Part, ThinkingConfig};
use super::{conversation, generation, schema};
use crate::simulate::fault::Fault;

/// Most stop sequences.
const MAX_STOPS: usize = 5;
/// Most candidates.
const MAX_CANDIDATES: u32 = 8;

/// Checks a request for `model` (without its script).
///
/// # Errors
/// 400 that names the field.
pub(super) fn check(body: &Body, model: &str) -> Result<(), Fault> {
    if body.contents.is_empty() {
        return Err(refused("GenerateContentRequest.contents: contents is not specified"));
    }
    let turns = body.contents.iter().chain(&body.system_instruction);
    for (index, turn) in turns.enumerate() {
        if turn.parts.is_empty() {
            return Err(refused(format!("contents[{index}].parts: must not be empty")));
        }
        for (nth, part) in turn.parts.iter().enumerate() {
            check_part(part)
                .map_err(|text| refused(format!("contents[{index}].parts[{nth}]{text}")))?;
        }
    }
    config(&body.generation_config, model)?;
    let declared: Vec<&Declaration> =
        body.tools.iter().flat_map(|set| &set.function_declarations).collect();
    tools(body, &declared)?;
    let json = body.generation_config.response_mime_type.as_deref() == Some("application/json");
    // From the third generation on, both go together.
    if json && !declared.is_empty() && generation(model).is_some_and(|generation| generation < 3) {
        return Err(refused(
            "Function calling with a response mime type: 'application/json' is unsupported",
        ));
    }
    conversation::check(&body.contents, model)
}

/// Exactly one kind of content is set.
fn check_part(part: &Part) -> Result<(), &'static str> {
    let set = [
        part.text.is_some(),
        part.function_call.is_some(),
        part.function_response.is_some(),
        part.inline_data.is_some(),
        part.file_data.is_some(),
        part.executable_code.is_some(),
        part.code_execution_result.is_some(),
    ];
    if set.iter().filter(|set| **set).count() != 1 {
        return Err(".data: required oneof field 'data' must have one initialized field");
    }
    if let Some(blob) = &part.inline_data {
        if !blob.mime_type.contains('/') {
            return Err(".inline_data.mime_type: not a media type");
        }
        let good = STANDARD.decode(&blob.data).is_ok() || URL_SAFE.decode(&blob.data).is_ok();
        if !good || blob.data.is_empty() {
            return Err(".inline_data.data: Base64 decoding failed");
        }
    }
    Ok(())
}

fn config(config: &GenerationConfig, model: &str) -> Result<(), Fault> {
    let bad = |message: &'static str| Err(refused(format!("generation_config.{message}")));
    if config.stop_sequences.len() > MAX_STOPS {
        return bad("stop_sequences: at most 5 are supported");
    }
    if config.stop_sequences.iter().any(String::is_empty) {
        return bad("stop_sequences: must not be empty");
    }
    if !(1..=MAX_CANDIDATES).contains(&config.candidate_count.unwrap_or(1)) {
        return bad("candidate_count: must be from 1 to 8");
    }
    if config.max_output_tokens == Some(0) {
        return bad("max_output_tokens: must be positive");
    }
    if config.temperature.is_some_and(|value| !(0.0..=2.0).contains(&value)) {
        return bad("temperature: must be in the range [0.0, 2.0]");
    }
    if config.top_p.is_some_and(|value| !(0.0..=1.0).contains(&value)) {
        return bad("top_p: must be in the range [0.0, 1.0]");
    }
    if config.top_k.is_some_and(|value| value < 1.0) {
        return bad("top_k: must be positive");
    }
    let sampling = config.temperature.or(config.top_p).or(config.top_k);
    // spec: prices-sample.json, `capabilities`
    if sampling.is_some() && model.contains("gemini-3.8-flash") {
        return bad("temperature, top_p, top_k: this model takes none of them");
    }
    let has_schema = config.response_schema.is_some() || config.response_json_schema.is_some();
    if config.response_schema.is_some() && config.response_json_schema.is_some() {
        return bad("response_schema and response_json_schema: only one may be set");
    }
    match config.response_mime_type.as_deref() {
        None | Some("text/plain") if has_schema => {
            return bad("response_mime_type: a schema needs application/json or text/x.enum");
        }
        None | Some("text/plain" | "application/json" | "text/x.enum") => {}
        Some(_) => return bad("response_mime_type: allowed are text/plain, application/json"),
    }
    if let Some(fault) = config.response_schema.as_ref().and_then(schema::fault) {
        return Err(refused(format!("generation_config.response_schema: {fault}")));
    }
    config.thinking_config.as_ref().map_or(Ok(()), |asked| thinking(asked, model))
}

fn thinking(asked: &ThinkingConfig, model: &str) -> Result<(), Fault> {
    let bad = |message: &'static str| {
        Err(refused(format!("generation_config.thinking_config: {message}")))
    };
    if asked.thinking_budget.is_some() && asked.thinking_level.is_some() {
        return bad("only one of thinking_budget and thinking_level may be set");
    }
    let older = generation(model).is_some_and(|generation| generation < 3);
    match (&asked.thinking_level, asked.thinking_budget) {
        (Some(_), _) if older => bad("Thinking level is not supported for this model."),
        (Some(level), _) => {
            let level = level.to_ascii_lowercase();
            let known = ["minimal", "low", "medium", "high"].contains(&level.as_str());
            // spec: prices-sample.json, `effort_minimal`
            let lacks = ["gemini-3.8-flash", "gemini-4-argon"].iter().any(|it| model.contains(it));
            if !known || (level == "minimal" && (lacks || model.contains("pro"))) {
                return bad("this model does not have this thinking_level");
            }
            Ok(())
        }
        (None, Some(0)) if model.contains("2.5-pro") => {
            bad("Budget 0 is invalid. This model only works in thinking mode.")
        }
        (None, Some(1..128)) if model.contains("2.5-pro") => bad("thinking_budget is below 128"),
        (None, Some(budget)) if !(-1..=32_768).contains(&budget) => {
            bad("thinking_budget is out of range")
        }
        _ => Ok(()),
    }
}

fn tools(body: &Body, declared: &[&Declaration]) -> Result<(), Fault> {
    for (index, function) in declared.iter().enumerate() {
        let at =
            |text: &str| Err(refused(format!("tools[0].function_declarations[{index}].{text}")));
        let mut bytes = function.name.bytes();
        let starts = bytes.next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_');
        let goes_on =
            bytes.all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b':' | b'-'));
        if !starts || !goes_on || function.name.len() > 64 {
            return at("name: Invalid function name. Must start with a letter or an underscore.");
        }
        if declared.iter().take(index).any(|before| before.name == function.name) {
            return at("name: Duplicate function declaration found.");
        }
        if function.parameters.is_some() && function.parameters_json_schema.is_some() {
            return at("parameters: may not be set together with parameters_json_schema");
        }
        if let Some(fault) = function.parameters.as_ref().and_then(schema::fault) {
            return at(&format!("parameters: {fault}"));
        }
    }
    let Some(calling) =
        body.tool_config.as_ref().and_then(|it| it.function_calling_config.as_ref())
    else {
        return Ok(());
    };
    let bad = |text: &str| Err(refused(format!("tool_config.function_calling_config.{text}")));
    let mode = calling.mode.as_deref().unwrap_or("AUTO");
    match mode {
        "ANY" | "VALIDATED" if declared.is_empty() => bad("mode: needs function declarations"),
        "ANY" | "VALIDATED" | "AUTO" | "NONE" | "MODE_UNSPECIFIED" => {
            let allowed = &calling.allowed_function_names;
            if !allowed.is_empty() && !matches!(mode, "ANY" | "VALIDATED") {
                return bad("allowed_function_names: only allowed with mode ANY");
            }
            match allowed.iter().find(|name| !declared.iter().any(|it| it.name == **name)) {
                Some(name) => bad(&format!("allowed_function_names: `{name}` is not declared")),
                None => Ok(()),
            }
        }
        _ => bad("mode: unknown"),
    }
}

pub(super) fn refused(message: impl Into<String>) -> Fault {
    Fault::bad_request(message.into())
}
