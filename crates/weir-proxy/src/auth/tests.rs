use weir_core::GatewaySettings;

use super::*;

fn gateway(change: impl FnOnce(&mut GatewaySettings)) -> Gateway {
    let at = Timestamp::from_millis(0);
    let mut gateway = Gateway::with_defaults("acc1".into(), "gw1".into(), at);
    change(&mut gateway.settings);
    gateway
}

fn decided(
    identified: Result<Caller, Refusal>,
    gateway: &Gateway,
    issuer: Option<&str>,
    address: &str,
) -> Result<bool, Kind> {
    let account = AccountId::from("acc1");
    let asked = Asked {
        account: &account,
        gateway: "gw1",
        issuer,
        address: Some(address.parse().unwrap()),
        now: Timestamp::from_millis(0),
    };
    let decided = decide(identified, gateway, &asked, false);
    decided.map(|caller| caller.is_authenticated()).map_err(|error| error.kind())
}

fn user() -> Caller {
    Caller { issuer: Some("issuer-1".into()), ..Caller::default() }
}

#[test]
fn an_open_gateway_takes_anybody_and_a_closed_one_the_known() {
    let (closed, open) = (gateway(|_| {}), gateway(|it| it.authentication = false));
    let here = "192.0.2.1";
    assert_eq!(decided(Ok(user()), &closed, None, here), Ok(true));
    assert_eq!(decided(Ok(user()), &open, None, here), Ok(true));
    assert_eq!(decided(Err(Refusal::Unknown), &open, None, here), Ok(false));
    assert_eq!(decided(Err(Refusal::Unknown), &closed, None, here), Err(Kind::Unauthenticated));
    let away = || Err(Refusal::User(UserRefusal::KeysAway));
    assert_eq!(decided(away(), &closed, None, here), Err(Kind::Unavailable));
}

#[test]
fn where_users_are_needed_an_open_gateway_is_closed() {
    let open = gateway(|it| it.authentication = false);
    let needed = decided(Err(Refusal::UserNeeded), &open, Some("issuer-1"), "192.0.2.1");
    assert_eq!(needed, Err(Kind::Unauthenticated));
}

#[test]
fn the_list_of_a_gateway_holds_for_everybody() {
    let listed = gateway(|it| {
        it.authentication = false;
        it.ip_allow = vec!["10.0.0.0/8".to_owned()];
    });
    assert_eq!(decided(Ok(user()), &listed, None, "10.0.0.1"), Ok(true));
    assert_eq!(decided(Ok(user()), &listed, None, "11.0.0.1"), Err(Kind::Forbidden));
    assert_eq!(decided(Err(Refusal::Nothing), &listed, None, "11.0.0.1"), Err(Kind::Forbidden));
}

#[test]
fn a_country_alone_makes_nobody_known() {
    let caller = Caller::default().located(Some("DE"));
    assert!(!caller.is_authenticated());
    assert_eq!(caller.claims.unwrap().country.as_deref(), Some("DE"));
    let claims = Claims {
        user_id: Some("u".to_owned()),
        country: Some("FR".to_owned()),
        ..Claims::default()
    };
    let known = Caller { claims: Some(Arc::new(claims)), ..user() };
    assert_eq!(known.clone().located(None).claims.unwrap().country.as_deref(), Some("FR"));
    let moved = known.located(Some("DE"));
    assert_eq!(moved.user_id(), Some("u"));
    assert_eq!(moved.claims.unwrap().country.as_deref(), Some("DE"));
}
