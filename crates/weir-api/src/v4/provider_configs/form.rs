//! A stored key's fields and their bounds (spec: management-api 6).

use serde::Deserialize;

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
/// Seconds, when a limit comes without a period.
const DEFAULT_PERIOD: u64 = 60;

/// Body of a creation.
pub(super) const CREATE: Schema = Schema::Object(&[
    Field::required("provider_slug", Schema::text(1, 80), "A provider's slug, or custom-{slug}."),
    Field::required("alias", ALIAS, "Which of the provider's keys; unique for it in the gateway."),
    Field::required("default_config", Schema::Bool, "Used when a call names no alias."),
    Field::write_only("secret", VALUE, "The key; or give secret_id."),
    Field::optional("secret_id", Schema::text(1, 64), "A secret with the scope ai_gateway."),
    Field::optional("rate_limit", COUNT_OR_NULL, "Calls in each period; 0 or null means no limit."),
    Field::optional("rate_limit_period", PERIOD, "Seconds; 60 by default."),
    Field::read_only("id", Schema::TEXT, ""),
    Field::read_only("gateway_id", Schema::TEXT, ""),
    Field::read_only("secret_preview", Schema::TEXT, ""),
    Field::read_only("modified_at", Schema::TIME, ""),
]);

/// Body of a rotation.
pub(super) const ROTATE: Schema =
    Schema::Object(&[Field::write_only("secret", VALUE, "The new key; required.")]);

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
    pub(super) secret_id: Option<String>,
    rate_limit: Option<u64>,
    rate_limit_period: Option<u64>,
}

impl NewConfig {
    /// Calls in each period, and the period.
    pub(super) fn limit(&self) -> (Option<u64>, Option<u64>) {
        let period = self.rate_limit_period.unwrap_or(DEFAULT_PERIOD);
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
}

impl Rotation {
    pub(super) fn secret(&self) -> Result<&Value, ApiError> {
        let value = self.secret.as_ref();
        let value = value.ok_or_else(|| ApiError::body("secret", "secret is required"))?;
        check_key(value)?;
        Ok(value)
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
