//! The table of audit records.

use rusqlite::{Connection, Row, Transaction, named_params, params};
use serde_json::Value;
use weir_core::audit::{Action, AuditPage, AuditQuery, AuditRecord};
use weir_core::{LogId, Timestamp};

use crate::sqlite::fault::Fault;

/// Which records a query asks for. A filter that is NULL asks for nothing.
const MATCHES: &str = "account_id = :account AND at BETWEEN :since AND :until
    AND (:gateway IS NULL OR gateway = :gateway)
    AND (:action IS NULL OR action = :action)
    AND (:resource_type IS NULL OR resource_type = :resource_type)
    AND (:resource_id IS NULL OR resource_id = :resource_id)
    AND (:actor IS NULL OR actor_id = :actor)";

/// Keeps a record.
pub(super) fn insert(connection: &Connection, record: &AuditRecord) -> Result<(), Fault> {
    let sql = "INSERT INTO audit (id, account_id, at, gateway, action, resource_type, resource_id,
                                  actor_id, actor, before, after)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    let actor = serde_json::to_string(&record.actor)
        .map_err(|error| Fault::Unwritable(format!("audit record {}: {error}", record.id)))?;
    let values = params![
        record.id.as_bytes(),
        record.account.as_str(),
        record.at.as_millis(),
        record.gateway.as_deref(),
        record.action.name(),
        &*record.resource_type,
        &*record.resource_id,
        record.actor.id,
        actor,
        record.before.as_ref().map(Value::to_string),
        record.after.as_ref().map(Value::to_string),
    ];
    connection.prepare_cached(sql)?.execute(values)?;
    Ok(())
}

/// A page of records, newest first, and how many match in all.
pub(super) fn list(transaction: &Transaction<'_>, query: &AuditQuery) -> Result<AuditPage, Fault> {
    let account = query.account.as_str();
    let since = query.since.map_or(i64::MIN, Timestamp::as_millis);
    let until = query.until.map_or(i64::MAX, Timestamp::as_millis);
    let action = query.action.map(Action::name);
    let total = transaction
        .prepare_cached(&format!("SELECT count(*) FROM audit WHERE {MATCHES}"))?
        .query_row(
            named_params! {
                ":account": account, ":since": since, ":until": until, ":gateway": query.gateway,
                ":action": action, ":resource_type": query.resource_type,
                ":resource_id": query.resource_id, ":actor": query.actor_id,
            },
            |row| row.get(0),
        )?;
    // The inner question finds the page in the index; only its rows are read.
    let sql = format!(
        "SELECT id, account_id, at, gateway, action, resource_type, resource_id, actor, before,
                after
         FROM audit WHERE rowid IN (
             SELECT rowid FROM audit WHERE {MATCHES}
             ORDER BY at DESC, id DESC LIMIT :limit OFFSET :offset
         )
         ORDER BY at DESC, id DESC"
    );
    let mut statement = transaction.prepare_cached(&sql)?;
    let mut rows = statement.query(named_params! {
        ":account": account, ":since": since, ":until": until, ":gateway": query.gateway,
        ":action": action, ":resource_type": query.resource_type,
        ":resource_id": query.resource_id, ":actor": query.actor_id,
        ":limit": query.limit, ":offset": i64::try_from(query.offset).unwrap_or(i64::MAX),
    })?;
    let mut records = Vec::new();
    while let Some(row) = rows.next()? {
        records.push(read(row)?);
    }
    Ok(AuditPage { records, total })
}

fn read(row: &Row<'_>) -> Result<AuditRecord, Fault> {
    let id = LogId::from_bytes(row.get(0)?);
    let action: String = row.get(4)?;
    Ok(AuditRecord {
        id,
        account: row.get::<_, String>(1)?.into(),
        at: Timestamp::from_millis(row.get(2)?),
        gateway: row.get::<_, Option<String>>(3)?.map(Into::into),
        action: Action::parse(&action)
            .ok_or_else(|| Fault::Content(format!("audit record {id}: its action {action:?}")))?,
        resource_type: row.get::<_, String>(5)?.into(),
        resource_id: row.get::<_, String>(6)?.into(),
        actor: json(id, &row.get::<_, String>(7)?)?,
        before: row.get::<_, Option<String>>(8)?.map(|text| json(id, &text)).transpose()?,
        after: row.get::<_, Option<String>>(9)?.map(|text| json(id, &text)).transpose()?,
    })
}

fn json<T: serde::de::DeserializeOwned>(id: LogId, text: &str) -> Result<T, Fault> {
    serde_json::from_str(text)
        .map_err(|error| Fault::Content(format!("audit record {id}: {error}")))
}
