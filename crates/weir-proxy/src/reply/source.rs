//! Where the bytes of an answer come from.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use crate::cache::{Replay, SharedBody};
use crate::upstream::UpstreamBody;

/// A body on its way to the tap.
pub(crate) enum BodySource {
    /// All there is was read ahead.
    Nothing,
    /// The provider sends it.
    Upstream(UpstreamBody),
    /// It is stored.
    Replay(Box<Replay>),
    /// An identical call gets it, too.
    Shared(Box<SharedBody>),
}

impl Body for BodySource {
    type Data = Bytes;
    type Error = Box<dyn std::error::Error + Send + Sync>;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        match self.get_mut() {
            Self::Nothing => Poll::Ready(None),
            Self::Upstream(body) => Pin::new(body).poll_frame(cx).map_err(Into::into),
            Self::Replay(replay) => {
                replay.poll_part(cx).map(|part| part.map(|part| Ok(Frame::data(part))))
            }
            Self::Shared(shared) => Pin::new(shared.as_mut()).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Nothing => true,
            Self::Upstream(body) => body.is_end_stream(),
            Self::Replay(replay) => replay.is_over(),
            Self::Shared(shared) => shared.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Nothing => SizeHint::with_exact(0),
            Self::Upstream(body) => body.size_hint(),
            Self::Replay(_) => SizeHint::default(),
            Self::Shared(shared) => shared.size_hint(),
        }
    }
}
