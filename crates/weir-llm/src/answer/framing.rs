//! How a body is cut into documents, and how it is compressed.

/// How a body is cut into documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// Server-sent events.
    Sse,
    /// One JSON document a line.
    NdJson,
    /// `application/vnd.amazon.eventstream`.
    AwsEventStream,
    /// One JSON document, or an array whose elements arrive over time.
    Json,
    /// Nothing this crate reads: audio, images, text.
    Opaque,
}

impl Framing {
    /// The framing of a content type; parameters and case do not matter. A body without a type is
    /// taken for JSON: if it is not, its first byte gives it away and nothing is reported.
    pub fn of(content_type: Option<&str>) -> Self {
        let Some(content_type) = content_type else { return Self::Json };
        let essence = content_type.split(';').next().unwrap_or_default().trim();
        let is = |name: &str| essence.eq_ignore_ascii_case(name);
        if is("text/event-stream") {
            Self::Sse
        } else if is("application/vnd.amazon.eventstream") {
            Self::AwsEventStream
        } else if [
            "application/x-ndjson",
            "application/ndjson",
            "application/jsonl",
            "application/x-jsonlines",
            "application/stream+json",
        ]
        .into_iter()
        .any(is)
        {
            Self::NdJson
        } else if is("application/json") || is("text/json") || ends_with(essence, "+json") {
            Self::Json
        } else {
            Self::Opaque
        }
    }

    /// Whether the documents come one after another, each usable at once.
    pub const fn is_stream(self) -> bool {
        matches!(self, Self::Sse | Self::NdJson | Self::AwsEventStream)
    }
}

fn ends_with(text: &str, suffix: &str) -> bool {
    text.len()
        .checked_sub(suffix.len())
        .and_then(|at| text.get(at..))
        .is_some_and(|tail| tail.eq_ignore_ascii_case(suffix))
}

/// The content encoding of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// As it is.
    Identity,
    /// Gzip; decoded on the side.
    Gzip,
    /// Anything else: the bytes pass, nothing is read.
    Unreadable,
}

impl Encoding {
    /// The encoding a `content-encoding` header names.
    pub fn of(content_encoding: Option<&str>) -> Self {
        match content_encoding.map(str::trim) {
            None | Some("") => Self::Identity,
            Some(name) if name.eq_ignore_ascii_case("identity") => Self::Identity,
            Some(name) if ["gzip", "x-gzip"].iter().any(|it| name.eq_ignore_ascii_case(it)) => {
                Self::Gzip
            }
            Some(_) => Self::Unreadable,
        }
    }
}
