//! What filters, orders and sums read of a row, as numbers and texts.

use weir_core::log::LogRecord;
use weir_core::log_filter::LogOrder;
use weir_core::store::StoredLog;
use weir_core::{Cost, LogId, Timestamp};

/// Something that a row holds as a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Number {
    /// The id, in the order of ids.
    Id,
    /// The request's id; nothing when it is that of the row.
    RequestId,
    /// Milliseconds since 1970 UTC.
    CreatedAt,
    /// All flags; see [`Flag`].
    Flags,
    /// Pico-dollars.
    Cost,
    /// Sum of the next two.
    Tokens,
    /// Input tokens.
    TokensIn,
    /// Output tokens.
    TokensOut,
    /// Milliseconds.
    Duration,
    /// Milliseconds.
    Ttft,
    /// HTTP status sent to the client.
    Status,
    /// Position in a fallback chain.
    Step,
    /// See [`from_float`].
    Feedback,
    /// See [`from_float`].
    Score,
    /// Tokens read from a prompt cache; nothing without usage.
    CacheRead,
    /// Tokens written to one, of either lifetime.
    CacheWrite,
    /// Reasoning tokens.
    Reasoning,
    /// Milliseconds to the first byte.
    Latency,
}

/// Something that a row holds as a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Text {
    EventId,
    Provider,
    Model,
    ModelType,
    RequestType,
    RequestContentType,
    ResponseContentType,
    UserAgent,
    KeyId,
    FinishReason,
    ErrorCode,
    Metadata,
}

/// Bits of [`Number::Flags`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flag {
    Success = 1,
    Cached = 2,
    Authentication = 4,
    Wholesale = 8,
    Byok = 16,
    Stream = 32,
    Compatibility = 64,
    /// Refused with 429 by the gateway.
    RateLimited = 128,
}

impl Number {
    pub(super) const ALL: [Self; 18] = [
        Self::Id,
        Self::RequestId,
        Self::CreatedAt,
        Self::Flags,
        Self::Cost,
        Self::Tokens,
        Self::TokensIn,
        Self::TokensOut,
        Self::Duration,
        Self::Ttft,
        Self::Status,
        Self::Step,
        Self::Feedback,
        Self::Score,
        Self::CacheRead,
        Self::CacheWrite,
        Self::Reasoning,
        Self::Latency,
    ];

    /// The value, as it will be read back: a count that needs the last bit is stored without it.
    pub(super) fn of(self, row: &Facts<'_>) -> Option<i128> {
        let record = row.record;
        let tokens = |count: u64| i128::from(count.min(i64::MAX.unsigned_abs()));
        let usage = record.usage.as_ref();
        match self {
            Self::Id => Some(from_id(record.id)),
            Self::RequestId => (record.request_id != record.id).then(|| from_id(record.request_id)),
            Self::CreatedAt => Some(record.created_at.as_millis().into()),
            Self::Flags => Some(flags(record).into()),
            Self::Cost => record.cost.map(|cost| cost.pico().into()),
            Self::Tokens => usage.map(|usage| tokens(usage.input) + tokens(usage.output)),
            Self::TokensIn => usage.map(|usage| tokens(usage.input)),
            Self::TokensOut => usage.map(|usage| tokens(usage.output)),
            Self::Duration => Some(record.duration_ms.into()),
            Self::Ttft => record.ttft_ms.map(i128::from),
            Self::Status => record.status_code.map(i128::from),
            Self::Step => Some(record.step.into()),
            Self::Feedback => row.feedback.map(from_float),
            Self::Score => row.score.map(from_float),
            Self::CacheRead => usage.map(|usage| tokens(usage.cache_read)),
            Self::CacheWrite => {
                usage.map(|usage| tokens(usage.cache_write) + tokens(usage.cache_write_1h))
            }
            Self::Reasoning => usage.map(|usage| tokens(usage.reasoning)),
            Self::Latency => record.latency_ms.map(i128::from),
        }
    }
}

impl Text {
    pub(super) const ALL: [Self; 12] = [
        Self::EventId,
        Self::Provider,
        Self::Model,
        Self::ModelType,
        Self::RequestType,
        Self::RequestContentType,
        Self::ResponseContentType,
        Self::UserAgent,
        Self::KeyId,
        Self::FinishReason,
        Self::ErrorCode,
        Self::Metadata,
    ];

    /// The value.
    pub(super) fn of<'row>(self, row: &Facts<'row>) -> Option<&'row str> {
        let record = row.record;
        match self {
            Self::EventId => record.event_id.as_deref(),
            Self::Provider => Some(record.provider.as_str()),
            Self::Model => Some(&record.model),
            Self::ModelType => record.model_type,
            Self::RequestType => Some(record.request_type),
            Self::RequestContentType => record.request_content_type.as_deref(),
            Self::ResponseContentType => record.response_content_type.as_deref(),
            Self::UserAgent => record.user_agent.as_deref(),
            Self::KeyId => record.key_id.as_deref(),
            Self::FinishReason => record.finish_reason.as_deref(),
            Self::ErrorCode => record.error.as_ref().map(|error| &*error.code),
            Self::Metadata => record.metadata.as_deref(),
        }
    }
}

/// A row to read values of: a record, and what was added to it later.
#[derive(Clone, Copy)]
pub(super) struct Facts<'row> {
    pub(super) record: &'row LogRecord,
    pub(super) feedback: Option<f64>,
    pub(super) score: Option<f64>,
}

impl<'row> From<&'row StoredLog> for Facts<'row> {
    fn from(row: &'row StoredLog) -> Self {
        Self { record: &row.record, feedback: row.feedback, score: row.score }
    }
}

impl<'row> From<&'row LogRecord> for Facts<'row> {
    fn from(record: &'row LogRecord) -> Self {
        Self { record, feedback: None, score: None }
    }
}

fn flags(record: &LogRecord) -> u8 {
    [
        (Flag::Success, record.success),
        (Flag::Cached, record.cached),
        (Flag::Authentication, record.authentication),
        (Flag::Wholesale, record.wholesale),
        (Flag::Byok, record.byok),
        (Flag::Stream, record.stream),
        (Flag::Compatibility, record.request_type == "compat"),
        (
            Flag::RateLimited,
            record.status_code == Some(429) && record.upstream_status_code.is_none(),
        ),
    ]
    .into_iter()
    .filter(|(_, is_set)| *is_set)
    .fold(0, |flags, (flag, _)| flags | flag as u8)
}

/// An id as a number that sorts like it.
pub(super) fn from_id(id: LogId) -> i128 {
    (u128::from_be_bytes(*id.as_bytes()) ^ (1 << 127)).cast_signed()
}

/// The id of such a number.
pub(super) fn to_id(number: i128) -> LogId {
    LogId::from_bytes((number.cast_unsigned() ^ (1 << 127)).to_be_bytes())
}

/// A figure as a number that sorts like it. Both zeros are the same.
pub(super) fn from_float(figure: f64) -> i128 {
    let bits = (figure + 0.0).to_bits().cast_signed();
    // Of negative figures, larger bits mean smaller figures.
    i128::from(if bits < 0 { i64::MIN - bits - 1 } else { bits })
}

/// The figure of such a number.
pub(super) fn to_float(number: i128) -> f64 {
    #[expect(clippy::cast_possible_truncation, reason = "made of 64 bits")]
    let bits = number as i64;
    f64::from_bits((if bits < 0 { i64::MIN - bits - 1 } else { bits }).cast_unsigned())
}

/// What rows are sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SortedBy {
    Number(Number),
    Flag(Flag),
    Text(Text),
}

impl From<LogOrder> for SortedBy {
    fn from(order: LogOrder) -> Self {
        match order {
            LogOrder::CreatedAt => Self::Number(Number::CreatedAt),
            LogOrder::Provider => Self::Text(Text::Provider),
            LogOrder::Model => Self::Text(Text::Model),
            LogOrder::ModelType => Self::Text(Text::ModelType),
            LogOrder::Success => Self::Flag(Flag::Success),
            LogOrder::Cached => Self::Flag(Flag::Cached),
            LogOrder::Cost => Self::Number(Number::Cost),
            LogOrder::TokensIn => Self::Number(Number::TokensIn),
            LogOrder::TokensOut => Self::Number(Number::TokensOut),
            LogOrder::Duration => Self::Number(Number::Duration),
            LogOrder::Feedback => Self::Number(Number::Feedback),
        }
    }
}

/// A number as the moment or money it is.
pub(super) fn to_timestamp(number: i128) -> Timestamp {
    Timestamp::from_millis(saturated(number))
}

/// See [`to_timestamp`].
pub(super) fn to_cost(number: i128) -> Cost {
    Cost::from_pico(saturated(number))
}

/// A number in 64 bits, at the limit if it does not fit.
pub(super) fn saturated(number: i128) -> i64 {
    i64::try_from(number).unwrap_or(if number < 0 { i64::MIN } else { i64::MAX })
}
