//! The body of Converse. AWS itself passes over unknown fields; here they are refused, so that a
//! misspelt one is found.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::simulate::fault::Fault;
use crate::simulate::prompt::{Format, Prompt, Tool, ToolChoice};
use crate::simulate::reply::Call;
use crate::simulate::tokens;

/// Where the schema of a structured answer stands in `outputConfig`.
const SCHEMA: &str = "/textFormat/structure/jsonSchema/schema";

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Body {
    #[serde(default)]
    pub(super) messages: Vec<Message>,
    #[serde(default)]
    pub(super) system: Vec<Block>,
    pub(super) inference_config: Option<InferenceConfig>,
    pub(super) tool_config: Option<ToolConfig>,
    pub(super) additional_model_request_fields: Option<Map<String, Value>>,
    pub(super) output_config: Option<Value>,
    #[serde(rename = "additionalModelResponseFieldPaths")]
    _response_fields: Option<Vec<String>>,
    #[serde(rename = "guardrailConfig")]
    _guardrail_config: Option<Value>,
    #[serde(rename = "performanceConfig")]
    _performance_config: Option<Value>,
    #[serde(rename = "promptVariables")]
    _prompt_variables: Option<Value>,
    #[serde(rename = "requestMetadata")]
    _request_metadata: Option<Map<String, Value>>,
    #[serde(rename = "serviceTier")]
    _service_tier: Option<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Message {
    pub(super) role: String,
    pub(super) content: Vec<Block>,
}

/// A content block: a union, of which exactly one member is set.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Block {
    pub(super) text: Option<String>,
    pub(super) image: Option<Media>,
    pub(super) document: Option<Media>,
    pub(super) video: Option<Value>,
    pub(super) audio: Option<Value>,
    pub(super) tool_use: Option<ToolUse>,
    pub(super) tool_result: Option<ToolResult>,
    pub(super) guard_content: Option<Value>,
    pub(super) cache_point: Option<CachePoint>,
    pub(super) reasoning_content: Option<Reasoning>,
    pub(super) citations_content: Option<Value>,
    pub(super) search_result: Option<Value>,
    /// Of a tool's result alone.
    pub(super) json: Option<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Media {
    pub(super) format: String,
    pub(super) name: Option<String>,
    pub(super) source: Map<String, Value>,
    #[serde(rename = "context")]
    _context: Option<String>,
    #[serde(rename = "citations")]
    _citations: Option<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct ToolUse {
    pub(super) tool_use_id: String,
    #[serde(rename = "name")]
    _name: String,
    pub(super) input: Value,
    #[serde(rename = "type")]
    _type: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct ToolResult {
    pub(super) tool_use_id: String,
    pub(super) content: Vec<Block>,
    pub(super) status: Option<String>,
    #[serde(rename = "type")]
    _type: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CachePoint {
    #[serde(rename = "type")]
    pub(super) kind: String,
    #[serde(rename = "ttl")]
    _ttl: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Reasoning {
    pub(super) reasoning_text: Option<ReasoningText>,
    pub(super) redacted_content: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReasoningText {
    pub(super) text: String,
    pub(super) signature: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct InferenceConfig {
    pub(super) max_tokens: Option<u64>,
    pub(super) temperature: Option<f64>,
    pub(super) top_p: Option<f64>,
    #[serde(default)]
    pub(super) stop_sequences: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct ToolConfig {
    pub(super) tools: Vec<OfferedTool>,
    pub(super) tool_choice: Option<Map<String, Value>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct OfferedTool {
    pub(super) tool_spec: Option<ToolSpec>,
    pub(super) cache_point: Option<CachePoint>,
    pub(super) system_tool: Option<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct ToolSpec {
    pub(super) name: String,
    pub(super) description: Option<String>,
    pub(super) input_schema: InputSchema,
    #[serde(rename = "strict")]
    _strict: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct InputSchema {
    pub(super) json: Value,
}

impl Block {
    fn tokens(&self) -> u64 {
        if let Some(text) = &self.text {
            return tokens::of_text(text);
        }
        if let Some(call) = &self.tool_use {
            return tokens::of_json(&call.input);
        }
        if let Some(result) = &self.tool_result {
            return result.content.iter().map(Self::tokens).sum();
        }
        if let Some(json) = &self.json {
            return tokens::of_json(json);
        }
        if let Some(reasoning) = &self.reasoning_content {
            return reasoning.reasoning_text.as_ref().map_or(0, |it| tokens::of_text(&it.text));
        }
        if self.cache_point.is_some() { 0 } else { tokens::PER_MEDIA }
    }

    /// What an answer may quote.
    fn quotes(&self) -> Vec<String> {
        let results =
            self.tool_result.iter().flat_map(|it| it.content.iter().flat_map(Self::quotes));
        let json = self.json.as_ref().map(ToString::to_string);
        self.text.clone().into_iter().chain(json).chain(results).collect()
    }
}

impl Body {
    pub(super) fn specs(&self) -> impl Iterator<Item = &ToolSpec> {
        let tools = self.tool_config.iter().flat_map(|config| &config.tools);
        tools.filter_map(|tool| tool.tool_spec.as_ref())
    }

    /// Reads the schema of the answer, which AWS takes as text.
    ///
    /// # Errors
    /// 400 when it is no text or not JSON.
    pub(super) fn read_schema(&mut self) -> Result<(), Fault> {
        let Some(schema) = self.output_config.as_mut().and_then(|it| it.pointer_mut(SCHEMA)) else {
            return Ok(());
        };
        let read = schema.as_str().and_then(|text| serde_json::from_str(text).ok());
        *schema = read.ok_or_else(|| {
            Fault::bad_request("outputConfig.textFormat: the schema must be JSON in a string.")
        })?;
        Ok(())
    }

    fn tokens(&self, tools: &[Tool<'_>]) -> u64 {
        let blocks = |blocks: &[Block]| blocks.iter().map(Block::tokens).sum::<u64>();
        let message = |message: &Message| tokens::PER_MESSAGE + blocks(&message.content);
        tokens::PER_REQUEST
            + blocks(&self.system)
            + self.messages.iter().map(message).sum::<u64>()
            + tools.iter().map(Tool::tokens).sum::<u64>()
    }

    fn tool_choice(&self) -> ToolChoice<'_> {
        let config = self.tool_config.as_ref();
        let Some(choice) = config.and_then(|config| config.tool_choice.as_ref()) else {
            return ToolChoice::Auto;
        };
        if choice.contains_key("any") {
            return ToolChoice::Required;
        }
        let name = choice.get("tool").and_then(|tool| tool.get("name")?.as_str());
        name.map_or(ToolChoice::Auto, ToolChoice::Named)
    }

    /// A field that goes to the model's own API.
    fn additional(&self, pointer: &str) -> Option<&Value> {
        let (first, rest) = pointer.split_once('/').unwrap_or((pointer, ""));
        let field = self.additional_model_request_fields.as_ref()?.get(first)?;
        if rest.is_empty() { Some(field) } else { field.pointer(&format!("/{rest}")) }
    }

    /// Claude's switch and Nova's.
    fn thinks(&self) -> bool {
        let word = |pointer| self.additional(pointer).and_then(Value::as_str);
        let kind = word("thinking/type").or_else(|| word("reasoningConfig/type"));
        matches!(kind, Some("enabled" | "adaptive"))
    }

    pub(super) fn prompt<'a>(&'a self, call: &'a Call<'a>) -> Prompt<'a> {
        let config = self.inference_config.as_ref();
        let last = self.messages.last();
        let quotes: Vec<String> =
            last.iter().flat_map(|last| last.content.iter().flat_map(Block::quotes)).collect();
        let tools: Vec<Tool<'_>> = self
            .specs()
            .map(|spec| Tool { name: &spec.name, parameters: Some(&spec.input_schema.json) })
            .collect();
        let schema = self.output_config.as_ref().and_then(|config| config.pointer(SCHEMA));
        let serial = self.additional("tool_choice/disable_parallel_tool_use");
        Prompt {
            last: quotes.join("\n"),
            answers_tool: last
                .is_some_and(|last| last.content.iter().any(|it| it.tool_result.is_some())),
            input_tokens: self.tokens(&tools),
            tools,
            tool_choice: self.tool_choice(),
            format: schema.map_or(Format::Text, Format::JsonSchema),
            max_tokens: config.and_then(|config| config.max_tokens),
            thinks: self.thinks(),
            parallel: serial.and_then(Value::as_bool) != Some(true),
            stop: config
                .map(|config| config.stop_sequences.iter().map(String::as_str).collect())
                .unwrap_or_default(),
            ..Prompt::new(call)
        }
    }
}
