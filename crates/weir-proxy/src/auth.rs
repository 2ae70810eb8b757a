//! Who calls, and may they: the gateway credential (spec: data-plane 2.1 to 2.3).

use std::sync::Arc;

use weir_core::policy::Claims;
use weir_core::{AccountId, ApiToken, Error, Gateway, Kind, Permission, Timestamp};

use crate::diagnose;
use crate::front::headers::Presented;

/// The caller as the rest of the call knows it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Caller {
    /// The valid token that was presented. A call without one can still be allowed, by a gateway
    /// with authentication off.
    pub(crate) token: Option<Arc<ApiToken>>,
    /// What is known of the person behind the call, by the word of an issuer.
    pub(crate) claims: Option<Arc<Claims>>,
}

impl Caller {
    /// Whether a valid token was presented, ours or an issuer's.
    pub(crate) const fn is_authenticated(&self) -> bool {
        self.token.is_some() || self.claims.is_some()
    }
}

/// The decision table of data-plane 2.3.
pub(crate) fn authenticate(
    presented: &Presented,
    gateway: &Gateway,
    has_provider_key: bool,
    now: Timestamp,
) -> Result<Caller, Error> {
    match valid_token(presented, &gateway.account_id, gateway.id.as_str(), now) {
        Ok(token) => Ok(Caller { token: Some(token), claims: None }),
        Err(_) if !gateway.settings.authentication => Ok(Caller::default()),
        Err(reason) => Err(unauthorized(reason, has_provider_key)),
    }
}

/// The token, if it opens this gateway now (spec: data-plane 2.1).
pub(crate) fn valid_token(
    presented: &Presented,
    account: &AccountId,
    gateway: &str,
    now: Timestamp,
) -> Result<Arc<ApiToken>, Refusal> {
    let token = match presented {
        Presented::Nothing => return Err(Refusal::Nothing),
        Presented::Placeholder => return Err(Refusal::Placeholder),
        Presented::Unknown => return Err(Refusal::Unknown),
        Presented::Token(token) => token,
    };
    if token.account_id != *account {
        Err(Refusal::OtherAccount)
    } else if token.revoked_at.is_some() {
        Err(Refusal::Revoked)
    } else if !token.is_live(now) {
        Err(Refusal::Expired)
    } else if !token.grants(Permission::Run) {
        Err(Refusal::LacksRun)
    } else if !token.opens(gateway) {
        Err(Refusal::OtherGateways)
    } else {
        Ok(Arc::clone(token))
    }
}

/// Why a caller is not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    Nothing,
    Placeholder,
    Unknown,
    OtherAccount,
    Revoked,
    Expired,
    LacksRun,
    OtherGateways,
}

/// 401/2009, with the likely mistake named.
pub(crate) fn unauthorized(reason: Refusal, has_provider_key: bool) -> Error {
    Error::new(Kind::Unauthenticated, "Unauthorized")
        .with_hint(diagnose::refusal(reason, has_provider_key))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(permissions: &[Permission]) -> ApiToken {
        ApiToken {
            id: "t1".into(),
            account_id: "acc1".into(),
            name: "ops".to_owned(),
            hash: weir_core::TokenHash::of(b"tok"),
            length: 3,
            permissions: permissions.to_vec(),
            created_at: Timestamp::from_millis(0),
            expires_at: None,
            modified_at: None,
            revoked_at: None,
            disabled: false,
            not_before: None,
            gateways: None,
            models: None,
            ip_allow: Vec::new(),
            budgets: Vec::new(),
        }
    }

    fn reason(token: ApiToken) -> Result<(), Refusal> {
        let presented = Presented::Token(Arc::new(token));
        valid_token(&presented, &"acc1".into(), "shop", Timestamp::from_millis(100)).map(drop)
    }

    #[test]
    fn a_token_needs_the_account_the_permission_and_its_life() {
        assert_eq!(reason(token(&[Permission::Run])), Ok(()));
        assert_eq!(reason(token(&[Permission::All])), Ok(()));
        assert_eq!(reason(token(&[Permission::Write])), Err(Refusal::LacksRun));
        let other = ApiToken { account_id: "acc2".into(), ..token(&[Permission::All]) };
        assert_eq!(reason(other), Err(Refusal::OtherAccount));
        let at = |ms| Some(Timestamp::from_millis(ms));
        let expired = ApiToken { expires_at: at(100), ..token(&[Permission::All]) };
        assert_eq!(reason(expired), Err(Refusal::Expired));
        let revoked = ApiToken { revoked_at: at(50), ..token(&[Permission::All]) };
        assert_eq!(reason(revoked), Err(Refusal::Revoked));
        let disabled = ApiToken { disabled: true, ..token(&[Permission::All]) };
        assert_eq!(reason(disabled), Err(Refusal::Expired));
    }

    #[test]
    fn a_token_for_some_gateways_opens_those() {
        let only = |gateway: &str| {
            let gateways = Some(vec!["blog".into(), gateway.into()]);
            reason(ApiToken { gateways, ..token(&[Permission::All]) })
        };
        assert_eq!(only("shop"), Ok(()));
        assert_eq!(only("other"), Err(Refusal::OtherGateways));
    }
}
