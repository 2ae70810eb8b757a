//! A token, taken apart but not yet believed.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::algorithm::Algorithm;
use super::fault::JwtFault;
use super::unique;

/// Longest token that is looked into, in bytes. Tokens with hundreds of groups have a tenth of it.
const LONGEST: usize = 16 * 1024;

/// A token whose parts could be read. Nothing of it is true yet.
#[derive(Debug)]
pub struct Token<'a> {
    pub(super) algorithm: Algorithm,
    pub(super) key_id: Option<String>,
    pub(super) claims: Map<String, Value>,
    /// Header and claims, as they were signed.
    pub(super) signed: &'a [u8],
    pub(super) signature: Vec<u8>,
}

impl<'a> Token<'a> {
    /// Takes a token apart.
    ///
    /// # Errors
    /// [`JwtFault::Malformed`], or [`JwtFault::Algorithm`] for a method that is not accepted.
    pub fn parse(text: &'a str) -> Result<Self, JwtFault> {
        if text.len() > LONGEST {
            return Err(JwtFault::Malformed("it is too long"));
        }
        let three = "it does not have three parts";
        let (signed, signature) = text.rsplit_once('.').ok_or(JwtFault::Malformed(three))?;
        let (header, claims) = signed.split_once('.').ok_or(JwtFault::Malformed(three))?;
        if claims.contains('.') {
            return Err(JwtFault::Malformed(three));
        }
        let header = object(header)?;
        let algorithm = header.get("alg").and_then(Value::as_str).and_then(Algorithm::parse);
        let algorithm = algorithm.ok_or(JwtFault::Algorithm)?;
        // Whoever names something critical wants a reader to refuse who does not know it.
        if header.contains_key("crit") {
            return Err(JwtFault::Malformed("it asks for an extension that is not known"));
        }
        let key_id = match header.get("kid") {
            None => None,
            Some(Value::String(id)) => Some(id.clone()),
            Some(_) => return Err(JwtFault::Malformed("its key id is not a text")),
        };
        let signature = decode(signature)?;
        let claims = object(claims)?;
        Ok(Self { algorithm, key_id, claims, signed: signed.as_bytes(), signature })
    }

    /// The issuer that it claims to be of.
    pub fn issuer(&self) -> Option<&str> {
        self.claims.get("iss").and_then(Value::as_str)
    }
}

/// Whether a value looks like a token: three parts, and the first begins like JSON in base64.
pub fn is_shaped(value: &[u8]) -> bool {
    value.first() == Some(&b'e') && value.iter().filter(|byte| **byte == b'.').count() == 2
}

/// The issuer that a value claims to be of, if it is a token at all. Of whatever length: what is of
/// an issuer must be recognised, to be kept from travelling on.
pub fn claimed_issuer(value: &[u8]) -> Option<String> {
    if !is_shaped(value) {
        return None;
    }
    let claims = value.split(|byte| *byte == b'.').nth(1)?;
    let json = URL_SAFE_NO_PAD.decode(claims).ok()?;
    // Duplicates do not matter here: the last one counts, as with most readers.
    let claims: Map<String, Value> = serde_json::from_slice(&json).ok()?;
    claims.get("iss").and_then(Value::as_str).map(ToOwned::to_owned)
}

fn decode(part: &str) -> Result<Vec<u8>, JwtFault> {
    let refuse = |_| JwtFault::Malformed("a part of it is not base64url");
    URL_SAFE_NO_PAD.decode(part).map_err(refuse)
}

fn object(part: &str) -> Result<Map<String, Value>, JwtFault> {
    let refused = JwtFault::Malformed("a part of it is not a JSON object, or has a name twice");
    unique::object(&decode(part)?).ok_or(refused)
}
