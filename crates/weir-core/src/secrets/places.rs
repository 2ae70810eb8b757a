//! The places that references may name, as the operator lists them. Nothing is permitted by
//! default: whoever may store a key could otherwise read whatever the process can.

use super::SecretReference;

/// The places that references may name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SecretPlaces {
    /// Names of variables; `*` stands for any part of a name.
    pub environment: Vec<String>,
    /// Paths of files; `*` stands for any part of one segment.
    pub files: Vec<String>,
    /// Mounts of the KV store; `None` when there is no store.
    pub mounts: Option<Vec<String>>,
}

/// A place that may not be named. The text names the setting that would permit it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaceRefused(pub String);

impl std::fmt::Display for PlaceRefused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for PlaceRefused {}

impl SecretPlaces {
    /// Whether a reference may be used.
    ///
    /// # Errors
    ///
    /// Which setting would have to permit it.
    pub fn check(&self, reference: &SecretReference) -> Result<(), PlaceRefused> {
        let permitted = match reference {
            SecretReference::Environment(name) => {
                self.environment.iter().any(|pattern| matches(pattern, name))
            }
            SecretReference::File(path) => is_plain(path) && self.pattern_of(path).is_some(),
            SecretReference::Vault { path, .. } => self.mount_of(path).is_some(),
        };
        if permitted { Ok(()) } else { Err(self.refusal(reference)) }
    }

    /// The entry of `files` that permits a path.
    pub fn pattern_of(&self, path: &str) -> Option<&str> {
        self.files.iter().map(String::as_str).find(|pattern| {
            let (mut wanted, mut found) = (pattern.split('/'), path.split('/'));
            loop {
                match (wanted.next(), found.next()) {
                    (None, None) => break true,
                    (Some(wanted), Some(found)) if matches(wanted, found) => {}
                    _ => break false,
                }
            }
        })
    }

    /// The mount that a path of the KV store begins with, and what follows it.
    pub fn mount_of<'a>(&'a self, path: &'a str) -> Option<(&'a str, &'a str)> {
        let plain = |segment: &str| {
            let visible = |byte: u8| byte.is_ascii_graphic() && !b"?#%\\*".contains(&byte);
            !matches!(segment, "" | "." | "..") && segment.bytes().all(visible)
        };
        if !path.split('/').all(plain) {
            return None;
        }
        let mounts = self.mounts.iter().flatten().map(|mount| mount.trim_matches('/'));
        let below = mounts.filter_map(|mount| {
            let below = path.strip_prefix(mount)?.strip_prefix('/')?;
            (!mount.is_empty() && !below.is_empty()).then_some((mount, below))
        });
        below.max_by_key(|(mount, _)| mount.len())
    }

    fn refusal(&self, reference: &SecretReference) -> PlaceRefused {
        let (what, setting) = match reference {
            SecretReference::Environment(_) => ("this variable", "secrets.environment"),
            SecretReference::File(path) if !is_plain(path) => {
                let text = "the path must not hold '.' or '..' or empty segments";
                return PlaceRefused(text.to_owned());
            }
            SecretReference::File(_) => ("this file", "secrets.files"),
            SecretReference::Vault { .. } if self.mounts.is_none() => {
                let text = "there is no KV store: the operator sets secrets.vault.address";
                return PlaceRefused(text.to_owned());
            }
            SecretReference::Vault { .. } => ("this path", "secrets.vault.mounts"),
        };
        PlaceRefused(format!("{what} is not permitted: the operator lists it in {setting}"))
    }
}

/// Whether a path has one spelling.
fn is_plain(path: &str) -> bool {
    let mut segments = path.strip_prefix('/').unwrap_or_default().split('/');
    segments.all(|segment| !matches!(segment, "" | "." | "..") && !segment.contains('\0'))
}

/// Whether a text is what a pattern means, in which `*` stands for any text, even none.
fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else {
        return false;
    };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places() -> SecretPlaces {
        let list = |entries: &[&str]| entries.iter().map(|it| (*it).to_owned()).collect();
        SecretPlaces {
            environment: list(&["WEIR_KEY_*", "EXACT"]),
            files: list(&["/run/secrets/*", "/etc/keys/*/api.key"]),
            mounts: Some(list(&["secret", "kv/team"])),
        }
    }

    fn refused(places: &SecretPlaces, text: &str) -> Option<String> {
        let reference = SecretReference::parse(text).unwrap();
        places.check(&reference).err().map(|refused| refused.0)
    }

    #[test]
    fn nothing_is_permitted_by_default() {
        for (text, setting) in [
            ("env:PATH", "secrets.environment"),
            ("file:/etc/passwd", "secrets.files"),
            ("vault:secret/openai#key", "secrets.vault.address"),
        ] {
            let refused = refused(&SecretPlaces::default(), text).unwrap();
            assert!(refused.contains(setting), "{refused}");
        }
    }

    #[test]
    fn what_is_listed_is_permitted() {
        for text in [
            "env:WEIR_KEY_OPENAI",
            "env:EXACT",
            "file:/run/secrets/openai",
            "file:/etc/keys/team/api.key",
            "vault:secret/a/b#key",
            "vault:kv/team/x#key",
        ] {
            assert_eq!(refused(&places(), text), None, "{text}");
        }
    }

    #[test]
    fn tricks_are_refused() {
        for text in [
            "env:EXACTLY",
            "env:XWEIR_KEY_A",
            "file:/run/secrets/a/b",
            "file:/run/secrets/../../etc/passwd",
            "file:/run/secrets/..",
            "file:/run/secrets/",
            "file:/run//secrets/a",
            "file:/etc/keys/api.key",
            "vault:secrets/a#key",
            "vault:kv/other/x#key",
            "vault:secret/../sys/raw#key",
            "vault:secret/a?version=1#key",
            "vault:secret/a%2f..%2fb#key",
            "vault:secret//a#key",
        ] {
            assert!(refused(&places(), text).is_some(), "{text}");
        }
        let places = places();
        assert_eq!(places.mount_of("kv/team/a/b"), Some(("kv/team", "a/b")));
    }
}
