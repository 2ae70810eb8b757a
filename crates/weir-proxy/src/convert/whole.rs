//! An answer that has to be read to its end before it can be changed.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::StatusCode;
use http::header::{self, HeaderMap};
use http_body_util::BodyExt;
use tokio::time::timeout;
use weir_core::{Error, Kind};
use weir_llm::canonical::Failure;
use weir_llm::dialect::Dialect;
use weir_llm::translate;

use super::{AnswerForm, Conversion, picture, run, sound};
use crate::credential::Source;
use crate::upstream::{NO_ANSWER, UpstreamBody};

/// Longest answer that is changed, in bytes.
const LONGEST: usize = 64 * 1024 * 1024;

/// A changed answer.
pub(crate) struct Whole {
    pub(crate) status: StatusCode,
    pub(crate) content_type: &'static str,
    pub(crate) body: Bytes,
    /// What the provider sent, for usage and errors.
    pub(crate) original: Bytes,
}

/// What an answer came with.
pub(crate) struct Head<'a> {
    pub(crate) status: StatusCode,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) source: &'a Source,
    /// Longest silence of the provider.
    pub(crate) idle: Duration,
}

/// Reads an answer and changes it.
///
/// # Errors
/// When it breaks off, cannot be read, or shows that a key was refused that the caller does not know.
pub(crate) async fn convert(
    conversion: &Conversion,
    head: &Head<'_>,
    first: Option<Bytes>,
    body: UpstreamBody,
) -> Result<Whole, Error> {
    if conversion.run.is_some() && matches!(head.status.as_u16(), 401 | 403) {
        return Err(rejected(head.source));
    }
    if head.headers.contains_key(header::CONTENT_ENCODING) {
        let reason = "it compressed its answer although asked not to";
        return Err(Error::new(Kind::UpstreamFailed, NO_ANSWER).with_hint(reason));
    }
    let original = collect(first, body, head.idle).await?;
    let status = head.status.as_u16();
    let (status, content_type, body) = if status >= 400 {
        let status = shown_status(conversion, status, &original);
        (status, JSON, failure(conversion, status, &original))
    } else {
        success(conversion, head, &original)
    };
    let (status, body) = match &conversion.run {
        Some(form) => run::wrap(form, head.source, status, &body),
        None => (status, body),
    };
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
    Ok(Whole { status, content_type, body, original })
}

const JSON: &str = "application/json";

fn success(
    conversion: &Conversion,
    head: &Head<'_>,
    original: &Bytes,
) -> (u16, &'static str, Bytes) {
    match &conversion.answer {
        AnswerForm::Same => {
            let shown = conversion.run.as_ref().and_then(|form| match form {
                form if form.picture => picture::of(original),
                form if form.sound => sound::of(original, head.headers),
                _ => None,
            });
            (head.status.as_u16(), JSON, shown.unwrap_or_else(|| original.clone()))
        }
        AnswerForm::Chat { wire, decoding, context, stream } if *stream => {
            // Asked for a stream, the provider gave its answer in one piece.
            let bytes =
                translate::as_stream(*wire, decoding, conversion.dialect, context, original);
            (200, "text/event-stream", bytes.into())
        }
        AnswerForm::Chat { wire, decoding, context, .. } => {
            let dialect = conversion.dialect;
            let (status, body) = translate::whole(*wire, decoding, dialect, context, original);
            (status, JSON, body.into())
        }
        AnswerForm::Embeddings { wire, door, expected, base64 } => {
            let header = |name: &str| {
                head.headers.get(name).and_then(|value| value.to_str().ok()).map(ToOwned::to_owned)
            };
            match wire.decode(original, expected, &header) {
                Ok(vectors) => (200, JSON, door.write(&vectors, *base64).into()),
                Err(failure) => (failure.status, JSON, conversion.dialect.failure(&failure).into()),
            }
        }
    }
}

/// The status of an error in the client's dialect: only Anthropic's clients know what 529 is, and a
/// fault of the provider's that has no readable body comes from something in front of it (spec:
/// providers 4.4).
fn shown_status(conversion: &Conversion, status: u16, original: &[u8]) -> u16 {
    if conversion.answer.is_same() {
        return status;
    }
    match status {
        500.. if serde_json::from_slice::<serde::de::IgnoredAny>(original).is_err() => 502,
        529 if conversion.dialect != Dialect::Anthropic => 503,
        _ => status,
    }
}

/// An error passes as it came where the client can read it (spec: data-plane 3.3), and is put into the
/// client's dialect where it cannot (spec: providers 4.4).
fn failure(conversion: &Conversion, status: u16, original: &Bytes) -> Bytes {
    let readable = matches!(conversion.dialect, Dialect::OpenAiChat | Dialect::OpenAiResponses)
        && is_openai_error(original);
    if readable {
        return original.clone();
    }
    let failure = match &conversion.answer {
        AnswerForm::Same => return original.clone(),
        AnswerForm::Chat { wire, .. } => wire.failure(status, original),
        AnswerForm::Embeddings { wire, .. } => wire.failure(status, original),
    };
    let failure = Failure { status, ..failure };
    conversion.dialect.failure(&failure).into()
}

/// Whether a body has the `error.type` that OpenAI's clients go by and the `error.message` that they
/// show. Google's have a status in place of the type, and a number as their code.
fn is_openai_error(body: &[u8]) -> bool {
    #[derive(serde::Deserialize)]
    struct Body {
        #[expect(dead_code, reason = "that it is there is what counts")]
        error: Message,
    }
    #[derive(serde::Deserialize)]
    struct Message {
        #[expect(dead_code, reason = "that it is there is what counts")]
        r#type: String,
        #[expect(dead_code, reason = "that it is there is what counts")]
        message: String,
    }
    serde_json::from_slice::<Body>(body).is_ok()
}

/// The provider refused the key (spec: data-plane 1.6, 13).
fn rejected(source: &Source) -> Error {
    match source {
        Source::Platform => Error::new(Kind::Unavailable, NO_ANSWER)
            .with_hint("the provider refused the operator's key"),
        Source::Nothing => Error::new(Kind::KeyRejected, "Unauthorized")
            .with_hint("there is no key for this provider: store one, or set a platform key"),
        _ => Error::new(Kind::KeyRejected, "Unauthorized")
            .with_hint("the provider refused the key it was sent: replace the stored one"),
    }
}

async fn collect(
    first: Option<Bytes>,
    mut body: UpstreamBody,
    idle: Duration,
) -> Result<Bytes, Error> {
    let broken =
        |reason: &'static str| Error::new(Kind::UpstreamFailed, NO_ANSWER).with_hint(reason);
    let mut whole: Option<Bytes> = first;
    let mut joined = BytesMut::new();
    loop {
        let frame = timeout(idle, body.frame()).await.map_err(|_| broken("it fell silent"))?;
        let Some(frame) = frame else { break };
        let frame = frame
            .map_err(|error| broken("it closed the connection inside its answer").because(error))?;
        let Ok(data) = frame.into_data() else { continue };
        if joined.is_empty() && whole.is_none() {
            whole = Some(data);
            continue;
        }
        if joined.is_empty() {
            joined.extend_from_slice(&whole.take().unwrap_or_default());
        }
        joined.extend_from_slice(&data);
        if joined.len() > LONGEST {
            return Err(broken("its answer is too long to be translated"));
        }
    }
    Ok(whole.unwrap_or_else(|| joined.freeze()))
}
