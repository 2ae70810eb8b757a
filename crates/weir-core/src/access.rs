//! Who may call beside holders of gateway tokens: users whom an issuer of JSON web tokens vouches
//! for, and the hosts under which gateways answer (spec: data-plane 1.8, 2.7; observability 7.3).

mod check;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::id::{AccountId, GatewayId};

/// An issuer of JSON web tokens whose users may call: an OIDC provider, or Cloudflare Access.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issuer {
    /// A UUID.
    pub id: Arc<str>,
    /// Whose it is.
    pub account_id: AccountId,
    /// Name for people.
    pub name: String,
    /// The `iss` of its tokens, exactly.
    pub issuer: String,
    /// The `aud` that its tokens must have one of. Never empty.
    pub audiences: Vec<String>,
    /// Where its keys are; `None` means that its discovery document tells.
    #[serde(default)]
    pub jwks_url: Option<String>,
    /// The gateways it opens; `None` means every gateway of the account.
    #[serde(default)]
    pub gateways: Option<Vec<GatewayId>>,
    /// Which claims tell what.
    #[serde(default)]
    pub claims: ClaimNames,
    /// Claims that a token must have, with the value that it must have or hold.
    #[serde(default)]
    pub required: BTreeMap<String, String>,
    /// Whether it counts.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// Creation time.
    pub created_at: Timestamp,
    /// Last change.
    pub modified_at: Timestamp,
}

const fn yes() -> bool {
    true
}

/// Names of claims; dots lead into objects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClaimNames {
    /// Becomes `cf.user.id` and the label `cf.user_id`.
    pub user_id: String,
    /// Becomes `cf.user.email`.
    pub email: String,
    /// Becomes `cf.user.groups`.
    pub groups: String,
    /// Becomes `cf.country`, unless the connection tells.
    pub country: String,
}

impl Default for ClaimNames {
    fn default() -> Self {
        Self {
            user_id: "sub".to_owned(),
            email: "email".to_owned(),
            groups: "groups".to_owned(),
            country: "country".to_owned(),
        }
    }
}

impl Issuer {
    /// Whether its users may call that gateway.
    pub fn opens(&self, gateway: &str) -> bool {
        let named = |gateways: &Vec<GatewayId>| gateways.iter().any(|id| id.as_str() == gateway);
        self.enabled && self.gateways.as_ref().is_none_or(named)
    }
}

/// A host under which a gateway answers; its paths begin at the provider (spec: data-plane 1.8).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomDomain {
    /// A UUID.
    pub id: Arc<str>,
    /// Whose it is.
    pub account_id: AccountId,
    /// The gateway that answers there.
    pub gateway_id: GatewayId,
    /// In small letters, without a port. Unique among all accounts.
    pub hostname: String,
    /// Whether it answers yet.
    #[serde(default)]
    pub status: DomainStatus,
    /// Users of this issuer, by id, may call; then a gateway token alone is refused there.
    #[serde(default)]
    pub issuer_id: Option<Arc<str>>,
    /// Creation time.
    pub created_at: Timestamp,
    /// Last change.
    pub modified_at: Timestamp,
}

/// How far a custom domain is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DomainStatus {
    /// Its owner has not been validated: it answers 404.
    #[default]
    PendingDcv,
    /// It answers.
    Active,
}
