//! What a client asks for.

use serde_json::{Map, Number, Value};

use super::message::{Message, PartKind, Source};

/// A request for the next turn of a conversation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Request {
    /// The model, in the provider's word: a unified name has lost its prefix.
    pub model: String,
    /// The conversation, system messages included wherever they stand.
    pub messages: Vec<Message>,
    /// Tools on offer.
    pub tools: Vec<Tool>,
    /// Whether a tool must, may or must not be called.
    pub tool_choice: Option<ToolChoice>,
    /// Whether several tools may be called at once.
    pub parallel_tools: Option<bool>,
    /// Longest answer, in tokens.
    pub max_tokens: Option<u64>,
    /// As the client wrote it; OpenAI's scale, 0 to 2.
    pub temperature: Option<Number>,
    /// As the client wrote it.
    pub top_p: Option<Number>,
    /// How many candidates for each token.
    pub top_k: Option<u64>,
    /// Texts that end the answer.
    pub stop: Vec<String>,
    /// For answers that repeat.
    pub seed: Option<i64>,
    /// As the client wrote it.
    pub frequency_penalty: Option<Number>,
    /// As the client wrote it.
    pub presence_penalty: Option<Number>,
    /// By token, when not empty.
    pub logit_bias: Option<Map<String, Value>>,
    /// Tell the likelihood of each token.
    pub logprobs: Option<bool>,
    /// And that of so many others.
    pub top_logprobs: Option<u64>,
    /// How many answers.
    pub n: Option<u64>,
    /// The form of the answer's text.
    pub format: Format,
    /// How much to think.
    pub reasoning: Option<Reasoning>,
    /// The end user.
    pub user: Option<String>,
    /// Labels for the provider's records.
    pub metadata: Option<Map<String, Value>>,
    /// In OpenAI's words: `auto`, `default`, `flex`, `priority`.
    pub service_tier: Option<String>,
    /// The answer is to be streamed.
    pub stream: bool,
    /// A stream is to tell its usage, in the dialects where that is a choice.
    pub include_usage: bool,
    /// Parameters of the client's dialect that have no place here, by name: each has to be refused or
    /// left out by the target, or carried over by one that knows it.
    pub own: Map<String, Value>,
}

/// A tool on offer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// What it does.
    pub description: Option<String>,
    /// JSON schema of its arguments; `None` means no arguments.
    pub parameters: Option<Value>,
    /// The provider is to hold the arguments to the schema.
    pub strict: Option<bool>,
    /// Anthropic's `cache_control`.
    pub cache: Option<Value>,
}

/// Whether a tool is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ToolChoice {
    /// As the model likes.
    Auto,
    /// No.
    None,
    /// Some tool must be called.
    Required,
    /// This tool must be called.
    Named(String),
    /// Only these tools may be called.
    Allowed {
        /// Names.
        names: Vec<String>,
        /// One of them must be called.
        required: bool,
    },
}

/// The form of the answer's text.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Format {
    /// Any text.
    #[default]
    Text,
    /// Some JSON object.
    JsonObject,
    /// JSON that follows a schema.
    JsonSchema {
        /// Name of the schema.
        name: String,
        /// What it is for.
        description: Option<String>,
        /// The schema.
        schema: Value,
        /// Follow it to the letter.
        strict: Option<bool>,
    },
}

/// How much to think.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reasoning {
    /// By a word.
    pub effort: Option<Effort>,
    /// By a count of tokens; 0 means not at all.
    pub budget: Option<u64>,
    /// The thoughts are to be shown.
    pub show: Option<bool>,
}

/// Efforts, in rising order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the words say it")]
pub enum Effort {
    None,
    Minimal,
    Low,
    Medium,
    High,
    XHigh,
    Max,
}

impl Effort {
    /// The effort of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "none" => Self::None,
            "minimal" => Self::Minimal,
            "low" => Self::Low,
            "medium" => Self::Medium,
            "high" => Self::High,
            "xhigh" => Self::XHigh,
            "max" => Self::Max,
            _ => return None,
        })
    }

    /// Its word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Minimal => "minimal",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::XHigh => "xhigh",
            Self::Max => "max",
        }
    }

    /// The effort that a budget of tokens stands for (spec: providers 4.2).
    pub const fn of_budget(tokens: u64) -> Self {
        match tokens {
            0 => Self::None,
            1..=1024 => Self::Low,
            1025..=4096 => Self::Medium,
            _ => Self::High,
        }
    }
}

impl Request {
    /// Pictures and documents that lie at an address, for targets that want their bytes.
    pub fn remote_sources(&mut self) -> impl Iterator<Item = &mut Source> {
        let parts = self.messages.iter_mut().flat_map(|message| &mut message.parts);
        let sources = parts.flat_map(|part| match &mut part.kind {
            PartKind::Image(image) => vec![&mut image.source],
            PartKind::File(media) | PartKind::Audio(media) => vec![&mut media.source],
            PartKind::ToolResult(result) => result
                .parts
                .iter_mut()
                .filter_map(|part| match &mut part.kind {
                    PartKind::Image(image) => Some(&mut image.source),
                    PartKind::File(media) => Some(&mut media.source),
                    _ => None,
                })
                .collect(),
            _ => Vec::new(),
        });
        sources.filter(|source| matches!(source, Source::Url(_)))
    }

    /// The tools that may be called: those on offer, fewer when the choice names some.
    pub fn callable_tools(&self) -> impl Iterator<Item = &Tool> {
        self.tools.iter().filter(|tool| match &self.tool_choice {
            Some(ToolChoice::Allowed { names, .. }) => names.contains(&tool.name),
            _ => true,
        })
    }
}
