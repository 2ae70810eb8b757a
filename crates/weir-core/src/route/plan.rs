//! What Weir adds to the elements of the original, under `properties.weir`, where clients that do
//! not know it pass it over.

use super::field::FieldPath;
use super::graph::Share;
use crate::id::ProviderSlug;

/// A provider's model.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RouteTarget {
    /// Known when the graph was read; a custom provider may be gone since.
    pub provider: ProviderSlug,
    /// In the provider's own words.
    pub model: String,
}

/// Additions to a percentage element.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SharePlan {
    /// Calls of the same value go the same way, as long as the shares stay as they are. Calls
    /// without the fact are drawn by chance.
    pub sticky: Option<FieldPath>,
}

/// Additions to a model element.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ModelPlan {
    /// Other targets that share the calls.
    pub balance: Option<Balance>,
    /// A target that is asked as well and whose answer nobody gets.
    pub shadow: Option<Shadow>,
    /// A second target when the first is slow to answer.
    pub hedge: Option<Hedge>,
    /// When a target is left alone for a while.
    pub breaker: Option<Breaker>,
}

/// Several targets for one element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Balance {
    /// How one is chosen.
    pub strategy: BalanceStrategy,
    /// Weight of the element's own target.
    pub weight: u32,
    /// The others, with their weights.
    pub targets: Vec<(RouteTarget, u32)>,
}

/// How a target is chosen among several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BalanceStrategy {
    /// `weights`: by chance, each by its weight.
    Weights,
    /// `latency`: the one that has been fastest to its first byte.
    Latency,
    /// `busy`: the one with the fewest calls under way for its weight.
    Busy,
}

/// A target that is asked for comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shadow {
    /// The target.
    pub target: RouteTarget,
    /// The part of the calls that it sees, of [`Share::WHOLE`].
    pub parts: u32,
}

impl Shadow {
    /// The part when none is named: every call.
    pub const DEFAULT_PARTS: u32 = Share::WHOLE;
}

/// A second target for slow calls.
#[derive(Clone, Debug, PartialEq)]
pub struct Hedge {
    /// The target.
    pub target: RouteTarget,
    /// Milliseconds without a first byte; none for what 95 of 100 calls of the first target needed.
    pub after_ms: Option<u64>,
    /// The most that second calls may cost in a window, in US dollars.
    pub limit: f64,
    /// Seconds of that window.
    pub window: u64,
}

/// When a target is left alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Breaker {
    /// Failures in a row that open it.
    pub failures: u32,
    /// Seconds in which they must fall.
    pub window: u64,
    /// Seconds until one call may try again.
    pub cooldown: u64,
}
