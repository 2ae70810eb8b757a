//! The key file of a service account.

use base64::Engine as _;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use base64::engine::{DecodePaddingMode, general_purpose::STANDARD};
use weir_core::Secret;

use crate::auth::CredentialFault;
use crate::auth::members::Members;

const WHAT: &str = "the service account";
const USUAL_TOKEN_URI: &str = "https://oauth2.googleapis.com/token";
const ANY_PADDING: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Which addresses a key file may name for the exchange. Whoever stores a key chooses that address,
/// so anything but Google's own hosts would let them reach into the operator's network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TokenUri {
    /// `https` and a host under `googleapis.com`.
    #[default]
    GoogleOnly,
    /// Whatever the file says: the operator vouches for it.
    Any,
}

/// A service account and its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceAccount {
    /// Who asks: `name@project.iam.gserviceaccount.com`.
    pub client_email: String,
    /// Names the key to Google.
    pub private_key_id: Option<String>,
    /// The private key in PKCS#8.
    pub(super) private_key: Secret<Vec<u8>>,
    /// Where the assertion is exchanged.
    pub token_uri: String,
    /// The account's own project.
    pub project_id: Option<String>,
    /// Not Google's: operators add it, for requests that do not name their region.
    pub region: Option<String>,
}

impl ServiceAccount {
    /// Reads the JSON of a key file, or base64 of it. `None` when the text is neither, so perhaps
    /// another kind of key.
    ///
    /// # Errors
    /// Names what is missing or wrong.
    pub fn detect(text: &str, allowed: TokenUri) -> Result<Option<Self>, CredentialFault> {
        let text = text.trim();
        if text.starts_with('{') {
            return Self::from_json(text.as_bytes(), allowed).map(Some);
        }
        let packed: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
        match ANY_PADDING.decode(packed) {
            Ok(json) if json.trim_ascii_start().starts_with(b"{") => {
                Self::from_json(&json, allowed).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// Reads the JSON of a key file.
    ///
    /// # Errors
    /// Names what is missing or wrong.
    pub fn from_json(json: &[u8], allowed: TokenUri) -> Result<Self, CredentialFault> {
        let members = Members::read(WHAT, json)?;
        if members.optional("type").is_some_and(|kind| kind != "service_account") {
            return Err(wrong("type", "has to be service_account; other key files cannot be used"));
        }
        let client_email = members.required("client_email")?.to_owned();
        let private_key = pkcs8(members.required("private_key")?)?;
        let token_uri = members.optional("token_uri").unwrap_or(USUAL_TOKEN_URI);
        if allowed == TokenUri::GoogleOnly && !is_google(token_uri) {
            let reason = "has to be https://oauth2.googleapis.com/token or another address at \
                          googleapis.com";
            return Err(wrong("token_uri", reason));
        }
        Ok(Self {
            client_email,
            private_key_id: members.optional("private_key_id").map(str::to_owned),
            private_key,
            token_uri: token_uri.to_owned(),
            project_id: members.optional("project_id").map(str::to_owned),
            region: members.region()?.map(str::to_owned),
        })
    }

    /// The region, for requests that do not name one.
    ///
    /// # Errors
    /// Says that the file has to be given one.
    pub fn region(&self) -> Result<&str, CredentialFault> {
        self.region.as_deref().ok_or(CredentialFault::Missing { what: WHAT, key: "region" })
    }
}

pub(super) fn wrong(key: &'static str, reason: &'static str) -> CredentialFault {
    CredentialFault::Wrong { what: WHAT, key, reason: reason.into() }
}

/// The bytes inside the PEM armour. Files that went through an environment variable often have `\n`
/// in two letters.
fn pkcs8(pem: &str) -> Result<Secret<Vec<u8>>, CredentialFault> {
    let refused =
        || wrong("private_key", "has to be a PKCS#8 key between BEGIN and END PRIVATE KEY");
    let (_, rest) = pem.split_once("-----BEGIN PRIVATE KEY-----").ok_or_else(refused)?;
    let (body, _) = rest.split_once("-----END PRIVATE KEY-----").ok_or_else(refused)?;
    let packed: String = body.replace("\\n", "").split_ascii_whitespace().collect();
    STANDARD.decode(packed).map(Secret::new).map_err(|_| refused())
}

/// No user, no port, no query, and a host that belongs to Google.
fn is_google(uri: &str) -> bool {
    let Some(rest) = uri.strip_prefix("https://") else { return false };
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let label = |label: &str| {
        !label.is_empty() && label.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
    };
    let owned = host.strip_suffix(".googleapis.com");
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'-' | b'_' | b'.');
    owned.is_some_and(|names| names.split('.').all(label)) && path.bytes().all(plain)
}
