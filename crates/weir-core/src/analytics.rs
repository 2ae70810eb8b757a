//! Counts and sums over calls, logged or not (spec: observability 4.1).

use crate::clock::Timestamp;
use crate::cost::Cost;
use crate::id::{AccountId, GatewayId, ProviderSlug};
use crate::log::LogRecord;
use std::sync::Arc;

/// What a roll-up keeps apart. One minute of calls that agree in all of it is one row.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RollupKey {
    /// The minute, counted from 1970 UTC.
    pub minute: i64,
    /// Account of the gateway.
    pub account: AccountId,
    /// Gateway.
    pub gateway: GatewayId,
    /// Provider.
    pub provider: ProviderSlug,
    /// Model; empty when unknown.
    pub model: Box<str>,
    /// Status sent to the client; 0 when it left before one was sent.
    pub status: u16,
    /// A whole 2xx answer without an error in it.
    pub success: bool,
    /// Served from the gateway's cache.
    pub cached: bool,
    /// Refused with 429 by the gateway, as against a provider's 429 passed on.
    pub rate_limited: bool,
    /// Paid by a platform-managed key.
    pub wholesale: bool,
    /// Id of the caller's token.
    pub key_id: Option<Arc<str>>,
}

/// What a roll-up adds up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RollupSums {
    /// Calls.
    pub requests: u64,
    /// Input tokens.
    pub tokens_in: u64,
    /// Output tokens.
    pub tokens_out: u64,
    /// Input tokens read from a provider's prompt cache, inside `tokens_in`.
    pub cache_read: u64,
    /// Input tokens written to one, inside `tokens_in`.
    pub cache_write: u64,
    /// Reasoning tokens, inside `tokens_out`.
    pub reasoning: u64,
    /// Money, of calls whose cost is known.
    pub cost: Cost,
    /// Calls whose cost is not known.
    pub unpriced: u64,
    /// Milliseconds from request to last byte.
    pub duration_ms: u64,
    /// Milliseconds from request to first byte, of calls that had one.
    pub latency_ms: u64,
    /// Calls that had a first byte.
    pub answered: u64,
    /// Calls whose cost the provider told and our own prices know, too. This and the next two are
    /// nothing in answers that only rows know, such as those by user agent.
    pub compared: u64,
    /// What our own prices make of those.
    pub computed_cost: Cost,
    /// What the providers told of those.
    pub reported_cost: Cost,
}

impl RollupKey {
    /// Where a record counts.
    pub fn of(record: &LogRecord) -> Self {
        Self {
            minute: record.created_at.as_millis().div_euclid(60_000),
            account: record.account.clone(),
            gateway: record.gateway.clone(),
            provider: record.provider.clone(),
            model: record.model.clone(),
            status: record.status_code.unwrap_or(0),
            success: record.success,
            cached: record.cached,
            rate_limited: record.status_code == Some(429) && record.upstream_status_code.is_none(),
            wholesale: record.wholesale,
            key_id: record.key_id.clone(),
        }
    }
}

impl RollupSums {
    /// What a record counts for.
    pub fn of(record: &LogRecord) -> Self {
        let usage = record.usage.unwrap_or_default();
        Self {
            requests: 1,
            tokens_in: usage.input,
            tokens_out: usage.output,
            cache_read: usage.cache_read,
            cache_write: usage.cache_write.saturating_add(usage.cache_write_1h),
            reasoning: usage.reasoning,
            cost: record.cost.unwrap_or_default(),
            unpriced: u64::from(record.cost.is_none()),
            duration_ms: u64::from(record.duration_ms),
            latency_ms: u64::from(record.latency_ms.unwrap_or(0)),
            answered: u64::from(record.latency_ms.is_some()),
            ..Self::comparing(record.computed_cost(), record.provider_reported_cost)
        }
    }

    /// What our own figure and the provider's count for: nothing unless there are both.
    pub fn comparing(computed: Option<Cost>, reported: Option<Cost>) -> Self {
        match (computed, reported) {
            (Some(computed_cost), Some(reported_cost)) => {
                Self { compared: 1, computed_cost, reported_cost, ..Self::default() }
            }
            _ => Self::default(),
        }
    }

    /// Adds another's figures.
    pub fn add(&mut self, other: &Self) {
        self.requests = self.requests.saturating_add(other.requests);
        self.tokens_in = self.tokens_in.saturating_add(other.tokens_in);
        self.tokens_out = self.tokens_out.saturating_add(other.tokens_out);
        self.cache_read = self.cache_read.saturating_add(other.cache_read);
        self.cache_write = self.cache_write.saturating_add(other.cache_write);
        self.reasoning = self.reasoning.saturating_add(other.reasoning);
        self.cost = self.cost + other.cost;
        self.unpriced = self.unpriced.saturating_add(other.unpriced);
        self.duration_ms = self.duration_ms.saturating_add(other.duration_ms);
        self.latency_ms = self.latency_ms.saturating_add(other.latency_ms);
        self.answered = self.answered.saturating_add(other.answered);
        self.compared = self.compared.saturating_add(other.compared);
        self.computed_cost = self.computed_cost + other.computed_cost;
        self.reported_cost = self.reported_cost + other.reported_cost;
    }
}

/// By what calls can be told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Dimension {
    /// Gateway id.
    Gateway,
    /// Provider slug.
    Provider,
    /// Model.
    Model,
    /// Status sent to the client, 0 for none.
    StatusCode,
    /// 1 when the call failed, else 0.
    Error,
    /// 1 when served from the gateway's cache, else 0.
    Cached,
    /// 1 when refused with 429 by the gateway, else 0.
    RateLimited,
    /// 1 when paid by a platform-managed key, else 0.
    Wholesale,
    /// Id of the caller's token, empty for none.
    Key,
    /// Client program. Known of logged calls only.
    UserAgent,
    /// The caller's metadata as JSON text. Known of logged calls only.
    Metadata,
}

/// Length of the pieces time is cut into; all aligned to UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bucket {
    /// One minute.
    Minute,
    /// Five minutes.
    FiveMinutes,
    /// A quarter of an hour.
    FifteenMinutes,
    /// An hour.
    Hour,
    /// A day.
    Day,
}

impl Bucket {
    /// Length in minutes.
    pub const fn minutes(self) -> i64 {
        match self {
            Self::Minute => 1,
            Self::FiveMinutes => 5,
            Self::FifteenMinutes => 15,
            Self::Hour => 60,
            Self::Day => 1440,
        }
    }
}

/// The value of a dimension.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DimensionValue {
    /// A number or a flag.
    Number(i64),
    /// A text.
    Text(Arc<str>),
}

/// Which calls count.
#[derive(Clone, Debug)]
pub enum AnalyticsFilter {
    /// All of these hold. Empty: every call.
    All(Vec<Self>),
    /// One of these holds.
    Any(Vec<Self>),
    /// The dimension is one of the values, or none of them.
    Is {
        /// The dimension.
        dimension: Dimension,
        /// The values.
        values: Vec<DimensionValue>,
        /// None of them.
        not: bool,
    },
    /// The text of the dimension holds this one.
    Contains {
        /// The dimension.
        dimension: Dimension,
        /// The text.
        text: String,
    },
}

/// A question over an account's calls.
#[derive(Clone, Debug)]
pub struct AnalyticsQuery {
    /// Account.
    pub account: AccountId,
    /// From this moment on. Roll-ups know minutes: the whole minute it lies in counts.
    pub from: Option<Timestamp>,
    /// Up to this moment. The whole minute it lies in counts.
    pub to: Option<Timestamp>,
    /// How to cut time, if at all.
    pub bucket: Option<Bucket>,
    /// What to tell apart.
    pub group_by: Vec<Dimension>,
    /// Which calls count.
    pub filter: AnalyticsFilter,
    /// Groups the answer may have. A group of long texts counts for several: one more for each
    /// whole KiB, because an answer is held in memory.
    pub most_groups: usize,
}

impl AnalyticsQuery {
    /// Groups that serve a chart or a table of any size, and fit into some hundred megabytes.
    pub const MOST_GROUPS: usize = 100_000;

    /// All calls of an account that platform-managed keys paid for, as one sum.
    pub fn wholesale(account: AccountId) -> Self {
        Self {
            account,
            from: None,
            to: None,
            bucket: None,
            group_by: Vec::new(),
            filter: AnalyticsFilter::Is {
                dimension: Dimension::Wholesale,
                values: vec![DimensionValue::Number(1)],
                not: false,
            },
            most_groups: Self::MOST_GROUPS,
        }
    }

    /// For how many groups one with these values counts.
    pub fn weight(values: &[DimensionValue]) -> usize {
        let bytes = values.iter().map(|value| match value {
            DimensionValue::Number(_) => 0,
            DimensionValue::Text(text) => text.len(),
        });
        1 + bytes.sum::<usize>() / 1024
    }
}

/// One group of the answer. Groups without calls are left out.
#[derive(Clone, Debug, PartialEq)]
pub struct AnalyticsRow {
    /// Beginning of the piece of time, if time was cut.
    pub bucket: Option<Timestamp>,
    /// A value for each dimension of `group_by`, in its order.
    pub values: Vec<DimensionValue>,
    /// The sums over all its calls.
    pub sums: RollupSums,
    /// Those over its calls that were served from the gateway's cache.
    pub cached: RollupSums,
    /// How many of its calls failed.
    pub errors: u64,
}
