use weir_core::config::{Changes, Configuration};
use weir_core::{Timestamp, TokenHash};

use super::*;

fn snapshot() -> Snapshot {
    let token = ApiToken {
        id: "t1".into(),
        account_id: "acc1".into(),
        name: "ops".to_owned(),
        hash: TokenHash::of(b"tok-run"),
        length: 7,
        permissions: Vec::new(),
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
    };
    let mut changes = Changes::default();
    changes.put(token);
    Snapshot::new(Configuration::default().with(changes.as_slice(), 1))
}

fn sifted(headers: &[(&'static str, &'static str)]) -> Sifted {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(*name, HeaderValue::from_static(value));
    }
    sift(map, Issued { snapshot: &snapshot(), account: "acc1" })
}

fn is_token(sifted: &Sifted) -> bool {
    matches!(&sifted.presented, Presented::Token(token) if token.name == "ops")
}

#[test]
fn a_gateway_token_is_found_and_consumed_in_every_slot() {
    for (name, value) in [
        ("cf-aig-authorization", "Bearer tok-run"),
        ("cf-aig-authorization", "tok-run"),
        ("cf-aig-authorization", "bEARER   tok-run"),
        ("authorization", "Bearer tok-run"),
        ("authorization", "Bearer\ttok-run"),
        ("authorization", "Key tok-run"),
        ("authorization", "Token tok-run"),
        ("x-api-key", "tok-run"),
        ("x-goog-api-key", "tok-run"),
        ("api-key", "tok-run"),
        ("xi-api-key", "tok-run"),
        ("x-my-own", "tok-run"),
    ] {
        let sifted = sifted(&[(name, value)]);
        assert!(is_token(&sifted), "{name}: {value}");
        assert!(sifted.credentials.is_empty() && sifted.forward.is_empty(), "{name}: {value}");
    }
}

#[test]
fn the_providers_own_key_stays_beside_a_gateway_token() {
    let sifted = sifted(&[("authorization", "Bearer tok-run"), ("x-api-key", "sk-ant")]);
    assert!(is_token(&sifted));
    assert_eq!(sifted.credentials.len(), 1);
    assert_eq!(sifted.credentials[0].0, "x-api-key");
}

#[test]
fn an_unknown_gateway_token_is_not_outvoted_by_a_later_one() {
    let sifted = sifted(&[("cf-aig-authorization", "nope"), ("authorization", "Bearer tok-run")]);
    assert!(matches!(sifted.presented, Presented::Unknown));
    assert!(sifted.credentials.is_empty(), "a token of ours never travels");
}

#[test]
fn forgotten_values_are_recognised() {
    for value in ["Bearer undefined", "null", "Bearer <token>", "Bearer $TOKEN", "{token}", "xxxx"]
    {
        let sifted = sifted(&[("cf-aig-authorization", value)]);
        assert!(matches!(sifted.presented, Presented::Placeholder), "{value}");
    }
    assert!(matches!(sifted(&[("cf-aig-authorization", "Bearer ")]).presented, Presented::Nothing));
    let key = sifted(&[("authorization", "Bearer CF_TEMP_TOKEN")]);
    assert!(key.placeholder_key && key.credentials.is_empty());
    let empty = sifted(&[("authorization", "")]);
    assert!(empty.credentials.is_empty() && !empty.placeholder_key);
}

#[test]
fn only_what_is_meant_for_the_provider_goes_on() {
    let sifted = sifted(&[
        ("host", "gw"),
        ("connection", "keep-alive, x-hop"),
        ("x-hop", "1"),
        ("keep-alive", "5"),
        ("te", "trailers"),
        ("cf-ray", "1"),
        ("cf-connecting-ip", "1.2.3.4"),
        ("cf-skip-cache", "true"),
        ("cf-access-jwt-assertion", "j"),
        ("cf-aig-event-id", "e"),
        ("x-forwarded-for", "1.2.3.4"),
        ("payment-method", "x402"),
        ("weir-explain", "1"),
        ("cookie", "a=1; CF_Authorization=jwt; b=2"),
        ("accept-encoding", "gzip, deflate, br"),
        ("user-agent", "ua/1"),
        ("openai-organization", "org1"),
        ("anthropic-beta", "one"),
        ("anthropic-beta", "two"),
    ]);
    let kept: Vec<(&str, &str)> = sifted
        .forward
        .iter()
        .map(|(name, value)| (name.as_str(), value.to_str().unwrap()))
        .collect();
    assert_eq!(
        kept,
        [
            ("cookie", "a=1; b=2"),
            ("accept-encoding", "gzip"),
            ("user-agent", "ua/1"),
            ("openai-organization", "org1"),
            ("anthropic-beta", "one"),
            ("anthropic-beta", "two"),
        ]
    );
}

#[test]
fn a_request_signed_by_the_client_is_left_alone() {
    let sifted = sifted(&[
        ("authorization", "AWS4-HMAC-SHA256 Credential=AKIA/x, SignedHeaders=accept-encoding"),
        ("accept-encoding", "br"),
    ]);
    assert_eq!(sifted.forward["accept-encoding"], "br");
    assert_eq!(sifted.credentials.len(), 1);
}

#[test]
fn encodings_that_cannot_be_read_are_not_asked_for() {
    let asked = |value| readable_encoding(&HeaderValue::from_static(value));
    assert_eq!(asked("br, gzip;q=0.5"), "gzip");
    assert_eq!(asked("*"), "gzip");
    assert_eq!(asked("br"), "identity");
    assert_eq!(asked("gzip;q=0, br"), "identity");
}

#[test]
fn the_question_for_an_explanation_is_for_us() {
    let sifted = sifted(&[("weir-explain", "1"), ("accept", "*/*")]);
    assert_eq!(sifted.forward.len(), 1);
    assert!(sifted.options.parse(&weir_core::gateway::GatewaySettings::default()).explain);
}
