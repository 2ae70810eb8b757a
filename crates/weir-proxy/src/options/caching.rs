//! Whether an answer may come from the cache, and for how long it may stay there
//! (spec: data-plane 5).

use std::time::Duration;

use weir_core::gateway::GatewaySettings;

/// Shortest and longest life of an answer, in seconds.
const SHORTEST: u64 = 60;
const LONGEST: u64 = 2_592_000;
/// Life of an answer under a key of the caller's, where the gateway caches nothing.
const UNDER_OWN_KEY: u64 = 300;
/// Longest key of a caller's, in bytes. A longer one counts as absent: cut, it could be another's.
const LONGEST_KEY: usize = 1024;

/// What caller and gateway want of the cache.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum CacheWish {
    /// Nobody asked for it.
    #[default]
    Off,
    /// The caller wants an answer of the provider: a lifetime of nothing.
    Never,
    /// The caller wants an answer of the provider; what is stored stays.
    Skip,
    /// Look it up; store the answer.
    Use {
        /// How long the answer stays.
        ttl: Duration,
        /// The caller's own key, in place of ours.
        key: Option<Box<[u8]>>,
    },
}

impl CacheWish {
    pub(super) fn read(
        skip: Option<bool>,
        ttl: Option<u64>,
        key: Option<&[u8]>,
        gateway: &GatewaySettings,
    ) -> Self {
        let key = key.filter(|key| (1..=LONGEST_KEY).contains(&key.len()));
        let own = gateway.cache_ttl.filter(|seconds| *seconds > 0);
        let seconds = match (ttl, own) {
            (Some(0), _) => return Self::Never,
            (Some(seconds), _) | (None, Some(seconds)) => seconds,
            (None, None) if key.is_some() => UNDER_OWN_KEY,
            (None, None) => return Self::Off,
        };
        if skip == Some(true) {
            return Self::Skip;
        }
        let ttl = Duration::from_secs(seconds.clamp(SHORTEST, LONGEST));
        Self::Use { ttl, key: key.map(Into::into) }
    }

    /// Whether anybody said something about the cache.
    pub(crate) const fn is_asked(&self) -> bool {
        !matches!(self, Self::Off)
    }

    /// Whether the caller has a key of its own.
    pub(crate) const fn has_key(&self) -> bool {
        matches!(self, Self::Use { key: Some(_), .. })
    }

    /// Whether the cache is to be used, for which the body must be there whole.
    pub(crate) const fn is_use(&self) -> bool {
        matches!(self, Self::Use { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(ttl: Option<u64>, key: Option<&[u8]>, gateway: u64) -> Option<u64> {
        let gateway = GatewaySettings { cache_ttl: Some(gateway), ..Default::default() };
        match CacheWish::read(None, ttl, key, &gateway) {
            CacheWish::Use { ttl, .. } => Some(ttl.as_secs()),
            _ => None,
        }
    }

    #[test]
    fn the_header_decides_then_the_gateway_then_the_key() {
        for (ttl, key, gateway, expected) in [
            (None, None, 0, None),
            (None, None, 3600, Some(3600)),
            (None, None, 5, Some(60)),
            (Some(0), None, 3600, None),
            (Some(0), Some(&b"k"[..]), 3600, None),
            (Some(120), None, 0, Some(120)),
            (Some(5), None, 3600, Some(60)),
            (Some(u64::MAX), None, 0, Some(2_592_000)),
            (None, Some(b"k"), 0, Some(300)),
            (None, Some(b"k"), 3600, Some(3600)),
            (None, Some(b""), 0, None),
        ] {
            assert_eq!(seconds(ttl, key, gateway), expected, "{ttl:?} {key:?} {gateway}");
        }
    }

    #[test]
    fn skipping_is_not_the_same_as_never() {
        let gateway = GatewaySettings { cache_ttl: Some(60), ..Default::default() };
        assert_eq!(CacheWish::read(Some(true), None, None, &gateway), CacheWish::Skip);
        assert!(CacheWish::read(Some(false), None, None, &gateway).is_use());
        let off = GatewaySettings::default();
        assert_eq!(CacheWish::read(Some(true), None, None, &off), CacheWish::Off);
    }
}
