//! What lies in columns.

use std::sync::Arc;

use rusqlite::Row;

use crate::memory::ledger::{Held, Slot};
use crate::sqlite::fault::Fault;

/// Bytes of one bucket in what a reservation holds.
const HELD: usize = 32;

/// The largest number that a column holds; nothing is spent that comes near it.
pub(super) fn column(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The text of a column.
pub(super) fn text(row: &Row<'_>, place: usize) -> rusqlite::Result<Arc<str>> {
    row.get(place)
}

/// What a reservation holds: key, code and amount of each bucket.
pub(super) fn pack(held: &[Held]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(held.len() * HELD);
    for Held { slot, amount } in held {
        bytes.extend_from_slice(&slot.key);
        bytes.extend_from_slice(&slot.code.to_le_bytes());
        bytes.extend_from_slice(&amount.to_le_bytes());
    }
    bytes
}

/// Reads what [`pack`] wrote.
pub(super) fn unpack(bytes: &[u8]) -> Result<Arc<[Held]>, Fault> {
    let (each, rest) = bytes.as_chunks::<HELD>();
    if !rest.is_empty() {
        return Err(Fault::Content("a reservation that is cut short".to_owned()));
    }
    Ok(each.iter().map(one).collect())
}

fn one(bytes: &[u8; HELD]) -> Held {
    let (mut key, mut code, mut amount) = ([0; 16], [0; 8], [0; 8]);
    key.copy_from_slice(&bytes[..16]);
    code.copy_from_slice(&bytes[16..24]);
    amount.copy_from_slice(&bytes[24..]);
    let slot = Slot { key, code: u64::from_le_bytes(code) };
    Held { slot, amount: u64::from_le_bytes(amount) }
}
