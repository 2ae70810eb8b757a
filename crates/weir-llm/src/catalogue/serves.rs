//! What each provider serves at the unified endpoints, and where (spec: providers 3, 4, 4.5).
//!
//! Paths are those after the slug. `{resource}` is the first part of an Azure model name; `{project}`
//! and `{region}` come from the credential.

use crate::embeddings::EmbeddingsWire;
use crate::operation::Operation::{
    self, Chat, Completions, Embeddings, GeminiCountTokens, Generate, Images, Messages, Responses,
    Speech, Transcriptions, Translations,
};
use crate::operation::Operation::{BatchEmbedContents, CountTokens, EmbedContent};
use crate::provider::Wire;

/// The unified side of a provider.
#[derive(Debug)]
pub struct Serves {
    /// Operations it serves in the client's own dialect: bodies pass, but for the model's name.
    pub native: &'static [(Operation, &'static str)],
    /// What it speaks where the client speaks something else, and the path of that.
    pub chat: Option<(Wire, &'static str)>,
    /// What it speaks for vectors, where that is not OpenAI's dialect.
    pub embeddings: Option<EmbeddingsWire>,
    /// Its name among the authors of the REST catalogue.
    pub author: Option<&'static str>,
}

pub(super) const NOTHING: Serves =
    Serves { native: &[], chat: None, embeddings: None, author: None };

/// A provider whose only unified endpoint is OpenAI's chat.
const fn chat(native: &'static [(Operation, &'static str)], path: &'static str) -> Serves {
    Serves { native, chat: Some((Wire::OpenAi, path)), embeddings: None, author: None }
}

pub(super) const OPENAI: Serves = Serves {
    native: &[
        (Chat, "chat/completions"),
        (Responses, "responses"),
        (Completions, "completions"),
        (Embeddings, "embeddings"),
        (Speech, "audio/speech"),
        (Transcriptions, "audio/transcriptions"),
        (Translations, "audio/translations"),
        (Images, "images/generations"),
    ],
    chat: Some((Wire::OpenAi, "chat/completions")),
    embeddings: None,
    author: Some("openai"),
};

pub(super) const AZURE: Serves = chat(
    &[
        (Chat, "{resource}/openai/v1/chat/completions"),
        (Responses, "{resource}/openai/v1/responses"),
        (Completions, "{resource}/openai/v1/completions"),
        (Embeddings, "{resource}/openai/v1/embeddings"),
        (Speech, "{resource}/openai/v1/audio/speech"),
        (Transcriptions, "{resource}/openai/v1/audio/transcriptions"),
        (Images, "{resource}/openai/v1/images/generations"),
    ],
    "{resource}/openai/v1/chat/completions",
);

pub(super) const ANTHROPIC: Serves = Serves {
    native: &[(Messages, "v1/messages"), (CountTokens, "v1/messages/count_tokens")],
    chat: Some((Wire::Anthropic, "v1/messages")),
    embeddings: None,
    author: Some("anthropic"),
};

/// The paths of Gemini's own operations hold the model; see [`crate::provider::Wire::Gemini`].
pub(super) const GOOGLE_AI_STUDIO: Serves = Serves {
    native: &[
        (Generate, "v1beta/models/{model}"),
        (GeminiCountTokens, "v1beta/models/{model}"),
        (EmbedContent, "v1beta/models/{model}"),
        (BatchEmbedContents, "v1beta/models/{model}"),
    ],
    chat: Some((Wire::Gemini, "v1beta/models/{model}")),
    embeddings: Some(EmbeddingsWire::Gemini),
    author: Some("google"),
};

pub(super) const VERTEX: Serves = Serves {
    native: &[(
        Chat,
        "v1beta1/projects/{project}/locations/{region}/endpoints/openapi/chat/completions",
    )],
    chat: Some((
        Wire::OpenAi,
        "v1beta1/projects/{project}/locations/{region}/endpoints/openapi/chat/completions",
    )),
    embeddings: Some(EmbeddingsWire::Vertex),
    author: None,
};

pub(super) const BEDROCK: Serves = Serves {
    native: &[],
    chat: Some((Wire::Converse, "bedrock-runtime/{region}/model/{model}/converse")),
    embeddings: Some(EmbeddingsWire::Bedrock),
    author: None,
};

pub(super) const COHERE: Serves = Serves {
    native: &[],
    chat: Some((Wire::Cohere, "v2/chat")),
    embeddings: Some(EmbeddingsWire::Cohere),
    author: None,
};

pub(super) const WORKERS_AI: Serves = chat(
    &[
        (Chat, "v1/chat/completions"),
        (Responses, "v1/responses"),
        (Embeddings, "v1/embeddings"),
        (Completions, "v1/completions"),
    ],
    "v1/chat/completions",
);

pub(super) const GROK: Serves = Serves {
    native: &[
        (Chat, "v1/chat/completions"),
        (Responses, "v1/responses"),
        (Completions, "v1/completions"),
        (Images, "v1/images/generations"),
    ],
    chat: Some((Wire::OpenAi, "v1/chat/completions")),
    embeddings: None,
    author: Some("xai"),
};

pub(super) const GROQ: Serves = Serves {
    native: &[
        (Chat, "chat/completions"),
        (Responses, "responses"),
        (Speech, "audio/speech"),
        (Transcriptions, "audio/transcriptions"),
        (Translations, "audio/translations"),
    ],
    chat: Some((Wire::OpenAi, "chat/completions")),
    embeddings: None,
    author: Some("groq"),
};

pub(super) const DEEPSEEK: Serves = Serves {
    native: &[(Chat, "chat/completions"), (Completions, "beta/completions")],
    chat: Some((Wire::OpenAi, "chat/completions")),
    embeddings: None,
    author: Some("deepseek"),
};

/// Providers without a path of their own on the data host.
pub(super) const ALIBABA: Serves = Serves {
    native: &[
        (Chat, "compatible-mode/v1/chat/completions"),
        (Embeddings, "compatible-mode/v1/embeddings"),
    ],
    chat: Some((Wire::OpenAi, "compatible-mode/v1/chat/completions")),
    embeddings: None,
    author: Some("alibaba"),
};

pub(super) const MINIMAX: Serves = Serves {
    native: &[(Chat, "v1/chat/completions")],
    chat: Some((Wire::OpenAi, "v1/chat/completions")),
    embeddings: None,
    author: Some("minimax"),
};

pub(super) const MISTRAL: Serves = chat(
    &[
        (Chat, "v1/chat/completions"),
        (Embeddings, "v1/embeddings"),
        (Transcriptions, "v1/audio/transcriptions"),
    ],
    "v1/chat/completions",
);

pub(super) const OPENROUTER: Serves = chat(
    &[
        (Chat, "chat/completions"),
        (Responses, "responses"),
        (Completions, "completions"),
        (Embeddings, "embeddings"),
    ],
    "chat/completions",
);

pub(super) const FIREWORKS: Serves = chat(
    &[
        (Chat, "chat/completions"),
        (Responses, "responses"),
        (Completions, "completions"),
        (Embeddings, "embeddings"),
    ],
    "chat/completions",
);

pub(super) const CEREBRAS: Serves =
    chat(&[(Chat, "chat/completions"), (Completions, "completions")], "chat/completions");

pub(super) const BASETEN: Serves =
    chat(&[(Chat, "v1/chat/completions"), (Embeddings, "v1/embeddings")], "v1/chat/completions");

/// The router; the older inference hosts have no chat.
pub(super) const HUGGINGFACE: Serves =
    chat(&[(Chat, "v1/chat/completions"), (Responses, "v1/responses")], "v1/chat/completions");

/// Perplexity, Parallel: chat, with no version in the path.
pub(super) const PLAIN_CHAT: Serves = chat(&[(Chat, "chat/completions")], "chat/completions");

/// Custom providers: everything that OpenAI has, under the version segment.
pub(super) const CUSTOM: Serves = Serves { author: None, ..OPENAI };

impl Serves {
    /// Whether the unified endpoints serve the provider at all.
    pub const fn is_unified(&self) -> bool {
        self.chat.is_some() || !self.native.is_empty()
    }

    /// What the provider speaks for vectors, and the path where that is one for all models.
    pub fn embeds(&self) -> Option<(EmbeddingsWire, &'static str)> {
        let own = self.embeddings.map(|wire| (wire, ""));
        own.or_else(|| {
            let (_, path) = self.native.iter().find(|(served, _)| *served == Embeddings)?;
            Some((EmbeddingsWire::OpenAi, *path))
        })
    }
}
