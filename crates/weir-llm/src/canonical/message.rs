//! Messages and their parts.

use serde_json::Value;

/// One message of a conversation. Neighbours may have the same role; targets that want turns to
/// alternate merge them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// What is said, in order.
    pub parts: Vec<Part>,
    /// Place in the client's own list of messages, for faults.
    pub index: usize,
}

/// Who speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Role {
    /// The operator of the conversation; `developer` is the same.
    System,
    /// The user.
    #[default]
    User,
    /// The model.
    Assistant,
    /// Tools: every part is a [`PartKind::ToolResult`].
    Tool,
}

/// A part of a message or of an answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// What it is.
    pub kind: PartKind,
    /// Anthropic's `cache_control`, where the client set one: a prompt cache ends here.
    pub cache: Option<Value>,
}

/// What a part is.
#[derive(Clone, Debug, PartialEq)]
pub enum PartKind {
    /// Text.
    Text(String),
    /// The model's refusal, as text.
    Refusal(String),
    /// A picture.
    Image(Image),
    /// Sound.
    Audio(Media),
    /// A document.
    File(Media),
    /// The model wants a tool to be called.
    ToolCall(ToolCall),
    /// What a tool said.
    ToolResult(ToolResult),
    /// The model's thoughts. Some providers want them back unchanged, with their signature.
    Thinking {
        /// The text; may be empty.
        text: String,
        /// The provider's seal over it.
        signature: Option<String>,
    },
    /// Thoughts that only the provider can read.
    RedactedThinking(String),
}

/// A picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Image {
    /// Where its bytes are.
    pub source: Source,
    /// How closely it is to be looked at: `auto`, `low`, `high`.
    pub detail: Option<String>,
}

/// Sound or a document.
#[derive(Clone, Debug, PartialEq)]
pub struct Media {
    /// Where its bytes are.
    pub source: Source,
    /// Its file name.
    pub name: Option<String>,
}

/// Where the bytes of a picture, a sound or a document are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Here, in standard base64.
    Data {
        /// E.g. `image/png`.
        media_type: String,
        /// The bytes.
        base64: String,
    },
    /// At an address.
    Url(String),
    /// At the provider of the client's dialect, under this id.
    Id(String),
}

/// A wanted call of a tool.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ToolCall {
    /// Names the call in its result.
    pub id: String,
    /// Name of the tool.
    pub name: String,
    /// The arguments: the text of a JSON object, as the model wrote it. Empty means `{}`.
    pub arguments: String,
    /// Gemini's `thoughtSignature`.
    pub signature: Option<String>,
}

/// A tool's result.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ToolResult {
    /// The call it answers.
    pub id: String,
    /// Name of the tool, where the dialect says it.
    pub name: Option<String>,
    /// Text, rarely pictures.
    pub parts: Vec<Part>,
    /// The tool failed.
    pub is_error: bool,
}

impl Part {
    /// A part of plain text.
    pub fn text(text: impl Into<String>) -> Self {
        PartKind::Text(text.into()).into()
    }
}

impl From<PartKind> for Part {
    fn from(kind: PartKind) -> Self {
        Self { kind, cache: None }
    }
}

impl Message {
    /// A message with one part of text.
    pub fn text(role: Role, index: usize, text: impl Into<String>) -> Self {
        Self { role, parts: vec![Part::text(text)], index }
    }
}

impl ToolResult {
    /// All text, one part a line.
    pub fn joined_text(&self) -> String {
        let texts = self.parts.iter().filter_map(|part| match &part.kind {
            PartKind::Text(text) => Some(text.as_str()),
            _ => None,
        });
        texts.collect::<Vec<_>>().join("\n")
    }
}

impl Source {
    /// Takes a `data:` URL apart; any other URL stays one.
    pub fn from_url(url: &str) -> Self {
        let data = url.strip_prefix("data:").and_then(|rest| rest.split_once(";base64,"));
        match data {
            Some((media_type, base64)) => {
                // Parameters such as a charset are of no use to a provider.
                let media_type = media_type.split(';').next().unwrap_or_default();
                Self::Data { media_type: media_type.to_owned(), base64: base64.to_owned() }
            }
            None => Self::Url(url.to_owned()),
        }
    }

    /// As a URL; `None` for an id.
    pub fn to_url(&self) -> Option<String> {
        match self {
            Self::Data { media_type, base64 } => Some(format!("data:{media_type};base64,{base64}")),
            Self::Url(url) => Some(url.clone()),
            Self::Id(_) => None,
        }
    }
}
