//! Answers from the roll-ups.

use std::sync::Arc;

use foldhash::HashMap;
use rusqlite::{Connection, Row, params};
use weir_core::analytics::{Bucket, Dimension, DimensionValue, RollupSums};
use weir_core::{Cost, GatewayId};

use super::groups::{Groups, Sort};
use super::pieces::cut;
use crate::sqlite::fault::Fault;
use crate::sqlite::logs::rollup::SPANS;

/// Adds a gateway's calls.
pub(super) fn add(
    groups: &mut Groups<'_>,
    connection: &Connection,
    number: i64,
    gateway: &GatewayId,
) -> Result<(), Fault> {
    let Some((from, to)) = range(groups, connection, number)? else { return Ok(()) };
    let spans = match groups.query.bucket {
        None | Some(Bucket::Day) => &SPANS[..],
        Some(Bucket::Hour) => &SPANS[..2],
        Some(_) => &SPANS[..1],
    };
    let mut keys = HashMap::<i64, Option<Sort>>::default();
    let mut statement = connection.prepare_cached(
        "SELECT start, key_ref, requests, tokens_in, tokens_out, cache_read, cache_write,
                reasoning, cost, unpriced, duration_ms, latency_ms, answered,
                compared, computed_cost, reported_cost
         FROM rollups WHERE gateway_ref = ? AND span = ? AND start >= ? AND start < ?",
    )?;
    for (span, from, to) in cut(from, to, spans) {
        let mut found = statement.query(params![number, span, from, to])?;
        while let Some(row) = found.next()? {
            let key = row.get(1)?;
            let sort = match keys.get(&key) {
                Some(sort) => *sort,
                None => {
                    let sort = read_key(groups, connection, key, gateway)?;
                    keys.insert(key, sort);
                    sort
                }
            };
            if let Some(sort) = sort {
                groups.add(row.get(0)?, sort, &sums(row)?);
                groups.check()?;
            }
        }
    }
    Ok(())
}

/// The minutes that are asked for and may have calls, the first and the one after the last.
fn range(
    groups: &Groups<'_>,
    connection: &Connection,
    number: i64,
) -> Result<Option<(i64, i64)>, Fault> {
    const DAY: i64 = 1440;
    let edge = |sql| -> Result<Option<i64>, Fault> {
        Ok(connection.prepare_cached(sql)?.query_row([number, DAY], |row| row.get(0))?)
    };
    let first = edge("SELECT min(start) FROM rollups WHERE gateway_ref = ? AND span = ?")?;
    let last = edge("SELECT max(start) FROM rollups WHERE gateway_ref = ? AND span = ?")?;
    let (Some(first), Some(last)) = (first, last) else { return Ok(None) };
    let from = groups.query.from.map_or(first, |from| super::rows::minute(from).max(first));
    let to = groups.query.to.map_or(last + DAY, |to| (super::rows::minute(to) + 1).min(last + DAY));
    Ok((from < to).then_some((from, to)))
}

fn read_key(
    groups: &mut Groups<'_>,
    connection: &Connection,
    key: i64,
    gateway: &GatewayId,
) -> Result<Option<Sort>, Fault> {
    let mut statement = connection.prepare_cached(
        "SELECT provider, model, status, success, cached, rate_limited, wholesale, key_id
         FROM rollup_keys WHERE ref = ?",
    )?;
    let mut found = statement.query([key])?;
    let row =
        found.next()?.ok_or_else(|| Fault::Content(format!("roll-up key {key} is missing")))?;
    let text =
        |column| Ok::<_, Fault>(DimensionValue::Text(Arc::from(row.get::<_, String>(column)?)));
    let (provider, model, key_id) = (text(0)?, text(1)?, text(7)?);
    let status: i64 = row.get(2)?;
    let (success, cached): (bool, bool) = (row.get(3)?, row.get(4)?);
    let (rate_limited, wholesale) = (row.get(5)?, row.get(6)?);
    let flag = |flag: bool| DimensionValue::Number(i64::from(flag));
    let group = groups.group(|dimension| match dimension {
        Dimension::Gateway => DimensionValue::Text(gateway.as_str().into()),
        Dimension::Provider => provider.clone(),
        Dimension::Model => model.clone(),
        Dimension::StatusCode => DimensionValue::Number(status),
        Dimension::Error => flag(!success),
        Dimension::Cached => flag(cached),
        Dimension::RateLimited => flag(rate_limited),
        Dimension::Wholesale => flag(wholesale),
        Dimension::Key => key_id.clone(),
        // Questions that name these are answered from the rows.
        Dimension::UserAgent | Dimension::Metadata => DimensionValue::Text("".into()),
    });
    Ok(group.map(|group| Sort { group, success, cached }))
}

fn sums(row: &Row<'_>) -> rusqlite::Result<RollupSums> {
    Ok(RollupSums {
        requests: row.get(2)?,
        tokens_in: row.get(3)?,
        tokens_out: row.get(4)?,
        cache_read: row.get(5)?,
        cache_write: row.get(6)?,
        reasoning: row.get(7)?,
        cost: Cost::from_pico(row.get(8)?),
        unpriced: row.get(9)?,
        duration_ms: row.get(10)?,
        latency_ms: row.get(11)?,
        answered: row.get(12)?,
        compared: row.get(13)?,
        computed_cost: Cost::from_pico(row.get(14)?),
        reported_cost: Cost::from_pico(row.get(15)?),
    })
}
