//! An issuer of JSON web tokens, played by the mock of the providers: it publishes keys, and signs
//! what a test says.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::upstream::{Answer, Call, Upstream};
use crate::weir::Weir;

/// Names of the mock under which an issuer answers: its discovery document, and its keys.
const DISCOVERY: &str = "issuer";
const KEYS: &str = "issuer-keys";

/// The audience of tokens, unless a test says another.
pub const AUDIENCE: &str = "weir";

/// Whether a call of the mock was for an issuer, not for a provider.
pub fn is_for_issuer(call: &Call) -> bool {
    [DISCOVERY, KEYS].contains(&call.provider.as_str())
}

/// A key that tokens are signed with.
#[derive(Debug)]
pub struct SigningKey {
    id: String,
    pair: Pair,
}

#[derive(Debug)]
enum Pair {
    Rsa(Box<RsaKeyPair>),
    Curve(EcdsaKeyPair),
}

impl SigningKey {
    /// A key on a curve (ES256), which is quickly made.
    ///
    /// # Errors
    /// When none can be made.
    pub fn es256(id: &str) -> Result<Self> {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)?;
        Ok(Self { id: id.to_owned(), pair: Pair::Curve(pair) })
    }

    /// An RSA key (RS256), as access proxies have.
    ///
    /// # Errors
    /// When none can be made.
    pub fn rs256(id: &str) -> Result<Self> {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048)?;
        Ok(Self { id: id.to_owned(), pair: Pair::Rsa(Box::new(pair)) })
    }

    /// The public key, as it is published.
    pub fn jwk(&self) -> Value {
        match &self.pair {
            Pair::Rsa(pair) => {
                // PKCS#1 of a key of 2048 bits: nine bytes before the modulus, five after it.
                let modulus = &pair.public_key().as_ref()[9..265];
                json!({"kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.id,
                    "n": encode(modulus), "e": "AQAB"})
            }
            Pair::Curve(pair) => {
                let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
                json!({"kty": "EC", "crv": "P-256", "kid": self.id, "x": encode(x),
                    "y": encode(y)})
            }
        }
    }

    /// A token of these claims.
    ///
    /// # Errors
    /// When it cannot be signed.
    pub fn sign(&self, claims: &Value) -> Result<String> {
        let algorithm = if matches!(self.pair, Pair::Rsa(_)) { "RS256" } else { "ES256" };
        let header = json!({"alg": algorithm, "kid": self.id, "typ": "JWT"});
        let signed = format!("{}.{}", encode(header.to_string()), encode(claims.to_string()));
        let random = SystemRandom::new();
        let signature = match &self.pair {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, signed.as_bytes(), &mut signature)?;
                signature
            }
            Pair::Curve(pair) => pair.sign(&random, signed.as_bytes())?.as_ref().to_vec(),
        };
        Ok(format!("{signed}.{}", encode(signature)))
    }
}

fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// An issuer at a mock.
#[derive(Debug)]
pub struct Issuer {
    /// The `iss` of its tokens.
    pub url: String,
    /// The key that it signs with now.
    pub key: SigningKey,
    keys_url: String,
}

impl Issuer {
    /// Lets the mock answer as an issuer with this key.
    pub fn at(upstream: &Upstream, key: SigningKey) -> Self {
        let (url, keys_url) = (
            format!("{}/{DISCOVERY}", upstream.base()),
            format!("{}/{KEYS}/jwks", upstream.base()),
        );
        let issuer = Self { url, key, keys_url };
        let document = json!({"issuer": issuer.url, "jwks_uri": issuer.keys_url});
        upstream.script(DISCOVERY, [Answer::json(200, &document)]);
        issuer.publish(upstream, &[&issuer.key]);
        issuer
    }

    /// Publishes these keys from now on.
    pub fn publish(&self, upstream: &Upstream, keys: &[&SigningKey]) {
        let keys: Vec<Value> = keys.iter().map(|key| key.jwk()).collect();
        upstream.script(KEYS, [Answer::json(200, &json!({"keys": keys}))]);
    }

    /// Answers so from now on when it is asked for its keys.
    pub fn answers(&self, upstream: &Upstream, answer: Answer) {
        upstream.script(KEYS, [answer]);
    }

    /// How often it was asked for its keys.
    pub fn asked(upstream: &Upstream) -> usize {
        upstream.calls().iter().filter(|call| call.provider == KEYS).count()
    }

    /// What the management API is told about it.
    pub fn as_configured(&self) -> Value {
        json!({"name": "people", "issuer": self.url, "audiences": [AUDIENCE]})
    }

    /// Enters it at account `acc1`, with changes; gives its id.
    ///
    /// # Errors
    /// When the management API refuses.
    pub async fn enter(&self, weir: &Weir, changes: &Value) -> Result<String> {
        let mut body = self.as_configured();
        for (name, value) in changes.as_object().context("changes")? {
            body[name] = value.clone();
        }
        id(&weir.result("POST", "/issuers", Some(&body)).await?)
    }

    /// The claims of a token that is good for ten minutes, with changes; null takes a claim out.
    pub fn claims(&self, changes: &Value) -> Value {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let mut claims = json!({"iss": self.url, "aud": [AUDIENCE], "sub": "user-1",
            "email": "a@example.com", "iat": now, "nbf": now, "exp": now + 600});
        for (name, value) in changes.as_object().into_iter().flatten() {
            match (value, claims.as_object_mut()) {
                (Value::Null, Some(claims)) => drop(claims.remove(name)),
                (value, _) => claims[name] = value.clone(),
            }
        }
        claims
    }

    /// Such a token.
    ///
    /// # Errors
    /// When it cannot be signed.
    pub fn token(&self, changes: &Value) -> Result<String> {
        self.key.sign(&self.claims(changes))
    }
}

/// Makes a custom domain of gateway `gw1` that answers; gives its id.
///
/// # Errors
/// When the management API refuses.
pub async fn domain(weir: &Weir, hostname: &str, issuer_id: Option<&str>) -> Result<String> {
    let body = json!({"hostname": hostname, "gateway_id": "gw1", "status": "active",
        "issuer_id": issuer_id});
    id(&weir.result("POST", "/custom-domains", Some(&body)).await?)
}

fn id(made: &Value) -> Result<String> {
    made.get("id").and_then(Value::as_str).map(ToOwned::to_owned).context("an id")
}
