//! OpenAI Responses: the door of Codex and of `responses.create` in OpenAI's SDKs, over any provider
//! (spec: providers 4.5).
//!
//! Nothing is kept between calls, so whatever needs a memory is refused, and `store` is answered with
//! `false`. Thoughts that a provider wants back unchanged travel in `encrypted_content`.

mod param;
mod repeated;
mod request;
mod thoughts;
mod writer;

#[cfg(test)]
mod tests;

pub(super) use param::param;
pub(super) use repeated::echo;
pub(super) use request::read;
pub(super) use writer::{write, writer};
