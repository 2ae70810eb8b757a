//! Reading rows one by one: what every question about many rows means, and how it is answered when
//! the segments cannot.

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use weir_core::log_filter::LogFilter;
use weir_core::store::{LogQuery, LogSummary, StoredLog};
use weir_core::{AccountId, GatewayId, LogId};

use super::select::{Key, Selection};
use super::summary::Summary;
use super::values::{Facts, SortedBy};
use super::words::Reading;
use super::{columns, decode, reprice, trail};
use crate::sqlite::fault::Fault;

/// One gateway's rows.
pub(super) struct Rows<'reader> {
    pub(super) connection: &'reader Connection,
    pub(super) words: &'reader mut Reading,
    pub(super) account: &'reader AccountId,
    pub(super) gateway: &'reader GatewayId,
    pub(super) number: i64,
}

impl Rows<'_> {
    /// The ids of a page, and how many rows match in all.
    pub(super) fn select(&mut self, query: &LogQuery) -> Result<(Vec<LogId>, u64), Fault> {
        let sorted_by = SortedBy::from(query.order);
        let mut selection = Selection::new(query);
        let mut total = 0;
        self.each(&query.filter, |row| {
            total += 1;
            selection.offer(Key::of(&Facts::from(row), sorted_by), row.record.id);
        })?;
        Ok((selection.page(), total))
    }

    /// One row, without its trail and its former costs.
    pub(super) fn get(&mut self, id: LogId) -> Result<Option<StoredLog>, Fault> {
        let sql = format!("SELECT {} FROM logs WHERE gateway_ref = ? AND id = ?", columns::NAMES);
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut found = statement.query(params![self.number, id.as_bytes().as_slice()])?;
        match found.next()? {
            Some(row) => self.decode(row).map(Some),
            None => Ok(None),
        }
    }

    /// One row, with all that is kept of it beside the bodies.
    pub(super) fn whole(&mut self, id: LogId) -> Result<Option<StoredLog>, Fault> {
        let Some(mut row) = self.get(id)? else { return Ok(None) };
        let text = self
            .connection
            .prepare_cached("SELECT trail FROM logs WHERE gateway_ref = ? AND id = ?")?
            .query_row(params![self.number, id.as_bytes().as_slice()], |row| {
                row.get::<_, Option<Box<str>>>(0)
            })
            .optional()?;
        let record = &mut row.record;
        record.trail = text
            .flatten()
            .and_then(|text| trail::decode(&text, record.price_id.as_ref()))
            .map(Box::new);
        row.cost_history = reprice::history(self.connection, self.words, self.number, id)?;
        Ok(Some(row))
    }

    fn decode(&mut self, row: &Row<'_>) -> Result<StoredLog, Fault> {
        decode::row(row, self.connection, self.words, self.account, self.gateway)
    }

    /// Figures over the rows that match.
    pub(super) fn summarise(&mut self, filter: &LogFilter) -> Result<LogSummary, Fault> {
        let mut summary = Summary::default();
        self.each(filter, |row| summary.add(|number| number.of(&Facts::from(row))))?;
        Ok(summary.finish())
    }

    /// Shows every row that matches.
    pub(super) fn each(
        &mut self,
        filter: &LogFilter,
        mut show: impl FnMut(&StoredLog),
    ) -> Result<(), Fault> {
        let sql = format!("SELECT {} FROM logs WHERE gateway_ref = ?", columns::NAMES);
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut found = statement.query([self.number])?;
        while let Some(row) = found.next()? {
            let row = self.decode(row)?;
            if filter.matches(&row) {
                show(&row);
            }
        }
        Ok(())
    }
}
