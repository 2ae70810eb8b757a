//! A price's fields and their bounds.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;
use weir_core::provider::{ModelRule, ProviderCost};
use weir_llm::pricing::UNMETERED;

use crate::body::given;
use crate::error::ApiError;
use crate::schema::{Field, Schema};

pub(super) const RULE: Schema = Schema::Choice(&["equals", "starts-with", "contains"]);

/// Reads a word of [`RULE`].
pub(super) fn rule(word: &str) -> ModelRule {
    match word {
        "starts-with" => ModelRule::StartsWith,
        "contains" => ModelRule::Contains,
        _ => ModelRule::Equals,
    }
}

/// Dollars for one unit. No model costs a thousand dollars a token, so that is a slip of units.
const DOLLARS: Schema = Schema::Number { min: 0.0, max: 1000.0 };
const MODEL: Schema = Schema::text(0, 256);
const MODEL_ABOUT: &str =
    "Name to compare; empty covers every model, with starts-with or contains.";

macro_rules! fields {
    ($($first:expr,)* ; $pricing:expr) => {
        &[
            $($first,)*
            Field::optional("model_rule", RULE, "equals by default."),
            Field::optional("cost_type", Schema::Choice(&["tokens"]), ""),
            Field::optional("cost_in", Schema::Nullable(&DOLLARS), "US dollars for an input token."),
            Field::optional("cost_out", Schema::Nullable(&DOLLARS), "US dollars for an output token."),
            Field::optional("token_pricing", Schema::Nullable(&$pricing),
                "Prices by kind of token; an object in requests, its JSON text in answers."),
            Field::optional("enable", Schema::Bool, "True by default."),
            Field::read_only("id", Schema::TEXT, "A UUID."),
            Field::read_only("weight", Schema::COUNT, "Of the prices that fit a call, the largest counts."),
            Field::read_only("changed_by", Schema::TEXT, ""),
            Field::read_only("created_at", Schema::TIME, ""),
            Field::read_only("modified_at", Schema::TIME, ""),
        ]
    };
}

/// Body of a creation.
pub(super) const CREATE: Schema = Schema::Object(fields![
    Field::required("account_provider_id", Schema::text(1, 64), "Id of the custom provider."),
    Field::required("model", MODEL, MODEL_ABOUT),
    ; PRICING
]);
/// Body of a change.
pub(super) const EDIT: Schema = Schema::Object(fields![
    Field::read_only("account_provider_id", Schema::TEXT, "Id of the custom provider."),
    Field::optional("model", MODEL, MODEL_ABOUT),
    ; PRICING_OR_TEXT
]);
/// A price in an answer.
pub(super) const COST: Schema = Schema::Object(fields![
    Field::required("account_provider_id", Schema::TEXT, "Id of the custom provider."),
    Field::required("model", Schema::TEXT, MODEL_ABOUT),
    ; Schema::TEXT
]);

const METERS: [&str; 12] = [
    "input_tokens",
    "output_tokens",
    "total_tokens",
    "input_text_tokens",
    "input_cached_tokens",
    "input_cache_creation_tokens",
    "input_audio_tokens",
    "input_image_tokens",
    "input_image_count",
    "input_video_tokens",
    "output_image_count",
    "output_reasoning_tokens",
];
const PRICING: Schema = Schema::Object(&{
    let mut fields = [Field::optional("", DOLLARS, ""); METERS.len()];
    let mut place = 0;
    while place < METERS.len() {
        fields[place].name = METERS[place];
        place += 1;
    }
    fields
});
/// The text is what an answer holds, for clients that write back what they read.
const PRICING_OR_TEXT: Schema = Schema::OneOf(&[Schema::text(2, 4096), PRICING]);

/// A checked body. The outer `Option` is `None` for a field that was left out.
#[derive(Debug, Deserialize)]
pub(super) struct Body {
    account_provider_id: Option<Arc<str>>,
    model: Option<String>,
    model_rule: Option<ModelRule>,
    #[serde(default, deserialize_with = "given")]
    cost_in: Option<Option<f64>>,
    #[serde(default, deserialize_with = "given")]
    cost_out: Option<Option<f64>>,
    #[serde(default, deserialize_with = "given")]
    token_pricing: Option<Option<Value>>,
    enable: Option<bool>,
}

impl Body {
    /// The custom provider, which a creation must name.
    pub(super) fn account_provider_id(&self) -> Arc<str> {
        self.account_provider_id.clone().unwrap_or_default()
    }

    /// Puts what was given in the place of what is there.
    pub(super) fn apply_to(&self, cost: &mut ProviderCost) -> Result<(), ApiError> {
        if let Some(model) = &self.model {
            cost.model.clone_from(model);
        }
        cost.model_rule = self.model_rule.unwrap_or(cost.model_rule);
        cost.cost_in = self.cost_in.unwrap_or(cost.cost_in);
        cost.cost_out = self.cost_out.unwrap_or(cost.cost_out);
        cost.enable = self.enable.unwrap_or(cost.enable);
        if let Some(pricing) = &self.token_pricing {
            cost.token_pricing = match pricing {
                Some(Value::String(text)) => Some(pricing_of(text)?),
                Some(Value::Object(fields)) => {
                    let mut fields = fields.clone();
                    fields.retain(|name, _| METERS.contains(&name.as_str()));
                    Some(Value::Object(fields))
                }
                _ => None,
            };
        }
        if cost.model.is_empty() && cost.model_rule == ModelRule::Equals {
            let text = "model must not be empty where the name is compared as a whole";
            return Err(ApiError::body("model", text));
        }
        Ok(())
    }

    /// A remark for each price given that no call is charged by.
    pub(super) fn unmetered(&self) -> impl Iterator<Item = String> {
        let given = self.token_pricing.as_ref().and_then(Option::as_ref);
        let named = move |name: &&str| given.is_some_and(|given| given.get(name).is_some());
        UNMETERED
            .into_iter()
            .filter(named)
            .map(|name| format!("token_pricing.{name} is kept, but calls are not charged by it"))
    }
}

/// `token_pricing` as text: what an answer showed, so nothing unknown is in it.
fn pricing_of(text: &str) -> Result<Value, ApiError> {
    let refuse = |message: String| ApiError::body("token_pricing", message);
    let value = crate::body::parse_strictly(text.as_bytes())
        .map_err(|error| refuse(format!("token_pricing is not valid JSON: {error}")))?;
    let checked = PRICING.check(&value, "token_pricing");
    let refusals = checked.refusals.into_iter().map(|refusal| refusal.message);
    match refusals.chain(checked.ignored).next() {
        Some(message) => Err(refuse(message)),
        None => Ok(value),
    }
}
