//! API tokens: who may do what.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};

use crate::budget::BudgetTerms;
use crate::clock::Timestamp;
use crate::fault::{Fault, Faults};
use crate::id::{AccountId, GatewayId};
use crate::net;
use crate::policy::Target;

/// SHA-256 of a token. Tokens are random and long, so a fast hash is the right one; the token
/// itself is never stored.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenHash(pub [u8; 32]);

impl TokenHash {
    /// The hash of a presented token.
    pub fn of(token: &[u8]) -> Self {
        Self(Sha256::digest(token).into())
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[token hash]")
    }
}

/// What a token allows (spec: management-api 1.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Permission {
    /// Everything.
    #[serde(rename = "*")]
    All,
    /// Inference on the data plane.
    #[serde(rename = "AI Gateway Run")]
    Run,
    /// Every read of the management API, log bodies included.
    #[serde(rename = "AI Gateway Read")]
    Read,
    /// Reads without log bodies.
    #[serde(rename = "AI Gateway Metadata Read")]
    MetadataRead,
    /// All writes and all reads.
    #[serde(rename = "AI Gateway Write")]
    Write,
    /// Names, scopes and previews of stored secrets, never their values.
    #[serde(rename = "Secrets Store Read")]
    SecretsRead,
    /// Changes of stored secrets and provider keys.
    #[serde(rename = "Secrets Store Write")]
    SecretsWrite,
    /// Analytics queries.
    #[serde(rename = "Account Analytics Read")]
    AnalyticsRead,
    /// The model catalogue.
    #[serde(rename = "Workers AI Read")]
    WorkersAiRead,
}

impl Permission {
    /// Every permission, in the order in which help texts list them.
    pub const EVERY: [Self; 9] = [
        Self::All,
        Self::Run,
        Self::Read,
        Self::MetadataRead,
        Self::Write,
        Self::SecretsRead,
        Self::SecretsWrite,
        Self::AnalyticsRead,
        Self::WorkersAiRead,
    ];

    /// The published name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::All => "*",
            Self::Run => "AI Gateway Run",
            Self::Read => "AI Gateway Read",
            Self::MetadataRead => "AI Gateway Metadata Read",
            Self::Write => "AI Gateway Write",
            Self::SecretsRead => "Secrets Store Read",
            Self::SecretsWrite => "Secrets Store Write",
            Self::AnalyticsRead => "Account Analytics Read",
            Self::WorkersAiRead => "Workers AI Read",
        }
    }

    /// Reads a published name, or its short form (`run`, `read`, `metadata-read`, ...).
    pub fn parse(text: &str) -> Option<Self> {
        let short =
            |name: &str| name.trim_start_matches("AI Gateway ").to_lowercase().replace(' ', "-");
        Self::EVERY
            .into_iter()
            .find(|permission| permission.name() == text || short(permission.name()) == text)
    }

    /// Whether holding `self` allows what needs `needed`. Write includes the reads.
    pub fn grants(self, needed: Self) -> bool {
        self == needed
            || self == Self::All
            || matches!(
                (self, needed),
                (Self::Write, Self::Read | Self::MetadataRead)
                    | (Self::Read, Self::MetadataRead)
                    | (Self::SecretsWrite, Self::SecretsRead)
            )
    }
}

/// Written as hex digits. A store needs it; nobody else may show it.
impl Serialize for TokenHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use fmt::Write as _;
        let mut text = String::with_capacity(64);
        for byte in self.0 {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        serializer.serialize_str(&text)
    }
}

impl<'de> Deserialize<'de> for TokenHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        let wrong = || serde::de::Error::custom("not 64 hex digits");
        let mut hash = [0; 32];
        if text.len() != 64 || !text.is_ascii() {
            return Err(wrong());
        }
        for (place, byte) in hash.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[2 * place..2 * place + 2], 16).map_err(|_| wrong())?;
        }
        Ok(Self(hash))
    }
}

/// A token as stored: everything but the token.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ApiToken {
    /// A UUID.
    pub id: Arc<str>,
    /// The account it opens.
    pub account_id: AccountId,
    /// Name for people.
    pub name: String,
    /// Hash of the token.
    pub hash: TokenHash,
    /// Length of the token in bytes: lets the data plane skip header values that cannot be one.
    pub length: u16,
    /// What it allows.
    pub permissions: Vec<Permission>,
    /// The gateways it opens; `None` means every gateway of the account.
    #[serde(default)]
    pub gateways: Option<Vec<GatewayId>>,
    /// The models it may ask, as `author/model` with `*` for any text without `/`; `None` means all.
    #[serde(default)]
    pub models: Option<Vec<String>>,
    /// Addresses and networks it may come from; empty means all.
    #[serde(default)]
    pub ip_allow: Vec<String>,
    /// What it may use, beside the budgets of its account.
    #[serde(default)]
    pub budgets: Vec<BudgetTerms>,
    /// Set aside: it is refused until this is taken back.
    #[serde(default)]
    pub disabled: bool,
    /// Before then it is refused.
    #[serde(default)]
    pub not_before: Option<Timestamp>,
    /// Creation time.
    pub created_at: Timestamp,
    /// Last change; `None` when there was none. It lets the trail show that a token got a new value.
    #[serde(default)]
    pub modified_at: Option<Timestamp>,
    /// From then on it is refused.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked, for good.
    pub revoked_at: Option<Timestamp>,
}

impl ApiToken {
    /// Budgets of one token.
    pub const MOST_BUDGETS: usize = 10;

    /// Whether it may be used: neither revoked, disabled nor expired, and its time has begun.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none()
            && !self.disabled
            && self.not_before.is_none_or(|at| at <= now)
            && self.expires_at.is_none_or(|at| now < at)
    }

    /// Whether it opens that gateway of its account.
    pub fn opens(&self, gateway: &str) -> bool {
        let named = |gateways: &Vec<GatewayId>| gateways.iter().any(|id| id.as_str() == gateway);
        self.gateways.as_ref().is_none_or(named)
    }

    /// Whether it may ask that model.
    pub fn may_ask(&self, target: Target<'_>) -> bool {
        self.models.as_ref().is_none_or(|models| models.iter().any(|it| target.fits(it)))
    }

    /// What is wrong with what it is limited by. Paths begin at its own fields.
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Faults::new("token");
        faults.within("ip_allow", |faults| net::check(&self.ip_allow, faults));
        let models = self.models.iter().flatten().enumerate();
        faults.within("models", |faults| {
            if self.models.as_ref().is_some_and(Vec::is_empty) {
                faults.refuse("must name at least one; null means all of them");
            }
            for (place, model) in models {
                if model.is_empty() || model.len() > 256 {
                    faults.refuse_at(place, "must be author/model, with * for any text");
                }
            }
        });
        faults.within("budgets", |faults| {
            if self.budgets.len() > Self::MOST_BUDGETS {
                faults.refuse(format_args!("may hold {} budgets", Self::MOST_BUDGETS));
            }
            for (place, terms) in self.budgets.iter().enumerate() {
                faults.within(place, |faults| {
                    terms.check(faults);
                    if self.budgets[..place].iter().any(|other| terms.shares_a_bucket(other)) {
                        faults.refuse("has the unit and the time of another budget of the token");
                    }
                });
            }
        });
        faults.into_found()
    }

    /// Whether it allows what needs `needed`.
    pub fn grants(&self, needed: Permission) -> bool {
        self.permissions.iter().any(|held| held.grants(needed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_and_short_names_are_read() {
        for permission in Permission::EVERY {
            assert_eq!(Permission::parse(permission.name()), Some(permission));
        }
        assert_eq!(Permission::parse("run"), Some(Permission::Run));
        assert_eq!(Permission::parse("metadata-read"), Some(Permission::MetadataRead));
        assert_eq!(Permission::parse("root"), None);
    }

    #[test]
    fn write_includes_reads_but_run_does_not() {
        assert!(Permission::Write.grants(Permission::Read));
        assert!(Permission::Read.grants(Permission::MetadataRead));
        assert!(!Permission::MetadataRead.grants(Permission::Read));
        assert!(!Permission::Run.grants(Permission::Read));
        assert!(!Permission::Write.grants(Permission::SecretsWrite));
        assert!(Permission::All.grants(Permission::SecretsWrite));
        assert!(Permission::SecretsWrite.grants(Permission::SecretsRead));
        assert!(!Permission::SecretsRead.grants(Permission::SecretsWrite));
        assert!(!Permission::Read.grants(Permission::SecretsRead));
    }
}
