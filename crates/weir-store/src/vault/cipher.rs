//! AES-256-GCM with a random nonce for each message.
//!
//! Random 96-bit nonces are safe for 2^32 messages of one key. A data key seals what one account's
//! operators change by hand, so it stays far below.

use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};
use aws_lc_rs::rand;
use zeroize::Zeroizing;

use super::fault::VaultFault;

/// Length of a key in bytes.
pub(crate) const KEY: usize = 32;
const NONCE: usize = 12;
const TAG: usize = 16;

/// A key in clear; wiped when it is dropped.
pub(crate) type KeyBytes = Zeroizing<[u8; KEY]>;

/// A fresh random key.
pub(crate) fn random_key() -> Result<KeyBytes, VaultFault> {
    let mut bytes = KeyBytes::default();
    rand::fill(&mut *bytes).map_err(|_| VaultFault::Refused("make random numbers"))?;
    Ok(bytes)
}

/// A key, ready for use.
pub(crate) struct Cipher(RandomizedNonceKey);

impl Cipher {
    pub(crate) fn new(key: &KeyBytes) -> Result<Self, VaultFault> {
        let refused = |_| VaultFault::Refused("take a key");
        RandomizedNonceKey::new(&AES_256_GCM, &**key).map(Self).map_err(refused)
    }

    /// Adds nonce, ciphertext and tag to `output`. Opens only with the same `associated` bytes.
    pub(crate) fn seal(
        &self,
        associated: &[u8],
        clear: &[u8],
        output: &mut Vec<u8>,
    ) -> Result<(), VaultFault> {
        // Encrypted in place, in a buffer large enough never to leave a clear copy behind.
        let mut text = Vec::with_capacity(clear.len() + TAG);
        text.extend_from_slice(clear);
        let nonce = self
            .0
            .seal_in_place_append_tag(Aad::from(associated), &mut text)
            .map_err(|_| VaultFault::Refused("seal"))?;
        output.reserve(NONCE + text.len());
        output.extend_from_slice(nonce.as_ref());
        output.extend_from_slice(&text);
        Ok(())
    }

    /// The clear text of what [`Cipher::seal`] added, or `None` when that, or `associated`, is not
    /// what it was.
    pub(crate) fn open(&self, associated: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, text) = sealed.split_at_checked(NONCE)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut text = text.to_vec();
        let length = self.0.open_in_place(nonce, Aad::from(associated), &mut text).ok()?.len();
        text.truncate(length);
        Some(text)
    }
}
