//! The form of a sealed value: a version byte, the id of the data key, nonce, ciphertext and tag.

use weir_core::AccountId;
use weir_core::vault::Sealed;

use super::cipher::Cipher;
use super::fault::VaultFault;
use super::keyring::{DataKeyId, ID};

/// The first byte of every value of this form.
const VERSION: u8 = 1;

/// Seals `clear` for one account and purpose.
pub(crate) fn seal(
    cipher: &Cipher,
    key: DataKeyId,
    account: &AccountId,
    purpose: &str,
    clear: &[u8],
) -> Result<Sealed, VaultFault> {
    let mut output = vec![VERSION];
    output.extend_from_slice(&key.0);
    cipher.seal(&associated(account, purpose, key), clear, &mut output)?;
    Ok(Sealed(output))
}

/// Which data key opens a value; `None` when it has no such form.
pub(crate) fn data_key_of(sealed: &Sealed) -> Option<DataKeyId> {
    let (version, rest) = sealed.0.split_first()?;
    let id = rest.first_chunk::<ID>()?;
    (*version == VERSION).then_some(DataKeyId(*id))
}

/// Opens a value that was sealed for the same account and purpose.
pub(crate) fn open(
    cipher: &Cipher,
    account: &AccountId,
    purpose: &str,
    sealed: &Sealed,
) -> Result<Vec<u8>, VaultFault> {
    let opened = data_key_of(sealed).and_then(|key| {
        let text = sealed.0.get(1 + ID..)?;
        cipher.open(&associated(account, purpose, key), text)
    });
    opened.ok_or_else(|| VaultFault::DoesNotOpen(name(account, purpose)))
}

/// How an error names a sealed value.
pub(crate) fn name(account: &AccountId, purpose: &str) -> String {
    format!("{purpose} of account {account}")
}

/// What is bound into a sealed value. Each text goes with its length, so that no two triples of
/// account, purpose and key give the same bytes.
fn associated(account: &AccountId, purpose: &str, key: DataKeyId) -> Vec<u8> {
    let mut bytes = b"weir secret\0".to_vec();
    for text in [account.as_str(), purpose] {
        bytes.extend_from_slice(&(text.len() as u64).to_le_bytes());
        bytes.extend_from_slice(text.as_bytes());
    }
    bytes.extend_from_slice(&key.0);
    bytes
}

#[cfg(test)]
mod tests;
