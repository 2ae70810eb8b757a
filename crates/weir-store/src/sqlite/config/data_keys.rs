//! The table of data keys.

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use weir_core::Timestamp;

use crate::sqlite::fault::Fault;
use crate::vault::{DataKeyId, KeyPlace, MasterKeys, WrappedKey};

const COLUMNS: &str = "SELECT id, account_id, master_key_id, wrapped FROM data_keys";

/// The key that an account's secrets are sealed with from now on.
pub(super) fn in_use(connection: &Connection, account: &str) -> Result<Option<WrappedKey>, Fault> {
    let sql = format!("{COLUMNS} WHERE account_id = ? AND retired_at IS NULL");
    Ok(connection.prepare_cached(&sql)?.query_row([account], read).optional()?)
}

/// A key by its id, in use or not.
pub(super) fn find(connection: &Connection, id: DataKeyId) -> Result<Option<WrappedKey>, Fault> {
    let sql = format!("{COLUMNS} WHERE id = ?");
    Ok(connection.prepare_cached(&sql)?.query_row([id.0], read).optional()?)
}

/// Every key.
pub(super) fn all(connection: &Connection) -> Result<Vec<WrappedKey>, Fault> {
    let mut statement =
        connection.prepare(&format!("{COLUMNS} ORDER BY account_id, created_at"))?;
    let keys = statement.query_map([], read)?.collect::<rusqlite::Result<_>>()?;
    Ok(keys)
}

/// Adds the key of an account that has none in use.
pub(super) fn insert(connection: &Connection, key: &WrappedKey) -> Result<(), Fault> {
    connection.execute(
        "INSERT INTO data_keys (id, account_id, master_key_id, wrapped, created_at)
         VALUES (?, ?, ?, ?, ?)",
        params![
            key.id.0,
            key.account.as_str(),
            key.master_key,
            key.wrapped,
            Timestamp::now().as_millis()
        ],
    )?;
    Ok(())
}

/// Puts a key in the place of itself, under another master key.
pub(super) fn rewrap(connection: &Connection, key: &WrappedKey) -> Result<(), Fault> {
    connection.execute(
        "UPDATE data_keys SET master_key_id = ?, wrapped = ? WHERE id = ?",
        params![key.master_key, key.wrapped, key.id.0],
    )?;
    Ok(())
}

/// Takes every key out of use.
pub(super) fn retire(connection: &Connection, now: Timestamp) -> Result<(), Fault> {
    connection.execute(
        "UPDATE data_keys SET retired_at = ? WHERE retired_at IS NULL",
        [now.as_millis()],
    )?;
    Ok(())
}

/// Deletes the keys that were retired before `then`.
pub(super) fn forget(connection: &Connection, then: Timestamp) -> Result<(), Fault> {
    connection.execute("DELETE FROM data_keys WHERE retired_at < ?", [then.as_millis()])?;
    Ok(())
}

/// Ids of the master keys that the data keys are wrapped with.
pub(crate) fn master_key_ids(connection: &Connection) -> Result<Vec<String>, Fault> {
    let mut statement =
        connection.prepare("SELECT DISTINCT master_key_id FROM data_keys ORDER BY 1")?;
    let ids = statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    Ok(ids)
}

/// Says which of the needed master keys are missing, if any.
pub(super) fn check_masters(
    connection: &Connection,
    place: &KeyPlace,
    masters: Option<&MasterKeys>,
) -> Result<(), Fault> {
    let wanted = master_key_ids(connection)?;
    let here = |id: &str| masters.is_some_and(|masters| masters.get(id).is_some());
    let missing: Vec<_> = wanted.iter().map(String::as_str).filter(|id| !here(id)).collect();
    if missing.is_empty() { Ok(()) } else { Err(place.missing(&missing, masters).into()) }
}

fn read(row: &Row<'_>) -> rusqlite::Result<WrappedKey> {
    Ok(WrappedKey {
        id: DataKeyId(row.get(0)?),
        account: row.get::<_, String>(1)?.into(),
        master_key: row.get(2)?,
        wrapped: row.get(3)?,
    })
}
