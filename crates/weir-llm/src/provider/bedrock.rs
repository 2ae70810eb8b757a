//! Bedrock Converse (spec: providers 4.1 to 4.4). One wire format for many families of models, each of
//! which takes a part of it only: see [`family`].

mod body;
mod failure;
mod family;
mod format;
mod inference;
mod media;
mod request;
mod response;
mod stream;
mod thinking;
mod tools;
mod turns;
mod usage;

#[cfg(test)]
mod tests;

pub(super) use failure::failure;
pub(super) use request::prepare;
pub(super) use response::decode;
pub(super) use stream::decoder;
