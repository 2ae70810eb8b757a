//! Methods of signing that are accepted.

use aws_lc_rs::signature::{
    self, ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, RsaParameters,
    VerificationAlgorithm,
};

/// A method of signing with a key pair. Methods with a shared secret, and none at all, do not exist
/// here: whoever knows an issuer's public key could sign with them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// RSA, PKCS#1, SHA-256.
    Rs256,
    /// RSA, PKCS#1, SHA-384.
    Rs384,
    /// RSA, PKCS#1, SHA-512.
    Rs512,
    /// RSA, PSS, SHA-256.
    Ps256,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// ECDSA on P-384 with SHA-384.
    Es384,
    /// Ed25519.
    EdDsa,
}

impl Algorithm {
    /// Reads an `alg`; capitals count.
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "RS256" => Self::Rs256,
            "RS384" => Self::Rs384,
            "RS512" => Self::Rs512,
            "PS256" => Self::Ps256,
            "ES256" => Self::Es256,
            "ES384" => Self::Es384,
            "EdDSA" => Self::EdDsa,
            _ => return None,
        })
    }

    /// How RSA is used, where it is.
    pub(super) fn rsa(self) -> Option<&'static RsaParameters> {
        Some(match self {
            Self::Rs256 => &signature::RSA_PKCS1_2048_8192_SHA256,
            Self::Rs384 => &signature::RSA_PKCS1_2048_8192_SHA384,
            Self::Rs512 => &signature::RSA_PKCS1_2048_8192_SHA512,
            Self::Ps256 => &signature::RSA_PSS_2048_8192_SHA256,
            _ => return None,
        })
    }

    /// How a curve is used, where one is.
    pub(super) fn curve(self) -> Option<(Curve, &'static dyn VerificationAlgorithm)> {
        Some(match self {
            Self::Es256 => (Curve::P256, &ECDSA_P256_SHA256_FIXED),
            Self::Es384 => (Curve::P384, &ECDSA_P384_SHA384_FIXED),
            Self::EdDsa => (Curve::Ed25519, &ED25519),
            _ => return None,
        })
    }
}

/// A curve that keys may be on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Curve {
    P256,
    P384,
    Ed25519,
}

impl Curve {
    pub(super) fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "P-256" => Self::P256,
            "P-384" => Self::P384,
            "Ed25519" => Self::Ed25519,
            _ => return None,
        })
    }

    /// Bytes of one coordinate.
    pub(super) const fn size(self) -> usize {
        match self {
            Self::P256 | Self::Ed25519 => 32,
            Self::P384 => 48,
        }
    }
}
