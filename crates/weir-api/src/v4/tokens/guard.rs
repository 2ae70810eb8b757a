//! What no change of tokens may lead to.

use weir_core::config::Configuration;
use weir_core::{ApiToken, Permission, Timestamp};

use crate::caller::Caller;
use crate::error::ApiError;

/// Whether the caller may still manage tokens. It was asked at admission; two calls that revoke
/// each other's tokens must not both succeed by what was true before.
pub(super) fn authority(now: &Configuration, caller: &Caller) -> Result<(), ApiError> {
    let token = now.get::<ApiToken>(caller.account(), &caller.token.id);
    let manages = token.is_some_and(|token| manages(token, Timestamp::now()));
    if manages { Ok(()) } else { Err(ApiError::Forbidden(Permission::All)) }
}

/// Refuses a change after which nobody could manage the account's tokens any more. `changed` is
/// the token as it would be, `path` where the refusal points.
pub(super) fn refuse_lock_out(
    now: &Configuration,
    changed: &ApiToken,
    path: &[&str],
) -> Result<(), ApiError> {
    let at = Timestamp::now();
    let mut others = now.of::<ApiToken>(&changed.account_id).filter(|other| other.id != changed.id);
    if manages(changed, at) || others.any(|other| manages(other, at)) {
        return Ok(());
    }
    let message = "this is the last token in use that may do everything: without it nobody could \
                   manage the account. Make another one first";
    Err(ApiError::input(path, message))
}

/// Whether a token may manage the account's tokens.
fn manages(token: &ApiToken, at: Timestamp) -> bool {
    token.is_live(at) && token.grants(Permission::All) && token.gateways.is_none()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use weir_core::Snapshot;
    use weir_core::config::Resource as _;

    use super::*;
    use crate::tests::{secret, token};

    #[test]
    fn a_caller_whose_token_ended_meanwhile_has_no_authority() {
        let all = token(&secret(Permission::All), Permission::All);
        let past = Some(Timestamp::from_millis(1));
        let caller = Caller {
            token: Arc::new(all.clone()),
            snapshot: Arc::new(Snapshot::new(Configuration::default())),
            peer: None,
        };
        let cases = [
            (all.clone(), true),
            (ApiToken { revoked_at: past, ..all.clone() }, false),
            (ApiToken { disabled: true, ..all.clone() }, false),
            (ApiToken { permissions: vec![Permission::Write], ..all.clone() }, false),
            (ApiToken { gateways: Some(vec!["shop".into()]), ..all }, false),
        ];
        for (present, expected) in cases {
            let mut now = Configuration::default();
            now.put(&present.into_object());
            assert_eq!(authority(&now, &caller).is_ok(), expected);
        }
        assert!(authority(&Configuration::default(), &caller).is_err());
    }
}
