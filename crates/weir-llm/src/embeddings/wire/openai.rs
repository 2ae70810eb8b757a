//! OpenAI's embeddings, as a provider speaks them.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Able, Answer, Field, body, parse};
use crate::canonical::Failure;
use crate::dialect::Dialect;
use crate::embeddings::EmbeddingsRequest;
use crate::embeddings::vector::Vector;
use crate::fault::{Fault, Losses};
use crate::provider::{Place, Prepared};

/// `encoding_format` is left out: not every provider knows it, and both forms are understood.
#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    input: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    dimensions: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    input_type: Option<&'static str>,
    #[serde(flatten)]
    own: Option<&'a Map<String, Value>>,
}

pub(super) fn prepare(
    request: &EmbeddingsRequest,
    place: &Place<'_>,
    losses: &mut Losses,
) -> Result<Prepared, Fault> {
    // Another dialect's names mean nothing here.
    let same = losses.dialect() == Dialect::OpenAiChat;
    let able = Able { dimensions: true, task: same, titles: false, user: true, own: same };
    able.account(request, losses)?;
    let input_type = request.task.filter(|_| same).and_then(|task| task.cohere());
    if same && request.task.is_some() && input_type.is_none() {
        losses.drop(&Field::Task.param(losses))?;
    }
    let body = body(&Body {
        model: &request.model,
        input: &request.inputs,
        dimensions: request.dimensions,
        user: request.user.as_deref(),
        input_type,
        own: same.then_some(&request.own),
    });
    Ok(Prepared { path: place.path.to_owned(), body, ..Prepared::default() })
}

#[derive(Deserialize)]
struct List {
    data: Vec<Entry>,
    model: Option<String>,
    usage: Option<Usage>,
}

#[derive(Deserialize)]
struct Entry {
    index: Option<usize>,
    embedding: Vector,
}

#[derive(Deserialize)]
struct Usage {
    prompt_tokens: Option<u64>,
    total_tokens: Option<u64>,
}

pub(super) fn decode(body: &[u8]) -> Result<Answer, Failure> {
    let List { mut data, model, usage } = parse(body)?;
    // They come in order; where they do not, the index says so.
    if data.iter().all(|entry| entry.index.is_some()) {
        data.sort_by_key(|entry| entry.index);
    }
    let tokens = usage.and_then(|usage| usage.prompt_tokens.or(usage.total_tokens));
    let vectors = data.into_iter().map(|entry| entry.embedding.0).collect();
    Ok(Answer { vectors, model, tokens })
}
