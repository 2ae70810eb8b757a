//! Why a call went the way it went: what was decided on it, and on what grounds. Kept with its log
//! row and shown by `GET .../logs/{id}/explain`.
//!
//! Every entry is a plain fact, made where the decision was made. Names of keys, conditions and
//! limits are there; keys, prompts and answers are not.

use std::borrow::Cow;
use std::sync::Arc;

use serde::{Deserialize, Serialize, Serializer};

use crate::cost::Cost;
use crate::usage::Usage;

/// The decisions on one attempt, in the order in which they were made.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Trail {
    /// The route that led here, and the way through it up to this attempt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub route: Option<RouteTrail>,
    /// What the cache said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache: Option<CacheTrail>,
    /// Limits that were asked.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<LimitTrail>,
    /// Budgets of which so much is used that callers are warned.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub budgets: Vec<BudgetTrail>,
    /// Whose credential went along.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credential: Option<CredentialTrail>,
    /// Why there was this attempt, and what was to come after it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempt: Option<AttemptTrail>,
    /// Where the time went.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phases: Option<Phases>,
    /// What the cost is made of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price: Option<PriceTrail>,
    /// The answer did not tell its usage, or not to the end: it was estimated.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub estimated: bool,
}

/// A way through a route.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RouteTrail {
    /// Id of the route.
    pub id: Arc<str>,
    /// Its name.
    pub name: Box<str>,
    /// The version that the call began with.
    pub version_id: Arc<str>,
    /// Every element on the way, in order.
    pub path: Vec<Visit>,
}

/// An element on the way.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Visit {
    /// Its id.
    pub element: Arc<str>,
    /// `start`, `conditional`, `percentage`, `rate`, `model`, `end`.
    pub kind: Box<str>,
    /// The output that was taken; none where the way ended, or has not gone on yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<Box<str>>,
    /// What decided, for people: each fact with its value, the draw, the level of a limit.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub because: Vec<Box<str>>,
}

/// What the cache said.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CacheTrail {
    /// `hit`, `miss`, `joined` (an identical call was under way), `off`.
    pub outcome: Box<str>,
    /// Why: `not_stored`, `expired`, `skipped`, `ttl_zero`, `method`, ...
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Box<str>>,
    /// Seconds that the answer may be kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ttl: Option<u64>,
    /// The key, as hex; none when the cache was not asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<Box<str>>,
    /// What went into the key, by name, with values that may be shown (others as a short hash).
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub parts: Vec<(Box<str>, Box<str>)>,
    /// Log row of the call whose answer this is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Box<str>>,
    /// How alike the most alike question was, as a cosine, where questions were compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub similarity: Option<f32>,
    /// What the hit saved, in US dollars.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub saved: Option<f64>,
}

/// A limit that was asked.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LimitTrail {
    /// Its name: `gateway`, the id of the rule, `policy {bucket}`, `budget {name}`, `credits`, ...
    pub name: Box<str>,
    /// `requests`, `tokens`, `concurrent`; `cost`, in pico-dollars; `milliseconds`.
    pub unit: Box<str>,
    /// Whose counter: the value of the token, model or metadata key that it goes by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of: Option<Box<str>>,
    /// The most.
    pub limit: u64,
    /// Seconds of its window; none for what is counted at the same time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window: Option<u64>,
    /// Used before this call.
    pub before: u64,
    /// Used with it.
    pub after: u64,
    /// Whether there was room.
    pub passed: bool,
}

/// A budget that is used up to the part from which callers are warned, or beyond.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BudgetTrail {
    /// Its name.
    pub name: Box<str>,
    /// The part of the limit that is used: 1 is all of it, and limits that only warn are passed.
    pub used: f64,
    /// The limit, in the unit.
    pub limit: f64,
    /// `dollars`, `tokens`, `requests`, `seconds`.
    pub unit: Box<str>,
}

/// Whose credential went along. Never the credential.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CredentialTrail {
    /// `request`, `stored`, `platform`, `none`.
    pub source: Cow<'static, str>,
    /// Id of the stored key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<Arc<str>>,
    /// Its alias.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alias: Option<Box<str>>,
    /// How it was chosen among several, for people.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub because: Vec<Box<str>>,
}

/// One try among several.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AttemptTrail {
    /// Which try at this target, from 0.
    pub index: u32,
    /// The most tries there could be.
    pub of: u32,
    /// `first`, `retry`, `fallback`, `hedge`, `shadow`, `key` (the same with another key), `embedding`
    /// (for the cache of like questions).
    pub kind: Box<str>,
    /// What the try before it ended in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Box<str>>,
    /// Milliseconds waited since then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waited_ms: Option<u64>,
    /// How the target was chosen among several, for people.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub because: Vec<Box<str>>,
}

/// Microseconds from the arrival of the request (or the start of a later try) to each moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phases {
    /// Waiting for the client's body, as a length.
    pub body_us: u64,
    /// The request went out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent_us: Option<u64>,
    /// The head of the answer was there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub head_us: Option<u64>,
    /// The first byte of its body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_byte_us: Option<u64>,
    /// The last byte was handed over.
    pub ended_us: u64,
}

/// What a cost is made of.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct PriceTrail {
    /// By whose word: `request`, `gateway`, `account`, `provider`, `list`; `none` where there is no
    /// cost, or where the call costs nothing because it failed.
    pub by: Cow<'static, str>,
    /// The price row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<Arc<str>>,
    /// Each kind of unit that was charged.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<PriceLine>,
    /// What our own prices make of it, where somebody else's figure counts.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "maybe_as_text")]
    pub computed: Option<Cost>,
    /// What decided on it besides the row's usage and model, so that it can be worked out anew.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub terms: Option<Box<PriceTerms>>,
    /// Why a price that the caller named does not count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ignored: Option<Cow<'static, str>>,
}

/// What decides on a price besides the usage and the model that a row names. What is left out is as
/// usual.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PriceTerms {
    /// Name that the model's price goes by, or that the answer gave it, where the row has another.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub model: Option<Box<str>>,
    /// Service tier that the answer named.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub service_tier: Option<Box<str>>,
    /// How much of the web its searches looked at, `low` or `high`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub search_size: Option<Box<str>>,
    /// What was billed, where that is not the row's usage.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub billed: Option<Usage>,
}

/// A line of a bill.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct PriceLine {
    /// `input`, `output`, `cache_read`, ...
    pub unit: Cow<'static, str>,
    /// How many.
    pub quantity: u64,
    /// In all. Written as decimal text, so that no digit is lost.
    #[serde(serialize_with = "as_text")]
    pub cost: Cost,
}

#[expect(clippy::ref_option, reason = "the signature serde asks for")]
fn maybe_as_text<S: Serializer>(cost: &Option<Cost>, serializer: S) -> Result<S::Ok, S::Error> {
    match cost {
        Some(cost) => serializer.collect_str(cost),
        None => serializer.serialize_none(),
    }
}

fn as_text<S: Serializer>(cost: &Cost, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(cost)
}
