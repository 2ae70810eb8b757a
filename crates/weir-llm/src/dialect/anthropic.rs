//! Anthropic Messages as clients speak it, over any provider (spec: providers 6).

mod block;
mod choice;
mod error;
mod param;
mod request;
mod response;
mod stream;
mod thinking;
mod tools;
mod turn;
mod usage;

pub(super) use error::failure;
pub(super) use param::param;
pub(super) use request::read;
pub(super) use response::write;

use super::ReplyContext;
use crate::canonical::EventWriter;

pub(super) fn writer(context: ReplyContext) -> Box<dyn EventWriter> {
    Box::new(stream::Writer::new(context))
}

#[cfg(test)]
mod tests;
