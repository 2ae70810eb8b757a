//! Reading the credit journal.

use std::path::Path;

use rusqlite::types::Value;
use rusqlite::{Connection, Row, params_from_iter};
use weir_core::ledger::{
    CreditEntry, CreditKind, CreditPage, CreditQuery, CreditSum, CreditSumQuery, CreditUsage,
};
use weir_core::{AccountId, Cost, GatewayId, Timestamp};

use super::row::{column, text};
use crate::sqlite::connection;
use crate::sqlite::fault::Fault;

/// A page, read over a connection of its own, so that the writer is not held up.
pub(super) fn page(path: &Path, query: &CreditQuery) -> Result<CreditPage, Fault> {
    let mut connection = connection::open_reader(path)?;
    // Lines and their number as of one moment.
    let transaction = connection.transaction()?;
    read(&transaction, query)
}

fn read(connection: &Connection, query: &CreditQuery) -> Result<CreditPage, Fault> {
    let mut wanted = String::from("FROM credits WHERE account = ?");
    let mut values: Vec<Value> = vec![query.account.as_str().to_owned().into()];
    for (condition, at) in [(" AND at >= ?", query.from), (" AND at < ?", query.to)] {
        if let Some(at) = at {
            wanted.push_str(condition);
            values.push(at.as_millis().into());
        }
    }
    if !query.kinds.is_empty() {
        let places = vec!["?"; query.kinds.len()].join(", ");
        wanted.push_str(&format!(" AND kind IN ({places})"));
        values.extend(query.kinds.iter().map(|kind| Value::from(kind.label().to_owned())));
    }
    let count = format!("SELECT count(*) {wanted}");
    let total = connection.query_row(&count, params_from_iter(&values), |row| row.get(0))?;
    let direction = if query.ascending { "ASC" } else { "DESC" };
    let lines = format!(
        "SELECT id, account, at, kind, amount, fee, note, gateway, provider, model, calls, cost
         {wanted} ORDER BY at {direction}, number {direction} LIMIT ? OFFSET ?"
    );
    values.extend([Value::from(i64::from(query.limit)), Value::from(column(query.offset))]);
    let mut statement = connection.prepare(&lines)?;
    let mut rows = statement.query(params_from_iter(&values))?;
    let mut entries = Vec::new();
    while let Some(row) = rows.next()? {
        entries.push(entry(row)?);
    }
    Ok(CreditPage { entries, total })
}

/// Sums over usage, read like a page. The index by time finds the lines; adding up is SQLite's.
pub(super) fn sums(path: &Path, query: &CreditSumQuery) -> Result<Vec<CreditSum>, Fault> {
    let connection = connection::open_reader(path)?;
    // Time before 1970 is none here, so a remainder is never below zero.
    let every = query.every.map_or(0, |every| every.max(1));
    let start = if query.every.is_some() { "at - at % ?1" } else { "?1" };
    let target = if query.by_model { "provider, model" } else { "'', ''" };
    let mut wanted = String::from("account = ?2 AND kind = 'usage'");
    let mut values: Vec<Value> = vec![every.into(), query.account.as_str().to_owned().into()];
    for (condition, at) in [("at >= ", query.from), ("at < ", query.to)] {
        if let Some(at) = at {
            values.push(at.as_millis().into());
            wanted.push_str(&format!(" AND {condition}?{}", values.len()));
        }
    }
    let mut statement = connection.prepare(&format!(
        "SELECT {start} AS start, {target}, sum(calls), sum(cost), -sum(amount)
         FROM credits WHERE {wanted} GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
    ))?;
    let mut rows = statement.query(params_from_iter(&values))?;
    let mut sums = Vec::new();
    while let Some(row) = rows.next()? {
        let start = Timestamp::from_millis(row.get(0)?);
        let target = (text(row, 1)?, text(row, 2)?);
        sums.push(CreditSum {
            start: query.every.map(|_| start),
            target: query.by_model.then_some(target),
            calls: row.get(3)?,
            cost: Cost::from_pico(row.get(4)?),
            amount: Cost::from_pico(row.get(5)?),
        });
    }
    Ok(sums)
}

fn entry(row: &Row<'_>) -> Result<CreditEntry, Fault> {
    let kind = text(row, 3)?;
    let kind = CreditKind::parse(&kind)
        .ok_or_else(|| Fault::Content(format!("a credit line of the kind {kind:?}")))?;
    let usage = match kind {
        CreditKind::Usage => Some(CreditUsage {
            gateway: GatewayId::from(&*text(row, 7)?),
            provider: text(row, 8)?,
            model: text(row, 9)?,
            calls: row.get(10)?,
            cost: Cost::from_pico(row.get(11)?),
        }),
        _ => None,
    };
    Ok(CreditEntry {
        id: text(row, 0)?,
        account: AccountId::from(&*text(row, 1)?),
        at: Timestamp::from_millis(row.get(2)?),
        kind,
        amount: Cost::from_pico(row.get(4)?),
        fee: Cost::from_pico(row.get(5)?),
        note: row.get::<_, Option<String>>(6)?.map(String::into_boxed_str),
        usage,
    })
}
