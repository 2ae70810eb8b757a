//! A stored key's fields and their bounds (spec: management-api 6).

use serde::Deserialize;
use weir_core::secrets::{ProviderConfig, SecretReference};

use crate::body::given;
use crate::error::ApiError;
use crate::schema::{Field, Form, Schema};
use crate::v4::secrets_store::{VALUE, Value};

const ALIAS: Schema = Schema::Text {
    min: 1,
    max: 64,
    form: Form::Checked { pattern: "^[!-~]+( [!-~]+)*$", check: check_alias },
};
const COUNT_OR_NULL: Schema = Schema::Nullable(&Schema::COUNT);
const PERIOD: Schema = Schema::Nullable(&Schema::integer(1, i64::MAX));
const POOL: Schema = Schema::Nullable(&ALIAS);
const WEIGHT: Schema = Schema::Nullable(&Schema::integer(0, 1000));
const ORIGIN: Schema = Schema::Nullable(&Schema::text(1, 300));
const MAYBE_TEXT: Schema = Schema::Nullable(&Schema::TEXT);
const REFERENCE: Schema = Schema::Nullable(&Schema::text(5, 1024));

const ABOUT_REFERENCE: &str =
    "Where the key lies, in place of the key: env:NAME, file:/path or vault:mount/path#field.";
const ABOUT_POOL: &str = "Alias of the key that it shares the calls with; its own by default.";
const ABOUT_WEIGHT: &str = "Share of the pool's calls, 1 by default; with 0 it is the last resort.";
const ABOUT_ORIGIN: &str =
    "The only origin it is sent to, for providers whose host calls name; others have it recorded.";

/// Body of a creation.
pub(super) const CREATE: Schema = Schema::Object(&[
    Field::required("provider_slug", Schema::text(1, 80), "A provider's slug, or custom-{slug}."),
    Field::required("alias", ALIAS, "Which of the provider's keys; unique for it in the gateway."),
    Field::required("default_config", Schema::Bool, "Used when a call names no alias."),
    Field::write_only("secret", VALUE, "The key; or give secret_id."),
    Field::write_only("secret_ref", REFERENCE, ABOUT_REFERENCE),
    Field::optional("secret_id", Schema::text(1, 64), "A secret with the scope ai_gateway."),
    Field::optional("rate_limit", COUNT_OR_NULL, "Calls in each period; 0 or null means no limit."),
    Field::optional("rate_limit_period", PERIOD, "Seconds; 60 by default."),
    Field::optional("pool", POOL, ABOUT_POOL),
    Field::optional("weight", WEIGHT, ABOUT_WEIGHT),
    Field::optional("origin", ORIGIN, ABOUT_ORIGIN),
    Field::read_only("status", STATUS, ""),
    Field::read_only("id", Schema::TEXT, ""),
    Field::read_only("gateway_id", Schema::TEXT, ""),
    Field::read_only("secret_preview", Schema::TEXT, ""),
    Field::read_only("modified_at", Schema::TIME, ""),
]);

/// Body of a rotation, or of a change of what goes with the key.
pub(super) const ROTATE: Schema = Schema::Object(&[
    Field::write_only("secret", VALUE, "The new key; required, unless something else is given."),
    Field::write_only("secret_ref", REFERENCE, ABOUT_REFERENCE),
    Field::optional("rate_limit", COUNT_OR_NULL, "Calls in each period; 0 or null means no limit."),
    Field::optional("rate_limit_period", PERIOD, "Seconds; 60 by default."),
    Field::optional("pool", POOL, ABOUT_POOL),
    Field::optional("weight", WEIGHT, ABOUT_WEIGHT),
    Field::optional("origin", ORIGIN, ABOUT_ORIGIN),
]);

/// How a key fares.
const STATUS: Schema = Schema::Object(&[
    Field::required("state", Schema::Choice(&["ok", "cooling"]), "cooling: others go first."),
    Field::required("until", Schema::Nullable(&Schema::TIME), "When it is used as before."),
    Field::required("reason", MAYBE_TEXT, "What the provider said."),
]);

/// What came of trying a key out.
pub(super) const TESTED: Schema = Schema::Object(&[
    Field::required("ok", Schema::Nullable(&Schema::Bool), "Null when the answer does not tell."),
    Field::required("status", COUNT_OR_NULL, "The provider's; null when it gave no answer."),
    Field::required("message", Schema::TEXT, ""),
    Field::required("latency_ms", Schema::COUNT, ""),
]);

/// A stored key in an answer.
pub(super) const CONFIG: Schema = Schema::Object(&[
    Field::required("id", Schema::TEXT, "A UUID."),
    Field::required("gateway_id", Schema::TEXT, ""),
    Field::required("provider_slug", Schema::TEXT, ""),
    Field::required("alias", Schema::TEXT, ""),
    Field::required("default_config", Schema::Bool, ""),
    Field::required("secret_id", Schema::TEXT, ""),
    Field::required("secret_preview", Schema::TEXT, "Beginning and end of the key."),
    Field::required("rate_limit", COUNT_OR_NULL, ""),
    Field::required("rate_limit_period", COUNT_OR_NULL, "Seconds."),
    Field::required("pool", MAYBE_TEXT, "Alias whose calls it shares, if not its own."),
    Field::required("weight", COUNT_OR_NULL, "Null stands for 1."),
    Field::required("origin", MAYBE_TEXT, "The only origin it is sent to."),
    Field::required("secret_ref", MAYBE_TEXT, "Where the key lies, if not here."),
    Field::required("status", STATUS, ""),
    Field::required("modified_at", Schema::TIME, ""),
]);

/// Calls name an alias in a header, so it must fit into one.
fn check_alias(text: &str) -> Result<(), &'static str> {
    let is_visible = text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
    if !is_visible || text.trim() != text || text.contains("  ") {
        return Err("may hold only visible ASCII characters, with single spaces between them");
    }
    Ok(())
}

/// A checked body of a creation.
#[derive(Debug, Deserialize)]
pub(super) struct NewConfig {
    pub(super) provider_slug: String,
    pub(super) alias: String,
    pub(super) default_config: bool,
    pub(super) secret: Option<Value>,
    pub(super) secret_ref: Option<String>,
    pub(super) secret_id: Option<String>,
    rate_limit: Option<u64>,
    rate_limit_period: Option<u64>,
    pub(super) pool: Option<String>,
    pub(super) weight: Option<u32>,
    pub(super) origin: Option<String>,
}

impl NewConfig {
    /// Calls in each period, and the period.
    pub(super) fn limit(&self) -> (Option<u64>, Option<u64>) {
        let period = self.rate_limit_period.unwrap_or(ProviderConfig::DEFAULT_PERIOD);
        (self.rate_limit, self.rate_limit.map(|_| period).or(self.rate_limit_period))
    }

    /// The name of a secret made for this configuration (spec: data-plane 2.5).
    pub(super) fn secret_name(&self, gateway: &str) -> String {
        format!("{gateway}_{}_{}", self.provider_slug, self.alias)
    }
}

/// A checked body of a rotation.
#[derive(Debug, Deserialize)]
pub(super) struct Rotation {
    secret: Option<Value>,
    secret_ref: Option<String>,
    #[serde(default, deserialize_with = "given")]
    rate_limit: Option<Option<u64>>,
    #[serde(default, deserialize_with = "given")]
    rate_limit_period: Option<Option<u64>>,
    #[serde(default, deserialize_with = "given")]
    pool: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    weight: Option<Option<u32>>,
    #[serde(default, deserialize_with = "given")]
    pub(super) origin: Option<Option<String>>,
}

impl Rotation {
    /// The new key, or where it lies now; `None` when the key stays.
    pub(super) fn material(&self) -> Result<Option<Material<'_>>, ApiError> {
        let found = Material::of(self.secret.as_ref(), self.secret_ref.as_deref())?;
        let changes_more = self.rate_limit.is_some()
            || self.rate_limit_period.is_some()
            || self.pool.is_some()
            || self.weight.is_some()
            || self.origin.is_some();
        if found.is_none() && !changes_more {
            return Err(ApiError::body("secret", "secret is required"));
        }
        Ok(found)
    }

    /// Puts what is given in its place.
    pub(super) fn apply_to(&self, config: &mut ProviderConfig) {
        let Self { rate_limit, rate_limit_period, pool, weight, .. } = self;
        if let Some(rate_limit) = *rate_limit {
            config.rate_limit = rate_limit;
        }
        if let Some(period) = *rate_limit_period {
            config.rate_limit_period = period;
        }
        if config.rate_limit.is_some() && config.rate_limit_period.is_none() {
            config.rate_limit_period = Some(ProviderConfig::DEFAULT_PERIOD);
        }
        if let Some(pool) = pool {
            config.pool.clone_from(pool);
        }
        if let Some(weight) = *weight {
            config.weight = weight;
        }
    }
}

/// A key as it came: itself, or where it lies.
#[derive(Debug)]
pub(super) enum Material<'a> {
    Key(&'a Value),
    Elsewhere(SecretReference),
}

impl<'a> Material<'a> {
    /// What of the two was given, checked.
    pub(super) fn of(
        value: Option<&'a Value>,
        reference: Option<&str>,
    ) -> Result<Option<Self>, ApiError> {
        match (value, reference) {
            (Some(_), Some(_)) => {
                let text = "secret and secret_ref exclude each other: give one of them";
                Err(ApiError::body("secret_ref", text))
            }
            (Some(value), None) => {
                check_key(value)?;
                Ok(Some(Self::Key(value)))
            }
            (None, Some(text)) => {
                let refuse = |reason| ApiError::body("secret_ref", format!("secret_ref {reason}"));
                Ok(Some(Self::Elsewhere(SecretReference::parse(text).map_err(refuse)?)))
            }
            (None, None) => Ok(None),
        }
    }
}

/// A key goes into a header, where white space around it would spoil it.
pub(super) fn check_key(value: &Value) -> Result<(), ApiError> {
    value.check(&["body", "secret"])?;
    if value.is_ragged() {
        let text = "secret must not begin or end with white space (a line end, perhaps)";
        return Err(ApiError::body("secret", text));
    }
    Ok(())
}
