//! `POST /token`: a signed assertion for an access token. The form and the claims are checked; the
//! signature cannot be, for the simulator knows no account's key.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::simulate::fault::Fault;
use crate::simulate::reply::{Call, Operation, Reply};

const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/// Longest life of an assertion, in seconds.
const MAX_LIFE: u64 = 3600;
/// How far clocks may differ, in seconds.
const SKEW: u64 = 300;

/// A request for a token.
pub(in crate::simulate) struct Token;

impl Token {
    /// Reads the form and judges the assertion.
    pub(in crate::simulate) fn parse(body: &[u8]) -> Result<Self, Fault> {
        let form = std::str::from_utf8(body).unwrap_or_default();
        let field = |name: &str| {
            let mut pairs = form.split('&').filter_map(|pair| pair.split_once('='));
            pairs.find(|(key, _)| *key == name).map(|(_, value)| value.replace("%3A", ":"))
        };
        if field("grant_type").map(|grant| grant.replace("%3a", ":")).as_deref() != Some(GRANT) {
            return Err(Fault::bad_request(format!("grant_type must be {GRANT}."))
                .with_code("unsupported_grant_type"));
        }
        judge(&field("assertion").unwrap_or_default())?;
        Ok(Self)
    }
}

impl Operation for Token {
    fn model(&self) -> &str {
        ""
    }

    fn reply(&self, call: &Call<'_>) -> Result<Reply, Fault> {
        Ok(Reply::document(&json!({
            "access_token": call.id("ya29.simulated-"),
            "expires_in": 3599,
            "token_type": "Bearer",
        })))
    }
}

fn judge(assertion: &str) -> Result<(), Fault> {
    let parts: Vec<&str> = assertion.split('.').collect();
    let [header, claims, signature] = parts.as_slice() else {
        return Err(refused("The assertion must have three parts."));
    };
    if signature.is_empty() || URL_SAFE_NO_PAD.decode(signature).is_err() {
        return Err(refused("The signature of the assertion is not base64url."));
    }
    if json_of(header)?.get("alg").and_then(Value::as_str) != Some("RS256") {
        return Err(refused("The assertion must be signed by RS256."));
    }
    let claims = json_of(claims)?;
    for claim in ["iss", "aud", "scope"] {
        if claims.get(claim).and_then(Value::as_str).is_none_or(str::is_empty) {
            return Err(refused(format!("The claim `{claim}` is missing.")));
        }
    }
    let time = |claim: &str| claims.get(claim).and_then(Value::as_u64);
    let (Some(issued), Some(expires)) = (time("iat"), time("exp")) else {
        return Err(refused("The claims `iat` and `exp` must be whole numbers of seconds."));
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    if expires <= now || issued > now + SKEW || expires > issued + MAX_LIFE {
        return Err(refused(
            "Invalid JWT: the token must be short-lived (60 minutes) and in a reasonable \
             timeframe. Check `iat` and `exp`.",
        ));
    }
    Ok(())
}

fn json_of(part: &str) -> Result<Value, Fault> {
    let bytes = URL_SAFE_NO_PAD.decode(part).unwrap_or_default();
    serde_json::from_slice(&bytes)
        .map_err(|_| refused("A part of the assertion is not JSON in base64url."))
}

fn refused(message: impl Into<std::borrow::Cow<'static, str>>) -> Fault {
    Fault::bad_request(message).with_code("invalid_grant")
}
