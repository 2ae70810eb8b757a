//! Master keys, and the text they are written in: one key on each line, the present one first,
//! those that still open something below; `#` begins a comment.

use std::fmt::Write as _;
use std::sync::Arc;

use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::cipher::{Cipher, KEY, KeyBytes, random_key};
use super::fault::VaultFault;

/// A master key.
pub(crate) struct MasterKey {
    id: String,
    bytes: KeyBytes,
    pub(super) cipher: Cipher,
}

impl MasterKey {
    /// A fresh one.
    pub(crate) fn generate() -> Result<Self, VaultFault> {
        Self::from_bytes(random_key()?)
    }

    fn from_bytes(bytes: KeyBytes) -> Result<Self, VaultFault> {
        let digest = Sha256::new().chain_update("weir master key\0").chain_update(*bytes);
        let mut id = String::with_capacity(16);
        for byte in &digest.finalize()[..8] {
            // Writing to a String cannot fail.
            let _ = write!(id, "{byte:02x}");
        }
        let cipher = Cipher::new(&bytes)?;
        Ok(Self { id, bytes, cipher })
    }

    /// 16 hex digits that tell keys apart and say nothing about them: a piece of their hash.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }
}

/// The master keys there are, the present one first. Never empty.
#[derive(Clone)]
pub(crate) struct MasterKeys(Vec<Arc<MasterKey>>);

impl MasterKeys {
    /// One present key, and those that are still needed.
    pub(crate) fn new(present: Arc<MasterKey>, further: Vec<Arc<MasterKey>>) -> Self {
        let mut keys = further;
        keys.retain(|key| key.id != present.id);
        keys.insert(0, present);
        Self(keys)
    }

    /// Reads a text; `place` says where it was found.
    pub(crate) fn parse(text: &str, place: &str) -> Result<Self, VaultFault> {
        let wrong = |wrong| VaultFault::NotAKey { place: place.to_owned(), wrong };
        let mut keys = Vec::new();
        for (number, line) in text.lines().enumerate() {
            let line = line.split('#').next().unwrap_or_default().trim();
            if line.is_empty() {
                continue;
            }
            // What was read is not repeated: a mistyped key is nearly a key.
            let bytes =
                read_key(line).ok_or_else(|| wrong(format!("line {} holds no key", number + 1)))?;
            keys.push(Arc::new(MasterKey::from_bytes(bytes)?));
        }
        if keys.is_empty() {
            return Err(wrong("there is no key in it".to_owned()));
        }
        Ok(Self(keys))
    }

    /// The key that new data keys are wrapped with.
    pub(crate) fn present(&self) -> &Arc<MasterKey> {
        &self.0[0]
    }

    /// A key by its id.
    pub(crate) fn get(&self, id: &str) -> Option<&Arc<MasterKey>> {
        self.0.iter().find(|key| key.id == id)
    }

    /// Every key, the present one first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<MasterKey>> {
        self.0.iter()
    }

    /// The text that [`MasterKeys::parse`] reads.
    pub(crate) fn to_text(&self) -> Zeroizing<String> {
        const HEAD: &str = "# Opens the secrets of Weir. Whoever holds this file and config.db \
                            reads them; without it, nobody does.\n";
        // All the space at once, so that growing leaves no copy behind.
        let mut text = Zeroizing::new(String::with_capacity(HEAD.len() + 80 * self.0.len()));
        text.push_str(HEAD);
        for key in &self.0 {
            for byte in &*key.bytes {
                let _ = write!(text, "{byte:02x}");
            }
            let _ = writeln!(text, " # {}", key.id);
        }
        text
    }
}

/// 64 hex digits, or 32 bytes in base64 of either alphabet, padded or not.
fn read_key(text: &str) -> Option<KeyBytes> {
    let mut key = KeyBytes::default();
    if text.len() == 2 * KEY && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        for (place, byte) in key.iter_mut().enumerate() {
            *byte = u8::from_str_radix(text.get(2 * place..2 * place + 2)?, 16).ok()?;
        }
        return Some(key);
    }
    let lenient =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    for alphabet in [&STANDARD, &URL_SAFE] {
        let decoded = GeneralPurpose::new(alphabet, lenient).decode(text).map(Zeroizing::new);
        if let Ok(bytes) = decoded
            && bytes.len() == KEY
        {
            key.copy_from_slice(&bytes);
            return Some(key);
        }
    }
    None
}

#[cfg(test)]
mod tests;
