//! What a call asks for, as limits see it.

use http::Method;
use weir_core::ProviderSlug;
use weir_core::policy;
use weir_llm::multipart::Form;
use weir_llm::request::{bounds, model_from_path, model_type};
use weir_llm::{operation::Operation, question};

use crate::exchange::Call;
use crate::finish::request_facts;
use crate::request_body::{self, RequestCopy};

/// Provider and model of a call.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) provider: ProviderSlug,
    /// In the provider's words; empty when nothing names one.
    pub(crate) model: Box<str>,
}

impl Target {
    /// What a call asks for. Where the path names the model it is the one that runs, whatever the
    /// body says.
    pub(crate) fn of(call: &Call) -> Self {
        Self { provider: call.provider.clone(), model: model(call).unwrap_or_default() }
    }

    /// The same in the words of rules.
    pub(crate) fn named(&self) -> policy::Target<'_> {
        policy::Target { provider: self.provider.as_str(), model: &self.model }
    }
}

fn model(call: &Call) -> Option<Box<str>> {
    if let Some(unified) = &call.unified {
        return Some(unified.model.clone());
    }
    if let Some(model) = model_from_path(call.provider.as_str(), &call.rest) {
        return Some(model.into());
    }
    // A form with files names it in a part.
    let form = call.content_type.as_deref().filter(|it| is_form(it));
    if let (Some(content_type), RequestCopy::Whole(body)) = (form, &call.request)
        && let Ok(form) = Form::read(content_type, body)
    {
        return Some(form.model().into());
    }
    // Not every provider minds the type of a body, so a wrong one must not hide the model.
    let unnamed = || match &call.request {
        RequestCopy::Whole(body) => request_body::read(body).model,
        _ => None,
    };
    request_facts(call).model.or_else(unnamed)
}

/// Whether a body of that type is a form with files. Types have no capitals of their own.
fn is_form(content_type: &str) -> bool {
    const FORM: &str = "multipart/form-data";
    content_type.get(..FORM.len()).is_some_and(|it| it.eq_ignore_ascii_case(FORM))
}

/// Whether a call may cost anything. What only reads, or takes back, does not.
pub(crate) fn may_cost(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS | Method::DELETE)
}

/// What kind of call it is, as far as that bounds what it uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Work {
    /// It costs nothing.
    Nothing,
    /// The next turn of a conversation, or the end of a text.
    Text {
        dialect: weir_llm::dialect::Dialect,
        /// Its endpoint goes by `max_completion_tokens`.
        newer_word: bool,
    },
    /// Vectors.
    Vectors,
    /// Anything else: pictures, sound, work for later.
    Other,
}

impl Work {
    /// Of a call at a unified endpoint. Words for the longest answer are put into the provider's,
    /// except for an account's own provider, of which nobody knows whether it goes by the newer one.
    pub(super) fn of_operation(operation: Operation, slug: &str) -> Self {
        match operation {
            operation if operation.counts_tokens() => Self::Nothing,
            Operation::Chat
            | Operation::Responses
            | Operation::Messages
            | Operation::Generate
            | Operation::Completions => {
                let newer_word = !slug.starts_with("custom-");
                Self::Text { dialect: operation.dialect(), newer_word }
            }
            Operation::Embeddings | Operation::EmbedContent | Operation::BatchEmbedContents => {
                Self::Vectors
            }
            _ => Self::Other,
        }
    }

    /// Of a call on a provider's own path.
    pub(super) fn of_path(method: &Method, slug: &str, rest: &str) -> Self {
        /// Providers whose own endpoint goes by the newer word.
        const NEWER: [&str; 6] =
            ["openai", "azure-openai", "groq", "cerebras", "openrouter", "grok"];
        let path = rest.split('?').next().unwrap_or_default();
        // A model that its owner called so is no such path.
        let counts = path.ends_with(":countTokens")
            || path.ends_with("/count_tokens") && model_from_path(slug, path).is_none();
        if !may_cost(method) || counts {
            return Self::Nothing;
        }
        let newer_word = NEWER.contains(&slug);
        if let Some(dialect) = question::dialect_at(path) {
            return Self::Text { dialect, newer_word };
        }
        match model_type(slug, path) {
            Some("text-embeddings") => Self::Vectors,
            Some("text-generation") if path.ends_with("completions") => {
                Self::Text { dialect: weir_llm::dialect::Dialect::OpenAiChat, newer_word: false }
            }
            _ => Self::Other,
        }
    }

    /// What it can use at most, as far as its body says.
    pub(super) fn bounds(self, body: Option<&[u8]>) -> Option<bounds::Bounds> {
        match (self, body) {
            (Self::Nothing | Self::Other, _) => None,
            (Self::Text { dialect, newer_word }, Some(body)) => {
                Some(bounds::of_conversation(body, dialect, newer_word))
            }
            (Self::Vectors, Some(body)) => Some(bounds::of_embeddings(body)),
            (_, None) => Some(bounds::Bounds::OPEN),
        }
    }
}
