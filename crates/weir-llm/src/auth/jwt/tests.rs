mod hostile;
mod keys;
mod signer;

use std::collections::BTreeMap;

use serde_json::{Value, json};
use weir_core::Timestamp;
use weir_core::access::{ClaimNames, Issuer};

use super::*;
use signer::Signer;

const ISSUER: &str = "https://id.example.com";
const NOW: i64 = 1_795_000_000;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(seconds * 1000)
}

fn issuer() -> Issuer {
    Issuer {
        id: "issuer-1".into(),
        account_id: "acc1".into(),
        name: "people".to_owned(),
        issuer: ISSUER.to_owned(),
        audiences: vec!["weir".to_owned(), "other".to_owned()],
        jwks_url: None,
        gateways: None,
        claims: ClaimNames::default(),
        required: BTreeMap::new(),
        enabled: true,
        created_at: at(0),
        modified_at: at(0),
    }
}

fn claims(changes: &Value) -> Value {
    let mut claims = json!({"iss": ISSUER, "aud": "weir", "sub": "user-1", "exp": NOW + 600});
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
            value => claims[name] = value.clone(),
        }
    }
    claims
}

/// What becomes of a token with these claims, its signature left aside.
fn checked(issuer: &Issuer, changes: &Value) -> Result<(), JwtFault> {
    let text = Signer::es256("k1").sign(&claims(changes));
    let token = Token::parse(&text)?;
    check_claims(&token, issuer, at(NOW))?;
    check_required(&token, issuer)
}

#[test]
fn every_accepted_method_verifies_and_no_key_serves_for_another() {
    let signers = Signer::every();
    for signer in &signers {
        let text = signer.sign(&claims(&json!({})));
        let token = Token::parse(&text).unwrap();
        let own = KeySet::read(&signer.jwks()).unwrap();
        assert_eq!(own.verify(&token), Ok(()), "{}", signer.algorithm);
        let others = signers.iter().filter(|other| other.id != signer.id);
        let others = KeySet::read(&Signer::jwks_of(others)).unwrap();
        assert_eq!(others.verify(&token), Err(JwtFault::UnknownKey), "{}", signer.algorithm);
    }
}

#[test]
fn the_audience_is_a_text_or_a_list() {
    for (audience, outcome) in [
        (json!("weir"), Ok(())),
        (json!(["x", "other"]), Ok(())),
        (json!("Weir"), Err(JwtFault::Audience)),
        (json!(["x"]), Err(JwtFault::Audience)),
        (json!([]), Err(JwtFault::Audience)),
        (json!({"weir": true}), Err(JwtFault::Audience)),
        (json!([["weir"]]), Err(JwtFault::Audience)),
        (json!(null), Err(JwtFault::Audience)),
    ] {
        assert_eq!(checked(&issuer(), &json!({"aud": audience})), outcome, "{audience}");
    }
}

#[test]
fn a_token_holds_between_its_ends_give_or_take_a_minute() {
    for (changes, outcome) in [
        (json!({"exp": NOW - 59}), Ok(())),
        (json!({"exp": NOW - 60}), Err(JwtFault::Expired)),
        (json!({"exp": NOW as f64 + 0.5}), Ok(())),
        (json!({"exp": null}), Err(JwtFault::Endless)),
        (json!({"exp": "never"}), Err(JwtFault::Endless)),
        (json!({"exp": -1}), Err(JwtFault::Expired)),
        (json!({"exp": 1e300}), Ok(())),
        (json!({"nbf": NOW + 60}), Ok(())),
        (json!({"nbf": NOW + 61}), Err(JwtFault::NotYet)),
        (json!({"nbf": "now"}), Err(JwtFault::Malformed("its begin (nbf) is not a number"))),
    ] {
        assert_eq!(checked(&issuer(), &changes), outcome, "{changes}");
    }
}

#[test]
fn the_issuer_is_compared_letter_by_letter() {
    for other in ["https://id.example.com/", "https://ID.example.com", "", "https://evil.example"] {
        assert_eq!(checked(&issuer(), &json!({"iss": other})), Err(JwtFault::Issuer), "{other}");
    }
    assert_eq!(checked(&issuer(), &json!({"iss": null})), Err(JwtFault::Issuer));
    assert_eq!(checked(&issuer(), &json!({"iss": [ISSUER]})), Err(JwtFault::Issuer));
}

#[test]
fn required_claims_are_equal_to_or_hold_a_value() {
    let require = |name: &str, value: &str| Issuer {
        required: BTreeMap::from([(name.to_owned(), value.to_owned())]),
        ..issuer()
    };
    let said = json!({"tenant": "t1", "roles": ["admin", "dev"], "email_verified": true,
        "org": {"id": 7}, "https://x.example/team": "red"});
    for (name, value, met) in [
        ("tenant", "t1", true),
        ("tenant", "t2", false),
        ("roles", "dev", true),
        ("roles", "de", false),
        ("email_verified", "true", true),
        ("email_verified", "false", false),
        ("org.id", "7", true),
        ("https://x.example/team", "red", true),
        ("missing", "", false),
        ("org", "7", false),
    ] {
        let outcome = if met { Ok(()) } else { Err(JwtFault::Requirement) };
        assert_eq!(checked(&require(name, value), &said), outcome, "{name}={value}");
    }
}

#[test]
fn claims_become_what_is_known_of_a_caller() {
    let read = |said: &Value, names: &ClaimNames| {
        let text = Signer::es256("k1").sign(&claims(said));
        caller_claims(&Token::parse(&text).unwrap(), names)
    };
    let said = json!({"email": "a@example.com", "groups": ["eng", "", {"id": 1, "name": "ops"}, 3],
        "country": "DE", "custom": {"team": "red"}, "tier": "gold"});
    let known = read(&said, &ClaimNames::default());
    assert_eq!(known.user_id.as_deref(), Some("user-1"));
    assert_eq!(known.user_email.as_deref(), Some("a@example.com"));
    assert_eq!(known.user_groups.unwrap(), ["eng", "ops", "3"]);
    assert_eq!(known.country.as_deref(), Some("DE"));
    assert_eq!((&known.custom["team"], &known.custom["tier"]), (&json!("red"), &json!("gold")));
    assert!(!known.custom.contains_key("aud") && !known.custom.contains_key("exp"));

    let names = ClaimNames {
        user_id: "profile.login".to_owned(),
        groups: "https://x.example/groups".to_owned(),
        ..ClaimNames::default()
    };
    let said = json!({"profile": {"login": 42}, "https://x.example/groups": "single"});
    let known = read(&said, &names);
    assert_eq!(known.user_id.as_deref(), Some("42"));
    assert_eq!(known.user_groups.unwrap(), ["single"]);

    let program = read(&json!({"sub": ""}), &ClaimNames::default());
    assert_eq!((program.user_id, program.user_groups), (None, None));
}

#[test]
fn a_discovery_document_speaks_for_its_own_issuer() {
    assert_eq!(
        discovery_url("https://id.example.com/realm/"),
        "https://id.example.com/realm/.well-known/openid-configuration"
    );
    let document = |issuer: &str| json!({"issuer": issuer, "jwks_uri": "https://k.example/keys"});
    let read = |document: &Value| read_discovery(document.to_string().as_bytes(), ISSUER);
    assert_eq!(read(&document(ISSUER)).as_deref(), Ok("https://k.example/keys"));
    assert_eq!(read(&document("https://evil.example")), Err(KeySetFault::OtherIssuer));
    assert_eq!(read(&json!({"issuer": ISSUER})), Err(KeySetFault::NoKeysUrl));
    assert_eq!(read_discovery(b"<html>", ISSUER), Err(KeySetFault::NotJson));
}
