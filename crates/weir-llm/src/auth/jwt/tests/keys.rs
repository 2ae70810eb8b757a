//! What is made of the keys that issuers publish.

use super::*;

fn set(keys: &Value) -> Result<KeySet, KeySetFault> {
    KeySet::read(json!({"keys": keys}).to_string().as_bytes())
}

fn with(mut key: Value, name: &str, value: &Value) -> Value {
    key[name] = value.clone();
    key
}

#[test]
fn keys_that_cannot_be_used_are_left_out() {
    let key = Signer::es256("k1").jwk();
    assert!(set(&json!([key])).is_ok());
    for (name, value) in [
        ("use", json!("enc")),
        ("key_ops", json!(["encrypt"])),
        ("key_ops", json!("verify")),
        ("alg", json!("HS256")),
        ("alg", json!("none")),
        ("kty", json!("oct")),
        ("crv", json!("P-521")),
        ("crv", json!("Ed25519")),
        ("x", json!("AA")),
        ("y", json!("###")),
    ] {
        let found = set(&json!([with(key.clone(), name, &value)]));
        assert_eq!(found, Err(KeySetFault::NoKey), "{name}: {value}");
    }
    assert_eq!(set(&json!([])), Err(KeySetFault::NoKey));
    assert_eq!(KeySet::read(b"[]"), Err(KeySetFault::NotJson));
    assert_eq!(KeySet::read(b"{\"keys\":1}"), Err(KeySetFault::NotJson));
}

#[test]
fn short_rsa_keys_are_none() {
    let key = json!({"kty": "RSA", "kid": "k", "e": "AQAB", "n": signer::encode([0xff; 128])});
    assert_eq!(set(&json!([key])), Err(KeySetFault::NoKey));
    // Zeros in front do not make it longer.
    let padded = [vec![0; 128], vec![0xff; 128]].concat();
    assert_eq!(
        set(&json!([with(key, "n", &json!(signer::encode(padded)))])),
        Err(KeySetFault::NoKey)
    );
}

#[test]
fn zeros_and_padding_that_some_issuers_write_do_no_harm() {
    let signer = Signer::rsa("k1", "RS256");
    let mut key = signer.jwk();
    let modulus = [vec![0], base64_of(&key["n"])].concat();
    key["n"] = json!(format!("{}=", signer::encode(modulus)));
    let text = signer.sign(&claims(&json!({})));
    assert_eq!(set(&json!([key])).unwrap().verify(&Token::parse(&text).unwrap()), Ok(()));
}

fn base64_of(value: &Value) -> Vec<u8> {
    use base64::Engine as _;
    let engine = base64::engine::general_purpose::URL_SAFE_NO_PAD;
    engine.decode(value.as_str().unwrap()).unwrap()
}

#[test]
fn without_a_key_id_there_must_be_no_choice() {
    let (one, two) = (Signer::es256("k1"), Signer::es256("k2"));
    let text = one.sign_parts(r#"{"alg":"ES256"}"#, &claims(&json!({})).to_string());
    let token = Token::parse(&text).unwrap();
    assert_eq!(KeySet::read(&one.jwks()).unwrap().verify(&token), Ok(()));
    let both = KeySet::read(&Signer::jwks_of([&one, &two])).unwrap();
    assert_eq!(both.verify(&token), Err(JwtFault::UnknownKey));
    // Keys of another kind are no choice.
    let rsa = Signer::rsa("k3", "RS256");
    let mixed = KeySet::read(&Signer::jwks_of([&one, &rsa])).unwrap();
    assert_eq!(mixed.verify(&token), Ok(()));
}
