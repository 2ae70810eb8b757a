//! The assertion, its exchange, and the answer.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::{Value, json};
use weir_core::{Secret, Timestamp};

use super::account::{ServiceAccount, wrong};
use crate::auth::CredentialFault;
use crate::canonical::Failure;

const SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform";
/// The longest that Google takes, in seconds.
const LIFETIME: i64 = 3600;
const GRANT: &str = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=";

/// A token for `authorization: Bearer`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessToken {
    /// The token.
    pub token: Secret<String>,
    /// Seconds from the answer on; ask anew well before.
    pub expires_in: u64,
}

/// The body of the exchange: a POST of `application/x-www-form-urlencoded` to
/// [`ServiceAccount::token_uri`]. It is as good as the key until it expires.
///
/// # Errors
/// When the private key is not one that can sign.
pub fn form(account: &ServiceAccount, now: Timestamp) -> Result<Secret<String>, CredentialFault> {
    assertion(account, now).map(|assertion| Secret::new(format!("{GRANT}{assertion}")))
}

pub(super) fn assertion(
    account: &ServiceAccount,
    now: Timestamp,
) -> Result<String, CredentialFault> {
    let issued = now.as_millis().div_euclid(1000);
    let mut header = json!({"alg": "RS256", "typ": "JWT"});
    if let Some(id) = &account.private_key_id {
        header["kid"] = Value::from(id.as_str());
    }
    let claims = json!({
        "iss": account.client_email,
        "scope": SCOPE,
        "aud": account.token_uri,
        "iat": issued,
        "exp": issued + LIFETIME,
    });
    let encode = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
    let text = format!("{}.{}", encode(&header), encode(&claims));
    let key = RsaKeyPair::from_pkcs8(account.private_key.expose())
        .map_err(|_| wrong("private_key", "has to be an RSA key"))?;
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature)
        .map_err(|_| CredentialFault::NotSigned)?;
    Ok(format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

#[derive(Deserialize)]
struct Granted {
    access_token: String,
    #[serde(default = "one_hour")]
    expires_in: u64,
}

const fn one_hour() -> u64 {
    3600
}

/// Reads the answer to the exchange.
///
/// # Errors
/// A failure for the client: 401 when Google does not take the account, else what the token
/// endpoint said, or 502.
pub fn read_token(status: u16, body: &[u8]) -> Result<AccessToken, Failure> {
    if (200..300).contains(&status) {
        // The reader's own error is left out: it may quote the token.
        let granted: Granted = serde_json::from_slice(body)
            .map_err(|_| Failure::unreadable("Google's token endpoint gave no access_token"))?;
        return Ok(AccessToken {
            token: Secret::new(granted.access_token),
            expires_in: granted.expires_in,
        });
    }
    let status = match status {
        400 | 401 | 403 => 401,
        429 | 503 => status,
        _ => 502,
    };
    let said: Value = serde_json::from_slice(body).unwrap_or_default();
    let word = |place: &Value| place.as_str().map(str::to_owned);
    // OAuth's own form, or that of Google's other errors.
    let code = word(&said["error"]).or_else(|| word(&said["error"]["status"]));
    let reason = word(&said["error_description"]).or_else(|| word(&said["error"]["message"]));
    let said = [code.clone(), reason].into_iter().flatten().collect::<Vec<_>>().join(": ");
    let said = if said.is_empty() { "no reason given" } else { &said };
    let message = format!("Google gave no token for the service account: {said}");
    let kind = Some("authentication_error".to_owned());
    Err(Failure { kind, code, ..Failure::new(status, message) })
}
