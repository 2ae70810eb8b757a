//! Providers that an account defines itself (spec: data-plane 1.7).

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clock::Timestamp;
use crate::gateway::Hidden;
use crate::id::{AccountId, GatewayId};

/// A provider an account added: reached as `custom-{slug}`, at `{base_url}/{path}`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CustomProvider {
    /// A UUID.
    pub id: Arc<str>,
    /// Whose it is.
    pub account_id: AccountId,
    /// Name for people.
    pub name: String,
    /// The part after `custom-`.
    pub slug: String,
    /// Scheme, host and optional path prefix, e.g. `https://h.example/api/v2`.
    pub base_url: String,
    /// A disabled provider answers as if it did not exist.
    pub enable: bool,
    /// Sent upstream on every call, in place of client headers of the same name. May hold
    /// credentials: never shown.
    #[serde(default)]
    pub headers: BTreeMap<String, Hidden>,
    /// Marked as unfinished, for people.
    #[serde(default)]
    pub beta: bool,
    /// Place in lists; smaller comes first.
    #[serde(default)]
    pub position: i64,
    /// Text for people.
    #[serde(default)]
    pub description: Option<String>,
    /// Where to read more.
    #[serde(default)]
    pub link: Option<String>,
    /// Address of a picture.
    #[serde(default)]
    pub logo: Option<String>,
    /// A call to copy.
    #[serde(default)]
    pub curl_example: Option<String>,
    /// A call to copy.
    #[serde(default)]
    pub js_example: Option<String>,
    /// Creation time.
    pub created_at: Timestamp,
    /// Last change.
    pub modified_at: Timestamp,
}

/// What a custom provider's model costs (spec: management-api 7).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ProviderCost {
    /// A UUID.
    pub id: Arc<str>,
    /// Whose it is.
    pub account_id: AccountId,
    /// The custom provider, by id.
    pub account_provider_id: Arc<str>,
    /// Model name, or the part of it that `model_rule` looks for.
    pub model: String,
    /// How `model` is compared.
    pub model_rule: ModelRule,
    /// What is counted; always `tokens`.
    pub cost_type: String,
    /// US dollars for one input token.
    pub cost_in: Option<f64>,
    /// US dollars for one output token.
    pub cost_out: Option<f64>,
    /// Further prices, as the caller sent them.
    pub token_pricing: Option<Value>,
    /// Whether it counts.
    pub enable: bool,
    /// Creation time.
    pub created_at: Timestamp,
    /// Last change.
    pub modified_at: Timestamp,
}

impl ProviderCost {
    /// Whether it is a price of this model of its provider.
    pub fn covers(&self, model: &str) -> bool {
        match self.model_rule {
            ModelRule::Equals => model == self.model,
            ModelRule::StartsWith => model.starts_with(&self.model),
            ModelRule::Contains => model.contains(&self.model),
        }
    }

    /// How closely it names the models it covers. Of several prices of a model the heaviest
    /// counts: an equal name before a beginning, a beginning before a part, then the longer name.
    pub fn weight(&self) -> u32 {
        let rule: u32 = match self.model_rule {
            ModelRule::Equals => 3,
            ModelRule::StartsWith => 2,
            ModelRule::Contains => 1,
        };
        let length = u32::try_from(self.model.len()).unwrap_or(u32::MAX);
        rule * 100_000 + length.min(99_999)
    }
}

/// A price that an account has for a model, in place of the table's (spec: observability 5.3).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PriceOverride {
    /// `provider/model`, and `@YYYY-MM-DD` where it begins to hold on a day; behind `{gateway}:`
    /// where it is one gateway's.
    pub id: Arc<str>,
    /// Whose it is.
    pub account_id: AccountId,
    /// Only for calls of this gateway, and before the account's.
    #[serde(default)]
    pub gateway_id: Option<GatewayId>,
    /// Slug of the provider.
    pub provider: String,
    /// The row, in the form `aig-prices/1`, checked when it was set.
    pub row: Value,
    /// Creation time.
    pub created_at: Timestamp,
    /// Last change; goes into the id of the price, which log rows keep.
    pub modified_at: Timestamp,
}

/// How a price's model name is compared with a call's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ModelRule {
    /// The same name.
    #[default]
    Equals,
    /// Begins with it.
    StartsWith,
    /// Holds it.
    Contains,
}
