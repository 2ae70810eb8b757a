//! Cohere's `embed`, version 2; on Bedrock its body is the same without the model.

use std::fmt;

use serde::de::{self, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

use super::{Able, Answer, Field, body, parse};
use crate::canonical::Failure;
use crate::embeddings::EmbeddingsRequest;
use crate::fault::{Fault, Losses};
use crate::provider::Prepared;

#[derive(Serialize)]
struct Body<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<&'a str>,
    texts: &'a [String],
    input_type: &'static str,
    embedding_types: [&'static str; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    output_dimension: Option<u64>,
}

pub(super) fn prepare(request: &EmbeddingsRequest, losses: &mut Losses) -> Result<Prepared, Fault> {
    let able = Able { dimensions: true, task: true, ..Able::default() };
    able.account(request, losses)?;
    let body = write(request, Some(&request.model), losses)?;
    Ok(Prepared { path: "v2/embed".to_owned(), body, ..Prepared::default() })
}

/// The body; what the request holds has been accounted for, but for a task without a word here.
pub(super) fn write(
    request: &EmbeddingsRequest,
    model: Option<&str>,
    losses: &mut Losses,
) -> Result<Vec<u8>, Fault> {
    let word = request.task.and_then(|task| task.cohere());
    if request.task.is_some() && word.is_none() {
        losses.drop(&Field::Task.param(losses))?;
    }
    Ok(body(&Body {
        model,
        texts: &request.inputs,
        // Wanted by the provider; most texts are stored to be found.
        input_type: word.unwrap_or("search_document"),
        embedding_types: ["float"],
        output_dimension: request.dimensions,
    }))
}

#[derive(Deserialize)]
struct Reply {
    embeddings: Vectors,
    meta: Option<Meta>,
}

#[derive(Deserialize)]
struct Meta {
    billed_units: Option<Units>,
}

#[derive(Deserialize)]
struct Units {
    input_tokens: Option<f64>,
}

/// The vectors: by their type, or, in older answers on Bedrock, as they are.
#[derive(Debug, Default)]
pub(super) struct Vectors(pub(super) Vec<Vec<f32>>);

impl<'de> Deserialize<'de> for Vectors {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Vectors;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("vectors, or an object with a member float")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vectors, A::Error> {
                let mut vectors = Vec::new();
                while let Some(vector) = seq.next_element()? {
                    vectors.push(vector);
                }
                Ok(Vectors(vectors))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Vectors, A::Error> {
                let mut found = None;
                while let Some(name) = map.next_key::<String>()? {
                    if name == "float" {
                        found = Some(map.next_value()?);
                    } else {
                        map.next_value::<IgnoredAny>()?;
                    }
                }
                found.map(Vectors).ok_or_else(|| de::Error::missing_field("float"))
            }
        }
        from.deserialize_any(Either)
    }
}

pub(super) fn decode(body: &[u8]) -> Result<Answer, Failure> {
    let Reply { embeddings, meta } = parse(body)?;
    let units = meta.and_then(|meta| meta.billed_units);
    let tokens = units.and_then(|units| units.input_tokens).map(|count| count as u64);
    Ok(Answer { vectors: embeddings.0, model: None, tokens })
}
