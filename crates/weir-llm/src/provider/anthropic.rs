//! Anthropic Messages as a wire format (spec: providers 4).

mod answer;
mod body;
mod error;
mod format;
mod parts;
mod request;
mod response;
mod sampling;
mod stream;
pub(super) mod thinking;
mod tools;
mod turns;

pub(super) use error::failure;
pub(super) use request::prepare;
pub(super) use response::decode;

use super::DecodeContext;
use crate::canonical::StreamDecoder;

pub(super) fn decoder(context: DecodeContext) -> Box<dyn StreamDecoder> {
    Box::new(stream::Decoder::new(context))
}

#[cfg(test)]
mod tests;
