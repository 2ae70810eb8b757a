//! Vertex's `predict` for Google's embedding models.

use serde::{Deserialize, Serialize};

use super::{Able, Answer, body, parse, path};
use crate::canonical::Failure;
use crate::embeddings::EmbeddingsRequest;
use crate::fault::{Fault, Losses, Param};
use crate::provider::{Place, Prepared};

#[derive(Serialize)]
struct Body<'a> {
    instances: Vec<Instance<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parameters: Option<Parameters>,
}

#[derive(Serialize)]
struct Instance<'a> {
    content: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    task_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Parameters {
    output_dimensionality: u64,
}

pub(super) fn prepare(
    request: &EmbeddingsRequest,
    place: &Place<'_>,
    losses: &mut Losses,
) -> Result<Prepared, Fault> {
    let able = Able { dimensions: true, task: true, titles: true, user: false, own: false };
    able.account(request, losses)?;
    let name = request.model.strip_prefix("google/").unwrap_or(&request.model);
    if name.contains('/') {
        let why = "only Google's own embedding models are served from Vertex, e.g. \
                   gemini-embedding-001";
        return Err(losses.invalid(&Param::Model, why));
    }
    if place.project.is_empty() {
        let why = "the Vertex credential names no project; store a service account key";
        return Err(losses.invalid(&Param::Model, why));
    }
    let texts = request.inputs.iter().enumerate();
    let instances = texts.map(|(n, content)| Instance {
        content,
        task_type: request.task.map(|task| task.gemini()),
        title: request.titles.get(n).and_then(Option::as_deref),
    });
    let body = body(&Body {
        instances: instances.collect(),
        parameters: request.dimensions.map(|n| Parameters { output_dimensionality: n }),
    });
    let path = format!(
        "v1/projects/{}/locations/{}/publishers/google/models/{}:predict",
        place.project,
        place.region,
        path::segment(name, losses)?,
    );
    Ok(Prepared { path, body, ..Prepared::default() })
}

#[derive(Deserialize)]
struct Reply {
    predictions: Vec<Prediction>,
}

#[derive(Deserialize)]
struct Prediction {
    embeddings: Values,
}

#[derive(Deserialize)]
struct Values {
    values: Vec<f32>,
    statistics: Option<Statistics>,
}

/// The count is a number of a protobuf value, which may be written `5.0`.
#[derive(Deserialize)]
struct Statistics {
    token_count: Option<f64>,
}

pub(super) fn decode(body: &[u8]) -> Result<Answer, Failure> {
    let Reply { predictions } = parse(body)?;
    let count = |prediction: &Prediction| prediction.embeddings.statistics.as_ref()?.token_count;
    let tokens: Option<f64> = predictions.iter().map(count).sum();
    let vectors = predictions.into_iter().map(|prediction| prediction.embeddings.values).collect();
    Ok(Answer { vectors, model: None, tokens: tokens.map(|count| count as u64) })
}
