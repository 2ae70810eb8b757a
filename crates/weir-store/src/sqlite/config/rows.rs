//! Rows of `config.db` as the objects they stand for.

use std::sync::Arc;

use rusqlite::Connection;
use rusqlite::types::FromSql;
use weir_core::gateway::Gateway;
use weir_core::provider::CustomProvider;
use weir_core::token::ApiToken;
use weir_core::{AccountId, GatewayId, Timestamp, TokenHash};

use crate::sqlite::fault::Fault;

/// Every gateway.
pub(super) fn gateways(connection: &Connection) -> Result<Vec<Gateway>, Fault> {
    let sql = "SELECT account_id, id, settings, created_at, modified_at FROM gateways";
    all(connection, sql, |row| {
        let account_id = AccountId::from(row.take::<String>()?);
        let id = GatewayId::from(row.take::<String>()?);
        let settings = row.json(|| format!("the settings of gateway {account_id}/{id}"))?;
        let (created_at, modified_at) = (row.time()?, row.time()?);
        Ok(Gateway { id, account_id, settings, created_at, modified_at })
    })
}

/// Every custom provider, the disabled ones too.
pub(super) fn custom_providers(connection: &Connection) -> Result<Vec<CustomProvider>, Fault> {
    let sql =
        "SELECT id, account_id, name, slug, base_url, enable, headers, created_at, modified_at
               FROM custom_providers";
    all(connection, sql, |row| {
        let id: Arc<str> = row.take()?;
        Ok(CustomProvider {
            account_id: AccountId::from(row.take::<String>()?),
            name: row.take()?,
            slug: row.take()?,
            base_url: row.take()?,
            enable: row.take()?,
            headers: row.json(|| format!("the headers of custom provider {id}"))?,
            created_at: row.time()?,
            modified_at: row.time()?,
            id,
        })
    })
}

/// Every token, the dead ones too.
pub(super) fn tokens(connection: &Connection) -> Result<Vec<ApiToken>, Fault> {
    let sql = "SELECT id, account_id, name, hash, length, permissions, created_at, expires_at,
                      revoked_at
               FROM tokens";
    all(connection, sql, |row| {
        let id: Arc<str> = row.take()?;
        Ok(ApiToken {
            account_id: AccountId::from(row.take::<String>()?),
            name: row.take()?,
            hash: TokenHash(row.take()?),
            length: row.take()?,
            permissions: row.json(|| format!("the permissions of token {id}"))?,
            created_at: row.time()?,
            expires_at: row.take::<Option<i64>>()?.map(Timestamp::from_millis),
            revoked_at: row.take::<Option<i64>>()?.map(Timestamp::from_millis),
            id,
        })
    })
}

/// The stored form of a part that is kept as JSON.
pub(super) fn to_json(value: &impl serde::Serialize) -> Result<String, Fault> {
    serde_json::to_string(value).map_err(|error| Fault::Content(error.to_string()))
}

fn all<T>(
    connection: &Connection,
    sql: &str,
    mut read: impl FnMut(&mut Columns<'_, '_>) -> Result<T, Fault>,
) -> Result<Vec<T>, Fault> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    let mut objects = Vec::new();
    while let Some(row) = rows.next()? {
        objects.push(read(&mut Columns { row, next: 0 })?);
    }
    Ok(objects)
}

/// The columns of a row, taken from left to right.
struct Columns<'row, 'statement> {
    row: &'row rusqlite::Row<'statement>,
    next: usize,
}

impl Columns<'_, '_> {
    fn take<T: FromSql>(&mut self) -> Result<T, Fault> {
        let value = self.row.get(self.next)?;
        self.next += 1;
        Ok(value)
    }

    fn time(&mut self) -> Result<Timestamp, Fault> {
        Ok(Timestamp::from_millis(self.take()?))
    }

    fn json<T: serde::de::DeserializeOwned>(
        &mut self,
        what: impl FnOnce() -> String,
    ) -> Result<T, Fault> {
        let text: String = self.take()?;
        serde_json::from_str(&text).map_err(|error| Fault::Content(format!("{}: {error}", what())))
    }
}
