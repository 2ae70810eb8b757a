//! What is looked for: each secret in many encodings.

use anyhow::{Result, bail};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// Secrets in the encodings in which they might slip out.
pub(super) struct Needles(Vec<(String, Vec<u8>)>);

impl Needles {
    pub(super) fn of(secrets: &[&str]) -> Self {
        let mut needles = Vec::new();
        for secret in secrets {
            let mut add =
                |how: &str, bytes: Vec<u8>| needles.push((format!("{secret} {how}"), bytes));
            let bytes = secret.as_bytes();
            add("as it is", bytes.to_vec());
            // Parts of it tell as much.
            add("its end", bytes[8..].to_vec());
            add("backwards", bytes.iter().rev().copied().collect());
            let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            add("as hex", hex.clone().into_bytes());
            add("as large hex", hex.to_uppercase().into_bytes());
            add("in JSON", secret.replace('/', "\\/").into_bytes());
            let percent = |byte: &u8| match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                    char::from(*byte).to_string()
                }
                other => format!("%{other:02X}"),
            };
            let percent: String = bytes.iter().map(percent).collect();
            add("in a URL", percent.clone().into_bytes());
            add("in a URL, small", percent.to_lowercase().into_bytes());
            for offset in 0..3 {
                // Three ways in which its bytes may lie in base64, without the edges that depend on
                // what stands beside it.
                let mut padded = vec![0; offset];
                padded.extend_from_slice(bytes);
                let whole = padded.len() / 3 * 3;
                let from = offset.div_ceil(3) * 4;
                let plain = STANDARD_NO_PAD.encode(&padded[..whole]);
                add("in base64", plain.as_bytes()[from..].to_vec());
                let url = URL_SAFE_NO_PAD.encode(&padded[..whole]);
                add("in base64 for URLs", url.as_bytes()[from..].to_vec());
            }
            let wide = |order: fn(u16) -> [u8; 2]| secret.encode_utf16().flat_map(order).collect();
            add("in UTF-16", wide(u16::to_le_bytes));
            add("in UTF-16, large end first", wide(u16::to_be_bytes));
        }
        Self(needles)
    }

    /// Fails when one of them is there.
    pub(super) fn refuse(&self, place: &str, bytes: &[u8]) -> Result<()> {
        for (what, needle) in &self.0 {
            if let Some(at) = bytes.windows(needle.len()).position(|window| window == needle) {
                let around = &bytes[at.saturating_sub(200)..(at + 200).min(bytes.len())];
                bail!("{place} holds {what}: {}", String::from_utf8_lossy(around));
            }
        }
        Ok(())
    }
}

#[test]
fn every_encoding_is_found() {
    let needles = Needles::of(&["sk-canary-Aa0/1+2bZ9qT"]);
    let secret = "sk-canary-Aa0/1+2bZ9qT";
    let hidden = [
        format!("x{secret}x"),
        secret.chars().rev().collect(),
        "sk-canary-Aa0%2F1%2B2bZ9qT".to_owned(),
        STANDARD_NO_PAD.encode(format!("a{secret}zz")),
        STANDARD_NO_PAD.encode(format!("ab{secret}zz")),
        STANDARD_NO_PAD.encode(format!("abc{secret}zz")),
        URL_SAFE_NO_PAD.encode(format!("abc{secret}zz")),
    ];
    for text in hidden {
        assert!(needles.refuse("here", text.as_bytes()).is_err(), "{text}");
    }
    assert!(needles.refuse("here", b"nothing").is_ok());
}
