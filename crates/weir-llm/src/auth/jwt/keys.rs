//! The keys of an issuer, as it publishes them (JWKS).

use aws_lc_rs::signature::{RsaPublicKeyComponents, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::algorithm::{Algorithm, Curve};
use super::fault::{JwtFault, KeySetFault};
use super::token::Token;

/// Keys of a set that are read at most.
const MOST: usize = 100;

/// Keys of one id that are tried at most.
const TRIES: usize = 4;

/// An issuer's keys. Those that cannot be used here are left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeySet {
    keys: Vec<Key>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Key {
    id: Option<String>,
    /// The only method it is for, if it says one.
    algorithm: Option<Algorithm>,
    material: Material,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Material {
    Rsa { modulus: Vec<u8>, exponent: Vec<u8> },
    Curve { curve: Curve, point: Vec<u8> },
}

impl KeySet {
    /// Reads a set.
    ///
    /// # Errors
    /// When it is no set, or holds no key that can be used.
    pub fn read(json: &[u8]) -> Result<Self, KeySetFault> {
        let set: Value = serde_json::from_slice(json).map_err(|_| KeySetFault::NotJson)?;
        let keys = set.get("keys").and_then(Value::as_array).ok_or(KeySetFault::NotJson)?;
        let keys: Vec<Key> = keys.iter().filter_map(Key::read).take(MOST).collect();
        if keys.is_empty() { Err(KeySetFault::NoKey) } else { Ok(Self { keys }) }
    }

    /// Whether a token was signed with one of the keys.
    ///
    /// # Errors
    /// [`JwtFault::UnknownKey`] when a fresher set may help; else what is wrong for good.
    pub fn verify(&self, token: &Token<'_>) -> Result<(), JwtFault> {
        let chosen: Vec<&Key> = match &token.key_id {
            Some(id) => {
                let named: Vec<&Key> =
                    self.keys.iter().filter(|key| key.id.as_ref() == Some(id)).collect();
                if named.is_empty() {
                    return Err(JwtFault::UnknownKey);
                }
                named.into_iter().filter(|key| key.is_for(token.algorithm)).take(TRIES).collect()
            }
            // Without an id there must be no choice.
            None => {
                let fitting: Vec<&Key> =
                    self.keys.iter().filter(|key| key.is_for(token.algorithm)).collect();
                if fitting.len() > 1 {
                    return Err(JwtFault::UnknownKey);
                }
                fitting
            }
        };
        if chosen.is_empty() {
            return Err(JwtFault::Algorithm);
        }
        let verified = chosen.iter().any(|key| key.verifies(token));
        if verified { Ok(()) } else { Err(JwtFault::Signature) }
    }
}

impl Key {
    fn read(key: &Value) -> Option<Self> {
        let text = |name: &str| key.get(name).and_then(Value::as_str);
        if text("use").is_some_and(|it| it != "sig") {
            return None;
        }
        if let Some(operations) = key.get("key_ops") {
            operations.as_array()?.iter().find(|it| it.as_str() == Some("verify"))?;
        }
        let algorithm = match text("alg") {
            Some(name) => Some(Algorithm::parse(name)?),
            None => None,
        };
        let bytes = |name: &str| URL_SAFE_NO_PAD.decode(text(name)?.trim_end_matches('=')).ok();
        let material = match text("kty")? {
            "RSA" => {
                let (modulus, exponent) = (unpadded(bytes("n")?), unpadded(bytes("e")?));
                if !(256..=1024).contains(&modulus.len()) || exponent.is_empty() {
                    return None;
                }
                Material::Rsa { modulus, exponent }
            }
            "EC" => {
                let curve = Curve::parse(text("crv")?).filter(|it| *it != Curve::Ed25519)?;
                let coordinate = |name| bytes(name).filter(|it| it.len() == curve.size());
                let point = [vec![4], coordinate("x")?, coordinate("y")?].concat();
                Material::Curve { curve, point }
            }
            "OKP" => {
                let curve = Curve::parse(text("crv")?).filter(|it| *it == Curve::Ed25519)?;
                let point = bytes("x").filter(|it| it.len() == curve.size())?;
                Material::Curve { curve, point }
            }
            _ => return None,
        };
        Some(Self { id: text("kid").map(ToOwned::to_owned), algorithm, material })
    }

    /// Whether the key's kind, and what it says of itself, fit a method.
    fn is_for(&self, algorithm: Algorithm) -> bool {
        let fits = match &self.material {
            Material::Rsa { .. } => algorithm.rsa().is_some(),
            Material::Curve { curve, .. } => {
                algorithm.curve().is_some_and(|(wanted, _)| wanted == *curve)
            }
        };
        fits && self.algorithm.is_none_or(|own| own == algorithm)
    }

    fn verifies(&self, token: &Token<'_>) -> bool {
        let verified = match &self.material {
            Material::Rsa { modulus, exponent } => token.algorithm.rsa().map(|parameters| {
                RsaPublicKeyComponents { n: modulus, e: exponent }.verify(
                    parameters,
                    token.signed,
                    &token.signature,
                )
            }),
            Material::Curve { point, .. } => token.algorithm.curve().map(|(_, method)| {
                UnparsedPublicKey::new(method, point).verify(token.signed, &token.signature)
            }),
        };
        matches!(verified, Some(Ok(())))
    }
}

/// A number without the zeros that some issuers put before it.
fn unpadded(mut number: Vec<u8>) -> Vec<u8> {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.drain(..zeros);
    number
}
