//! The table of objects.

use rusqlite::{Connection, Transaction, params};
use weir_core::AccountId;
use weir_core::config::{Configuration, Object, ObjectKey, ObjectKind};
use weir_core::vault::Sealed;

use super::{file, sealing};
use crate::sqlite::fault::Fault;
use crate::vault::Keyring;

/// Everything.
pub(super) fn load(
    transaction: &Transaction<'_>,
    keyring: &Keyring,
) -> Result<Configuration, Fault> {
    let mut configuration =
        Configuration { generation: file::generation(transaction)?, ..Configuration::default() };
    let sql = "SELECT kind, account_id, id, body, sealed FROM objects";
    let mut statement = transaction.prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (kind, account, id) = (row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get(2)?);
        let kind = read_kind(&kind)?;
        let key = ObjectKey { kind, account: AccountId::from(account), id };
        let text = match (row.get::<_, Option<String>>(3)?, row.get::<_, Option<Vec<u8>>>(4)?) {
            (_, Some(sealed)) => open(transaction, keyring, &key, &Sealed(sealed))?,
            (Some(body), None) => body,
            (None, None) => return Err(Fault::Content(format!("{} has no body", name(&key)))),
        };
        configuration.put(&parse(&key, &text)?);
    }
    Ok(configuration)
}

/// Writes an object, in the place of the one of its name. Needs the write lock.
pub(super) fn put(
    connection: &Connection,
    keyring: &Keyring,
    object: &Object,
) -> Result<(), Fault> {
    let key = object.key();
    let text = object
        .to_stored()
        .map_err(|error| Fault::Unwritable(format!("{}: {error}", name(&key))))?;
    // What does not read back would keep the next start from loading anything at all.
    parse(&key, &text).map_err(|fault| Fault::Unwritable(fault.to_string()))?;
    let (body, sealed) = if key.kind.holds_secrets() {
        (None, Some(seal(connection, keyring, &key, &text)?.0))
    } else {
        (Some(text), None)
    };
    let sql = "INSERT OR REPLACE INTO objects (kind, account_id, id, body, sealed)
               VALUES (?, ?, ?, ?, ?)";
    let values = params![key.kind.name(), key.account.as_str(), &*key.id, body, sealed];
    connection.prepare_cached(sql)?.execute(values)?;
    Ok(())
}

/// Removes an object, if it is there.
pub(super) fn delete(connection: &Connection, key: &ObjectKey) -> Result<(), Fault> {
    let sql = "DELETE FROM objects WHERE kind = ? AND account_id = ? AND id = ?";
    let values = params![key.kind.name(), key.account.as_str(), &*key.id];
    connection.prepare_cached(sql)?.execute(values)?;
    Ok(())
}

/// The kind of a stored word.
fn read_kind(word: &str) -> Result<ObjectKind, Fault> {
    ObjectKind::parse(word).ok_or_else(|| Fault::KindUnknown(word.to_owned()))
}

/// Reads a stored form, and checks that it is that of the object it stands for.
fn parse(key: &ObjectKey, text: &str) -> Result<Object, Fault> {
    // The error of a reader may quote what it read, so it is told for clear kinds alone.
    let object = Object::from_stored(key.kind, text).map_err(|error| {
        let why = if key.kind.holds_secrets() {
            format!("line {} column {}", error.line(), error.column())
        } else {
            error.to_string()
        };
        Fault::Content(format!("{}: {why}", name(key)))
    })?;
    if object.key() == *key {
        Ok(object)
    } else {
        Err(Fault::Content(format!("{}: its body is that of {}", name(key), name(&object.key()))))
    }
}

fn seal(
    connection: &Connection,
    keyring: &Keyring,
    key: &ObjectKey,
    text: &str,
) -> Result<Sealed, Fault> {
    sealing::seal(connection, keyring, &key.account, &purpose(key), text.as_bytes())
}

fn open(
    connection: &Connection,
    keyring: &Keyring,
    key: &ObjectKey,
    sealed: &Sealed,
) -> Result<String, Fault> {
    let clear = sealing::open(connection, keyring, &key.account, &purpose(key), sealed)?;
    String::from_utf8(clear).map_err(|_| Fault::Content(format!("{}: is no text", name(key))))
}

/// What an object's body is sealed for. The account is bound in beside it.
fn purpose(key: &ObjectKey) -> String {
    format!("object/{}/{}", key.kind.name(), key.id)
}

/// How an error names an object.
fn name(key: &ObjectKey) -> String {
    format!("{} {} of account {}", key.kind, key.id, key.account)
}

/// The kinds that are sealed.
fn sealed_kinds() -> impl Iterator<Item = ObjectKind> {
    ObjectKind::EVERY.iter().copied().filter(|kind| kind.holds_secrets())
}

/// Seals every body that must not lie in clear and does. Needs the write lock. Returns how many.
pub(super) fn seal_clear(connection: &Connection, keyring: &Keyring) -> Result<usize, Fault> {
    let mut sealed = 0;
    for kind in sealed_kinds() {
        let sql = "SELECT account_id, id, body FROM objects WHERE kind = ? AND body IS NOT NULL";
        let mut statement = connection.prepare(sql)?;
        let clear: Vec<(String, String, String)> = statement
            .query_map([kind.name()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
            .collect::<rusqlite::Result<_>>()?;
        for (account, id, body) in clear {
            let key = ObjectKey { kind, account: account.into(), id: id.into() };
            let body = seal(connection, keyring, &key, &body)?;
            replace_sealed(connection, &key, &body)?;
            sealed += 1;
        }
    }
    Ok(sealed)
}

/// Seals every sealed body anew, under the keys now in use. Needs the write lock.
pub(super) fn reseal(connection: &Connection, keyring: &Keyring) -> Result<usize, Fault> {
    let sql = "SELECT kind, account_id, id, sealed FROM objects WHERE sealed IS NOT NULL";
    let mut statement = connection.prepare(sql)?;
    let former: Vec<(String, String, String, Vec<u8>)> = statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?
        .collect::<rusqlite::Result<_>>()?;
    let count = former.len();
    for (kind, account, id, sealed) in former {
        let kind = read_kind(&kind)?;
        let key = ObjectKey { kind, account: account.into(), id: id.into() };
        let text = open(connection, keyring, &key, &Sealed(sealed))?;
        let sealed = seal(connection, keyring, &key, &text)?;
        replace_sealed(connection, &key, &sealed)?;
    }
    Ok(count)
}

fn replace_sealed(connection: &Connection, key: &ObjectKey, body: &Sealed) -> Result<(), Fault> {
    let sql = "UPDATE objects SET body = NULL, sealed = ?
               WHERE kind = ? AND account_id = ? AND id = ?";
    let values = params![body.0, key.kind.name(), key.account.as_str(), &*key.id];
    connection.prepare_cached(sql)?.execute(values)?;
    Ok(())
}
