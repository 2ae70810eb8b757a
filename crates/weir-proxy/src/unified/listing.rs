//! The list of models at the unified endpoints (spec: data-plane 1.1), in the form of whoever asks.

use bytes::Bytes;
use http::HeaderMap;
use serde_json::{Value, json};
use weir_llm::catalogue;

use crate::front::door::{Family, ModelsForm};
use crate::plane::Shared;

/// Creation time of all models: nobody says it, and clients want a number.
const CREATED: u64 = 1_700_000_000;

/// The list, as JSON.
pub(crate) fn models(
    shared: &Shared,
    family: Family,
    form: ModelsForm,
    headers: &HeaderMap,
) -> Bytes {
    list(&names(shared, family), form, headers).0.to_string().into()
}

/// One model in the form of whoever asks; `None` when there is no such.
pub(crate) fn model(
    shared: &Shared,
    family: Family,
    name: &str,
    form: ModelsForm,
    headers: &HeaderMap,
) -> Option<Bytes> {
    let name = name.strip_prefix("models/").unwrap_or(name);
    let found = names(shared, family).into_iter().find(|(known, _)| known == name)?;
    let (list, first) = list(&[found], form, headers);
    list.pointer(first).map(|model| model.to_string().into())
}

/// A list in the form of whoever asks, and where its first model stands. Clients of three vendors
/// ask for the same path.
fn list(names: &[Named], form: ModelsForm, headers: &HeaderMap) -> (Value, &'static str) {
    if form == ModelsForm::Gemini || headers.contains_key("x-goog-api-client") {
        (gemini(names), "/models/0")
    } else if headers.contains_key("anthropic-version") {
        (anthropic(names), "/data/0")
    } else {
        (openai(names), "/data/0")
    }
}

fn names(shared: &Shared, family: Family) -> Vec<Named> {
    match family {
        Family::Compat => of_compat(shared),
        Family::Rest => of_rest(shared),
    }
}

/// A name and its owner.
type Named = (String, String);

/// Every model that the price table knows of a provider with a unified endpoint.
fn of_compat(shared: &Shared) -> Vec<Named> {
    let prices = shared.prices.models().into_iter();
    let served = prices.filter_map(|row| {
        let provider = catalogue::find(row.provider)?;
        let prefix = provider.model_prefix?;
        provider
            .serves
            .is_unified()
            .then(|| (format!("{prefix}{}", row.model), provider.slug.to_owned()))
    });
    served.collect()
}

fn of_rest(shared: &Shared) -> Vec<Named> {
    let names = shared.rest_names();
    let authors = names.names().into_iter();
    let mut all: Vec<Named> = authors
        .map(|(name, _)| {
            let author = name.split('/').next().unwrap_or_default();
            (name.to_owned(), author.to_owned())
        })
        .collect();
    let prices = shared.prices.models().into_iter();
    let workers = prices.filter(|row| row.provider == "workers-ai");
    all.extend(workers.map(|row| (row.model.to_owned(), "workers-ai".to_owned())));
    all
}

fn openai(names: &[Named]) -> Value {
    let row = |(name, owner): &Named| json!({"id": name, "object": "model", "created": CREATED, "owned_by": owner});
    json!({"object": "list", "data": names.iter().map(row).collect::<Vec<_>>()})
}

fn anthropic(names: &[Named]) -> Value {
    let row = |(name, _): &Named| {
        json!({"type": "model", "id": name, "display_name": name,
            "created_at": "2023-11-14T22:13:20Z"})
    };
    json!({
        "data": names.iter().map(row).collect::<Vec<_>>(),
        "has_more": false,
        "first_id": names.first().map(|(name, _)| name),
        "last_id": names.last().map(|(name, _)| name),
    })
}

fn gemini(names: &[Named]) -> Value {
    let row = |(name, _): &Named| {
        json!({"name": format!("models/{name}"), "displayName": name,
            "supportedGenerationMethods": ["generateContent", "countTokens"]})
    };
    json!({"models": names.iter().map(row).collect::<Vec<_>>()})
}
