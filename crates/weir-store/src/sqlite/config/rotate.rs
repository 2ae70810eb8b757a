//! The exchange of keys.
//!
//! Whatever moment a crash picks, the key file holds every key that the database needs: first it
//! gets the new key above the old ones, then the data keys are rewrapped in one transaction, and
//! only when that is on the disk does it lose the old ones.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use rusqlite::{Connection, Transaction};
use serde_json::json;
use weir_core::audit::{Action, Actor, AuditRecord};
use weir_core::config::Object;
use weir_core::secrets::StoredSecret;
use weir_core::store::StoreResult;
use weir_core::{AccountId, LogId, Timestamp};

use super::file::{File, Locking, begin, raise_generation, read_keys};
use super::{audit, data_keys, objects, sealing};
use crate::sqlite::fault::Fault;
use crate::vault::{KeyPlace, MasterKey, MasterKeys, VaultFault, WrappedKey};

/// How long a retired data key stays readable: somebody may have sealed with it, and not stored
/// the outcome yet, when it was retired.
const GRACE_MS: i64 = 60 * 60 * 1000;

/// How much is sealed anew when keys are exchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReSeal {
    /// The data keys, under a new master key. Enough when only the master key may be known.
    DataKeys,
    /// Every secret as well, under new data keys. For when somebody may have had both a master key
    /// and a copy of `config.db`.
    Everything,
}

/// What an exchange of keys did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rotated {
    /// Id of the master key in force.
    pub master_key: String,
    /// Ids of those that were. Backups from before still need them.
    pub former: Vec<String>,
    /// Data keys that were wrapped anew or made.
    pub data_keys: usize,
    /// Secrets and objects that were sealed anew.
    pub resealed: usize,
    /// The place of the keys still holds the former ones, because it is not ours to write: they
    /// are to be removed by hand.
    pub former_still_there: bool,
}

/// Exchanges the master key, see [`crate::rotate_keys`].
pub(crate) fn rotate(
    path: &Path,
    place: &KeyPlace,
    reseal: ReSeal,
    actor: &Actor,
) -> StoreResult<Rotated> {
    // Opening also seals what is in clear, and checks that every key is at hand.
    let file = File::open(path, place.clone())?;
    let mut connection = file.connection();
    let run = |connection: &mut Connection| {
        let transaction = begin(connection, Locking::Write)?;
        let (masters, next) = prepare(&transaction, place)?;
        let mut done = rewrap(&transaction, &masters, &next)?;
        if reseal == ReSeal::Everything {
            reseal_everything(&transaction, &file, &next, &mut done)?;
        }
        record(&transaction, actor, &done)?;
        transaction.commit()?;
        done.rotated.former_still_there = !drop_former(connection, place, &next, &masters)?;
        Ok(done.rotated)
    };
    run(&mut connection).map_err(|fault: Fault| fault.at(path))
}

/// Puts the new master key in front of those in use. A first key that wraps nothing while another
/// does is taken for the new one: the operator put it there, or an exchange was cut short.
fn prepare(
    transaction: &Transaction<'_>,
    place: &KeyPlace,
) -> Result<(MasterKeys, Arc<MasterKey>), Fault> {
    let masters = read_keys(transaction, place)?;
    let in_use = data_keys::master_key_ids(transaction)?;
    let present = masters.present();
    if !in_use.is_empty() && !in_use.iter().any(|id| id == present.id()) {
        return Ok((masters.clone(), Arc::clone(present)));
    }
    let next = Arc::new(MasterKey::generate()?);
    let former = in_use.iter().filter_map(|id| masters.get(id)).cloned().collect();
    let masters = MasterKeys::new(Arc::clone(&next), former);
    place.write(&masters)?;
    Ok((masters, next))
}

struct Done {
    rotated: Rotated,
    accounts: BTreeSet<AccountId>,
}

/// Wraps every data key with `next`.
fn rewrap(
    transaction: &Transaction<'_>,
    masters: &MasterKeys,
    next: &MasterKey,
) -> Result<Done, Fault> {
    let former: Vec<_> =
        data_keys::master_key_ids(transaction)?.into_iter().filter(|id| id != next.id()).collect();
    let keys = data_keys::all(transaction)?;
    for key in &keys {
        if let Some(from) = masters.get(&key.master_key)
            && from.id() != next.id()
        {
            data_keys::rewrap(transaction, &key.rewrap(from, next)?)?;
        }
    }
    let rotated = Rotated {
        master_key: next.id().to_owned(),
        former,
        data_keys: keys.len(),
        resealed: 0,
        former_still_there: false,
    };
    Ok(Done { rotated, accounts: keys.into_iter().map(|key| key.account).collect() })
}

/// Gives every account a new data key, and seals everything under it.
fn reseal_everything(
    transaction: &Transaction<'_>,
    file: &File,
    next: &MasterKey,
    done: &mut Done,
) -> Result<(), Fault> {
    let now = Timestamp::now();
    data_keys::retire(transaction, now)?;
    for account in &done.accounts {
        data_keys::insert(transaction, &WrappedKey::generate(account, next)?)?;
        done.rotated.data_keys += 1;
    }
    done.rotated.resealed = objects::reseal(transaction, &file.keyring)?;
    done.rotated.resealed += reseal_secrets(transaction, file)?;
    data_keys::forget(transaction, Timestamp::from_millis(now.as_millis() - GRACE_MS))?;
    // A server that runs beside this holds sealed secrets in memory; it will read them anew.
    raise_generation(transaction)?;
    Ok(())
}

/// Seals the values of stored secrets, which are sealed by themselves.
fn reseal_secrets(transaction: &Transaction<'_>, file: &File) -> Result<usize, Fault> {
    let configuration = objects::load(transaction, &file.keyring)?;
    let mut count = 0;
    for secret in configuration.secrets.iter() {
        let (account, purpose) = (&secret.account_id, StoredSecret::purpose(&secret.id));
        let clear = sealing::open(transaction, &file.keyring, account, &purpose, &secret.sealed)?;
        let sealed = sealing::seal(transaction, &file.keyring, account, &purpose, &clear)?;
        let secret = StoredSecret { sealed, ..StoredSecret::clone(secret) };
        objects::put(transaction, &file.keyring, &Object::StoredSecret(Arc::new(secret)))?;
        count += 1;
    }
    Ok(count)
}

/// One record for each account that has keys.
fn record(transaction: &Transaction<'_>, actor: &Actor, done: &Done) -> Result<(), Fault> {
    let rotated = &done.rotated;
    for account in &done.accounts {
        let record = AuditRecord {
            id: LogId::generate(),
            at: Timestamp::now(),
            account: account.clone(),
            gateway: None,
            actor: actor.clone(),
            action: Action::RotateKeys,
            resource_type: "master_key".into(),
            resource_id: rotated.master_key.as_str().into(),
            before: Some(json!({ "master_keys": rotated.former })),
            after: Some(json!({
                "master_keys": [rotated.master_key],
                "secrets_sealed_anew": rotated.resealed > 0,
            })),
        };
        audit::insert(transaction, &record)?;
    }
    Ok(())
}

/// Leaves the new key alone in its place, unless a server has wrapped something with an old one
/// meanwhile. `false` when the old ones are still there.
fn drop_former(
    connection: &mut Connection,
    place: &KeyPlace,
    next: &Arc<MasterKey>,
    masters: &MasterKeys,
) -> Result<bool, Fault> {
    if masters.iter().count() == 1 {
        return Ok(true);
    }
    let transaction = begin(connection, Locking::Write)?;
    if data_keys::master_key_ids(&transaction)?.iter().any(|id| id != next.id()) {
        return Ok(false);
    }
    match place.write(&MasterKeys::new(Arc::clone(next), Vec::new())) {
        Ok(()) => Ok(true),
        Err(VaultFault::NoNewKey) => Ok(false),
        Err(fault) => {
            tracing::warn!(%fault, "the former master keys are still in their place");
            Ok(false)
        }
    }
}
