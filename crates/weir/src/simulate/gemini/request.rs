//! The body of a request for content. Fields may be written in camelCase or snake_case, as Google
//! takes both; unknown ones are refused.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::schema;
use crate::simulate::prompt::{Format, Prompt, Tool, ToolChoice};
use crate::simulate::reply::Call;
use crate::simulate::tokens;

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Body {
    pub(super) contents: Vec<Turn>,
    #[serde(alias = "system_instruction")]
    pub(super) system_instruction: Option<Turn>,
    pub(super) tools: Vec<ToolSet>,
    #[serde(alias = "tool_config")]
    pub(super) tool_config: Option<ToolConfig>,
    #[serde(alias = "generation_config")]
    pub(super) generation_config: GenerationConfig,
    #[serde(rename = "safetySettings", alias = "safety_settings")]
    _safety_settings: Option<Value>,
    #[serde(rename = "cachedContent", alias = "cached_content")]
    _cached_content: Option<String>,
    #[serde(rename = "labels")]
    _labels: Option<Value>,
    #[serde(rename = "model")]
    _model: Option<String>,
    #[serde(rename = "serviceTier", alias = "service_tier")]
    _service_tier: Option<String>,
}

/// The body of a count: contents, or a whole request around them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct CountBody {
    #[serde(default)]
    contents: Vec<Turn>,
    #[serde(alias = "generate_content_request")]
    generate_content_request: Option<Body>,
    #[serde(alias = "system_instruction")]
    system_instruction: Option<Turn>,
    #[serde(default)]
    tools: Vec<ToolSet>,
    #[serde(rename = "generationConfig")]
    _generation_config: Option<Value>,
    #[serde(rename = "model")]
    _model: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Turn {
    pub(super) role: Option<String>,
    pub(super) parts: Vec<Part>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Part {
    pub(super) text: Option<String>,
    #[serde(rename = "thought")]
    _thought: Option<bool>,
    #[serde(alias = "thought_signature")]
    pub(super) thought_signature: Option<String>,
    #[serde(alias = "function_call")]
    pub(super) function_call: Option<FunctionCall>,
    #[serde(alias = "function_response")]
    pub(super) function_response: Option<FunctionResponse>,
    #[serde(alias = "inline_data")]
    pub(super) inline_data: Option<Blob>,
    #[serde(alias = "file_data")]
    pub(super) file_data: Option<Value>,
    #[serde(alias = "executable_code")]
    pub(super) executable_code: Option<Value>,
    #[serde(alias = "code_execution_result")]
    pub(super) code_execution_result: Option<Value>,
    #[serde(rename = "videoMetadata", alias = "video_metadata")]
    _video_metadata: Option<Value>,
    #[serde(rename = "mediaResolution", alias = "media_resolution")]
    _media_resolution: Option<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FunctionCall {
    #[serde(rename = "id")]
    _id: Option<String>,
    pub(super) name: String,
    #[serde(default)]
    pub(super) args: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FunctionResponse {
    #[serde(rename = "id")]
    _id: Option<String>,
    pub(super) name: String,
    /// An object; a bare value is refused.
    pub(super) response: Map<String, Value>,
    #[serde(rename = "parts")]
    _parts: Option<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Blob {
    #[serde(alias = "mime_type")]
    pub(super) mime_type: String,
    pub(super) data: String,
    #[serde(rename = "displayName")]
    _display_name: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct ToolSet {
    #[serde(alias = "function_declarations")]
    pub(super) function_declarations: Vec<Declaration>,
    #[serde(rename = "googleSearch", alias = "google_search")]
    _google_search: Option<Value>,
    #[serde(rename = "googleSearchRetrieval", alias = "google_search_retrieval")]
    _google_search_retrieval: Option<Value>,
    #[serde(rename = "codeExecution", alias = "code_execution")]
    _code_execution: Option<Value>,
    #[serde(rename = "urlContext", alias = "url_context")]
    _url_context: Option<Value>,
    #[serde(rename = "googleMaps", alias = "google_maps")]
    _google_maps: Option<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Declaration {
    pub(super) name: String,
    #[serde(rename = "description")]
    _description: Option<String>,
    pub(super) parameters: Option<Value>,
    #[serde(alias = "parameters_json_schema")]
    pub(super) parameters_json_schema: Option<Value>,
    #[serde(rename = "response")]
    _response: Option<Value>,
    #[serde(rename = "responseJsonSchema", alias = "response_json_schema")]
    _response_json_schema: Option<Value>,
    #[serde(rename = "behavior")]
    _behavior: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct ToolConfig {
    #[serde(alias = "function_calling_config")]
    pub(super) function_calling_config: Option<CallingConfig>,
    #[serde(rename = "retrievalConfig", alias = "retrieval_config")]
    _retrieval_config: Option<Value>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct CallingConfig {
    pub(super) mode: Option<String>,
    #[serde(alias = "allowed_function_names")]
    pub(super) allowed_function_names: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct GenerationConfig {
    #[serde(alias = "candidate_count")]
    pub(super) candidate_count: Option<u32>,
    #[serde(alias = "stop_sequences")]
    pub(super) stop_sequences: Vec<String>,
    #[serde(alias = "max_output_tokens")]
    pub(super) max_output_tokens: Option<u64>,
    pub(super) temperature: Option<f64>,
    #[serde(alias = "top_p")]
    pub(super) top_p: Option<f64>,
    #[serde(alias = "top_k")]
    pub(super) top_k: Option<f64>,
    #[serde(rename = "seed")]
    _seed: Option<i64>,
    #[serde(rename = "presencePenalty", alias = "presence_penalty")]
    _presence_penalty: Option<f64>,
    #[serde(rename = "frequencyPenalty", alias = "frequency_penalty")]
    _frequency_penalty: Option<f64>,
    #[serde(rename = "responseLogprobs", alias = "response_logprobs")]
    _response_logprobs: Option<bool>,
    #[serde(rename = "logprobs")]
    _logprobs: Option<u32>,
    #[serde(alias = "response_mime_type")]
    pub(super) response_mime_type: Option<String>,
    #[serde(alias = "response_schema")]
    pub(super) response_schema: Option<Value>,
    #[serde(alias = "response_json_schema")]
    pub(super) response_json_schema: Option<Value>,
    #[serde(alias = "thinking_config")]
    pub(super) thinking_config: Option<ThinkingConfig>,
    #[serde(rename = "responseModalities", alias = "response_modalities")]
    _response_modalities: Option<Value>,
    #[serde(rename = "speechConfig", alias = "speech_config")]
    _speech_config: Option<Value>,
    #[serde(rename = "mediaResolution", alias = "media_resolution")]
    _media_resolution: Option<String>,
    #[serde(rename = "imageConfig", alias = "image_config")]
    _image_config: Option<Value>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct ThinkingConfig {
    #[serde(alias = "include_thoughts")]
    pub(super) include_thoughts: bool,
    #[serde(alias = "thinking_budget")]
    pub(super) thinking_budget: Option<i64>,
    #[serde(alias = "thinking_level")]
    pub(super) thinking_level: Option<String>,
}

impl CountBody {
    pub(super) fn into_body(self) -> Body {
        self.generate_content_request.unwrap_or_else(|| Body {
            contents: self.contents,
            system_instruction: self.system_instruction,
            tools: self.tools,
            ..Body::default()
        })
    }
}

impl Part {
    fn tokens(&self) -> u64 {
        if let Some(text) = &self.text {
            return tokens::of_text(text);
        }
        if let Some(call) = &self.function_call {
            return tokens::of_text(&call.name) + tokens::of_object(&call.args);
        }
        if let Some(response) = &self.function_response {
            return tokens::of_object(&response.response);
        }
        tokens::PER_MEDIA
    }

    /// What an answer may quote: a function's result without the object around it.
    fn quote(&self) -> Option<String> {
        if let Some(FunctionResponse { response, .. }) = &self.function_response {
            let inner = response.get("result").or_else(|| response.get("output"));
            return Some(match inner {
                Some(Value::String(text)) => text.clone(),
                Some(other) => other.to_string(),
                None => Value::Object(response.clone()).to_string(),
            });
        }
        self.text.clone()
    }
}

impl Body {
    fn declarations(&self) -> impl Iterator<Item = &Declaration> {
        self.tools.iter().flat_map(|set| &set.function_declarations)
    }

    /// Google writes types in capitals; the rest of the simulator knows JSON Schema's.
    pub(super) fn lower_schema_types(&mut self) {
        let declared = self.tools.iter_mut().flat_map(|set| &mut set.function_declarations);
        let parameters = declared.filter_map(|declaration| declaration.parameters.as_mut());
        parameters.chain(self.generation_config.response_schema.as_mut()).for_each(schema::lower);
    }

    pub(super) fn tokens(&self) -> u64 {
        let parts = |turn: &Turn| turn.parts.iter().map(Part::tokens).sum::<u64>();
        tokens::PER_REQUEST
            + self.system_instruction.as_ref().map_or(0, parts)
            + self.contents.iter().map(|turn| tokens::PER_MESSAGE + parts(turn)).sum::<u64>()
            + self.offered().iter().map(Tool::tokens).sum::<u64>()
    }

    fn offered(&self) -> Vec<Tool<'_>> {
        fn tool(declaration: &Declaration) -> Tool<'_> {
            let Declaration { name, parameters, parameters_json_schema, .. } = declaration;
            Tool { name, parameters: parameters.as_ref().or(parameters_json_schema.as_ref()) }
        }
        self.declarations().map(tool).collect()
    }

    pub(super) fn shows_thoughts(&self) -> bool {
        let thinking = self.generation_config.thinking_config.as_ref();
        thinking.is_some_and(|thinking| thinking.include_thoughts)
    }

    pub(super) fn prompt<'a>(&'a self, call: &'a Call<'a>) -> Prompt<'a> {
        let config = &self.generation_config;
        let last = self.contents.last();
        let quotes = last.map(|turn| turn.parts.iter().filter_map(Part::quote).collect::<Vec<_>>());
        let calling = self.tool_config.as_ref().and_then(|it| it.function_calling_config.as_ref());
        let allowed = calling.map(|it| it.allowed_function_names.as_slice()).unwrap_or_default();
        let mut tools = self.offered();
        tools.retain(|tool| allowed.is_empty() || allowed.iter().any(|name| name == tool.name));
        let schema = config.response_schema.as_ref().or(config.response_json_schema.as_ref());
        Prompt {
            last: quotes.unwrap_or_default().join("\n"),
            answers_tool: last
                .is_some_and(|turn| turn.parts.iter().any(|it| it.function_response.is_some())),
            tools,
            tool_choice: match calling.and_then(|calling| calling.mode.as_deref()) {
                Some("ANY") => ToolChoice::Required,
                Some("NONE") => ToolChoice::None,
                _ => ToolChoice::Auto,
            },
            format: match (schema, config.response_mime_type.as_deref()) {
                (Some(schema), _) => Format::JsonSchema(schema),
                (None, Some("application/json")) => Format::JsonObject,
                _ => Format::Text,
            },
            max_tokens: config.max_output_tokens,
            input_tokens: self.tokens(),
            thinks: config.thinking_config.as_ref().is_some_and(|it| it.thinking_budget != Some(0)),
            stop: config.stop_sequences.iter().map(String::as_str).collect(),
            ..Prompt::new(call)
        }
    }
}
