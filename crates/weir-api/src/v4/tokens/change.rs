//! What a caller wants a token to be.

use serde::Deserialize;
use weir_core::budget::BudgetTerms;
use weir_core::config::Configuration;
use weir_core::{AccountId, ApiToken, Gateway, GatewayId, Permission, Timestamp, TokenHash};

use crate::body::given;
use crate::error::ApiError;

/// Body of a creation.
#[derive(Deserialize)]
pub(super) struct Create {
    name: String,
    permissions: Vec<Permission>,
    gateways: Option<Vec<GatewayId>>,
    models: Option<Vec<String>>,
    ip_allow: Option<Vec<String>>,
    budgets: Option<Vec<BudgetTerms>>,
    expires_on: Option<Timestamp>,
    not_before: Option<Timestamp>,
    disabled: Option<bool>,
}

/// Body of a change. `None` keeps what is there; `Some(None)` clears it.
#[derive(Deserialize)]
pub(super) struct Change {
    name: Option<String>,
    permissions: Option<Vec<Permission>>,
    #[serde(default, deserialize_with = "given")]
    gateways: Option<Option<Vec<GatewayId>>>,
    #[serde(default, deserialize_with = "given")]
    models: Option<Option<Vec<String>>>,
    #[serde(default, deserialize_with = "given")]
    ip_allow: Option<Option<Vec<String>>>,
    #[serde(default, deserialize_with = "given")]
    budgets: Option<Option<Vec<BudgetTerms>>>,
    #[serde(default, deserialize_with = "given")]
    expires_on: Option<Option<Timestamp>>,
    #[serde(default, deserialize_with = "given")]
    not_before: Option<Option<Timestamp>>,
    disabled: Option<bool>,
}

impl Create {
    /// A token without a name of its own or a value yet.
    pub(super) fn token(
        &self,
        now: &Configuration,
        account: &AccountId,
        at: Timestamp,
    ) -> Result<ApiToken, ApiError> {
        if let Some(gateways) = &self.gateways {
            check_gateways(gateways, &[], now, account)?;
        }
        if self.expires_on.is_some_and(|expires_on| expires_on <= at) {
            return Err(ApiError::body("expires_on", "expires_on must lie in the future"));
        }
        let token = ApiToken {
            id: "".into(),
            account_id: account.clone(),
            name: self.name.clone(),
            hash: TokenHash([0; 32]),
            length: 0,
            permissions: distinct(&self.permissions)?,
            gateways: self.gateways.clone(),
            models: self.models.clone(),
            ip_allow: self.ip_allow.clone().unwrap_or_default(),
            budgets: self.budgets.clone().unwrap_or_default(),
            disabled: self.disabled.unwrap_or_default(),
            not_before: self.not_before,
            created_at: at,
            expires_at: self.expires_on,
            modified_at: None,
            revoked_at: None,
        };
        check(&token)?;
        Ok(token)
    }
}

impl Change {
    /// The token after the change. An end in the past is accepted: it ends the token now.
    pub(super) fn apply(
        &self,
        present: &ApiToken,
        now: &Configuration,
    ) -> Result<ApiToken, ApiError> {
        let mut token = present.clone();
        if let Some(name) = &self.name {
            token.name.clone_from(name);
        }
        if let Some(permissions) = &self.permissions {
            token.permissions = distinct(permissions)?;
        }
        if let Some(gateways) = &self.gateways {
            if let Some(gateways) = gateways {
                let kept = present.gateways.as_deref().unwrap_or_default();
                check_gateways(gateways, kept, now, &present.account_id)?;
            }
            token.gateways.clone_from(gateways);
        }
        token.models.clone_from(self.models.as_ref().unwrap_or(&present.models));
        if let Some(ip_allow) = &self.ip_allow {
            token.ip_allow = ip_allow.clone().unwrap_or_default();
        }
        if let Some(budgets) = &self.budgets {
            token.budgets = budgets.clone().unwrap_or_default();
        }
        token.expires_at = self.expires_on.unwrap_or(token.expires_at);
        token.not_before = self.not_before.unwrap_or(token.not_before);
        token.disabled = self.disabled.unwrap_or(token.disabled);
        check(&token)?;
        Ok(token)
    }
}

fn distinct(permissions: &[Permission]) -> Result<Vec<Permission>, ApiError> {
    if permissions.is_empty() {
        return Err(ApiError::body("permissions", "permissions must name at least one"));
    }
    let mut distinct = Vec::new();
    for permission in permissions {
        if !distinct.contains(permission) {
            distinct.push(*permission);
        }
    }
    Ok(distinct)
}

/// Refuses gateways that are not there. One that the token had already may be gone since.
fn check_gateways(
    gateways: &[GatewayId],
    kept: &[GatewayId],
    now: &Configuration,
    account: &AccountId,
) -> Result<(), ApiError> {
    if gateways.is_empty() {
        let message = "gateways must name at least one; null means all of them";
        return Err(ApiError::body("gateways", message));
    }
    for (place, id) in gateways.iter().enumerate() {
        if !kept.contains(id) && now.get::<Gateway>(account, id.as_str()).is_none() {
            let path = ["body", "gateways", &place.to_string()];
            return Err(ApiError::input(&path, format!("gateway {id} was not found")));
        }
    }
    Ok(())
}

fn check(token: &ApiToken) -> Result<(), ApiError> {
    let faults = token.faults();
    if !faults.is_empty() {
        return Err(ApiError::faults(&["body"], faults));
    }
    match (token.not_before, token.expires_at) {
        (Some(begin), Some(end)) if end <= begin => {
            Err(ApiError::body("expires_on", "expires_on must come after not_before"))
        }
        _ => Ok(()),
    }
}
