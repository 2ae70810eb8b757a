//! The dimensions that calls can be told apart by, and their values.

use std::sync::Arc;

use serde_json::Value;
use weir_core::analytics::{AnalyticsRow, Bucket, Dimension as Key, DimensionValue};
use weir_core::{GatewayId, Timestamp};

use super::time;

/// A dimension by its published name.
#[derive(Debug)]
pub(crate) struct Dimension {
    /// The name.
    pub(crate) name: &'static str,
    /// What it holds.
    pub(crate) kind: Kind,
    /// Where it comes from.
    pub(super) source: Source,
}

/// What a dimension holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A text.
    Text,
    /// A number from 0 to this.
    Number(i64),
    /// A moment.
    Time,
    /// A day.
    Date,
    /// Several texts.
    Texts,
}

/// Where a dimension comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// The beginning of a piece of time.
    Time(Bucket),
    /// What the store keeps apart.
    Key(Key),
    /// The names of the caller's metadata.
    MetadataKeys,
    /// The values of the caller's metadata, as text.
    MetadataValues,
    /// The same for every call.
    Always(&'static str),
    /// How many rows the gateway may keep.
    LogManagement,
}

const fn dimension(name: &'static str, kind: Kind, source: Source) -> Dimension {
    Dimension { name, kind, source }
}

const fn key(name: &'static str, kind: Kind, key: Key) -> Dimension {
    dimension(name, kind, Source::Key(key))
}

/// Statuses are below a thousand.
const STATUS: Kind = Kind::Number(999);
const FLAG: Kind = Kind::Number(1);

/// Every dimension. `datetime` is a minute, too: that is how exact the roll-ups are.
pub(crate) const DIMENSIONS: &[Dimension] = &[
    dimension("date", Kind::Date, Source::Time(Bucket::Day)),
    dimension("datetime", Kind::Time, Source::Time(Bucket::Minute)),
    dimension("datetimeMinute", Kind::Time, Source::Time(Bucket::Minute)),
    dimension("datetimeFiveMinutes", Kind::Time, Source::Time(Bucket::FiveMinutes)),
    dimension("datetimeFifteenMinutes", Kind::Time, Source::Time(Bucket::FifteenMinutes)),
    dimension("datetimeHour", Kind::Time, Source::Time(Bucket::Hour)),
    key("gateway", Kind::Text, Key::Gateway),
    key("provider", Kind::Text, Key::Provider),
    key("model", Kind::Text, Key::Model),
    key("statusCode", STATUS, Key::StatusCode),
    key("error", FLAG, Key::Error),
    key("cached", FLAG, Key::Cached),
    key("rateLimited", FLAG, Key::RateLimited),
    key("wholesale", FLAG, Key::Wholesale),
    key("keyId", Kind::Text, Key::Key),
    key("userAgent", Kind::Text, Key::UserAgent),
    key("metadataRaw", Kind::Text, Key::Metadata),
    dimension("metadataKeys", Kind::Texts, Source::MetadataKeys),
    dimension("metadataValues", Kind::Texts, Source::MetadataValues),
    dimension("cacheOp", Kind::Text, Source::Always("hit")),
    dimension("logManagement", Kind::Number(i64::MAX), Source::LogManagement),
];

/// A value of a dimension; sorts like what it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Cell {
    Null,
    Number(i64),
    Text(Arc<str>),
    Texts(Vec<String>),
    Time(Timestamp),
    Date(Timestamp),
}

impl Cell {
    pub(super) fn show(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Number(number) => (*number).into(),
            Self::Text(text) => (**text).into(),
            Self::Texts(texts) => texts.clone().into(),
            Self::Time(at) => time::second(*at).into(),
            Self::Date(at) => time::date(*at).into(),
        }
    }

    /// Bytes of its texts.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Texts(texts) => texts.iter().map(|text| size_of::<Value>() + text.len()).sum(),
            Self::Null | Self::Number(_) | Self::Time(_) | Self::Date(_) => 0,
        }
    }
}

/// How full a gateway is.
pub(super) struct Size<'a> {
    pub(super) gateway: &'a GatewayId,
    pub(super) log_management: Option<u64>,
    pub(super) at: Timestamp,
}

impl Dimension {
    /// What the store must keep apart to know it.
    pub(super) const fn key(&self) -> Option<Key> {
        match self.source {
            Source::Key(key) => Some(key),
            Source::MetadataKeys | Source::MetadataValues => Some(Key::Metadata),
            Source::Time(_) | Source::Always(_) | Source::LogManagement => None,
        }
    }

    /// Its value in a row of the store, whose values stand in the order of `keys`.
    pub(super) fn of_row(&self, row: &AnalyticsRow, keys: &[Key]) -> Cell {
        let found = self.key().and_then(|key| keys.iter().position(|other| *other == key));
        let value = found.and_then(|place| row.values.get(place));
        let text = || match value {
            Some(DimensionValue::Text(text)) => Arc::clone(text),
            _ => Arc::from(""),
        };
        match self.source {
            Source::Time(bucket) => row.bucket.map_or(Cell::Null, |at| self.moment(at, bucket)),
            Source::Key(_) => match value {
                Some(DimensionValue::Number(number)) => Cell::Number(*number),
                Some(DimensionValue::Text(text)) => Cell::Text(Arc::clone(text)),
                None => Cell::Null,
            },
            Source::MetadataKeys => Cell::Texts(pairs(&text()).map(|(name, _)| name).collect()),
            Source::MetadataValues => Cell::Texts(pairs(&text()).map(|(_, value)| value).collect()),
            Source::Always(text) => Cell::Text(text.into()),
            Source::LogManagement => Cell::Null,
        }
    }

    /// Its value for a gateway as it is now.
    pub(super) fn of_size(&self, size: &Size<'_>) -> Cell {
        match self.source {
            Source::Time(bucket) => self.moment(size.at, bucket),
            Source::Key(Key::Gateway) => Cell::Text(size.gateway.as_str().into()),
            Source::LogManagement => {
                let number = size.log_management.and_then(|rows| i64::try_from(rows).ok());
                number.map_or(Cell::Null, Cell::Number)
            }
            _ => Cell::Null,
        }
    }

    fn moment(&self, at: Timestamp, bucket: Bucket) -> Cell {
        let start = time::floor(at, time::length(bucket));
        if self.kind == Kind::Date { Cell::Date(start) } else { Cell::Time(start) }
    }
}

/// Names and values of metadata.
fn pairs(text: &str) -> impl Iterator<Item = (String, String)> + use<> {
    let map: serde_json::Map<String, Value> = serde_json::from_str(text).unwrap_or_default();
    map.into_iter().map(|(name, value)| match value {
        Value::String(text) => (name, text),
        other => (name, other.to_string()),
    })
}
