//! Gateways as the writer knows them: their numbers, how many rows they have, and how many they may
//! have.

use foldhash::HashMap;
use rusqlite::{Connection, OptionalExtension as _, params};
use weir_core::store::LogCap;
use weir_core::{AccountId, GatewayId};

use crate::sqlite::fault::Fault;

/// Gateways by name, and the caps of those that stop inserting.
#[derive(Default)]
pub(super) struct Gateways {
    known: HashMap<AccountId, HashMap<GatewayId, Known>>,
    full_at: HashMap<AccountId, HashMap<GatewayId, u64>>,
}

/// One gateway.
#[derive(Clone, Copy)]
pub(super) struct Known {
    /// Its number.
    pub(super) number: i64,
    /// Its rows, those of the transaction under way included.
    pub(super) rows: u64,
    /// How many rows fill it.
    full_at: Option<u64>,
}

impl Known {
    /// Whether it takes no further row.
    pub(super) fn is_full(&self) -> bool {
        self.full_at.is_some_and(|cap| self.rows >= cap)
    }
}

impl Gateways {
    /// The gateway, made in the file if it is new. To be called inside a transaction; after a
    /// rollback, [`Self::forget`].
    pub(super) fn find(
        &mut self,
        connection: &Connection,
        account: &AccountId,
        gateway: &GatewayId,
    ) -> Result<&mut Known, Fault> {
        // Looked up twice rather than cloning the names of every row.
        if !self.known.get(account).is_some_and(|known| known.contains_key(gateway)) {
            let (number, rows) = read_or_add(connection, account, gateway)?;
            let full_at = self.full_at.get(account).and_then(|caps| caps.get(gateway)).copied();
            let of_account = self.known.entry(account.clone()).or_default();
            of_account.insert(gateway.clone(), Known { number, rows, full_at });
        }
        let found = self.known.get_mut(account).and_then(|known| known.get_mut(gateway));
        found.ok_or_else(|| Fault::Content("a gateway that was just read is missing".to_owned()))
    }

    /// Drops what may have been rolled back; it is read again as it is needed.
    pub(super) fn forget(&mut self) {
        self.known.clear();
    }

    /// States all caps anew.
    pub(super) fn set_caps(&mut self, caps: &[LogCap]) {
        self.known.clear();
        self.full_at.clear();
        for cap in caps.iter().filter(|cap| cap.stop_inserting) {
            let of_account = self.full_at.entry(cap.account.clone()).or_default();
            of_account.insert(cap.gateway.clone(), cap.rows);
        }
    }
}

fn read_or_add(
    connection: &Connection,
    account: &AccountId,
    gateway: &GatewayId,
) -> Result<(i64, u64), Fault> {
    if let Some(known) = read(connection, account, gateway)? {
        return Ok((known.number, known.rows));
    }
    let number = connection
        .prepare_cached(
            "INSERT INTO gateways (account, gateway, segmented) VALUES (?, ?, 1) RETURNING ref",
        )?
        .query_row(params![account.as_str(), gateway.as_str()], |row| row.get(0))?;
    Ok((number, 0))
}

/// A gateway as the file knows it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stored {
    /// Its number.
    pub(super) number: i64,
    /// Its rows.
    pub(super) rows: u64,
    /// Whether all of them are in segments.
    pub(super) segmented: bool,
}

/// What is known of a gateway, or `None` when nothing was ever written for it.
pub(super) fn read(
    connection: &Connection,
    account: &AccountId,
    gateway: &GatewayId,
) -> Result<Option<Stored>, Fault> {
    Ok(connection
        .prepare_cached(
            "SELECT ref, rows, segmented FROM gateways WHERE account = ? AND gateway = ?",
        )?
        .query_row([account.as_str(), gateway.as_str()], |row| {
            Ok(Stored { number: row.get(0)?, rows: row.get(1)?, segmented: row.get(2)? })
        })
        .optional()?)
}

/// The gateways of an account for which something was written.
pub(super) fn of_account(
    connection: &Connection,
    account: &AccountId,
) -> Result<Vec<(GatewayId, Stored)>, Fault> {
    let mut statement = connection
        .prepare_cached("SELECT gateway, ref, rows, segmented FROM gateways WHERE account = ?")?;
    let found = statement.query_map([account.as_str()], |row| {
        let stored = Stored { number: row.get(1)?, rows: row.get(2)?, segmented: row.get(3)? };
        Ok((GatewayId::from(row.get::<_, String>(0)?), stored))
    })?;
    Ok(found.collect::<rusqlite::Result<_>>()?)
}

/// The account of gateways that are being deleted. No account id has such a sign.
const DELETED: &str = "!deleted";

/// Takes a gateway's name away.
pub(super) fn detach(connection: &Connection, number: i64) -> Result<(), Fault> {
    connection
        .prepare_cached("UPDATE gateways SET account = ?1, gateway = ?2 WHERE ref = ?2")?
        .execute(params![DELETED, number])?;
    Ok(())
}

/// Numbers of the gateways whose names were taken away.
pub(super) fn detached(connection: &Connection) -> Result<Vec<i64>, Fault> {
    let mut statement = connection.prepare_cached("SELECT ref FROM gateways WHERE account = ?")?;
    let found = statement.query_map([DELETED], |row| row.get(0))?;
    Ok(found.collect::<rusqlite::Result<_>>()?)
}

/// Adds to the stored row count of a gateway.
pub(super) fn count(connection: &Connection, number: i64, change: i64) -> Result<(), Fault> {
    connection
        .prepare_cached("UPDATE gateways SET rows = rows + ? WHERE ref = ?")?
        .execute([change, number])?;
    Ok(())
}
