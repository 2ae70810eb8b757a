//! Start line and headers, in order and with duplicates.

use anyhow::{Context as _, Result};

/// Headers as they stood on the wire.
///
/// Values that are not UTF-8 are kept with one character for each byte, so nothing is lost.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers(Vec<(String, String)>);

impl Headers {
    /// The first value under a name; names are compared without regard to case.
    pub fn get(&self, name: &str) -> Option<&str> {
        let mut same = self.0.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
        same.next().map(|(_, value)| value.as_str())
    }

    /// Every value under a name, in order.
    pub fn all(&self, name: &str) -> Vec<&str> {
        let same = self.0.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
        same.map(|(_, value)| value.as_str()).collect()
    }

    /// Every header, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// The part of a message before its body.
#[derive(Clone, Debug, Default)]
pub struct Head {
    /// Request line or status line.
    pub start: String,
    /// The headers.
    pub headers: Headers,
    /// All of it as received, with the empty line that ends it.
    pub raw: Vec<u8>,
}

impl Head {
    /// Reads a head off the front of `input`; `None` while its end has not arrived.
    ///
    /// # Errors
    /// When a header line has no colon.
    pub fn parse(input: &[u8]) -> Result<Option<Self>> {
        let Some(end) = input.windows(4).position(|window| window == b"\r\n\r\n") else {
            return Ok(None);
        };
        let raw = input.get(..end + 4).unwrap_or(input).to_vec();
        let text = text(raw.get(..end).unwrap_or(&raw));
        let mut lines = text.split("\r\n");
        let start = lines.next().unwrap_or_default().to_owned();
        let headers = lines.map(|line| {
            let (name, value) = line.split_once(':').with_context(|| format!("header {line:?}"))?;
            Ok((name.to_owned(), value.trim_matches([' ', '\t']).to_owned()))
        });
        let headers = Headers(headers.collect::<Result<_>>()?);
        Ok(Some(Self { start, headers, raw }))
    }

    /// Word `index` of the start line.
    pub fn word(&self, index: usize) -> &str {
        self.start.split(' ').nth(index).unwrap_or_default()
    }
}

/// Bytes as text without loss: UTF-8, or else one character for each byte.
fn text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().copied().map(char::from).collect(),
    }
}
