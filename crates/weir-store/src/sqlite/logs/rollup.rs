//! Counts and sums over calls, kept for each minute, hour and day (spec: observability 1.11).
//!
//! They are written in the transaction that writes the rows, so the two never disagree. Nothing
//! ever deletes them but the end of their gateway: a minute with ten kinds of calls takes about half
//! a kilobyte, a busy gateway's year some 300 MB at the very most.

use std::collections::BTreeMap;

use foldhash::HashMap;
use rusqlite::{Connection, Statement, params};
use weir_core::analytics::{RollupKey, RollupSums};
use weir_core::{Cost, LogRecord};

use super::encode::count as as_sql;
use super::values::saturated;
use crate::sqlite::fault::Fault;

/// Lengths of the pieces of time, in minutes.
pub(super) const SPANS: [i64; 3] = [1, 60, 1440];

/// Keys that the file takes. Callers choose the names of models, and roll-ups have no cap of their own,
/// so beyond that new names count together, as [`OTHER`].
const MOST: i64 = 50_000;

/// The model of calls whose model is told apart no more.
const OTHER: &str = "(other)";

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
         cache_read, cache_write, reasoning, cost, unpriced, duration_ms, latency_ms, answered,
         compared, computed_cost, reported_cost)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
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
    ", ",
    sum!("compared"),
    ", ",
    sum!("computed_cost"),
    ", ",
    sum!("reported_cost"),
);

/// A sum corrected by a difference that may be negative, within the limits of the column.
macro_rules! corrected {
    ($column:literal, $place:literal) => {
        concat!(
            $column,
            " = iif(typeof(",
            $column,
            " + ",
            $place,
            ") = 'integer', ",
            $column,
            " + ",
            $place,
            ", iif(",
            $place,
            " < 0, -9223372036854775807 - 1, 9223372036854775807))"
        )
    };
}

const CORRECT: &str = concat!(
    "UPDATE rollups SET ",
    corrected!("cost", "?5"),
    ", unpriced = max(0, unpriced + ?6), compared = max(0, compared + ?7), ",
    corrected!("computed_cost", "?8"),
    ", ",
    corrected!("reported_cost", "?9"),
    " WHERE gateway_ref = ?1 AND span = ?2 AND start = ?3 AND key_ref = ?4",
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
                as_sql(sums.compared),
                sums.computed_cost.pico(),
                sums.reported_cost.pico(),
            ])?;
        }
        Ok(())
    }
}

/// What rows of a gateway that are priced anew count for from now on, less what they counted for.
#[derive(Default)]
pub(super) struct Corrections {
    differences: HashMap<RollupKey, Difference>,
}

/// Of each sum that a cost goes into. Wide, so that the order of the rows does not matter.
#[derive(Clone, Copy, Default)]
struct Difference {
    cost: i128,
    unpriced: i64,
    compared: i64,
    computed_cost: i128,
    reported_cost: i128,
}

impl Corrections {
    /// Adds a row that counted for `before` and counts for `after`.
    pub(super) fn add(&mut self, key: RollupKey, before: &RollupSums, after: &RollupSums) {
        let money =
            |after: Cost, before: Cost| i128::from(after.pico()) - i128::from(before.pico());
        let count = |after: u64, before: u64| as_sql(after) - as_sql(before);
        let sum = self.differences.entry(key).or_default();
        sum.cost += money(after.cost, before.cost);
        sum.unpriced += count(after.unpriced, before.unpriced);
        sum.compared += count(after.compared, before.compared);
        sum.computed_cost += money(after.computed_cost, before.computed_cost);
        sum.reported_cost += money(after.reported_cost, before.reported_cost);
    }

    /// Corrects the roll-ups of a gateway.
    pub(super) fn write(
        self,
        connection: &Connection,
        keys: &mut Keys,
        gateway: i64,
    ) -> Result<(), Fault> {
        let mut pieces = BTreeMap::<(i64, i64, i64), Difference>::new();
        for (key, difference) in self.differences {
            let number = keys.find(connection, &key)?;
            for span in SPANS {
                let start = key.minute.div_euclid(span) * span;
                pieces.entry((span, start, number)).or_default().absorb(difference);
            }
        }
        let mut correct = connection.prepare_cached(CORRECT)?;
        for ((span, start, key), difference) in pieces {
            let Difference { cost, unpriced, compared, computed_cost, reported_cost } = difference;
            let (cost, computed) = (saturated(cost), saturated(computed_cost));
            let reported = saturated(reported_cost);
            correct.execute(params![
                gateway, span, start, key, cost, unpriced, compared, computed, reported
            ])?;
        }
        Ok(())
    }
}

impl Difference {
    fn absorb(&mut self, other: Self) {
        self.cost += other.cost;
        self.unpriced += other.unpriced;
        self.compared += other.compared;
        self.computed_cost += other.computed_cost;
        self.reported_cost += other.reported_cost;
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
        let number = match read(connection, key)? {
            Some(number) => number,
            None if key.model.as_ref() == OTHER || !is_full(connection)? => add(connection, key)?,
            None => {
                tracing::warn!(
                    model = OTHER,
                    most = MOST,
                    "analytics tell no more models apart, further ones count together"
                );
                self.find(connection, &RollupKey { model: OTHER.into(), ..key.clone() })?
            }
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

fn is_full(connection: &Connection) -> Result<bool, Fault> {
    // Keys are never deleted, so the highest number is their count.
    let mut statement =
        connection.prepare_cached("SELECT coalesce(max(ref), 0) >= ? FROM rollup_keys")?;
    Ok(statement.query_row([MOST], |row| row.get(0))?)
}

fn read(connection: &Connection, key: &RollupKey) -> Result<Option<i64>, Fault> {
    let mut statement = connection.prepare_cached(
        "SELECT ref FROM rollup_keys WHERE provider = ? AND model = ? AND status = ?
         AND success = ? AND cached = ? AND rate_limited = ? AND wholesale = ? AND key_id = ?",
    )?;
    bind(&mut statement, key)?;
    let mut found = statement.raw_query();
    Ok(found.next()?.map(|row| row.get(0)).transpose()?)
}

fn add(connection: &Connection, key: &RollupKey) -> Result<i64, Fault> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO rollup_keys (provider, model, status, success, cached, rate_limited,
             wholesale, key_id)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    )?;
    bind(&mut statement, key)?;
    statement.raw_execute()?;
    Ok(connection.last_insert_rowid())
}

/// All of a key but its time and its gateway.
fn bind(statement: &mut Statement<'_>, key: &RollupKey) -> Result<(), Fault> {
    statement.raw_bind_parameter(1, key.provider.as_str())?;
    statement.raw_bind_parameter(2, &*key.model)?;
    statement.raw_bind_parameter(3, key.status)?;
    for (place, flag) in (4..).zip([key.success, key.cached, key.rate_limited, key.wholesale]) {
        statement.raw_bind_parameter(place, flag)?;
    }
    statement.raw_bind_parameter(8, key.key_id.as_deref().unwrap_or_default())?;
    Ok(())
}
