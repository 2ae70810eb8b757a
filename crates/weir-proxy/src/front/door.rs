//! The unified endpoints: which path is which operation (spec: data-plane 1.1, 1.6, providers 1, 6).

use weir_llm::operation::Operation;
use weir_llm::percent;

#[cfg(test)]
mod tests;

/// A unified endpoint, as its path names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Door {
    /// Whose names models have.
    pub(crate) family: Family,
    pub(crate) ask: Ask,
    /// The query, without its question mark.
    pub(crate) query: Box<str>,
}

/// How models are named, and how errors look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    /// The data host: `{provider}/{model}`.
    Compat,
    /// The API host: `{author}/{model}` of the catalogue, or `@cf/...`.
    Rest,
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ask {
    /// An operation whose model stands in the body.
    Operation(Operation),
    /// A Gemini operation, whose model stands in the path.
    OfModel {
        operation: Operation,
        /// Percent-decoded.
        model: Box<str>,
        /// `:streamGenerateContent`.
        stream: bool,
        /// With `alt=sse`.
        sse: bool,
    },
    /// `ai/run`: an envelope of model and input.
    Run {
        /// The answer names provider and model, too (the preview's form).
        preview: bool,
    },
    /// `ai/run/{model}`: a Workers AI model's own body.
    RunModel(Box<str>),
    /// The list of models.
    Models(ModelsForm),
    /// One of them.
    Model {
        /// Percent-decoded.
        name: Box<str>,
        form: ModelsForm,
    },
}

/// Whose form the list of models has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ModelsForm {
    /// That of whoever asks, going by the headers.
    Spoken,
    Gemini,
}

impl Door {
    /// The door of a path after `compat/`, with its query.
    pub(crate) fn compat(rest: &str) -> Option<Self> {
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let path = path.trim_end_matches('/');
        // Google's clients differ in the version that they ask for; the operations do not.
        if let Some((version, after)) = path.split_once("/models")
            && (matches!(version, "v1beta" | "v1alpha") || version == "v1" && !after.is_empty())
        {
            return gemini(version, after, query);
        }
        Self::openai(path.strip_prefix("v1/").unwrap_or(path), Family::Compat, query)
    }

    /// The door of a path after `ai/` at the API host.
    pub(crate) fn rest(shown: &str) -> Option<Self> {
        let (path, query) = shown.split_once('?').unwrap_or((shown, ""));
        let path = path.trim_end_matches('/');
        let door = |ask| Some(Self { family: Family::Rest, ask, query: query.into() });
        if path == "run" {
            return door(Ask::Run { preview: false });
        }
        if let Some(model) = path.strip_prefix("run/") {
            return door(Ask::RunModel(decode(model)?));
        }
        let path = path.strip_prefix("v1/")?;
        // One SDK puts its own version segment after a base URL that has one.
        Self::openai(path.strip_prefix("v1/").unwrap_or(path), Family::Rest, query)
    }

    /// `/v1/{account}/{gateway}/run`, with the names of the API host.
    pub(crate) fn preview_run() -> Self {
        Self { family: Family::Rest, ask: Ask::Run { preview: true }, query: "".into() }
    }

    fn openai(path: &str, family: Family, query: &str) -> Option<Self> {
        let operation = match path {
            "chat/completions" | "chat/completion" => Operation::Chat,
            "responses" => Operation::Responses,
            "messages" => Operation::Messages,
            "messages/count_tokens" => Operation::CountTokens,
            "completions" => Operation::Completions,
            "embeddings" => Operation::Embeddings,
            "audio/speech" => Operation::Speech,
            "audio/transcriptions" => Operation::Transcriptions,
            "audio/translations" => Operation::Translations,
            "images/generations" => Operation::Images,
            "models" => {
                let ask = Ask::Models(ModelsForm::Spoken);
                return Some(Self { family, ask, query: query.into() });
            }
            _ => {
                let name = decode(path.strip_prefix("models/")?)?;
                let ask = Ask::Model { name, form: ModelsForm::Spoken };
                return Some(Self { family, ask, query: query.into() });
            }
        };
        Some(Self { family, ask: Ask::Operation(operation), query: query.into() })
    }

    /// Whether it is for the method.
    pub(crate) fn takes(&self, method: &http::Method) -> bool {
        match self.ask {
            Ask::Models(_) | Ask::Model { .. } => *method == http::Method::GET,
            _ => *method == http::Method::POST,
        }
    }

    /// The operation, as far as the path tells it.
    pub(crate) fn operation(&self) -> Operation {
        match &self.ask {
            Ask::Operation(operation) | Ask::OfModel { operation, .. } => *operation,
            _ => Operation::Chat,
        }
    }
}

/// `models`, or `models/{model}:{verb}`. The model may hold slashes, raw or encoded.
fn gemini(version: &str, after: &str, query: &str) -> Option<Door> {
    let door = |ask| Some(Door { family: Family::Compat, ask, query: query.into() });
    if after.is_empty() {
        return door(Ask::Models(ModelsForm::Gemini));
    }
    let after = after.strip_prefix('/')?;
    // A model's own name may hold a colon, too.
    let (model, verb) = after.rsplit_once(':').unwrap_or((after, ""));
    let operation = match verb {
        "generateContent" | "streamGenerateContent" => Operation::Generate,
        "countTokens" => Operation::GeminiCountTokens,
        "embedContent" => Operation::EmbedContent,
        "batchEmbedContents" => Operation::BatchEmbedContents,
        _ => {
            let own = matches!(version, "v1beta" | "v1alpha");
            let form = if own { ModelsForm::Gemini } else { ModelsForm::Spoken };
            return door(Ask::Model { name: decode(after)?, form });
        }
    };
    let sse = query.split('&').any(|parameter| parameter == "alt=sse");
    let stream = verb == "streamGenerateContent";
    door(Ask::OfModel { operation, model: decode(model)?, stream, sse })
}

/// Percent-decodes; `None` for what does not come out as text.
fn decode(text: &str) -> Option<Box<str>> {
    let text = String::from_utf8(percent::decode(text)).ok()?;
    (!text.is_empty()).then(|| text.into())
}
