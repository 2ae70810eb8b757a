//! What is wrong with a token, or with an issuer's keys.

/// Why a token is not accepted. No text of it holds anything of the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JwtFault {
    /// It is no token, or one that can be read in two ways.
    #[error("it is not a well-formed JSON web token: {0}")]
    Malformed(&'static str),
    /// Signed by a method that is not accepted, or not by that of the key it names.
    #[error("it is signed by a method that is not accepted")]
    Algorithm,
    /// It names a key that its issuer does not publish, or none where there are several.
    #[error("its key id (kid) is none that its issuer publishes")]
    UnknownKey,
    /// The signature is not the issuer's.
    #[error("its signature is not the issuer's")]
    Signature,
    /// Another issuer's.
    #[error("its issuer (iss) is another one")]
    Issuer,
    /// Meant for somebody else.
    #[error("its audience (aud) is none that is configured for its issuer")]
    Audience,
    /// It says no end.
    #[error("it has no end (exp)")]
    Endless,
    /// Over.
    #[error("it has expired (exp)")]
    Expired,
    /// Its time has not begun.
    #[error("it is not valid yet (nbf); are the clocks right?")]
    NotYet,
    /// A claim that the operator requires is missing or has another value.
    #[error("it lacks a claim that is required of its issuer")]
    Requirement,
}

impl JwtFault {
    /// Label in metrics.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Malformed(_) => "malformed",
            Self::Algorithm => "algorithm",
            Self::UnknownKey => "unknown_key",
            Self::Signature => "signature",
            Self::Issuer => "issuer",
            Self::Audience => "audience",
            Self::Endless => "endless",
            Self::Expired => "expired",
            Self::NotYet => "not_yet",
            Self::Requirement => "requirement",
        }
    }
}

/// Why a document of an issuer is of no use. Safe to show to operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeySetFault {
    /// Not the JSON object that it should be.
    #[error("it is not the JSON document that it should be")]
    NotJson,
    /// No key of it can be used.
    #[error("it holds no key for signatures that are accepted here")]
    NoKey,
    /// The discovery document is about another issuer.
    #[error("the discovery document names another issuer")]
    OtherIssuer,
    /// The discovery document does not say where the keys are.
    #[error("the discovery document has no jwks_uri")]
    NoKeysUrl,
}
