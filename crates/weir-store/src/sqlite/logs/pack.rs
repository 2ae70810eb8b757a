//! Bodies, packed: those of a batch are laid end to end and compressed as one zstd frame.
//!
//! Prompts repeat from call to call (system prompts, tool lists, conversations that grow), so a
//! frame over many bodies is much smaller than many frames, and costs less to make. The price:
//! reading one body unpacks its pack, a quarter of a megabyte; and a body cannot be deleted by
//! deleting a record. It is deleted by overwriting its bytes with zeros, packing again and lowering
//! `rows`; offsets of the neighbours stay as they are, and a pack without rows goes.

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
        // One huge body must not stay allocated for good.
        self.raw.shrink_to(2 * TARGET);
        self.frame.shrink_to(2 * TARGET);
        Ok(())
    }
}

/// A body out of its pack, or `None` when the pack is gone.
pub(super) fn read(
    connection: &Connection,
    pack: i64,
    offset: usize,
    length: usize,
) -> Result<Option<Vec<u8>>, Fault> {
    let damaged = || Fault::Content(format!("pack {pack} of bodies is damaged"));
    let mut statement =
        connection.prepare_cached("SELECT raw_size, data FROM body_packs WHERE pack = ?")?;
    let unpacked = statement.query_row([pack], |row| {
        let raw_size: u32 = row.get(0)?;
        let frame = row.get_ref(1)?.as_blob()?;
        Ok(zstd::bulk::decompress(frame, raw_size as usize))
    });
    let Some(unpacked) = unpacked.optional()? else { return Ok(None) };
    let mut body = unpacked.map_err(|_| damaged())?;
    let end = offset.checked_add(length).filter(|end| *end <= body.len()).ok_or_else(damaged)?;
    body.truncate(end);
    body.drain(..offset);
    body.shrink_to_fit();
    Ok(Some(body))
}

/// A size as SQLite keeps it; no size in memory is out of its range.
pub(super) fn as_sql(size: usize) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
