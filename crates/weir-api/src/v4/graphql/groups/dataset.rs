//! The datasets and their figures.

use serde_json::Value;
use weir_core::Cost;
use weir_core::analytics::RollupSums;

use super::cell::{DIMENSIONS, Dimension};

/// A dataset by its published name.
#[derive(Debug)]
pub(crate) struct Dataset {
    /// The field of an account.
    pub(crate) field: &'static str,
    /// The type of its groups; other types begin with it.
    pub(crate) type_name: &'static str,
    /// What it holds, for the schema.
    pub(crate) about: &'static str,
    /// What counts in it.
    pub(super) base: Base,
    /// Its dimensions.
    dimensions: &'static [&'static str],
}

/// What counts in a dataset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Base {
    /// Every call.
    Calls,
    /// Calls that failed.
    Errors,
    /// Calls answered from the gateway's cache.
    Hits,
    /// No calls: the rows that gateways keep.
    Sizes,
}

/// Every dataset.
pub(crate) const DATASETS: &[Dataset] = &[
    Dataset {
        field: "aiGatewayRequestsAdaptiveGroups",
        type_name: "AccountAiGatewayRequestsAdaptiveGroups",
        about: "Calls",
        base: Base::Calls,
        dimensions: &[
            "date",
            "datetime",
            "datetimeMinute",
            "datetimeFiveMinutes",
            "datetimeFifteenMinutes",
            "datetimeHour",
            "gateway",
            "provider",
            "model",
            "statusCode",
            "error",
            "cached",
            "rateLimited",
            "wholesale",
            "keyId",
            "userAgent",
            "metadataRaw",
            "metadataKeys",
            "metadataValues",
        ],
    },
    Dataset {
        field: "aiGatewayErrorsAdaptiveGroups",
        type_name: "AccountAiGatewayErrorsAdaptiveGroups",
        about: "Calls that failed",
        base: Base::Errors,
        dimensions: SHORT,
    },
    Dataset {
        field: "aiGatewayCacheAdaptiveGroups",
        type_name: "AccountAiGatewayCacheAdaptiveGroups",
        about: "Calls that were answered from the cache of their gateway",
        base: Base::Hits,
        dimensions: SHORT,
    },
    Dataset {
        field: "aiGatewaySizeAdaptiveGroups",
        type_name: "AccountAiGatewaySizeAdaptiveGroups",
        about: "Log rows that gateways keep at this moment",
        base: Base::Sizes,
        dimensions: &[
            "date",
            "datetime",
            "datetimeMinute",
            "datetimeFiveMinutes",
            "datetimeFifteenMinutes",
            "datetimeHour",
            "gateway",
            "logManagement",
        ],
    },
];

const SHORT: &[&str] = &[
    "date",
    "datetime",
    "datetimeMinute",
    "datetimeFiveMinutes",
    "datetimeFifteenMinutes",
    "datetimeHour",
    "gateway",
    "provider",
    "model",
    "statusCode",
    "cacheOp",
];

impl Dataset {
    /// Its dimensions.
    pub(crate) fn dimensions(&self) -> impl Iterator<Item = &'static Dimension> {
        let cache = self.base == Base::Hits;
        let names = self.dimensions;
        DIMENSIONS.iter().filter(move |dimension| {
            names.contains(&dimension.name) && (cache || dimension.name != "cacheOp")
        })
    }

    /// Whether it has sums and averages.
    pub(crate) fn is_summed(&self) -> bool {
        self.base == Base::Calls
    }

    /// Whether it counts; otherwise it has the largest number of rows.
    pub(crate) fn is_counted(&self) -> bool {
        self.base != Base::Sizes
    }
}

/// What a group adds up to.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Totals {
    pub(super) all: RollupSums,
    pub(super) cached: RollupSums,
    pub(super) errors: u64,
    /// Log rows, of the dataset of sizes.
    pub(super) rows: u64,
}

/// A number of an answer.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Figure {
    Count(u64),
    Money(Cost),
    Mean(f64),
}

impl Figure {
    pub(super) fn show(self) -> Value {
        match self {
            Self::Count(count) => count.into(),
            Self::Money(cost) => cost.dollars().into(),
            Self::Mean(mean) => mean.into(),
        }
    }

    /// To sort by.
    #[expect(clippy::cast_precision_loss, reason = "figures to sort by stay far below 2^53")]
    pub(super) fn number(self) -> f64 {
        match self {
            Self::Count(count) => count as f64,
            Self::Money(cost) => cost.dollars(),
            Self::Mean(mean) => mean,
        }
    }

    fn mean(sum: f64, count: u64) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
        let count = count as f64;
        Self::Mean(if count > 0.0 { sum / count } else { 0.0 })
    }
}

/// A figure by its published name, with its scalar in the schema.
pub(crate) type Named = (&'static str, &'static str, fn(&Totals) -> Figure);

/// Fields of `sum`. Cached means from the gateway's cache; what a provider read from its own cache
/// is `cacheReadTokens`.
pub(crate) const SUMS: &[Named] = &[
    ("cost", "float64", |totals| Figure::Money(totals.all.cost)),
    ("cachedRequests", "uint64", |totals| Figure::Count(totals.cached.requests)),
    ("erroredRequests", "uint64", |totals| Figure::Count(totals.errors)),
    ("tokensIn", "uint64", |totals| Figure::Count(totals.all.tokens_in)),
    ("tokensOut", "uint64", |totals| Figure::Count(totals.all.tokens_out)),
    ("cachedTokensIn", "uint64", |totals| Figure::Count(totals.cached.tokens_in)),
    ("cachedTokensOut", "uint64", |totals| Figure::Count(totals.cached.tokens_out)),
    ("uncachedTokensIn", "uint64", |totals| {
        Figure::Count(totals.all.tokens_in.saturating_sub(totals.cached.tokens_in))
    }),
    ("uncachedTokensOut", "uint64", |totals| {
        Figure::Count(totals.all.tokens_out.saturating_sub(totals.cached.tokens_out))
    }),
    ("cacheReadTokens", "uint64", |totals| Figure::Count(totals.all.cache_read)),
    ("cacheWriteTokens", "uint64", |totals| Figure::Count(totals.all.cache_write)),
    ("reasoningTokens", "uint64", |totals| Figure::Count(totals.all.reasoning)),
    ("durationMs", "uint64", |totals| Figure::Count(totals.all.duration_ms)),
];

/// Fields of `avg`. Nothing is sampled here, so each call stands for one.
#[expect(clippy::cast_precision_loss, reason = "sums stay far below 2^53")]
pub(crate) const AVERAGES: &[Named] = &[
    ("sampleInterval", "float64", |_| Figure::Mean(1.0)),
    ("cost", "float64", |totals| {
        let priced = totals.all.requests.saturating_sub(totals.all.unpriced);
        Figure::mean(totals.all.cost.dollars(), priced)
    }),
    ("durationMs", "float64", |totals| {
        Figure::mean(totals.all.duration_ms as f64, totals.all.requests)
    }),
    ("latencyMs", "float64", |totals| {
        Figure::mean(totals.all.latency_ms as f64, totals.all.answered)
    }),
];
