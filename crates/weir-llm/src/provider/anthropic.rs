//! To be written.

use super::{DecodeContext, Place, Prepared};
use crate::canonical::{EventSink, Failure, Request, Response, StreamDecoder};
use crate::fault::{Fault, Losses};

pub(super) fn prepare(
    _request: &Request,
    place: &Place<'_>,
    _losses: &mut Losses,
) -> Result<Prepared, Fault> {
    Err(Fault::unsupported("model", format!("{}: this wire format is not built", place.provider)))
}

pub(super) fn decode(_body: &[u8], _context: &DecodeContext) -> Result<Response, Failure> {
    Err(Failure::unreadable("this wire format is not built"))
}

pub(super) fn decoder(_context: DecodeContext) -> Box<dyn StreamDecoder> {
    struct Nothing;
    impl StreamDecoder for Nothing {
        fn push(&mut self, _bytes: &[u8], _events: &mut dyn EventSink) {}
        fn finish(&mut self, _events: &mut dyn EventSink) {}
    }
    Box::new(Nothing)
}

pub(super) fn failure(status: u16, body: &[u8]) -> Failure {
    Failure::new(status, String::from_utf8_lossy(body))
}
