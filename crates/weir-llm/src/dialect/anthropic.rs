//! To be written.

mod param;

pub(super) use param::param;

use super::{Asked, ReplyContext};
use crate::canonical::{Event, EventWriter, Failure, Request, Response};
use crate::fault::Fault;

pub(super) fn read(_body: &[u8], asked: &Asked<'_>) -> Result<Request, Fault> {
    Err(Fault::unsupported("model", format!("{}: this dialect is not built", asked.model)))
}

pub(super) fn write(_response: &Response, _context: &ReplyContext) -> Vec<u8> {
    Vec::new()
}

pub(super) fn writer(_context: ReplyContext) -> Box<dyn EventWriter> {
    struct Nothing;
    impl EventWriter for Nothing {
        fn event(&mut self, _event: Event<'_>, _out: &mut Vec<u8>) {}
    }
    Box::new(Nothing)
}

pub(super) fn failure(failure: &Failure) -> Vec<u8> {
    failure.message.clone().into_bytes()
}
