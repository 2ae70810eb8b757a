//! Counts and sums over calls, kept for each minute, hour and day (spec: observability 1.11).
//!
//! They are written in the transaction that writes the rows, so the two never disagree. Nothing
//! ever deletes them but the end of their gateway: a minute with ten kinds of calls takes about half
//! a kilobyte, a busy gateway's year some 300 MB at the very most.

use std::collections::BTreeMap;

use foldhash::HashMap;
use rusqlite::{Connection, OptionalExtension as _, params};
use weir_core::LogRecord;
use weir_core::analytics::{RollupKey, RollupSums};

use super::encode::count as as_sql;
use crate::sqlite::fault::Fault;

/// Lengths of the pieces of time, in minutes.
pub(super) const SPANS: [i64; 3] = [1, 60, 1440];

/// Keys whose numbers are remembered; beyond that, all are forgotten and looked up again.
const MOST_KEYS: usize = 4096;

/// SQLite turns an integer sum that is too large into a fraction, which the column refuses; so a
/// sum that does not fit stays at the limit instead.
macro_rules! sum {
    ($column:literal) => {
        concat!(
            $column,
            " = iif(typeof(",
            $column,
            " + excluded.",
            $column,
            ") = 'integer', ",
            $column,
            " + excluded.",
            $column,
            ", iif(excluded.",
            $column,
            " < 0, -9223372036854775807 - 1, 9223372036854775807))"
        )
    };
}

const UPSERT: &str = concat!(
    "INSERT INTO rollups (gateway_ref, span, start, key_ref, requests, tokens_in, tokens_out,
         cache_read, cache_write, reasoning, cost, unpriced, duration_ms, latency_ms, answered)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (gateway_ref, span, start, key_ref) DO UPDATE SET ",
    sum!("requests"),
    ", ",
    sum!("tokens_in"),
    ", ",
    sum!("tokens_out"),
    ", ",
    sum!("cache_read"),
    ", ",
    sum!("cache_write"),
    ", ",
    sum!("reasoning"),
    ", ",
    sum!("cost"),
    ", ",
    sum!("unpriced"),
    ", ",
    sum!("duration_ms"),
    ", ",
    sum!("latency_ms"),
    ", ",
    sum!("answered"),
);

/// What one batch adds.
#[derive(Default)]
pub(super) struct Tally {
    sums: HashMap<(i64, RollupKey), RollupSums>,
}

impl Tally {
    /// Counts a record of a gateway.
    pub(super) fn count(&mut self, gateway: i64, record: &LogRecord) {
        self.add(gateway, RollupKey::of(record), &RollupSums::of(record));
    }

    /// Counts calls of a gateway.
    pub(super) fn add(&mut self, gateway: i64, key: RollupKey, sums: &RollupSums) {
        self.sums.entry((gateway, key)).or_default().add(sums);
    }

    /// Adds everything to the file.
    pub(super) fn write(self, connection: &Connection, keys: &mut Keys) -> Result<(), Fault> {
        let mut pieces = BTreeMap::<(i64, i64, i64, i64), RollupSums>::new();
        for ((gateway, key), sums) in self.sums {
            let number = keys.find(connection, &key)?;
            for span in SPANS {
                let start = key.minute.div_euclid(span) * span;
                pieces.entry((gateway, span, start, number)).or_default().add(&sums);
            }
        }
        let mut upsert = connection.prepare_cached(UPSERT)?;
        for ((gateway, span, start, key), sums) in pieces {
            upsert.execute(params![
                gateway,
                span,
                start,
                key,
                as_sql(sums.requests),
                as_sql(sums.tokens_in),
                as_sql(sums.tokens_out),
                as_sql(sums.cache_read),
                as_sql(sums.cache_write),
                as_sql(sums.reasoning),
                sums.cost.pico(),
                as_sql(sums.unpriced),
                as_sql(sums.duration_ms),
                as_sql(sums.latency_ms),
                as_sql(sums.answered),
            ])?;
        }
        Ok(())
    }
}

/// Numbers of keys. The time and the gateway of a key are no part of its number.
#[derive(Default)]
pub(super) struct Keys {
    numbers: HashMap<RollupKey, i64>,
}

impl Keys {
    fn find(&mut self, connection: &Connection, key: &RollupKey) -> Result<i64, Fault> {
        if let Some(number) = self.numbers.get(key) {
            return Ok(*number);
        }
        let values = params![
            key.provider.as_str(),
            key.model,
            key.status,
            key.success,
            key.cached,
            key.rate_limited,
            key.wholesale,
            key.key_id.as_deref().unwrap_or_default(),
        ];
        let known = connection
            .prepare_cached(
                "SELECT ref FROM rollup_keys WHERE provider = ? AND model = ? AND status = ?
                 AND success = ? AND cached = ? AND rate_limited = ? AND wholesale = ?
                 AND key_id = ?",
            )?
            .query_row(values, |row| row.get(0))
            .optional()?;
        let number = match known {
            Some(number) => number,
            None => connection
                .prepare_cached(
                    "INSERT INTO rollup_keys (provider, model, status, success, cached,
                         rate_limited, wholesale, key_id)
                     VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING ref",
                )?
                .query_row(values, |row| row.get(0))?,
        };
        // With its minute, so that a key of this minute is found by one look.
        if self.numbers.len() >= MOST_KEYS {
            self.numbers.clear();
        }
        self.numbers.insert(key.clone(), number);
        Ok(number)
    }

    /// Drops what may have been rolled back; it is looked up again as it is needed.
    pub(super) fn forget(&mut self) {
        self.numbers.clear();
    }
}
