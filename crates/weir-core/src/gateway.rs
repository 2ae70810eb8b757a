//! Gateways and their settings.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clock::Timestamp;
use crate::fault::{Fault, Faults};
use crate::id::{AccountId, DEFAULT_GATEWAY, GatewayId};
use crate::net;
use crate::spend::{MissingDimension, SpendMode, SpendRule};
use crate::traffic::{RateLimit, SemanticCache, StreamPace};

/// A gateway: the unit that settings, logs and limits belong to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Gateway {
    /// Name inside the account.
    pub id: GatewayId,
    /// Whose it is.
    pub account_id: AccountId,
    /// Everything an operator may change.
    #[serde(flatten)]
    pub settings: GatewaySettings,
    /// Creation time.
    pub created_at: Timestamp,
    /// Last change.
    pub modified_at: Timestamp,
    /// Rises when what is cached must not be used any more.
    #[serde(default)]
    pub cache_epoch: u64,
}

impl Gateway {
    /// A gateway with the settings it has when nobody chose any (spec: data-plane 1.10, 2.3).
    pub fn with_defaults(account_id: AccountId, id: GatewayId, now: Timestamp) -> Self {
        let settings = GatewaySettings::default();
        Self { id, account_id, settings, created_at: now, modified_at: now, cache_epoch: 0 }
    }

    /// Whether this is the gateway that comes into being by itself.
    pub fn is_default(&self) -> bool {
        self.id.as_str() == DEFAULT_GATEWAY
    }
}

/// Settings of a gateway, named and shaped as in the management API (spec: management-api 2).
///
/// Parts that are stored for the management API but not yet acted on are kept as JSON, so that a
/// client reads back what it wrote.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GatewaySettings {
    /// A caller must present a valid gateway token.
    pub authentication: bool,
    /// Write a log row for each attempt. Headers override it per request (spec: data-plane 12.1).
    pub collect_logs: bool,
    /// Seconds; 0 or null means no caching.
    pub cache_ttl: Option<u64>,
    /// A change of the gateway empties its cache.
    pub cache_invalidate_on_update: bool,
    /// Seconds; 0 or null means no limit.
    pub rate_limiting_interval: Option<u64>,
    /// Requests for each interval; 0 or null means no limit.
    pub rate_limiting_limit: Option<u64>,
    /// `fixed` or `sliding`.
    pub rate_limiting_technique: Option<String>,
    /// Never fall back to platform-managed keys.
    pub byok_only: bool,
    /// Zero data retention at the provider where it is offered.
    pub zdr: bool,
    /// Refuse calls that want zero data retention where it is not offered, in place of making them
    /// without it.
    pub zdr_strict: bool,
    /// Rows to keep; null means all.
    pub log_management: Option<u64>,
    /// `STOP_INSERTING` or `DELETE_OLDEST`.
    pub log_management_strategy: Option<String>,
    /// Classify logged requests.
    pub log_classification: bool,
    /// Export logs.
    pub logpush: bool,
    /// PEM of the key that exported logs are encrypted for.
    pub logpush_public_key: Option<String>,
    /// Tries for each request, the first included.
    pub retry_max_attempts: Option<u32>,
    /// Milliseconds between tries.
    pub retry_delay: Option<u64>,
    /// `constant`, `linear` or `exponential`.
    pub retry_backoff: Option<String>,
    /// Secrets store that stored keys lie in.
    pub store_id: Option<String>,
    /// `postpaid` or `unified`.
    pub workers_ai_billing_mode: String,
    /// Ask providers for the usage of streams that would not tell it (spec: observability 1.10).
    pub inject_stream_usage: bool,
    /// What becomes of parameters that a translated call's provider cannot take: `lenient` leaves out
    /// what only tunes the answer and names it, `strict` refuses (spec: providers 4).
    pub unsupported_parameters: String,
    /// Other names for models at the unified endpoints, for clients that cannot be told better ones:
    /// a name, or its beginning and `*`, to the unified name that it stands for (spec: providers 6).
    pub model_aliases: BTreeMap<String, String>,
    /// Cache streams as well, once they are complete.
    pub cache_streams: bool,
    /// How fast cached streams are given again.
    pub cache_stream_pace: StreamPace,
    /// Identical calls at the same time share one call of the provider.
    pub cache_coalesce: bool,
    /// Answer questions that are alike with the same answer.
    pub cache_semantic: Option<SemanticCache>,
    /// Limits beside the one of the whole gateway; at most [`RateLimit::MOST`].
    pub rate_limits: Vec<RateLimit>,
    /// Tell callers in headers what is left of their limits, and when to come again.
    pub rate_limit_headers: bool,
    /// Milliseconds to the first byte of an answer, for each try, when the caller names none.
    pub request_timeout: Option<u64>,
    /// Milliseconds of silence inside an answer.
    pub idle_timeout: Option<u64>,
    /// Milliseconds for a whole call, with all its tries.
    pub total_timeout: Option<u64>,
    /// Data loss prevention.
    pub dlp: Option<Value>,
    /// Guardrails.
    pub guardrails: Option<Value>,
    /// OpenTelemetry exporters.
    pub otel: Option<Value>,
    /// Spend limits, see [`crate::spend`].
    pub spend_limits: Option<Value>,
    /// How limits in dollars are kept.
    pub spend_mode: SpendMode,
    /// US dollars that strict limits set apart for a call whose price or size is not known; without
    /// it they refuse such calls.
    pub spend_ceiling: Option<f64>,
    /// What becomes of calls that lack the label which a spend rule tells calls apart by.
    pub spend_missing: MissingDimension,
    /// A cost that the provider itself tells counts before the price table's.
    pub trust_provider_cost: bool,
    /// Addresses and networks that may call; empty means all.
    pub ip_allow: Vec<String>,
    /// Stripe usage events.
    pub stripe: Option<Value>,
}

impl Default for GatewaySettings {
    fn default() -> Self {
        Self {
            authentication: true,
            collect_logs: true,
            cache_ttl: Some(0),
            cache_invalidate_on_update: false,
            rate_limiting_interval: Some(0),
            rate_limiting_limit: Some(0),
            rate_limiting_technique: Some("fixed".to_owned()),
            byok_only: false,
            zdr: false,
            zdr_strict: false,
            log_management: None,
            log_management_strategy: None,
            log_classification: false,
            logpush: false,
            logpush_public_key: None,
            retry_max_attempts: None,
            retry_delay: None,
            retry_backoff: None,
            store_id: None,
            workers_ai_billing_mode: "postpaid".to_owned(),
            inject_stream_usage: true,
            unsupported_parameters: "lenient".to_owned(),
            model_aliases: BTreeMap::new(),
            cache_streams: false,
            cache_stream_pace: StreamPace::default(),
            cache_coalesce: false,
            cache_semantic: None,
            rate_limits: Vec::new(),
            rate_limit_headers: false,
            request_timeout: None,
            idle_timeout: None,
            total_timeout: None,
            dlp: None,
            guardrails: None,
            otel: None,
            spend_limits: None,
            spend_mode: SpendMode::default(),
            spend_ceiling: None,
            spend_missing: MissingDimension::default(),
            trust_provider_cost: true,
            ip_allow: Vec::new(),
            stripe: None,
        }
    }
}

impl GatewaySettings {
    /// Settings that may be written as null but never are null: it gives them their default back.
    pub const NULL_IS_DEFAULT: [&str; 10] = [
        "cache_coalesce",
        "cache_stream_pace",
        "cache_streams",
        "ip_allow",
        "rate_limit_headers",
        "rate_limits",
        "spend_missing",
        "spend_mode",
        "trust_provider_cost",
        "zdr_strict",
    ];

    /// What is wrong with them beyond what their types rule out. Paths begin with the setting's name.
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Faults::new("settings");
        faults.within("rate_limits", |faults| RateLimit::check(&self.rate_limits, faults));
        if let Some(semantic) = &self.cache_semantic {
            faults.within("cache_semantic", |faults| semantic.check(faults));
        }
        if self.spend_ceiling.is_some_and(|dollars| !(dollars > 0.0 && dollars <= 9_000_000.0)) {
            faults.refuse_at("spend_ceiling", "must be above 0 dollars, at most 9000000");
        }
        faults.within("ip_allow", |faults| net::check(&self.ip_allow, faults));
        let mut found = faults.into_found();
        let spend = self.spend_limits.as_ref().map(SpendRule::faults).unwrap_or_default();
        found.extend(spend.into_iter().map(|fault| fault.below("spend_limits")));
        found
    }
}

/// Text that is stored but never shown: `Debug` hides it.
///
/// Unlike [`crate::Secret`] it can be serialised, because a store must write it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Hidden(pub String);

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[hidden]")
    }
}
