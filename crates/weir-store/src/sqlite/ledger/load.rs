//! Reading everything back at the start.

use weir_core::ledger::Purse;
use weir_core::{AccountId, Cost, GatewayId, Timestamp};

use super::file::LedgerFile;
use super::row::{text, unpack};
use crate::memory::ledger::{Books, Line, Row, Slot, Target};
use crate::sqlite::fault::Fault;

/// Fills the books. What was reserved by those who are gone stays so until their leases end, going
/// by the last sign of life in the file; one from the future counts as one of now.
pub(super) fn load(file: &mut LedgerFile, books: &Books, now: Timestamp) -> Result<(), Fault> {
    file.delete_idle(now)?;
    let connection = &file.connection;
    let sql = "SELECT key, code, start, previous, current FROM buckets";
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let slot = Slot { key: row.get(0)?, code: row.get(1)? };
        books.load_bucket(slot, row.get(2)?, row.get(3)?, row.get(4)?);
    }
    // After the buckets: what credits paid stands in the purses.
    let mut statement = connection.prepare("SELECT account, granted, used FROM purses")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let purse = Purse { granted: pico(row.get(1)?), used: pico(row.get(2)?) };
        books.load_purse(AccountId::from(&*text(row, 0)?), purse);
    }
    load_growing(file, books)?;
    load_reservations(file, books, now)
}

const fn pico(amount: i64) -> Cost {
    Cost::from_pico(amount)
}

fn load_growing(file: &LedgerFile, books: &Books) -> Result<(), Fault> {
    let sql = "SELECT account, gateway, provider, model, calls, cost, amount, first, last
               FROM growing";
    let mut statement = file.connection.prepare(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let target = Target {
            account: AccountId::from(&*text(row, 0)?),
            gateway: GatewayId::from(&*text(row, 1)?),
            provider: text(row, 2)?,
            model: text(row, 3)?,
        };
        let (calls, first, last) = (row.get(4)?, row.get(7)?, row.get(8)?);
        books.load_line(
            target,
            &Line::new(calls, pico(row.get(5)?), pico(row.get(6)?), first, last),
        );
    }
    Ok(())
}

fn load_reservations(file: &LedgerFile, books: &Books, now: Timestamp) -> Result<(), Fault> {
    let connection = &file.connection;
    connection
        .execute("DELETE FROM owners WHERE owner NOT IN (SELECT owner FROM reservations)", [])?;
    let sql =
        "SELECT owner, number, held, seen_at FROM reservations LEFT JOIN owners USING (owner)";
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([])?;
    let lease = i64::try_from(file.lease().as_millis()).unwrap_or(i64::MAX);
    while let Some(row) = rows.next()? {
        let name = Row { owner: row.get(0)?, number: row.get(1)? };
        let held = unpack(&row.get::<_, Vec<u8>>(2)?)?;
        let seen_at = row.get::<_, Option<i64>>(3)?.unwrap_or(i64::MAX).min(now.as_millis());
        let ends = Timestamp::from_millis(seen_at.saturating_add(lease));
        books.load_open(name, held, ends, now);
    }
    Ok(())
}
