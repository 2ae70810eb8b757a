use weir_core::{AccountId, Timestamp};

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

fn reason_from(address: Option<&str>, token: ApiToken) -> Result<(), Refusal> {
    let account = AccountId::from("acc1");
    let asked = Asked {
        account: &account,
        gateway: "shop",
        issuer: None,
        address: address.map(|text| text.parse().unwrap()),
        now: Timestamp::from_millis(100),
    };
    valid(&Presented::Token(Arc::new(token)), &asked).map(drop)
}

fn reason(token: ApiToken) -> Result<(), Refusal> {
    reason_from(Some("192.0.2.1"), token)
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
    assert_eq!(reason(disabled), Err(Refusal::Disabled));
    let early = ApiToken { not_before: at(101), ..token(&[Permission::All]) };
    assert_eq!(reason(early), Err(Refusal::NotYet));
    let begun = ApiToken { not_before: at(100), ..token(&[Permission::All]) };
    assert_eq!(reason(begun), Ok(()));
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

#[test]
fn a_token_for_some_addresses_is_good_there() {
    let listed = ApiToken {
        ip_allow: vec!["10.0.0.0/8".to_owned(), "2001:db8::/32".to_owned()],
        ..token(&[Permission::Run])
    };
    for (address, inside) in [
        (Some("10.1.2.3"), true),
        (Some("::ffff:10.1.2.3"), true),
        (Some("2001:db8::1"), true),
        (Some("11.0.0.1"), false),
        (Some("2001:db9::1"), false),
        // Who cannot say where they are is nowhere on a list.
        (None, false),
    ] {
        let found = reason_from(address, listed.clone());
        let seen = address.map(|text| text.parse().unwrap());
        let wanted = if inside { Ok(()) } else { Err(Refusal::Address(seen)) };
        assert_eq!(found, wanted, "{address:?}");
    }
    assert_eq!(reason_from(None, token(&[Permission::Run])), Ok(()));
}
