//! A gateway's fields and their bounds (spec: management-api 2).

use weir_core::GatewayId;
use weir_core::spend::MOST_RULES;
use weir_core::traffic::{LimitBy, RateLimit};

use crate::schema::{Field, Form, Schema};

const fn optional(name: &'static str, schema: Schema, about: &'static str) -> Field {
    Field::optional(name, schema, about)
}

const ID: Schema = Schema::Text {
    min: 1,
    max: GatewayId::MAX_LEN,
    form: Form::Checked { pattern: "^[a-z0-9_]+(?:-[a-z0-9_]+)*$", check: GatewayId::check },
};
const FLAG_OR_NULL: Schema = Schema::Nullable(&Schema::Bool);
const COUNT_OR_NULL: Schema = Schema::Nullable(&Schema::COUNT);

const ID_FIELD: Field = Field::required("id", ID, "Name inside the account.");

/// Every setting. The five that must be given come first; older clients send all five.
macro_rules! settings {
    ($($first:expr,)*) => {
        &[
            $($first,)*
            Field::required("cache_invalidate_on_update", Schema::Bool,
                "A change of the gateway empties its cache."),
            Field::required("cache_ttl", COUNT_OR_NULL, "Seconds; 0 or null means no caching."),
            Field::required("collect_logs", Schema::Bool, "Keep a log row of every call."),
            Field::required("rate_limiting_interval", COUNT_OR_NULL, "Seconds; 0 or null means no limit."),
            Field::required("rate_limiting_limit", COUNT_OR_NULL,
                "Calls in each interval; 0 or null means no limit."),
            optional("rate_limiting_technique", Schema::Nullable(&Schema::Choice(&["fixed", "sliding"])), ""),
            optional("authentication", Schema::Bool, "A caller must present a gateway token."),
            optional("byok_only", Schema::Bool, "Never fall back to platform-managed keys."),
            optional("zdr", Schema::Bool, "Zero data retention at providers that offer it."),
            optional("log_management", Schema::Nullable(&Schema::integer(10_000, 10_000_000)),
                "Log rows to keep; null means all."),
            optional("log_management_strategy",
                Schema::Nullable(&Schema::Choice(&["STOP_INSERTING", "DELETE_OLDEST"])), ""),
            optional("log_classification", Schema::Bool, "Classify logged calls; needs collect_logs."),
            optional("logpush", Schema::Bool, "Export logs."),
            optional("logpush_public_key", Schema::Nullable(&Schema::text(16, 1024)),
                "PEM of the key that exported logs are encrypted for."),
            optional("retry_max_attempts", Schema::Nullable(&Schema::integer(1, 5)), ""),
            optional("retry_delay", Schema::Nullable(&Schema::integer(0, 60_000)), "Milliseconds."),
            optional("retry_backoff",
                Schema::Nullable(&Schema::Choice(&["constant", "linear", "exponential"])), ""),
            optional("dlp", Schema::Nullable(&DLP), "Data loss prevention, in either of its two forms."),
            optional("guardrails", Schema::Nullable(&GUARDRAILS), ""),
            optional("otel", Schema::Nullable(&OTEL), "OpenTelemetry exporters."),
            optional("spend_limits", Schema::Nullable(&SPEND_LIMITS), ""),
            optional("stripe", Schema::Nullable(&STRIPE), "Stripe usage events."),
            optional("store_id", Schema::Nullable(&Schema::text(1, 64)),
                "Secrets store of this gateway's provider keys."),
            optional("workers_ai_billing_mode", Schema::Choice(&["postpaid", "unified"]), ""),
            optional("inject_stream_usage", Schema::Bool,
                "Ask providers for the usage of streams that would not tell it. Weir's own."),
            optional("unsupported_parameters", Schema::Choice(&["lenient", "strict"]),
                "Whether translated calls may lose parameters that only tune the answer. Weir's own."),
            optional("model_aliases", Schema::Map(&Schema::text(1, 256)),
                "Other names for models, each with the unified name it stands for. Weir's own."),
            optional("cache_streams", FLAG_OR_NULL, "Cache complete streams as well. Weir's own."),
            optional("cache_stream_pace", Schema::Nullable(&Schema::Choice(&["full", "recorded"])),
                "How fast cached streams are given again. Weir's own."),
            optional("cache_coalesce", FLAG_OR_NULL,
                "Identical calls at the same time share one call of the provider. Weir's own."),
            optional("cache_semantic", Schema::Nullable(&SEMANTIC_CACHE),
                "Answer like questions with the same answer. Weir's own."),
            optional("rate_limits", Schema::Nullable(&RATE_LIMITS),
                "Limits beside the one of the whole gateway. Weir's own."),
            optional("rate_limit_headers", FLAG_OR_NULL,
                "Tell callers what is left of their limits, and when to come again. Weir's own."),
            optional("request_timeout", Schema::Nullable(&MILLISECONDS),
                "Milliseconds to the first byte, for each try, when the caller names none. Weir's own."),
            optional("idle_timeout", Schema::Nullable(&MILLISECONDS),
                "Milliseconds of silence inside an answer. Weir's own."),
            optional("total_timeout", Schema::Nullable(&MILLISECONDS),
                "Milliseconds for a call with all its tries. Weir's own."),
            optional("spend_mode", Schema::Nullable(&Schema::Choice(&["compatible", "strict"])),
                "Whether limits in dollars set apart the most a call can cost before it is made. Weir's own."),
            optional("spend_ceiling", Schema::Nullable(&DOLLARS),
                "US dollars that strict limits set apart for a call whose price or size is not known. Weir's own."),
            optional("spend_missing", Schema::Nullable(&Schema::Choice(&["skip", "shared", "block"])),
                "What becomes of calls that lack what a spend rule tells calls apart by. Weir's own."),
            optional("zdr_strict", FLAG_OR_NULL,
                "Refuse calls that want zero data retention where it is not offered. Weir's own."),
            optional("ip_allow", Schema::Nullable(&NETWORKS),
                "Addresses and networks that may call; empty means all. Weir's own."),
            optional("trust_provider_cost", FLAG_OR_NULL,
                "A cost that the provider tells counts before the price table's. Weir's own."),
            Field::read_only("account_id", Schema::TEXT, ""),
            Field::read_only("account_tag", Schema::TEXT, "Same as account_id."),
            Field::read_only("internal_id", Schema::TEXT, "Another one when a gateway is made anew."),
            Field::read_only("is_default", Schema::Bool, "Comes into being by itself."),
            Field::read_only("created_at", Schema::TIME, ""),
            Field::read_only("modified_at", Schema::TIME, ""),
            // Shown by the original; sent back by clients that write what they read.
            Field::read_only("internal", Schema::Any, ""),
            Field::read_only("wholesale", Schema::Any, ""),
        ]
    };
}

/// Body of a creation.
pub(super) const CREATE: Schema = Schema::Object(settings![ID_FIELD,]);
/// Body of a change: the id stands in the path.
pub(super) const REPLACE: Schema =
    Schema::Object(settings![Field::read_only("id", Schema::TEXT, "Name inside the account."),]);
/// A gateway in an answer.
pub(super) const GATEWAY: Schema = CREATE;

const DOLLARS: Schema = Schema::Number { min: 0.0, max: 9_000_000.0 };
const NETWORKS: Schema = Schema::Array { items: &Schema::text(1, 64), max: 500 };
const MILLISECONDS: Schema = Schema::integer(1, 86_400_000);
const SEMANTIC_CACHE: Schema = Schema::Object(&[
    Field::required("provider", Schema::text(1, 64), "Provider of the embedding model."),
    Field::required("model", Schema::text(1, 256), "The embedding model, in its provider's words."),
    Field::required(
        "threshold",
        Schema::Number { min: 0.0, max: 1.0 },
        "Least cosine similarity, above 0.",
    ),
]);
const LIMIT_ID: Schema = Schema::Text {
    min: 1,
    max: 64,
    form: Form::Checked { pattern: "^[A-Za-z0-9_.-]+$", check: RateLimit::check_id },
};
const LIMIT_BY: Schema = Schema::Text {
    min: 1,
    max: 128,
    form: Form::Checked { pattern: "^(gateway|token|model|metadata\\..+)$", check: limit_by },
};
const RATE_LIMITS: Schema = Schema::Array { items: &RATE_LIMIT, max: RateLimit::MOST };
const RATE_LIMIT: Schema = Schema::Object(&[
    Field::required("id", LIMIT_ID, "Unique in the gateway; its counters go by it."),
    Field::required("by", LIMIT_BY, "gateway, token, model or metadata.{key}."),
    Field::required("unit", Schema::Choice(&["requests", "tokens", "concurrent"]), ""),
    Field::required("limit", Schema::integer(1, 1_000_000_000_000), "The most."),
    optional(
        "interval",
        Schema::Nullable(&Schema::integer(1, 31_536_000)),
        "Seconds of a window; none for concurrent.",
    ),
    optional("technique", Schema::Choice(&["fixed", "sliding"]), "Fixed by default."),
]);

fn limit_by(text: &str) -> Result<(), &'static str> {
    LimitBy::parse(text).map(drop)
}

const DLP_ACTION: Schema = Schema::Choice(&["BLOCK", "FLAG"]);
const TEXTS: Schema = Schema::list(&Schema::TEXT);
const DLP: Schema = Schema::OneOf(&[
    Schema::Object(&[
        Field::required("enabled", Schema::Bool, ""),
        Field::required("policies", Schema::list(&DLP_POLICY), ""),
    ]),
    Schema::Object(&[
        Field::required("action", DLP_ACTION, ""),
        Field::required("enabled", Schema::Bool, ""),
        Field::required("profiles", TEXTS, ""),
    ]),
]);
const DLP_POLICY: Schema = Schema::Object(&[
    Field::required("id", Schema::TEXT, ""),
    Field::required("action", DLP_ACTION, ""),
    Field::required("check", Schema::list(&Schema::Choice(&["REQUEST", "RESPONSE"])), ""),
    Field::required("enabled", Schema::Bool, ""),
    Field::required("profiles", TEXTS, ""),
]);

const VERDICT: Schema = Schema::Choice(&["FLAG", "BLOCK"]);
const GUARDRAILS: Schema = Schema::Object(&[
    Field::required("prompt", CATEGORIES, "Verdict for each category of harm."),
    Field::required("response", CATEGORIES, "Verdict for each category of harm."),
]);
const CATEGORIES: Schema = Schema::Object(&[
    optional("P1", VERDICT, ""),
    optional("S1", VERDICT, ""),
    optional("S2", VERDICT, ""),
    optional("S3", VERDICT, ""),
    optional("S4", VERDICT, ""),
    optional("S5", VERDICT, ""),
    optional("S6", VERDICT, ""),
    optional("S7", VERDICT, ""),
    optional("S8", VERDICT, ""),
    optional("S9", VERDICT, ""),
    optional("S10", VERDICT, ""),
    optional("S11", VERDICT, ""),
    optional("S12", VERDICT, ""),
    optional("S13", VERDICT, ""),
]);

const OTEL: Schema = Schema::list(&Schema::Object(&[
    Field::required("url", Schema::Text { min: 1, max: 2048, form: Form::Uri }, ""),
    Field::required("headers", Schema::Map(&Schema::TEXT), "Values are shown masked."),
    optional("authorization", Schema::TEXT, "Shown masked; the mask means: as it is."),
    optional("content_type", Schema::Choice(&["json", "protobuf"]), ""),
]));
const STRIPE: Schema = Schema::Object(&[
    Field::required("authorization", Schema::TEXT, "Shown masked; the mask means: as it is."),
    Field::required(
        "usage_events",
        Schema::list(&Schema::Object(&[Field::required("payload", Schema::TEXT, "")])),
        "",
    ),
]);

const SPEND_LIMITS: Schema = Schema::Object(&[
    optional("enabled", Schema::Bool, "False by default."),
    optional("rules", Schema::Array { items: &SPEND_RULE, max: MOST_RULES }, "None by default."),
]);
const LIMIT_TYPE: Schema = Schema::Choice(&["cost"]);
const SPEND_RULE: Schema = Schema::Object(&[
    optional("id", Schema::text(1, 64), "8 hex digits, made here when left out."),
    optional("enabled", Schema::Bool, "True by default."),
    Field::required("limit", DOLLARS, "US dollars."),
    optional("limitType", LIMIT_TYPE, "Required, unless limit_type says it."),
    optional("limit_type", LIMIT_TYPE, "The same in other clients' spelling, kept as it is sent."),
    Field::required("window", Schema::COUNT, "Seconds."),
    optional("technique", Schema::Choice(&["fixed", "sliding"]), "Sliding by default."),
    optional("provider", DIMENSION, ""),
    optional("model", DIMENSION, ""),
    optional("metadata", Schema::Map(&DIMENSION), "By metadata key."),
]);
const DIMENSION: Schema = Schema::OneOf(&[
    Schema::Object(&[Field::required(
        "mode",
        Schema::Choice(&["partition", "split"]),
        "One bucket for each value; both words mean it.",
    )]),
    Schema::Object(&[
        Field::required("mode", Schema::Choice(&["filter"]), "These values only."),
        Field::required("values", TEXTS, ""),
    ]),
]);
