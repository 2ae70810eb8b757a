//! What an answer depends on, whatever the dialect it was asked in.

use serde::Deserialize;
use serde_json::Value;

use super::reply::Call;
use super::tokens;

/// A request, reduced to what [`super::answer`] needs.
pub(super) struct Prompt<'a> {
    pub(super) call: &'a Call<'a>,
    /// Text of the last message, quoted in the answer.
    pub(super) last: String,
    /// The last message is a tool's result: the answer is text, or a loop would never end.
    pub(super) answers_tool: bool,
    pub(super) tools: Vec<Tool<'a>>,
    pub(super) tool_choice: ToolChoice<'a>,
    pub(super) format: Format<'a>,
    pub(super) max_tokens: Option<u64>,
    pub(super) input_tokens: u64,
    /// The model is to think before it answers.
    pub(super) thinks: bool,
    /// Several tools may be called at once.
    pub(super) parallel: bool,
    /// Texts before which the answer ends.
    pub(super) stop: Vec<&'a str>,
}

impl<'a> Prompt<'a> {
    /// A prompt with nothing in it, to be filled in by the dialect.
    pub(super) fn new(call: &'a Call<'a>) -> Self {
        Self {
            call,
            last: String::new(),
            answers_tool: false,
            tools: Vec::new(),
            tool_choice: ToolChoice::Auto,
            format: Format::Text,
            max_tokens: None,
            input_tokens: 0,
            thinks: false,
            parallel: true,
            stop: Vec::new(),
        }
    }
}

/// One text or several, as OpenAI takes stop sequences and inputs.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl OneOrMany {
    pub(super) fn all(&self) -> &[String] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many,
        }
    }

    /// The entries that are not empty.
    pub(super) fn texts(texts: Option<&Self>) -> Vec<&str> {
        let all = texts.map(Self::all).unwrap_or_default();
        all.iter().map(String::as_str).filter(|text| !text.is_empty()).collect()
    }
}

/// A tool on offer.
pub(super) struct Tool<'a> {
    pub(super) name: &'a str,
    /// JSON schema of the arguments.
    pub(super) parameters: Option<&'a Value>,
}

impl Tool<'_> {
    pub(super) fn tokens(&self) -> u64 {
        tokens::of_text(self.name) + self.parameters.map_or(0, tokens::of_json)
    }
}

/// Whether a tool must, may or must not be called.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum ToolChoice<'a> {
    #[default]
    Auto,
    None,
    Required,
    Named(&'a str),
}

/// What the text of the answer must be.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) enum Format<'a> {
    #[default]
    Text,
    JsonObject,
    JsonSchema(&'a Value),
}

/// Message content, a string or typed parts, as all dialects have it.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Content {
    Text(String),
    Parts(Vec<Part>),
}

/// One part of a message. Fields of all dialects; kinds unknown here are media.
#[derive(Deserialize)]
pub(super) struct Part {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) text: Option<String>,
    /// Text of thoughts that are sent back.
    pub(super) thinking: Option<String>,
    /// Arguments of a tool call that is sent back.
    pub(super) input: Option<Value>,
    /// A tool's result.
    pub(super) content: Option<Content>,
    /// Id of a tool call that is sent back.
    pub(super) id: Option<String>,
    /// Name of the tool that was called.
    pub(super) name: Option<String>,
    /// Id of the call that a result is for.
    pub(super) tool_use_id: Option<String>,
    /// Proof that thoughts are the provider's own.
    pub(super) signature: Option<String>,
}

impl Content {
    /// Tokens by the simulator's rule.
    pub(super) fn tokens(&self) -> u64 {
        match self {
            Self::Text(text) => tokens::of_text(text),
            Self::Parts(parts) => parts.iter().map(Part::tokens).sum(),
        }
    }

    /// All text, one part a line; a tool's result counts as text.
    pub(super) fn text(&self) -> String {
        let Self::Parts(parts) = self else {
            return if let Self::Text(text) = self { text.clone() } else { String::new() };
        };
        let mut all = String::new();
        for part in parts {
            let nested = part.content.as_ref().map(Self::text);
            for text in part.text.as_deref().into_iter().chain(nested.as_deref()) {
                if !all.is_empty() {
                    all.push('\n');
                }
                all.push_str(text);
            }
        }
        all
    }

    /// Whether any part is of this kind.
    pub(super) fn has(&self, kind: &str) -> bool {
        matches!(self, Self::Parts(parts) if parts.iter().any(|part| part.kind == kind))
    }
}

impl Part {
    fn tokens(&self) -> u64 {
        match self.kind.as_str() {
            "text" | "input_text" | "output_text" | "refusal" | "thinking" => {
                [&self.text, &self.thinking]
                    .into_iter()
                    .flatten()
                    .map(|text| tokens::of_text(text))
                    .sum()
            }
            "tool_use" => self.input.as_ref().map_or(0, tokens::of_json),
            "tool_result" => self.content.as_ref().map_or(0, Content::tokens),
            _ => tokens::PER_MEDIA,
        }
    }
}
