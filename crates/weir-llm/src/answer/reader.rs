//! The reader: decoding, framing, documents.

use std::io::{self, Write};

use flate2::write::MultiGzDecoder;

use crate::stream::aws_event_stream::AwsEventStream;
use crate::stream::ndjson::Lines;
use crate::stream::sse::Sse;

use super::documents::Documents;
use super::{Answer, Encoding, End, Framing};

/// Longest decoded body that is read, in bytes. A compressed bomb costs no more than this.
const MAX_DECODED: u64 = 512 * 1024 * 1024;

/// Reads one answer, chunk by chunk.
#[derive(Debug)]
pub struct Reader {
    input: Input,
}

#[derive(Debug)]
enum Input {
    Plain(Box<Body>),
    Gzip { decoder: Box<MultiGzDecoder<Body>>, broken: bool },
    Unreadable,
}

/// A decoded body.
#[derive(Debug)]
struct Body {
    cutter: Cutter,
    documents: Documents,
    taken: u64,
}

#[derive(Debug)]
enum Cutter {
    Sse(Sse),
    Lines(Lines),
    Aws(AwsEventStream),
    One,
}

impl Reader {
    /// A reader for a body of that framing and content encoding.
    pub fn new(framing: Framing, encoding: Encoding) -> Self {
        let cutter = match framing {
            Framing::Sse => Cutter::Sse(Sse::default()),
            Framing::NdJson => Cutter::Lines(Lines::default()),
            Framing::AwsEventStream => Cutter::Aws(AwsEventStream::default()),
            Framing::Json => Cutter::One,
            Framing::Opaque => return Self { input: Input::Unreadable },
        };
        let body = Body { cutter, documents: Documents::new(), taken: 0 };
        let input = match encoding {
            Encoding::Identity => Input::Plain(Box::new(body)),
            Encoding::Gzip => {
                Input::Gzip { decoder: Box::new(MultiGzDecoder::new(body)), broken: false }
            }
            Encoding::Unreadable => Input::Unreadable,
        };
        Self { input }
    }

    /// Takes the next bytes of the body, as they came from the provider.
    pub fn push(&mut self, chunk: &[u8]) {
        match &mut self.input {
            Input::Plain(body) => body.push(chunk),
            Input::Gzip { decoder, broken } if !*broken => {
                // The flush makes what was decoded so far visible at once.
                *broken = decoder.write_all(chunk).and_then(|()| decoder.flush()).is_err();
            }
            Input::Gzip { .. } | Input::Unreadable => {}
        }
    }

    /// Whether any content has come yet: text, reasoning or a piece of a tool call. Role
    /// announcements and pings are none.
    pub fn saw_content(&self) -> bool {
        match &self.input {
            Input::Plain(body) => body.documents.facts.saw_content,
            Input::Gzip { decoder, .. } => decoder.get_ref().documents.facts.saw_content,
            Input::Unreadable => false,
        }
    }

    /// Everything the body told. Call it when the body has ended, in whatever way.
    pub fn finish(self) -> Answer {
        match self.input {
            Input::Plain(body) => body.finish(),
            Input::Gzip { mut decoder, broken } => {
                let cut = !broken && decoder.try_finish().is_err();
                let body = decoder.get_mut();
                let body = std::mem::replace(
                    body,
                    Body { cutter: Cutter::One, documents: Documents::new(), taken: 0 },
                );
                let mut answer = body.finish();
                if broken {
                    answer.end = End::Unknown;
                } else if cut {
                    answer.end = End::Truncated;
                }
                answer
            }
            Input::Unreadable => Answer::default(),
        }
    }
}

impl Body {
    fn push(&mut self, bytes: &[u8]) {
        match &mut self.cutter {
            Cutter::Sse(sse) => sse.push(bytes, &mut self.documents),
            Cutter::Lines(lines) => lines.push(bytes, &mut self.documents),
            Cutter::Aws(frames) => frames.push(bytes, &mut self.documents),
            Cutter::One => self.documents.body(bytes),
        }
    }

    fn finish(self) -> Answer {
        let Self { mut cutter, mut documents, .. } = self;
        // Streams are cut when their last event was not over, whatever came before it.
        let end = match &mut cutter {
            Cutter::Sse(sse) => sse.finish(&mut documents).then_some(documents.open),
            Cutter::Lines(lines) => lines.finish(&mut documents).then_some(documents.open),
            Cutter::Aws(frames) => Some(frames.is_cut()),
            Cutter::One => None,
        };
        let one = matches!(cutter, Cutter::One);
        let Documents { scanner, mut facts, .. } = documents;
        facts.settle();
        let end = if end == Some(true) || one && scanner.is_open() {
            End::Truncated
        } else if one {
            if scanner.is_complete() { End::Complete } else { End::Unknown }
        } else if facts.error.is_some() {
            // The provider said itself why there is no more.
            End::Complete
        } else {
            facts.progress.end()
        };
        Answer {
            usage: facts.counts.usage(),
            billed: facts.counts.billed(),
            search_size: facts.search_size,
            model: facts.model,
            service_tier: facts.tier,
            finish_reason: facts.finish.or(facts.incomplete).or(facts.status),
            error: facts.error,
            reported_cost: facts.reported_cost,
            end,
            delivered: facts.delivered,
        }
    }
}

/// Where the decoder puts what it has decoded.
impl Write for Body {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.taken += bytes.len() as u64;
        if self.taken > MAX_DECODED {
            return Err(io::Error::other("the decoded body is too long"));
        }
        self.push(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
