//! An answer on its way from one dialect to another.

use crate::canonical::{Event, EventSink, EventWriter, Failure, StreamDecoder};
use crate::dialect::{Dialect, ReplyContext};
use crate::provider::{DecodeContext, Wire};

/// Translates a streamed answer, piece by piece. Nothing is held back but an unfinished event.
pub struct StreamTranslator {
    decoder: Box<dyn StreamDecoder>,
    output: Output,
}

/// Hands the events to the writer, and makes sure that a stream ends once and properly.
struct Output {
    writer: Box<dyn EventWriter>,
    bytes: Vec<u8>,
    ended: bool,
    /// The error in which it ended, until somebody takes it.
    failure: Option<Failure>,
}

impl EventSink for Output {
    fn event(&mut self, event: Event<'_>) {
        if self.ended {
            return;
        }
        self.ended = matches!(event, Event::Done | Event::Error(_));
        if let Event::Error(failure) = &event {
            self.failure = Some(failure.clone());
        }
        self.writer.event(event, &mut self.bytes);
    }
}

impl StreamTranslator {
    /// From what `wire` streams to what a client of `dialect` reads.
    pub fn new(
        wire: Wire,
        decoding: DecodeContext,
        dialect: Dialect,
        context: ReplyContext,
    ) -> Self {
        let writer = dialect.writer(context);
        Self {
            decoder: wire.decoder(decoding),
            output: Output { writer, bytes: Vec::new(), ended: false, failure: None },
        }
    }

    /// Takes the next bytes of the provider's stream; gives the bytes for the client.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.decoder.push(bytes, &mut self.output);
        std::mem::take(&mut self.output.bytes)
    }

    /// The provider's stream is over. One that ended without its closing event ends in an error of the
    /// client's dialect, so that nobody takes half an answer for a whole one.
    pub fn finish(&mut self) -> Vec<u8> {
        self.decoder.finish(&mut self.output);
        self.fail(&Failure::truncated())
    }

    /// The provider broke off: ends the client's stream with this error, unless it has ended already.
    pub fn fail(&mut self, failure: &Failure) -> Vec<u8> {
        if !self.output.ended {
            self.output.event(Event::Error(failure.clone()));
        }
        std::mem::take(&mut self.output.bytes)
    }

    /// The error that the client has been told, once. The log has to know of it even where the
    /// provider thinks that all went well.
    pub fn take_failure(&mut self) -> Option<Failure> {
        self.output.failure.take()
    }

    /// Whether the client has been told the end.
    pub fn has_ended(&self) -> bool {
        self.output.ended
    }
}

/// Translates an answer of a good status that came in one piece. Gives status and body.
pub fn whole(
    wire: Wire,
    decoding: &DecodeContext,
    dialect: Dialect,
    context: &ReplyContext,
    body: &[u8],
) -> (u16, Vec<u8>) {
    match wire.decode(body, decoding) {
        Ok(response) => (200, dialect.write(&response, context)),
        Err(failure) => (failure.status, dialect.failure(&failure)),
    }
}

/// An answer in one piece as the stream that the client asked for.
pub fn as_stream(
    wire: Wire,
    decoding: &DecodeContext,
    dialect: Dialect,
    context: &ReplyContext,
    body: &[u8],
) -> Vec<u8> {
    let writer = dialect.writer(context.clone());
    let mut output = Output { writer, bytes: Vec::new(), ended: false, failure: None };
    match wire.decode(body, decoding) {
        Ok(response) => response.replay(&mut output),
        Err(failure) => output.event(Event::Error(failure)),
    }
    output.bytes
}
