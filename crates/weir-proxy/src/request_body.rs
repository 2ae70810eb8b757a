//! Taking the client's body in: whole when it is small, frame by frame when it is not, never more
//! than permitted.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tokio::time::Sleep;
use weir_core::{Error, Kind};
use weir_llm::request::{RequestFacts, RequestReader};

use crate::capture::Capture;
use crate::limits::Limits;
use crate::upstream::SendBody;

/// Bodies of a declared length up to this are read whole before the provider is called: they
/// arrive with the head anyway, go out in one write with it, and can be sent again.
const WHOLE_UP_TO: u64 = 64 * 1024;

/// The same for bodies that may have to be changed.
const CHANGEABLE_UP_TO: u64 = 4 * 1024 * 1024;

/// What a call wants to know of its body.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wishes {
    /// Keep a copy for the log.
    pub(crate) keep: bool,
    /// Read the model out of it.
    pub(crate) is_json: bool,
    /// It may have to be changed, so have it whole if it is not too large for that.
    pub(crate) change: bool,
    /// Nothing can be done without all of it.
    pub(crate) whole: bool,
    /// The client waits for "100 Continue" before it sends.
    pub(crate) expects_continue: bool,
}

/// A body before it is accepted.
pub(crate) enum ClientBody {
    /// On its way from the client.
    Streamed(Incoming),
    /// A part of a body that was read before.
    Whole(Bytes),
}

/// What a refused body may still send before the refusal is written. Clients that send everything
/// before they read would otherwise see a reset connection instead of the reason.
const DRAIN_BYTES: u64 = 256 * 1024 * 1024;
const DRAIN_TIME: Duration = Duration::from_secs(5);

/// What is noted of a request body while it passes.
pub(crate) struct Passing {
    /// The copy for the log.
    pub(crate) capture: Capture,
    /// `None` for bodies that are not JSON, and once the facts were asked for.
    reader: Option<RequestReader>,
    facts: RequestFacts,
}

impl Passing {
    fn note(&mut self, data: &[u8]) {
        self.capture.push(data);
        if let Some(reader) = &mut self.reader {
            reader.push(data);
        }
    }

    /// What the body said up to now. Asked for once the answer is there, so later parts are not
    /// read any more.
    pub(crate) fn facts(&mut self) -> RequestFacts {
        if let Some(reader) = self.reader.take() {
            self.facts = reader.finish();
        }
        self.facts.clone()
    }
}

/// Shared between the body on its way up and the call that it belongs to.
pub(crate) type SharedPassing = Arc<Mutex<Passing>>;

/// A request body that has been accepted.
pub(crate) struct RequestBody {
    /// To send upstream.
    pub(crate) send: SendBody,
    /// The same bytes, when they are whole in memory.
    pub(crate) whole: Option<Bytes>,
    /// What the log keeps.
    pub(crate) copy: RequestCopy,
}

/// The request body as `finish` sees it.
pub(crate) enum RequestCopy {
    /// All of it, a part of the connection's read buffer.
    Whole(Bytes),
    /// What was worth keeping of it.
    Settled {
        /// What it said.
        facts: RequestFacts,
        /// Its length.
        size: u64,
        /// Its bytes, if the log wants them.
        body: Option<Vec<u8>>,
    },
    /// Being collected while it passes.
    Passing(SharedPassing),
}

impl RequestCopy {
    /// Of a body that has not been read.
    pub(crate) const fn nothing() -> Self {
        Self::Whole(Bytes::new())
    }

    /// Lets go of the connection's read buffer, which a long stream would keep for nothing.
    /// At most `keep` bytes of it stay; a longer body does not stay at all.
    pub(crate) fn settle(&mut self, keep: usize, is_json: bool) {
        if let Self::Whole(bytes) = self {
            let facts = if is_json { read(bytes) } else { RequestFacts::default() };
            let size = bytes.len() as u64;
            let body = (bytes.len() <= keep).then(|| bytes.to_vec());
            *self = Self::Settled { facts, size, body };
        }
    }
}

/// Whether a body of that type may say something. What its client calls otherwise may be JSON to
/// its provider all the same, so that only forms and media are not looked into.
pub(crate) fn is_json(content_type: Option<&str>) -> bool {
    const OTHERS: [&str; 5] = ["multipart/", "audio/", "image/", "video/", "font/"];
    let begins = |value: &str, with: &str| {
        value.get(..with.len()).is_some_and(|it| it.eq_ignore_ascii_case(with))
    };
    content_type.is_none_or(|value| !OTHERS.iter().any(|other| begins(value.trim_start(), other)))
}

/// What a whole JSON body says.
pub(crate) fn read(body: &[u8]) -> RequestFacts {
    let mut reader = RequestReader::new();
    reader.push(body);
    reader.finish()
}

/// Accepts the body, or says why not. Reads it whole when it is small.
pub(crate) async fn accept(
    body: ClientBody,
    wishes: Wishes,
    limits: &Limits,
) -> Result<RequestBody, Error> {
    let mut body = match body {
        ClientBody::Streamed(body) => body,
        ClientBody::Whole(whole) => {
            let copy = RequestCopy::Whole(whole.clone());
            let send = SendBody::whole(whole.clone());
            return Ok(RequestBody { send, whole: Some(whole), copy });
        }
    };
    let whole_up_to = match (wishes.whole, wishes.change) {
        (true, _) => limits.request_body,
        (false, true) => CHANGEABLE_UP_TO,
        (false, false) => WHOLE_UP_TO,
    };
    if body.is_end_stream() {
        let copy = RequestCopy::Whole(Bytes::new());
        return Ok(RequestBody {
            send: SendBody::whole(Bytes::new()),
            whole: Some(Bytes::new()),
            copy,
        });
    }
    match body.size_hint().exact() {
        Some(length) if length > limits.request_body => {
            // A client that waits for "100 Continue" has sent nothing yet and reads at once.
            if !wishes.expects_continue {
                Box::pin(drain(&mut body)).await;
            }
            Err(too_large(limits))
        }
        length if wishes.whole || length.is_some_and(|length| length <= whole_up_to) => {
            let whole = read_whole(body, length.unwrap_or_default(), limits).await?;
            let copy = RequestCopy::Whole(whole.clone());
            Ok(RequestBody { send: SendBody::whole(whole.clone()), whole: Some(whole), copy })
        }
        length => {
            let mut capture = Capture::new(if wishes.keep { limits.payload } else { 0 });
            if let Some(length) = length {
                capture.expect(length);
            }
            let passing = Arc::new(Mutex::new(Passing {
                capture,
                reader: wishes.is_json.then(RequestReader::new),
                facts: RequestFacts::default(),
            }));
            let copy = RequestCopy::Passing(Arc::clone(&passing));
            let left = limits.request_body;
            let patience = limits.client_idle;
            let streamed = StreamedBody {
                incoming: body,
                passing,
                left,
                patience,
                waiting: None,
                failed: None,
            };
            Ok(RequestBody { send: SendBody::Streamed(Box::new(streamed)), whole: None, copy })
        }
    }
}

fn too_large(limits: &Limits) -> Error {
    let limit = limits.request_body;
    Error::new(Kind::TooLarge, format!("Request body is larger than {limit} bytes"))
        .with_hint("send less, or raise limits.request_body_bytes in the configuration")
}

fn stalled() -> Error {
    Error::new(Kind::BadRequest, "The request body did not arrive in time")
}

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Reads a body of `length` bytes, or of any length that is permitted when that is not known (0).
async fn read_whole(mut body: Incoming, length: u64, limits: &Limits) -> Result<Bytes, Error> {
    let patience = limits.client_idle;
    let mut left = limits.request_body;
    let mut first: Option<Bytes> = None;
    let mut joined: Option<BytesMut> = None;
    loop {
        let frame = tokio::time::timeout(patience, body.frame()).await.map_err(|_| stalled())?;
        let Some(frame) = frame else { break };
        let frame = frame.map_err(|error| {
            Error::new(Kind::ClientGone, "The request body broke off").because(error)
        })?;
        let Ok(data) = frame.into_data() else { continue };
        left = left.checked_sub(data.len() as u64).ok_or_else(|| too_large(limits))?;
        // Nearly always one frame holds everything, and then nothing is copied.
        match (&mut first, &mut joined) {
            (None, _) => first = Some(data),
            (Some(_), Some(joined)) => joined.extend_from_slice(&data),
            (Some(first), None) => {
                let mut all = BytesMut::with_capacity(usize::try_from(length).unwrap_or_default());
                all.extend_from_slice(first);
                all.extend_from_slice(&data);
                joined = Some(all);
            }
        }
    }
    Ok(joined.map(BytesMut::freeze).or(first).unwrap_or_default())
}

async fn drain(body: &mut Incoming) {
    let reading = async {
        let mut read = 0;
        while let Some(Ok(frame)) = body.frame().await {
            read += frame.data_ref().map_or(0, |data| data.len() as u64);
            if read > DRAIN_BYTES {
                break;
            }
        }
    };
    let _ = tokio::time::timeout(DRAIN_TIME, reading).await;
}

/// A body passed on as it comes, counted and copied for the log.
pub(crate) struct StreamedBody {
    incoming: Incoming,
    passing: SharedPassing,
    left: u64,
    /// Longest silence of the client.
    patience: Duration,
    /// The present silence.
    waiting: Option<Pin<Box<Sleep>>>,
    failed: Option<BodyFault>,
}

/// Why a streamed request body was cut off; found by the attempt in the error's causes.
#[derive(Clone, Copy, Debug, thiserror::Error)]
pub(crate) enum BodyFault {
    #[error("the request body exceeds the permitted size")]
    TooLarge,
    #[error("the client stopped sending its request body")]
    Stalled,
}

impl BodyFault {
    /// The refusal that the client gets.
    pub(crate) fn refusal(self, limits: &Limits) -> Error {
        match self {
            Self::TooLarge => too_large(limits),
            Self::Stalled => stalled(),
        }
    }
}

impl StreamedBody {
    fn fail<T>(&mut self, fault: BodyFault) -> Poll<Option<Result<T, BoxError>>> {
        self.failed = Some(fault);
        Poll::Ready(Some(Err(fault.into())))
    }
}

impl Body for StreamedBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if let Some(fault) = self.failed {
            return self.fail(fault);
        }
        let polled = Pin::new(&mut self.incoming).poll_frame(cx);
        if polled.is_pending() {
            let patience = self.patience;
            let waiting =
                self.waiting.get_or_insert_with(|| Box::pin(tokio::time::sleep(patience)));
            if waiting.as_mut().poll(cx).is_ready() {
                return self.fail(BodyFault::Stalled);
            }
            return Poll::Pending;
        }
        self.waiting = None;
        if let Poll::Ready(Some(Ok(frame))) = &polled
            && let Some(data) = frame.data_ref()
        {
            let length = data.len() as u64;
            if length > self.left {
                return self.fail(BodyFault::TooLarge);
            }
            self.left -= length;
            self.passing.lock().unwrap_or_else(PoisonError::into_inner).note(data);
        }
        polled.map_err(Into::into)
    }

    fn is_end_stream(&self) -> bool {
        self.failed.is_none() && self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}
