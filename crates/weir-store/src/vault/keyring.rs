//! The keys that a process has at hand: master keys as last read, and the data keys it has
//! unwrapped with them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::rand;
use weir_core::AccountId;

use super::cipher::{Cipher, KEY, KeyBytes, random_key};
use super::fault::VaultFault;
use super::master::{MasterKey, MasterKeys};
use super::place::KeyPlace;

/// Length of a data key's id in bytes.
pub(crate) const ID: usize = 16;

/// Unwrapped data keys to keep; beyond that they are unwrapped anew, which takes a microsecond.
const KEPT: usize = 4096;

/// Names a data key: random bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct DataKeyId(pub(crate) [u8; ID]);

/// A data key as it is stored.
#[derive(Clone)]
pub(crate) struct WrappedKey {
    pub(crate) id: DataKeyId,
    pub(crate) account: AccountId,
    /// Id of the master key that opens it.
    pub(crate) master_key: String,
    pub(crate) wrapped: Vec<u8>,
}

impl WrappedKey {
    /// A fresh data key under a master key.
    pub(crate) fn generate(account: &AccountId, master: &MasterKey) -> Result<Self, VaultFault> {
        let mut id = [0; ID];
        rand::fill(&mut id).map_err(|_| VaultFault::Refused("make random numbers"))?;
        Self::wrap(DataKeyId(id), account, master, &random_key()?)
    }

    fn wrap(
        id: DataKeyId,
        account: &AccountId,
        master: &MasterKey,
        key: &KeyBytes,
    ) -> Result<Self, VaultFault> {
        let mut wrapped = Vec::new();
        let associated = associated(id, account, master.id());
        master.cipher.seal(&associated, &**key, &mut wrapped)?;
        Ok(Self { id, account: account.clone(), master_key: master.id().to_owned(), wrapped })
    }

    /// The same data key under another master key.
    pub(crate) fn rewrap(&self, from: &MasterKey, to: &MasterKey) -> Result<Self, VaultFault> {
        Self::wrap(self.id, &self.account, to, &self.unwrap(from)?)
    }

    fn unwrap(&self, master: &MasterKey) -> Result<KeyBytes, VaultFault> {
        let associated = associated(self.id, &self.account, master.id());
        let opened = master.cipher.open(&associated, &self.wrapped).map(zeroize::Zeroizing::new);
        let key = opened.as_deref().and_then(|bytes| <[u8; KEY]>::try_from(&**bytes).ok());
        key.map(KeyBytes::new).ok_or_else(|| {
            VaultFault::DoesNotOpen(format!("the data key of account {}", self.account))
        })
    }
}

/// What is bound into a wrapped key, see `sealed::associated`.
fn associated(id: DataKeyId, account: &AccountId, master: &str) -> Vec<u8> {
    let mut bytes = b"weir data key\0".to_vec();
    bytes.extend_from_slice(&id.0);
    for text in [master, account.as_str()] {
        bytes.extend_from_slice(&(text.len() as u64).to_le_bytes());
        bytes.extend_from_slice(text.as_bytes());
    }
    bytes
}

/// The keys of a process.
pub(crate) struct Keyring {
    place: KeyPlace,
    masters: Mutex<MasterKeys>,
    ciphers: Mutex<HashMap<DataKeyId, Arc<Cipher>>>,
}

impl Keyring {
    pub(crate) fn new(place: KeyPlace, masters: MasterKeys) -> Self {
        Self { place, masters: Mutex::new(masters), ciphers: Mutex::default() }
    }

    /// A data key that was unwrapped before.
    pub(crate) fn known(&self, id: DataKeyId) -> Option<Arc<Cipher>> {
        self.ciphers.lock().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
    }

    /// A stored data key, ready for use. Blocks on the disk when the master keys were exchanged
    /// since they were last read.
    pub(crate) fn unwrap(&self, stored: &WrappedKey) -> Result<Arc<Cipher>, VaultFault> {
        if let Some(cipher) = self.known(stored.id) {
            return Ok(cipher);
        }
        let cipher = Arc::new(Cipher::new(&stored.unwrap(&*self.master(&stored.master_key)?)?)?);
        let mut ciphers = self.ciphers.lock().unwrap_or_else(PoisonError::into_inner);
        if ciphers.len() >= KEPT {
            ciphers.clear();
        }
        ciphers.insert(stored.id, Arc::clone(&cipher));
        Ok(cipher)
    }

    /// A fresh data key under the present master key. Blocks on the disk: the keys are read anew,
    /// because what is wrapped with a key that was exchanged meanwhile would never open again. The
    /// caller holds the lock under which keys are exchanged.
    pub(crate) fn new_data_key(&self, account: &AccountId) -> Result<WrappedKey, VaultFault> {
        WrappedKey::generate(account, self.read_again()?.present())
    }

    fn master(&self, id: &str) -> Result<Arc<MasterKey>, VaultFault> {
        let known = self.masters.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned();
        if let Some(key) = known {
            return Ok(key);
        }
        let keys = self.read_again()?;
        keys.get(id).cloned().ok_or_else(|| self.place.missing(&[id], Some(&keys)))
    }

    fn read_again(&self) -> Result<MasterKeys, VaultFault> {
        let keys = match self.place.read()? {
            Some(keys) => keys,
            None => {
                let present = self.masters.lock().unwrap_or_else(PoisonError::into_inner);
                return Err(self.place.missing(&[present.present().id()], None));
            }
        };
        *self.masters.lock().unwrap_or_else(PoisonError::into_inner) = keys.clone();
        Ok(keys)
    }
}
