//! Segments in the file.

use foldhash::{HashMap, HashSet};
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use weir_core::store::LogPatch;
use weir_core::{Cost, LogId};

use super::super::values::{Facts, Number, Text, from_id, to_id, to_timestamp};
use super::build::Made;
use super::bytes::{Rest, damaged, open, seal, small};
use super::merge::{self, Source};
use super::{Column, FULL, Level, Numbers, Pairs, SPLIT, Texts};
use crate::sqlite::fault::Fault;

/// What is known of a segment without reading it.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Segment {
    number: i64,
    pub(in super::super) rows: usize,
    /// Smallest and largest time of creation, in milliseconds.
    pub(in super::super) moments: (i64, i64),
}

const LIST: &str = "SELECT segment, rows, oldest, newest FROM segments WHERE gateway_ref = ?";

fn segment(row: &Row<'_>) -> rusqlite::Result<Segment> {
    Ok(Segment { number: row.get(0)?, rows: row.get(1)?, moments: (row.get(2)?, row.get(3)?) })
}

/// All segments of a gateway.
pub(in super::super) fn all(connection: &Connection, gateway: i64) -> Result<Vec<Segment>, Fault> {
    let mut statement = connection.prepare_cached(LIST)?;
    let found = statement.query_map([gateway], segment)?;
    Ok(found.collect::<rusqlite::Result<_>>()?)
}

/// Those that may hold one of these ids.
fn around(
    connection: &Connection,
    gateway: i64,
    first: LogId,
    last: LogId,
) -> Result<Vec<Segment>, Fault> {
    const AROUND: &str = "SELECT segment, rows, oldest, newest FROM segments
                          WHERE gateway_ref = ? AND first_id <= ? AND last_id >= ?";
    let mut statement = connection.prepare_cached(AROUND)?;
    let ids = params![gateway, last.as_bytes().as_slice(), first.as_bytes().as_slice()];
    let found = statement.query_map(ids, segment)?;
    Ok(found.collect::<rusqlite::Result<_>>()?)
}

/// Adds rows of a gateway, and merges segments that are due. To be called inside the transaction
/// that writes the rows, as are the next four.
pub(in super::super) fn add(
    connection: &Connection,
    gateway: i64,
    rows: &[Facts<'_>],
) -> Result<(), Fault> {
    for rows in rows.chunks(FULL) {
        put(connection, gateway, &Made::of(rows))?;
    }
    for level in Level::GROWING {
        let mut statement = connection.prepare_cached(
            "SELECT segment, rows, oldest, newest FROM segments
             WHERE gateway_ref = ? AND level = ? ORDER BY segment",
        )?;
        let found: Vec<Segment> = statement
            .query_map(params![gateway, level.0], segment)?
            .collect::<rusqlite::Result<_>>()?;
        if level.is_due(found.len(), found.iter().map(|segment| segment.rows).sum()) {
            let views: Vec<View<'_>> =
                found.iter().map(|segment| segment.view(connection)).collect::<Result<_, _>>()?;
            let sources: Vec<Source<'_, '_>> =
                views.iter().map(|view| Source { view, keep: None }).collect();
            put(connection, gateway, &merge::merge(&sources)?)?;
            for segment in found {
                drop_segment(connection, segment)?;
            }
        }
    }
    Ok(())
}

/// Takes rows out. Ids that are nowhere are passed over.
pub(in super::super) fn remove(
    connection: &Connection,
    gateway: i64,
    ids: &[LogId],
) -> Result<(), Fault> {
    let (Some(first), Some(last)) = (ids.iter().min(), ids.iter().max()) else { return Ok(()) };
    let ids: HashSet<i128> = ids.iter().map(|id| from_id(*id)).collect();
    for segment in around(connection, gateway, *first, *last)? {
        let view = segment.view(connection)?;
        let found = view.numbers(Number::Id)?.values();
        let keep: Vec<bool> =
            found.iter().map(|id| id.is_none_or(|id| !ids.contains(&id))).collect();
        let kept = keep.iter().filter(|keep| **keep).count();
        if kept == segment.rows {
            continue;
        }
        if kept > 0 {
            let source = Source { view: &view, keep: Some(keep) };
            put(connection, gateway, &merge::merge(&[source])?)?;
        }
        drop_segment(connection, segment)?;
    }
    Ok(())
}

/// Changes a row, if it is in a segment.
pub(in super::super) fn patch(
    connection: &Connection,
    gateway: i64,
    id: LogId,
    patch: &LogPatch,
) -> Result<(), Fault> {
    for segment in around(connection, gateway, id, id)? {
        let view = segment.view(connection)?;
        let ids = view.numbers(Number::Id)?.values();
        let Some(row) = ids.iter().position(|found| *found == Some(from_id(id))) else { continue };
        let changed = merge::patch(&view, row, patch)?;
        view.replace(changed.columns)?;
    }
    Ok(())
}

/// Gives rows other costs, those that are in a segment.
pub(in super::super) fn reprice(
    connection: &Connection,
    gateway: i64,
    rows: &[(LogId, Cost)],
) -> Result<(), Fault> {
    let ids = || rows.iter().map(|(id, _)| *id);
    let (Some(first), Some(last)) = (ids().min(), ids().max()) else { return Ok(()) };
    let costs: HashMap<i128, Cost> = rows.iter().map(|(id, cost)| (from_id(*id), *cost)).collect();
    for segment in around(connection, gateway, first, last)? {
        let view = segment.view(connection)?;
        if let Some(changed) = merge::reprice(&view, &costs)? {
            view.replace(changed.columns)?;
        }
    }
    Ok(())
}

/// Drops all segments of a gateway.
pub(in super::super) fn clear(connection: &Connection, gateway: i64) -> Result<(), Fault> {
    all(connection, gateway)?.into_iter().try_for_each(|segment| drop_segment(connection, segment))
}

fn put(connection: &Connection, gateway: i64, made: &Made) -> Result<(), Fault> {
    let Made { rows, ids, moments, .. } = made;
    let number: i64 = connection
        .prepare_cached(
            "INSERT INTO segments (gateway_ref, level, rows, first_id, last_id, oldest, newest)
             VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING segment",
        )?
        .query_row(
            params![
                gateway,
                Level::of(*rows, made.size()).0,
                rows,
                to_id(ids.0).as_bytes().as_slice(),
                to_id(ids.1).as_bytes().as_slice(),
                to_timestamp(moments.0).as_millis(),
                to_timestamp(moments.1).as_millis(),
            ],
            |row| row.get(0),
        )?;
    if *rows < SPLIT {
        return write(connection, number, Column::PACKED, pack(&made.columns));
    }
    for (place, column) in (0..).zip(&made.columns) {
        write(connection, number, place, column.clone())?;
    }
    Ok(())
}

fn write(connection: &Connection, number: i64, place: i64, bytes: Vec<u8>) -> Result<(), Fault> {
    connection
        .prepare_cached("INSERT OR REPLACE INTO segment_columns (ref, data) VALUES (?, ?)")?
        .execute(params![number * 64 + place, seal(bytes)])?;
    Ok(())
}

fn drop_segment(connection: &Connection, segment: Segment) -> Result<(), Fault> {
    let first = segment.number * 64;
    connection
        .prepare_cached("DELETE FROM segment_columns WHERE ref BETWEEN ? AND ?")?
        .execute([first, first + 63])?;
    connection
        .prepare_cached("DELETE FROM segments WHERE segment = ?")?
        .execute([segment.number])?;
    Ok(())
}

/// All columns in one: where each of them ends, then the columns.
fn pack(columns: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut end = 0;
    for column in columns {
        end += column.len();
        bytes.extend_from_slice(&small(end).to_le_bytes());
    }
    for column in columns {
        bytes.extend_from_slice(column);
    }
    bytes
}

impl Segment {
    /// Opens a segment for reading.
    pub(in super::super) fn view<'connection>(
        &self,
        connection: &'connection Connection,
    ) -> Result<View<'connection>, Fault> {
        let packed = if self.rows < SPLIT {
            Some(fetch(connection, self.number, Column::PACKED, |bytes| Ok(bytes.to_vec()))?)
        } else {
            None
        };
        Ok(View { connection, segment: *self, packed })
    }
}

/// A segment to read columns of.
pub(in super::super) struct View<'connection> {
    connection: &'connection Connection,
    segment: Segment,
    packed: Option<Vec<u8>>,
}

impl View<'_> {
    pub(in super::super) const fn rows(&self) -> usize {
        self.segment.rows
    }

    pub(in super::super) fn numbers(&self, number: Number) -> Result<Numbers, Fault> {
        self.column(Column::Number(number), |bytes| Numbers::decode(bytes, self.rows()))
    }

    pub(in super::super) fn texts(&self, text: Text) -> Result<Texts, Fault> {
        self.column(Column::Text(text), |bytes| Texts::decode(bytes, self.rows()))
    }

    pub(in super::super) fn pairs(&self) -> Result<Pairs, Fault> {
        self.column(Column::Pairs, |bytes| Pairs::decode(bytes, self.rows()))
    }

    fn column<T>(
        &self,
        column: Column,
        read: impl FnOnce(&[u8]) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        match &self.packed {
            Some(packed) => read(unpack(packed, column.place())?),
            None => fetch(self.connection, self.segment.number, column.place() as i64, read),
        }
    }

    /// Puts columns that are not empty in the place of the present ones.
    fn replace(&self, columns: Vec<Vec<u8>>) -> Result<(), Fault> {
        let number = self.segment.number;
        let Some(packed) = &self.packed else {
            for (place, column) in (0..).zip(columns) {
                if !column.is_empty() {
                    write(self.connection, number, place, column)?;
                }
            }
            return Ok(());
        };
        let mut all = Vec::with_capacity(Column::COUNT);
        for (place, column) in columns.into_iter().enumerate() {
            let is_new = !column.is_empty();
            all.push(if is_new { column } else { unpack(packed, place)?.to_vec() });
        }
        write(self.connection, number, Column::PACKED, pack(&all))
    }
}

fn unpack(packed: &[u8], place: usize) -> Result<&[u8], Fault> {
    let mut rest = Rest(packed);
    let ends = rest.u32s(Column::COUNT)?;
    let start = place.checked_sub(1).map_or(0, |before| ends[before]) as usize;
    rest.0.get(start..ends[place] as usize).ok_or_else(|| damaged("its columns"))
}

fn fetch<T>(
    connection: &Connection,
    number: i64,
    place: i64,
    read: impl FnOnce(&[u8]) -> Result<T, Fault>,
) -> Result<T, Fault> {
    let found = connection
        .prepare_cached("SELECT data FROM segment_columns WHERE ref = ?")?
        .query_row([number * 64 + place], |row| Ok(open(row.get_ref(0)?.as_blob()?).and_then(read)))
        .optional()?;
    found.unwrap_or_else(|| Err(damaged("a column is missing")))
}
