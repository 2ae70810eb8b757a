//! An issuer's side: keys, and tokens signed with them.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair,
    KeyPair as _, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256, RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

pub(super) struct Signer {
    pub(super) id: String,
    pub(super) algorithm: &'static str,
    pub(super) pair: Pair,
}

pub(super) enum Pair {
    Rsa(Box<RsaKeyPair>),
    P256(EcdsaKeyPair),
    P384(EcdsaKeyPair),
    Ed25519(Box<Ed25519KeyPair>),
}

pub(super) fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

impl Signer {
    pub(super) fn rsa(id: &str, algorithm: &'static str) -> Self {
        let pair = Pair::Rsa(Box::new(RsaKeyPair::generate(KeySize::Rsa2048).unwrap()));
        Self { id: id.to_owned(), algorithm, pair }
    }

    pub(super) fn es256(id: &str) -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        Self { id: id.to_owned(), algorithm: "ES256", pair: Pair::P256(pair) }
    }

    /// One for each method.
    pub(super) fn every() -> Vec<Self> {
        let p384 = EcdsaKeyPair::generate(&ECDSA_P384_SHA384_FIXED_SIGNING).unwrap();
        let ed25519 = Pair::Ed25519(Box::new(Ed25519KeyPair::generate().unwrap()));
        vec![
            Self::rsa("rs256", "RS256"),
            Self::rsa("rs384", "RS384"),
            Self::rsa("rs512", "RS512"),
            Self::rsa("ps256", "PS256"),
            Self::es256("es256"),
            Self { id: "es384".to_owned(), algorithm: "ES384", pair: Pair::P384(p384) },
            Self { id: "eddsa".to_owned(), algorithm: "EdDSA", pair: ed25519 },
        ]
    }

    pub(super) fn sign(&self, claims: &Value) -> String {
        let header = json!({"alg": self.algorithm, "kid": self.id, "typ": "JWT"});
        self.sign_parts(&header.to_string(), &claims.to_string())
    }

    /// Signs header and claims as they are written.
    pub(super) fn sign_parts(&self, header: &str, claims: &str) -> String {
        let signed = format!("{}.{}", encode(header), encode(claims));
        let signature = self.signature(signed.as_bytes());
        format!("{signed}.{}", encode(signature))
    }

    fn signature(&self, signed: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Rsa(pair) => {
                let padding: &'static dyn aws_lc_rs::signature::RsaEncoding = match self.algorithm {
                    "RS384" => &RSA_PKCS1_SHA384,
                    "RS512" => &RSA_PKCS1_SHA512,
                    "PS256" => &RSA_PSS_SHA256,
                    _ => &RSA_PKCS1_SHA256,
                };
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(padding, &random, signed, &mut signature).unwrap();
                signature
            }
            Pair::P256(pair) | Pair::P384(pair) => {
                pair.sign(&random, signed).unwrap().as_ref().to_vec()
            }
            Pair::Ed25519(pair) => pair.sign(signed).as_ref().to_vec(),
        }
    }

    /// The public key.
    pub(super) fn jwk(&self) -> Value {
        let point = |bytes: &[u8], curve: &str| {
            let (x, y) = bytes[1..].split_at((bytes.len() - 1) / 2);
            json!({"kty": "EC", "crv": curve, "kid": self.id, "x": encode(x), "y": encode(y)})
        };
        match &self.pair {
            Pair::Rsa(pair) => {
                // PKCS#1 of a key of 2048 bits: nine bytes before the modulus, five after it.
                let modulus = &pair.public_key().as_ref()[9..265];
                json!({"kty": "RSA", "use": "sig", "kid": self.id, "alg": self.algorithm,
                    "n": encode(modulus), "e": "AQAB"})
            }
            Pair::P256(pair) => point(pair.public_key().as_ref(), "P-256"),
            Pair::P384(pair) => point(pair.public_key().as_ref(), "P-384"),
            Pair::Ed25519(pair) => json!({"kty": "OKP", "crv": "Ed25519", "kid": self.id,
                "x": encode(pair.public_key().as_ref())}),
        }
    }

    pub(super) fn jwks(&self) -> Vec<u8> {
        Self::jwks_of([self])
    }

    pub(super) fn jwks_of<'a>(signers: impl IntoIterator<Item = &'a Self>) -> Vec<u8> {
        let keys: Vec<Value> = signers.into_iter().map(Self::jwk).collect();
        json!({"keys": keys}).to_string().into_bytes()
    }
}
