//! Whether a token is what an operator expects of its issuer.

use serde_json::Value;
use weir_core::Timestamp;
use weir_core::access::Issuer;

use super::claims::find;
use super::fault::JwtFault;
use super::token::Token;

/// How far the clocks of an issuer and of this machine may be apart, in seconds.
const LEEWAY: f64 = 60.0;

/// When a token holds, with the leeway of clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Life {
    /// Before then it does not.
    pub from: Option<Timestamp>,
    /// From then on it does not.
    pub until: Timestamp,
}

impl Life {
    /// Whether a moment lies in it.
    ///
    /// # Errors
    /// Says on which side the moment lies.
    pub fn check(&self, now: Timestamp) -> Result<(), JwtFault> {
        if now >= self.until {
            return Err(JwtFault::Expired);
        }
        if self.from.is_some_and(|from| now < from) {
            return Err(JwtFault::NotYet);
        }
        Ok(())
    }
}

/// Issuer, audience and time. Asked before any key is: a token that is too old stays so whatever it
/// is signed with.
///
/// # Errors
/// What does not fit.
pub fn check_claims(token: &Token<'_>, issuer: &Issuer, now: Timestamp) -> Result<Life, JwtFault> {
    if token.issuer() != Some(issuer.issuer.as_str()) {
        return Err(JwtFault::Issuer);
    }
    let until = token.claims.get("exp").and_then(Value::as_f64).ok_or(JwtFault::Endless)?;
    let from = match token.claims.get("nbf") {
        None => None,
        Some(nbf) => {
            let wrong = JwtFault::Malformed("its begin (nbf) is not a number");
            Some(timestamp(nbf.as_f64().ok_or(wrong)? - LEEWAY))
        }
    };
    let life = Life { from, until: timestamp(until + LEEWAY) };
    life.check(now)?;
    let is_ours = |audience: &Value| {
        audience.as_str().is_some_and(|it| issuer.audiences.iter().any(|ours| ours == it))
    };
    let meant = match token.claims.get("aud") {
        Some(Value::Array(audiences)) => audiences.iter().any(is_ours),
        Some(audience) => is_ours(audience),
        None => false,
    };
    if meant { Ok(life) } else { Err(JwtFault::Audience) }
}

/// Claims that the operator requires. Asked after the signature: nobody learns by trying what they
/// are.
///
/// # Errors
/// [`JwtFault::Requirement`].
pub fn check_required(token: &Token<'_>, issuer: &Issuer) -> Result<(), JwtFault> {
    let is = |value: &Value, wanted: &str| match value {
        Value::String(text) => text == wanted,
        Value::Bool(flag) => wanted == if *flag { "true" } else { "false" },
        Value::Number(number) => number.to_string() == wanted,
        _ => false,
    };
    let met = issuer.required.iter().all(|(name, wanted)| match find(&token.claims, name) {
        Some(Value::Array(values)) => values.iter().any(|value| is(value, wanted)),
        Some(value) => is(value, wanted),
        None => false,
    });
    if met { Ok(()) } else { Err(JwtFault::Requirement) }
}

/// Seconds, as a moment. What no clock reaches becomes the last one.
fn timestamp(seconds: f64) -> Timestamp {
    const LAST: f64 = 253_402_300_799.0;
    // In these bounds the number fits.
    #[expect(clippy::cast_possible_truncation, reason = "clamped to the years 1970 to 9999")]
    Timestamp::from_millis((seconds.clamp(0.0, LAST) * 1000.0) as i64)
}
