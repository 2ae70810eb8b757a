//! A model in the form in which OpenRouter reads the catalogues of providers.

use serde::Serialize;
use weir_llm::pricing::Rate;

use super::listing::Model;

#[derive(Serialize)]
pub(super) struct OpenRouterModel<'a> {
    id: &'a str,
    name: &'a str,
    description: &'a str,
    input_modalities: &'static [&'static str],
    output_modalities: &'static [&'static str],
    pricing: Pricing,
}

/// US dollars for one token, as decimal text.
#[derive(Serialize)]
struct Pricing {
    prompt: Option<String>,
    completion: Option<String>,
    input_cache_read: Option<String>,
}

impl<'a> OpenRouterModel<'a> {
    pub(super) fn of(model: &'a Model<'_>) -> Self {
        let (input_modalities, output_modalities): (&[_], &[_]) = match model.task.id {
            "automatic-speech-recognition" => (&["audio"], &["text"]),
            "realtime" => (&["text", "audio"], &["text", "audio"]),
            "text-embeddings" => (&["text"], &["embeddings"]),
            "text-to-image" => (&["text"], &["image"]),
            "text-to-speech" => (&["text"], &["audio"]),
            _ => (&["text"], &["text"]),
        };
        Self {
            id: &model.name,
            name: &model.name,
            description: &model.description,
            input_modalities,
            output_modalities,
            pricing: Pricing {
                prompt: model.price.input().map(Rate::per_token),
                completion: model.price.output().map(Rate::per_token),
                input_cache_read: model.price.cache_read().map(Rate::per_token),
            },
        }
    }
}
