//! Identifiers, one type each, so that an account can never be passed where a gateway is meant.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

use crate::clock::Timestamp;

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The identifier as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(Arc::from(text))
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(Arc::from(text))
            }
        }

        // Lets maps keyed by the identifier be read with a borrowed path segment.
        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&*self.0, f)
            }
        }
    };
}

text_id! {
    /// Owner of gateways. Opaque; 32 hex digits in the original product (spec: data-plane 1.2).
    AccountId
}
text_id! {
    /// Name of a gateway inside its account, see [`GatewayId::check`].
    GatewayId
}
text_id! {
    /// Path name of a provider: a catalogue slug, or `custom-{slug}` (spec: data-plane 1.3, 1.7).
    ProviderSlug
}

/// The gateway that comes into being by itself (spec: data-plane 1.10).
pub const DEFAULT_GATEWAY: &str = "default";

impl GatewayId {
    /// Longest permitted id, in characters (spec: data-plane 14).
    pub const MAX_LEN: usize = 64;

    /// Says what is wrong with a gateway id, if anything.
    ///
    /// Lower-case letters, digits, `_`, and single dashes that neither begin nor end it
    /// (spec: management-api 1.7).
    pub fn check(text: &str) -> Result<(), &'static str> {
        if text.is_empty() || text.len() > Self::MAX_LEN {
            return Err("must have 1 to 64 characters");
        }
        if !text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-')) {
            return Err("may hold only a-z, 0-9, '_' and '-'");
        }
        if text.starts_with('-') || text.ends_with('-') || text.contains("--") {
            return Err("may not begin or end with '-', nor hold two in a row");
        }
        Ok(())
    }
}

/// Identifies a request and each of its log rows: a lower-case UUIDv7, so ids sort by time
/// (spec: data-plane 12.3).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LogId(Uuid);

impl LogId {
    /// A fresh id that carries the present time.
    pub fn generate() -> Self {
        Self(Uuid::now_v7())
    }

    /// The 16 bytes, in the order in which ids sort.
    pub fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }

    /// Reads back what [`LogId::as_bytes`] gave.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(bytes))
    }

    /// The time it carries. Ids that were not made here carry any.
    pub fn created_at(&self) -> Timestamp {
        let mut millis = [0; 8];
        millis[2..].copy_from_slice(&self.0.as_bytes()[..6]);
        Timestamp::from_millis(i64::from_be_bytes(millis))
    }

    /// The 36 characters of the id, without an allocation.
    pub fn text(&self) -> [u8; 36] {
        let mut text = [0; 36];
        self.0.hyphenated().encode_lower(&mut text);
        text
    }
}

impl FromStr for LogId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Uuid::parse_str(text).map(Self)
    }
}

impl fmt::Display for LogId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0.hyphenated(), f)
    }
}

impl fmt::Debug for LogId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for LogId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for LogId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gateway_ids_follow_the_published_pattern() {
        for good in ["default", "a", "a-b", "team_1-x", &"x".repeat(64)] {
            assert_eq!(GatewayId::check(good), Ok(()), "{good}");
        }
        for bad in ["", "-a", "a-", "a--b", "A", "a b", "ü", &"x".repeat(65)] {
            assert!(GatewayId::check(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn log_ids_are_lower_case_uuid_v7_and_sort_by_time() {
        let first = LogId::generate();
        let second = LogId::generate();
        assert!(first < second);
        let text = first.to_string();
        assert_eq!(text.as_bytes()[14], b'7');
        assert_eq!(text, text.to_lowercase());
        assert_eq!(text.parse::<LogId>().unwrap(), first);
        assert_eq!(text.as_bytes(), first.text());
        let age = Timestamp::now().as_millis() - first.created_at().as_millis();
        assert!((0..60_000).contains(&age), "{age}");
    }
}
