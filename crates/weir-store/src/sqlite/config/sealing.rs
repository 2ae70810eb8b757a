//! Sealing with the data keys of the file, and the vault made of it.

use std::sync::Arc;

use async_trait::async_trait;
use rusqlite::Connection;
use weir_core::store::StoreResult;
use weir_core::vault::{Sealed, Vault};
use weir_core::{AccountId, Secret};

use super::data_keys;
use super::file::{File, Locking};
use crate::sqlite::fault::Fault;
use crate::vault::{self, DataKeyId, Keyring, VaultFault};

/// Seals under the account's key in use, and makes one if there is none. Needs the write lock.
pub(super) fn seal(
    connection: &Connection,
    keyring: &Keyring,
    account: &AccountId,
    purpose: &str,
    clear: &[u8],
) -> Result<Sealed, Fault> {
    // The table is asked each time: another process may have retired the key we know.
    let key = match data_keys::in_use(connection, account.as_str())? {
        Some(key) => key,
        None => {
            let key = keyring.new_data_key(account)?;
            data_keys::insert(connection, &key)?;
            key
        }
    };
    Ok(vault::seal(&*keyring.unwrap(&key)?, key.id, account, purpose, clear)?)
}

/// Opens what [`seal`] gave for the same account and purpose.
pub(super) fn open(
    connection: &Connection,
    keyring: &Keyring,
    account: &AccountId,
    purpose: &str,
    sealed: &Sealed,
) -> Result<Vec<u8>, Fault> {
    let id = key_of(account, purpose, sealed)?;
    let cipher = match keyring.known(id) {
        Some(cipher) => cipher,
        None => match data_keys::find(connection, id)? {
            Some(key) => keyring.unwrap(&key)?,
            None => return Err(VaultFault::DataKeyMissing(vault::name(account, purpose)).into()),
        },
    };
    Ok(vault::open(&cipher, account, purpose, sealed)?)
}

fn key_of(account: &AccountId, purpose: &str, sealed: &Sealed) -> Result<DataKeyId, VaultFault> {
    let unknown = || VaultFault::DoesNotOpen(vault::name(account, purpose));
    vault::data_key_of(sealed).ok_or_else(unknown)
}

/// The vault whose data keys lie in `config.db`.
pub(in crate::sqlite) struct SqliteVault {
    file: Arc<File>,
}

impl SqliteVault {
    pub(super) fn new(file: Arc<File>) -> Self {
        Self { file }
    }
}

#[async_trait]
impl Vault for SqliteVault {
    async fn seal(
        &self,
        account: &AccountId,
        purpose: &str,
        clear: &Secret<Vec<u8>>,
    ) -> StoreResult<Sealed> {
        let (account, purpose, clear) = (account.clone(), purpose.to_owned(), clear.clone());
        self.file
            .transact(Locking::Write, move |transaction, keyring| {
                seal(transaction, keyring, &account, &purpose, clear.expose())
            })
            .await
    }

    async fn open(
        &self,
        account: &AccountId,
        purpose: &str,
        sealed: &Sealed,
    ) -> StoreResult<Secret<Vec<u8>>> {
        // A known key needs neither the file nor another thread.
        let key = key_of(account, purpose, sealed)
            .map_err(|fault| Fault::from(fault).at(self.file.path()))?;
        let clear = if let Some(cipher) = self.file.keyring.known(key) {
            vault::open(&cipher, account, purpose, sealed)
                .map_err(|fault| Fault::from(fault).at(self.file.path()))?
        } else {
            let (account, purpose, sealed) = (account.clone(), purpose.to_owned(), sealed.clone());
            self.file
                .transact(Locking::Read, move |transaction, keyring| {
                    open(transaction, keyring, &account, &purpose, &sealed)
                })
                .await?
        };
        Ok(Secret::new(clear))
    }
}
