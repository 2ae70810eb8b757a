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
    let (mut wanted, mut values) = lines_of(&query.account, query.from, query.to);
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

/// Which lines, and the values that go with it.
fn lines_of(
    account: &AccountId,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
) -> (String, Vec<Value>) {
    let mut wanted = String::from("FROM credits WHERE account = ?");
    let mut values: Vec<Value> = vec![account.as_str().to_owned().into()];
    for (condition, at) in [(" AND at >= ?", from), (" AND at < ?", to)] {
        if let Some(at) = at {
            wanted.push_str(condition);
            values.push(at.as_millis().into());
        }
    }
    (wanted, values)
}

/// Sums over the lines of usage, over a connection of its own, too.
pub(super) fn sums(path: &Path, query: &CreditSumQuery) -> Result<Vec<CreditSum>, Fault> {
    let connection = connection::open_reader(path)?;
    let (wanted, mut values) = lines_of(&query.account, query.from, query.to);
    // Also before 1970 a piece begins before what is in it.
    let start = match query.every.map(|every| every.max(1)) {
        Some(every) => format!("at - (at % {every} + {every}) % {every}"),
        None => "NULL".to_owned(),
    };
    let target = if query.by_model { "provider, model" } else { "NULL, NULL" };
    let sql = format!(
        "SELECT {start} AS start, {target}, sum(calls), sum(cost), -sum(amount) {wanted} \
         AND kind = ? GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
    );
    values.push(CreditKind::Usage.label().to_owned().into());
    let mut statement = connection.prepare(&sql)?;
    let mut rows = statement.query(params_from_iter(&values))?;
    let mut sums = Vec::new();
    while let Some(row) = rows.next()? {
        let target = if query.by_model { Some((text(row, 1)?, text(row, 2)?)) } else { None };
        sums.push(CreditSum {
            start: row.get::<_, Option<i64>>(0)?.map(Timestamp::from_millis),
            target,
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
