//! Keys that a call was sent with do not stay in what is kept of it. Some providers repeat a key in
//! their answers, most of all in errors; the client gets those as they are, the log and the cache do
//! not.

use std::borrow::Cow;

use http::{HeaderName, HeaderValue};
use memchr::memmem;

use crate::front::headers::without_scheme;

/// What stands in the place of a key.
const STRUCK: &str = "[redacted]";

/// Shorter keys are not looked for: they would be found where they are none.
const SHORTEST: usize = 8;

/// The keys that a call was sent with.
#[derive(Clone, Default)]
pub(crate) struct SentKeys(Vec<HeaderValue>);

impl SentKeys {
    /// The keys in these headers.
    pub(crate) fn of(headers: &[(HeaderName, HeaderValue)]) -> Self {
        Self(headers.iter().map(|(_, value)| value.clone()).collect())
    }

    /// Adds what a header holds.
    pub(crate) fn add(&mut self, value: &HeaderValue) {
        self.0.push(value.clone());
    }

    /// Each key in each spelling that an answer may have it in.
    fn spellings(&self) -> impl Iterator<Item = Cow<'_, [u8]>> {
        let keys = self.0.iter().map(|value| without_scheme(value.as_bytes()));
        // A signature is good for its one request.
        let keys = keys.filter(|key| key.len() >= SHORTEST && !key.starts_with(b"AWS4-HMAC"));
        keys.flat_map(|key| {
            let in_json = json(key, false).filter(|it| it != key);
            let with_slashes =
                json(key, true).filter(|it| it != key && Some(it) != in_json.as_ref());
            [Some(Cow::Borrowed(key)), in_json.map(Cow::Owned), with_slashes.map(Cow::Owned)]
        })
        .flatten()
    }

    /// Whether a key is in there.
    pub(crate) fn are_in(&self, bytes: &[u8]) -> bool {
        self.spellings().any(|key| memmem::find(bytes, &key).is_some())
    }

    /// Strikes every key out of a body.
    pub(crate) fn strike(&self, bytes: &mut Vec<u8>) {
        for key in self.spellings() {
            let finder = memmem::Finder::new(&*key);
            let Some(first) = finder.find(bytes) else { continue };
            let mut struck = Vec::with_capacity(bytes.len());
            let (mut from, mut at) = (0, Some(first));
            while let Some(found) = at {
                struck.extend_from_slice(&bytes[from..found]);
                struck.extend_from_slice(STRUCK.as_bytes());
                from = found + key.len();
                at = finder.find(&bytes[from..]).map(|next| from + next);
            }
            struck.extend_from_slice(&bytes[from..]);
            *bytes = struck;
        }
    }

    /// Strikes every key out of a text.
    pub(crate) fn strike_text(&self, text: &mut Box<str>) {
        if self.are_in(text.as_bytes()) {
            let mut bytes = text.as_bytes().to_vec();
            self.strike(&mut bytes);
            *text = String::from_utf8_lossy(&bytes).into();
        }
    }
}

/// A key as it stands inside a JSON text, where some writers escape slashes, too.
fn json(key: &[u8], slashes: bool) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(key).ok()?;
    let quoted = serde_json::to_string(text).ok()?;
    let inner = quoted.get(1..quoted.len() - 1)?;
    let inner = if slashes { inner.replace('/', "\\/") } else { inner.to_owned() };
    Some(inner.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(values: &[&'static str]) -> SentKeys {
        let name = http::header::AUTHORIZATION;
        let header = |text: &&'static str| (name.clone(), HeaderValue::from_static(text));
        SentKeys::of(&values.iter().map(header).collect::<Vec<_>>())
    }

    fn struck(keys: &SentKeys, text: &str) -> String {
        let mut bytes = text.as_bytes().to_vec();
        keys.strike(&mut bytes);
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn every_spelling_of_a_key_is_struck_out() {
        let keys = keys(&["Bearer sk-12345678", "a/b\"c/d-9999", "short"]);
        for (text, left) in [
            ("key sk-12345678, twice: sk-12345678", "key [redacted], twice: [redacted]"),
            (r#"{"k":"a/b\"c/d-9999"}"#, r#"{"k":"[redacted]"}"#),
            (r#"{"k":"a\/b\"c\/d-9999"}"#, r#"{"k":"[redacted]"}"#),
            ("a/b\"c/d-9999", "[redacted]"),
            ("short", "short"),
            ("sk-1234567", "sk-1234567"),
            ("", ""),
        ] {
            assert_eq!(struck(&keys, text), left);
            assert_eq!(keys.are_in(text.as_bytes()), text != left);
        }
    }

    #[test]
    fn signatures_are_left_alone() {
        let keys = keys(&["AWS4-HMAC-SHA256 Credential=AKIA/x, Signature=abc"]);
        assert!(!keys.are_in(b"AWS4-HMAC-SHA256 Credential=AKIA/x, Signature=abc"));
    }
}
