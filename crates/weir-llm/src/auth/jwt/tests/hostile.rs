//! Tokens made to deceive.

use aws_lc_rs::hmac;

use super::signer::encode;
use super::*;

fn fault(keys: &KeySet, text: &str) -> Option<JwtFault> {
    match Token::parse(text) {
        Ok(token) => keys.verify(&token).err(),
        Err(fault) => Some(fault),
    }
}

#[test]
fn no_method_with_a_shared_secret_or_none_at_all() {
    let signer = Signer::rsa("k1", "RS256");
    let keys = KeySet::read(&signer.jwks()).unwrap();
    let claims = encode(claims(&json!({})).to_string());
    for name in ["none", "None", "NONE", "", "HS256", "HS512", "rs256", "RS1", "ES512", "ES256K"] {
        let header = encode(json!({"alg": name, "kid": "k1"}).to_string());
        let signed = format!("{header}.{claims}");
        // As if the public key were a shared secret.
        let public = signer.jwks();
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &public), signed.as_bytes());
        for signature in [String::new(), encode(tag.as_ref())] {
            let text = format!("{signed}.{signature}");
            assert_eq!(fault(&keys, &text), Some(JwtFault::Algorithm), "{name}");
        }
    }
}

#[test]
fn a_key_is_used_by_its_own_method_only() {
    let (rsa, curve) = (Signer::rsa("rsa", "RS256"), Signer::es256("ec"));
    let keys = KeySet::read(&Signer::jwks_of([&rsa, &curve])).unwrap();
    let claims = claims(&json!({})).to_string();
    for (header, signer) in [
        (r#"{"alg":"ES256","kid":"rsa"}"#, &curve),
        (r#"{"alg":"RS256","kid":"ec"}"#, &rsa),
        (r#"{"alg":"EdDSA","kid":"ec"}"#, &curve),
        // The key says that it is for RS256.
        (r#"{"alg":"PS256","kid":"rsa"}"#, &rsa),
        (r#"{"alg":"RS512","kid":"rsa"}"#, &rsa),
    ] {
        let text = signer.sign_parts(header, &claims);
        assert_eq!(fault(&keys, &text), Some(JwtFault::Algorithm), "{header}");
    }
}

#[test]
fn keys_that_a_token_brings_along_are_not_looked_at() {
    let (own, theirs) = (Signer::es256("k1"), Signer::es256("k1"));
    let keys = KeySet::read(&own.jwks()).unwrap();
    let header = json!({"alg": "ES256", "kid": "k1", "jwk": theirs.jwk(),
        "jku": "https://evil.example/keys", "x5u": "https://evil.example/cert"});
    let text = theirs.sign_parts(&header.to_string(), &claims(&json!({})).to_string());
    assert_eq!(fault(&keys, &text), Some(JwtFault::Signature));
}

#[test]
fn one_changed_byte_anywhere_is_noticed() {
    for signer in [Signer::rsa("k1", "PS256"), Signer::es256("k1")] {
        let keys = KeySet::read(&signer.jwks()).unwrap();
        let text = signer.sign(&claims(&json!({})));
        assert_eq!(fault(&keys, &text), None);
        for place in (0..text.len()).step_by(7) {
            let mut changed = text.clone().into_bytes();
            changed[place] = if changed[place] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert!(fault(&keys, &changed).is_some(), "byte {place}");
        }
        // Signatures of other lengths, and none.
        let signed = text.rsplit_once('.').unwrap().0;
        for signature in ["", "AA", &"A".repeat(8000)] {
            let text = format!("{signed}.{signature}");
            assert!(fault(&keys, &text).is_some(), "{}", signature.len());
        }
    }
}

#[test]
fn what_can_be_read_in_two_ways_is_not_read() {
    let signer = Signer::es256("k1");
    let header = r#"{"alg":"ES256","kid":"k1"}"#;
    let plain = claims(&json!({})).to_string();
    let twice = plain.replacen('{', r#"{"sub":"admin","#, 1);
    let deep = plain.replacen('{', r#"{"a":{"b":1,"b":2},"#, 1);
    let malformed = |header: &str, claims: &str| {
        let text = signer.sign_parts(header, claims);
        assert!(matches!(Token::parse(&text), Err(JwtFault::Malformed(_))), "{header} {claims}");
    };
    malformed(header, &twice);
    malformed(header, &deep);
    malformed(r#"{"alg":"ES256","alg":"none","kid":"k1"}"#, &plain);
    malformed(r#"{"alg":"ES256","kid":7}"#, &plain);
    malformed(r#"{"alg":"ES256","kid":"k1","crit":["b64"],"b64":false}"#, &plain);
    malformed(header, "[]");
    malformed(header, "");
    malformed(header, &"[".repeat(5000));
    malformed(header, &format!("{plain}{plain}"));
}

#[test]
fn what_has_another_form_is_no_token() {
    let text = Signer::es256("k1").sign(&claims(&json!({})));
    let huge = Signer::es256("k1").sign(&claims(&json!({"pad": "x".repeat(20_000)})));
    let with_dot = format!("{text}.");
    let padded = format!("{text}=");
    let spaced = format!(" {text}");
    for wrong in
        ["", ".", "..", "...", "e..", "eyJ.eyJ", "sk-abc", &with_dot, &padded, &spaced, &huge]
    {
        assert!(matches!(Token::parse(wrong), Err(JwtFault::Malformed(_))), "{:.40}", wrong);
    }
}

#[test]
fn whose_a_value_is_can_be_told_without_believing_it() {
    let text = Signer::es256("k1").sign(&claims(&json!({})));
    assert_eq!(claimed_issuer(text.as_bytes()).as_deref(), Some(ISSUER));
    let huge = Signer::es256("k1").sign(&claims(&json!({"pad": "x".repeat(40_000)})));
    assert_eq!(claimed_issuer(huge.as_bytes()).as_deref(), Some(ISSUER));
    for other in ["sk-proj-abc", "ya29.a.b", "e.e.e", "eyJ.!!.x", "", "tok-run", "eyJh.eyJh.c.d"] {
        assert_eq!(claimed_issuer(other.as_bytes()), None, "{other}");
    }
}
