//! OpenAI Chat Completions as providers speak it, each with its peculiarities.

mod content;
mod effort;
mod failure;
mod ids;
mod messages;
mod quirks;
mod request;
mod response;
mod rewrite;
mod sampling;
mod stream;
mod tools;
mod usage;
mod wire;

#[cfg(test)]
mod tests;

pub(super) use failure::read as failure;
pub(super) use request::prepare;
pub(super) use response::decode;
pub use rewrite::{rewrite as rewrite_openai, set_model};

use super::DecodeContext;
use crate::canonical::StreamDecoder;

pub(super) fn decoder(context: DecodeContext) -> Box<dyn StreamDecoder> {
    Box::new(stream::Decoder::new(context))
}
