//! Cohere chat, version 2 (spec: providers 4.1 to 4.4).

mod answer;
mod request;
mod response;
mod stream;
mod turns;

#[cfg(test)]
mod tests;

use serde::Deserialize;

use super::{DecodeContext, Wire};
use crate::canonical::{Failure, StreamDecoder};

pub(super) use request::prepare;
pub(super) use response::decode;

pub(super) fn decoder(context: DecodeContext) -> Box<dyn StreamDecoder> {
    Box::new(stream::Decoder::new(context))
}

/// The body of an error: `{"message"}`, some endpoints add an id.
#[derive(Deserialize)]
struct Problem {
    message: Option<String>,
    /// A gateway in front may answer in OpenAI's shape.
    error: Option<serde::de::IgnoredAny>,
}

pub(super) fn failure(status: u16, body: &[u8]) -> Failure {
    match serde_json::from_slice(body) {
        Ok(Problem { message: Some(message), .. }) => Failure::new(status, message),
        Ok(Problem { error: Some(_), .. }) => Wire::OpenAi.failure(status, body),
        _ => Failure::new(status, String::from_utf8_lossy(body)),
    }
}
