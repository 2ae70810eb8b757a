//! The capabilities of a row, and what is assumed of models without one.

use serde_json::{Map, Value};

use crate::capability::Capabilities;

/// Reads `capabilities` and `limits`. What is not known here is passed over: a newer table may say
/// more.
pub(super) fn of_row(row: &Map<String, Value>) -> Capabilities {
    let told = |name: &str| row.get("capabilities")?.get(name)?.as_bool();
    let limit = |name: &str| row.get("limits")?.get(name)?.as_u64();
    Capabilities {
        vision: told("vision"),
        tools: told("tools"),
        parallel_tools: told("parallel_tools"),
        native_json_schema: told("native_json_schema"),
        reasoning: told("reasoning"),
        pdf_input: told("pdf_input"),
        audio_input: told("audio_input"),
        assistant_prefill: told("assistant_prefill"),
        sampling_params: told("sampling_params"),
        forced_tool_choice: told("forced_tool_choice"),
        thinking_adaptive: told("thinking_adaptive"),
        thinking_always_on: told("thinking_always_on"),
        mid_conversation_system: told("mid_conversation_system"),
        effort_none: told("effort_none"),
        effort_minimal: told("effort_minimal"),
        effort_xhigh: told("effort_xhigh"),
        effort_max: told("effort_max"),
        max_input_tokens: limit("context"),
        max_output_tokens: limit("output"),
    }
}

/// What price lists do not say of OpenAI's reasoning models: they refuse to have their sampling
/// tuned (spec: providers 4.1). Those that can be told not to think take it then, which is for the
/// translation to see.
pub(super) fn of_openai(model: &str, told: Capabilities) -> Capabilities {
    let name = model.rsplit('/').next().unwrap_or(model).to_ascii_lowercase();
    if name.contains("-chat") || name.contains("-search") || name.contains("-oss") {
        return told;
    }
    let digit = |text: &str| text.starts_with(|first: char| first.is_ascii_digit());
    let is_o = name.strip_prefix('o').is_some_and(digit);
    let generation = name.strip_prefix("gpt-").and_then(|rest| rest.split(['-', '.']).next());
    let is_newer = generation.and_then(|it| it.parse::<u32>().ok()).is_some_and(|it| it >= 5);
    if !is_o && !is_newer {
        return told;
    }
    let always_thinks =
        is_o || told.effort_none == Some(false) || name == "gpt-5" || name.starts_with("gpt-5-");
    Capabilities {
        reasoning: told.reasoning.or(Some(true)),
        sampling_params: told.sampling_params.or(always_thinks.then_some(false)),
        ..told
    }
}

/// What every model of a family could do for years, and its next one will, too.
pub(super) fn of_family(model: &str) -> Capabilities {
    let name = model.to_ascii_lowercase();
    let is = |part: &str| name.contains(part);
    if is("embed") || is("rerank") || is("whisper") || is("tts") || is("imagen") || is("dall-e") {
        return Capabilities::default();
    }
    let sees = is("claude") || is("gemini") || is("gpt-4o") || is("gpt-4.1") || is("gpt-5");
    let calls = sees || is("gpt-4") || is("mistral-large") || is("grok") || is("command-r");
    Capabilities {
        vision: (sees || is("pixtral")).then_some(true),
        tools: calls.then_some(true),
        pdf_input: (is("claude") || is("gemini")).then_some(true),
        audio_input: is("gemini").then_some(true),
        ..Capabilities::default()
    }
}
