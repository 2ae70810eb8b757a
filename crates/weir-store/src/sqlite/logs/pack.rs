//! Bodies, packed: those of a batch are laid end to end and compressed as one zstd frame.
//!
//! Prompts repeat from call to call (system prompts, tool lists, conversations that grow), so a
//! frame over many bodies is much smaller than many frames, and costs less to make. The price:
//! reading one body unpacks its pack, a quarter of a megabyte; and a body cannot be deleted by
//! deleting a record. It is deleted by overwriting its bytes with zeros, packing again and lowering
//! `rows`; offsets of the neighbours stay as they are, and a pack without rows goes.

use std::io::{self, Read as _};

use rusqlite::{Connection, OptionalExtension as _, params};
use weir_core::Payload;

use crate::sqlite::fault::Fault;

/// Bytes of bodies in a pack, unless a single row has more.
const TARGET: usize = 256 * 1024;
/// The fastest level that is worth having; the next ones save little more.
const LEVEL: i32 = 1;

/// Where the two bodies of a row lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The pack, or `None` when both bodies are empty.
    pub(super) pack: Option<i64>,
    /// Start of the request body in the unpacked pack, in bytes; the response body follows it.
    pub(super) offset: usize,
    /// Bytes of the request body.
    pub(super) request: usize,
    /// Bytes of the response body.
    pub(super) response: usize,
}

/// Makes packs. The compression context and the buffers live as long as the writer.
pub(super) struct Packer {
    compressor: zstd::bulk::Compressor<'static>,
    raw: Vec<u8>,
    frame: Vec<u8>,
    rows: u32,
    pack: i64,
}

impl Packer {
    pub(super) fn new() -> Result<Self, Fault> {
        let compressor = zstd::bulk::Compressor::new(LEVEL)?;
        Ok(Self { compressor, raw: Vec::new(), frame: Vec::new(), rows: 0, pack: 0 })
    }

    /// Begins the packs of a batch. What an earlier batch left when it failed is gone.
    pub(super) fn begin(&mut self, connection: &Connection) -> Result<(), Fault> {
        self.raw.clear();
        self.rows = 0;
        self.pack = connection
            .prepare_cached("SELECT coalesce(max(pack), 0) + 1 FROM body_packs")?
            .query_row([], |row| row.get(0))?;
        Ok(())
    }

    /// Where the bodies will lie if they are added next, or `None` when the record has none.
    /// Writes the present pack out first when they would make it too large.
    pub(super) fn place(
        &mut self,
        connection: &Connection,
        payload: &Payload,
    ) -> Result<Option<Place>, Fault> {
        let Payload::Stored { request, response } = payload else { return Ok(None) };
        let (request, response) = (request.len(), response.len());
        if !self.raw.is_empty() && self.raw.len() + request + response > TARGET {
            self.finish(connection)?;
        }
        let pack = (request + response > 0).then_some(self.pack);
        Ok(Some(Place { pack, offset: self.raw.len(), request, response }))
    }

    /// Adds bodies, where [`Self::place`] said.
    pub(super) fn add(&mut self, payload: &Payload) {
        let Payload::Stored { request, response } = payload else { return };
        if request.len() + response.len() > 0 {
            self.raw.extend_from_slice(request);
            self.raw.extend_from_slice(response);
            self.rows += 1;
        }
    }

    /// Writes the present pack out, if there is anything in it, and begins the next.
    pub(super) fn finish(&mut self, connection: &Connection) -> Result<(), Fault> {
        if self.raw.is_empty() {
            return Ok(());
        }
        self.frame.clear();
        self.frame.reserve(zstd::zstd_safe::compress_bound(self.raw.len()));
        self.compressor.compress_to_buffer(&self.raw, &mut self.frame)?;
        connection
            .prepare_cached(
                "INSERT INTO body_packs (pack, rows, raw_size, data) VALUES (?, ?, ?, ?)",
            )?
            .execute(params![self.pack, self.rows, as_sql(self.raw.len()), self.frame])?;
        self.pack += 1;
        self.rows = 0;
        self.raw.clear();
        self.shrink();
        Ok(())
    }

    /// Takes the bodies of rows out of a pack for good: their bytes become zeros, or the pack goes
    /// when no other row has bodies in it. `ranges` holds start and length for each of the rows.
    pub(super) fn erase(
        &mut self,
        connection: &Connection,
        pack: i64,
        ranges: &[(usize, usize)],
    ) -> Result<(), Fault> {
        let found = connection
            .prepare_cached("SELECT rows, raw_size FROM body_packs WHERE pack = ?")?
            .query_row([pack], |row| Ok((row.get::<_, usize>(0)?, row.get::<_, u32>(1)?)))
            .optional()?;
        let Some((rows, raw_size)) = found else { return Ok(()) };
        if rows <= ranges.len() {
            return drop_pack(connection, pack);
        }
        let mut raw = match read(connection, pack, 0, raw_size as usize) {
            Ok(Some(raw)) => raw,
            Ok(None) => return Ok(()),
            Err(error) => {
                // Nobody can read the others either.
                tracing::error!(pack, %error, "a damaged pack of bodies is dropped");
                return drop_pack(connection, pack);
            }
        };
        for (offset, length) in ranges {
            let range = *offset..offset.saturating_add(*length);
            raw.get_mut(range).ok_or_else(|| damaged(pack))?.fill(0);
        }
        self.frame.clear();
        self.frame.reserve(zstd::zstd_safe::compress_bound(raw.len()));
        self.compressor.compress_to_buffer(&raw, &mut self.frame)?;
        connection
            .prepare_cached("UPDATE body_packs SET rows = rows - ?, data = ? WHERE pack = ?")?
            .execute(params![as_sql(ranges.len()), self.frame, pack])?;
        self.shrink();
        Ok(())
    }

    /// One huge body must not stay allocated for good.
    fn shrink(&mut self) {
        self.raw.shrink_to(2 * TARGET);
        self.frame.shrink_to(2 * TARGET);
    }
}

fn drop_pack(connection: &Connection, pack: i64) -> Result<(), Fault> {
    connection.prepare_cached("DELETE FROM body_packs WHERE pack = ?")?.execute([pack])?;
    Ok(())
}

/// A body out of its pack, or `None` when the pack is gone. Only what comes before its end is
/// unpacked.
pub(super) fn read(
    connection: &Connection,
    pack: i64,
    offset: usize,
    length: usize,
) -> Result<Option<Vec<u8>>, Fault> {
    let mut statement =
        connection.prepare_cached("SELECT raw_size, data FROM body_packs WHERE pack = ?")?;
    let mut found = statement.query([pack])?;
    let Some(row) = found.next()? else { return Ok(None) };
    let raw_size = row.get::<_, u32>(0)? as usize;
    if offset.checked_add(length).is_none_or(|end| end > raw_size) {
        return Err(damaged(pack));
    }
    let frame = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
    unpack(frame, offset, length).map(Some).map_err(|_| damaged(pack))
}

fn unpack(frame: &[u8], offset: usize, length: usize) -> io::Result<Vec<u8>> {
    let mut decoder = zstd::stream::read::Decoder::with_buffer(frame)?;
    io::copy(&mut decoder.by_ref().take(offset as u64), &mut io::sink())?;
    let mut body = vec![0; length];
    decoder.read_exact(&mut body)?;
    Ok(body)
}

fn damaged(pack: i64) -> Fault {
    Fault::Content(format!("pack {pack} of bodies is damaged"))
}

/// A size as SQLite keeps it; no size in memory is out of its range.
pub(super) fn as_sql(size: usize) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
