//! Gemini's `batchEmbedContents`, as the provider speaks it.

use serde::{Deserialize, Serialize};

use super::{Able, Answer, body, parse, path};
use crate::canonical::Failure;
use crate::embeddings::EmbeddingsRequest;
use crate::fault::{Fault, Losses};
use crate::provider::Prepared;

#[derive(Serialize)]
struct Batch<'a> {
    requests: Vec<Item<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Item<'a> {
    model: &'a str,
    content: Content<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    task_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_dimensionality: Option<u64>,
}

#[derive(Serialize)]
struct Content<'a> {
    parts: [Part<'a>; 1],
}

#[derive(Serialize)]
struct Part<'a> {
    text: &'a str,
}

pub(super) fn prepare(request: &EmbeddingsRequest, losses: &mut Losses) -> Result<Prepared, Fault> {
    let able = Able { dimensions: true, task: true, titles: true, user: false, own: false };
    able.account(request, losses)?;
    let name = request.model.strip_prefix("models/").unwrap_or(&request.model);
    let model = format!("models/{name}");
    let texts = request.inputs.iter().enumerate();
    let items = texts.map(|(n, text)| Item {
        model: &model,
        content: Content { parts: [Part { text }] },
        task_type: request.task.map(|task| task.gemini()),
        title: request.titles.get(n).and_then(Option::as_deref),
        output_dimensionality: request.dimensions,
    });
    let body = body(&Batch { requests: items.collect() });
    let path = format!("v1beta/models/{}:batchEmbedContents", path::segment(name, losses)?);
    Ok(Prepared { path, body, ..Prepared::default() })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reply {
    embeddings: Vec<Values>,
    usage_metadata: Option<Usage>,
}

#[derive(Deserialize)]
struct Values {
    #[serde(default)]
    values: Vec<f32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Usage {
    prompt_token_count: Option<u64>,
}

pub(super) fn decode(body: &[u8]) -> Result<Answer, Failure> {
    let Reply { embeddings, usage_metadata } = parse(body)?;
    let vectors = embeddings.into_iter().map(|embedding| embedding.values).collect();
    let tokens = usage_metadata.and_then(|usage| usage.prompt_token_count);
    Ok(Answer { vectors, model: None, tokens })
}
