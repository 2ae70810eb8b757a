//! What kind of call it is, in whose dialect.

use crate::dialect::Dialect;

/// A call at a unified endpoint: what is asked for, and the shape it is asked in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// OpenAI `chat/completions`.
    Chat,
    /// OpenAI `responses`.
    Responses,
    /// Anthropic `messages`.
    Messages,
    /// Anthropic `messages/count_tokens`.
    CountTokens,
    /// Gemini `:generateContent` and `:streamGenerateContent`.
    Generate,
    /// Gemini `:countTokens`.
    GeminiCountTokens,
    /// Gemini `:embedContent`.
    EmbedContent,
    /// Gemini `:batchEmbedContents`.
    BatchEmbedContents,
    /// OpenAI `completions`, the old form.
    Completions,
    /// OpenAI `embeddings`.
    Embeddings,
    /// OpenAI `audio/speech`.
    Speech,
    /// OpenAI `audio/transcriptions`.
    Transcriptions,
    /// OpenAI `audio/translations`.
    Translations,
    /// OpenAI `images/generations`.
    Images,
}

impl Operation {
    /// The dialect of its request and of its errors.
    pub const fn dialect(self) -> Dialect {
        match self {
            Self::Responses => Dialect::OpenAiResponses,
            Self::Messages | Self::CountTokens => Dialect::Anthropic,
            Self::Generate
            | Self::GeminiCountTokens
            | Self::EmbedContent
            | Self::BatchEmbedContents => Dialect::Gemini,
            _ => Dialect::OpenAiChat,
        }
    }

    /// Whether it asks for the next turn of a conversation, which every provider with a chat can
    /// answer.
    pub const fn is_conversation(self) -> bool {
        matches!(self, Self::Chat | Self::Responses | Self::Messages | Self::Generate)
    }

    /// Whether it asks how long a prompt is.
    pub const fn counts_tokens(self) -> bool {
        matches!(self, Self::CountTokens | Self::GeminiCountTokens)
    }

    /// Whether its body is a form with files.
    pub const fn is_multipart(self) -> bool {
        matches!(self, Self::Transcriptions | Self::Translations)
    }

    /// What the log calls the kind of model it is for (spec: observability 1.2).
    pub const fn model_type(self) -> &'static str {
        match self {
            Self::Embeddings | Self::EmbedContent | Self::BatchEmbedContents => "embeddings",
            Self::Speech => "text-to-speech",
            Self::Transcriptions | Self::Translations => "speech-recognition",
            Self::Images => "text-to-image",
            _ => "text-generation",
        }
    }

    /// Its name for people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Chat => "chat completions",
            Self::Responses => "responses",
            Self::Messages => "messages",
            Self::CountTokens | Self::GeminiCountTokens => "token counts",
            Self::Generate => "generateContent",
            Self::EmbedContent | Self::BatchEmbedContents | Self::Embeddings => "embeddings",
            Self::Completions => "completions",
            Self::Speech => "speech",
            Self::Transcriptions => "transcriptions",
            Self::Translations => "translations",
            Self::Images => "image generation",
        }
    }
}
