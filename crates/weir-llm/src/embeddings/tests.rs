//! From a client's body to the provider's, and from its answer to the client's.

mod answers;
mod damage;
mod refusals;
mod requests;

use serde_json::Value;

use super::{EmbeddingsDoor, EmbeddingsWire};
use crate::capability::Capabilities;
use crate::dialect::{Asked, Dialect};
use crate::fault::{Fault, Losses, Strictness};
use crate::provider::{Place, Prepared};

/// A provider under the name that people know.
fn target(wire: EmbeddingsWire) -> &'static str {
    match wire {
        EmbeddingsWire::OpenAi => "Mistral AI",
        EmbeddingsWire::Gemini => "Google AI Studio",
        EmbeddingsWire::Vertex => "Google Vertex AI",
        EmbeddingsWire::Bedrock => "Amazon Bedrock",
        EmbeddingsWire::Cohere => "Cohere",
        EmbeddingsWire::WorkersAi => "Workers AI",
    }
}

/// The request upstream, and what was left out.
fn prepare(
    door: EmbeddingsDoor,
    wire: EmbeddingsWire,
    model: &str,
    strictness: Strictness,
    body: &Value,
) -> Result<(Prepared, Vec<String>), Fault> {
    let dialect = match door {
        EmbeddingsDoor::OpenAi => Dialect::OpenAiChat,
        _ => Dialect::Gemini,
    };
    let mut losses = Losses::new(strictness, dialect, target(wire));
    let asked = Asked { model, stream: false };
    let request = door.read(body.to_string().as_bytes(), &asked)?;
    let place = Place {
        provider: "p",
        path: "v1/embeddings",
        region: "eu-west-1",
        project: "project-1",
        capabilities: Capabilities::default(),
    };
    let prepared = wire.prepare(&request, &place, &mut losses)?;
    Ok((prepared, losses.dropped().iter().map(|name| plain(name).to_owned()).collect()))
}

/// A name as the client knows it.
fn plain(name: &str) -> &str {
    name.strip_prefix("Own(\"").and_then(|rest| rest.strip_suffix("\")")).unwrap_or(name)
}
