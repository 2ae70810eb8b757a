//! The document in which an issuer says where its keys are (OpenID Connect Discovery 1.0).

use serde_json::Value;

use super::fault::KeySetFault;

/// Where an issuer's discovery document is.
pub fn discovery_url(issuer: &str) -> String {
    format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'))
}

/// Where the keys are, by an issuer's discovery document.
///
/// # Errors
/// When it is no such document, or one about somebody else: whoever can put a document under an
/// issuer's address must not speak for another issuer.
pub fn read_discovery(json: &[u8], issuer: &str) -> Result<String, KeySetFault> {
    let document: Value = serde_json::from_slice(json).map_err(|_| KeySetFault::NotJson)?;
    let text = |name: &str| document.get(name).and_then(Value::as_str);
    if text("issuer") != Some(issuer) {
        return Err(KeySetFault::OtherIssuer);
    }
    text("jwks_uri").map(ToOwned::to_owned).ok_or(KeySetFault::NoKeysUrl)
}
