//! `config.db`: gateways, custom providers, tokens.

mod rows;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use rusqlite::{Connection, Transaction, TransactionBehavior, params};
use weir_core::gateway::Gateway;
use weir_core::provider::CustomProvider;
use weir_core::snapshot::Configuration;
use weir_core::store::{ConfigStore, StoreResult};
use weir_core::token::ApiToken;
use weir_core::{Timestamp, TokenHash};

use super::fault::Fault;
use super::{connection, migrate};

/// One connection behind a lock that is taken on blocking threads only. That is enough: reads are
/// rare and small, because the data plane lives on snapshots.
pub(super) struct SqliteConfigStore {
    file: Arc<File>,
}

struct File {
    path: PathBuf,
    connection: Mutex<Connection>,
}

impl SqliteConfigStore {
    /// Opens the file and brings its tables up to date. A damaged file is an error: it is the only
    /// copy of what the operator made, so nothing is done about it unasked.
    pub(super) fn open(path: &Path) -> StoreResult<Self> {
        let opened = || {
            let mut connection = connection::open_writer(path)?;
            migrate::run(&mut connection, migrate::CONFIG)?;
            Ok(connection)
        };
        let connection = opened().map_err(|fault: Fault| fault.at(path))?;
        let path = path.to_owned();
        Ok(Self { file: Arc::new(File { path, connection: Mutex::new(connection) }) })
    }

    /// Runs `operation` in a transaction, on a thread that may block.
    async fn transact<T: Send + 'static>(
        &self,
        behavior: TransactionBehavior,
        operation: impl FnOnce(&Transaction<'_>) -> Result<T, Fault> + Send + 'static,
    ) -> StoreResult<T> {
        let file = Arc::clone(&self.file);
        let task = tokio::task::spawn_blocking(move || {
            // A panic while the lock was held has rolled its transaction back.
            let mut connection = file.connection.lock().unwrap_or_else(PoisonError::into_inner);
            let run = || {
                let transaction = connection.transaction_with_behavior(behavior)?;
                let output = operation(&transaction)?;
                transaction.commit()?;
                Ok(output)
            };
            run().map_err(|fault: Fault| fault.at(&file.path))
        });
        // Fails only when the runtime is going down.
        task.await.unwrap_or_else(|_| Err(Fault::Closed.at(&self.file.path)))
    }

    async fn read<T: Send + 'static>(
        &self,
        operation: impl FnOnce(&Transaction<'_>) -> Result<T, Fault> + Send + 'static,
    ) -> StoreResult<T> {
        self.transact(TransactionBehavior::Deferred, operation).await
    }

    /// A write: raises the generation in the same transaction.
    async fn write(
        &self,
        operation: impl FnOnce(&Transaction<'_>) -> Result<(), Fault> + Send + 'static,
    ) -> StoreResult<()> {
        self.transact(TransactionBehavior::Immediate, |transaction| {
            operation(transaction)?;
            transaction.execute(RAISE_GENERATION, [])?;
            Ok(())
        })
        .await
    }
}

const RAISE_GENERATION: &str = "UPDATE meta SET value = value + 1 WHERE name = 'generation'";

fn generation(transaction: &Transaction<'_>) -> Result<u64, Fault> {
    let mut statement =
        transaction.prepare_cached("SELECT value FROM meta WHERE name = 'generation'")?;
    Ok(statement.query_row([], |row| row.get(0))?)
}

#[async_trait]
impl ConfigStore for SqliteConfigStore {
    async fn load(&self) -> StoreResult<Configuration> {
        self.read(|transaction| {
            Ok(Configuration {
                generation: generation(transaction)?,
                gateways: rows::gateways(transaction)?,
                custom_providers: rows::custom_providers(transaction)?,
                tokens: rows::tokens(transaction)?,
            })
        })
        .await
    }

    async fn generation(&self) -> StoreResult<u64> {
        self.read(generation).await
    }

    async fn create_gateway(&self, gateway: &Gateway) -> StoreResult<()> {
        let gateway = gateway.clone();
        self.write(move |transaction| {
            let values = params![
                gateway.account_id.as_str(),
                gateway.id.as_str(),
                rows::to_json(&gateway.settings)?,
                gateway.created_at.as_millis(),
                gateway.modified_at.as_millis(),
            ];
            transaction
                .execute(
                    "INSERT INTO gateways (account_id, id, settings, created_at, modified_at)
                     VALUES (?, ?, ?, ?, ?)",
                    values,
                )
                .map_err(|error| Fault::from(error).or_exists("gateway"))?;
            Ok(())
        })
        .await
    }

    async fn create_custom_provider(&self, provider: &CustomProvider) -> StoreResult<()> {
        let provider = provider.clone();
        self.write(move |transaction| {
            let values = params![
                &*provider.id,
                provider.account_id.as_str(),
                provider.slug,
                provider.name,
                provider.base_url,
                provider.enable,
                rows::to_json(&provider.headers)?,
                provider.created_at.as_millis(),
                provider.modified_at.as_millis(),
            ];
            transaction
                .execute(
                    "INSERT INTO custom_providers (id, account_id, slug, name, base_url, enable,
                                                   headers, created_at, modified_at)
                     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    values,
                )
                .map_err(|error| Fault::from(error).or_exists("custom provider"))?;
            Ok(())
        })
        .await
    }

    async fn create_token(&self, token: &ApiToken) -> StoreResult<()> {
        let token = token.clone();
        self.write(move |transaction| {
            let TokenHash(hash) = token.hash;
            let values = params![
                &*token.id,
                token.account_id.as_str(),
                token.name,
                hash,
                token.length,
                rows::to_json(&token.permissions)?,
                token.created_at.as_millis(),
                token.expires_at.map(Timestamp::as_millis),
                token.revoked_at.map(Timestamp::as_millis),
            ];
            transaction
                .execute(
                    "INSERT INTO tokens (id, account_id, name, hash, length, permissions,
                                         created_at, expires_at, revoked_at)
                     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    values,
                )
                .map_err(|error| Fault::from(error).or_exists("token"))?;
            Ok(())
        })
        .await
    }

    async fn revoke_token(&self, id: &str, now: Timestamp) -> StoreResult<()> {
        let id = id.to_owned();
        self.write(move |transaction| {
            // The first revocation is the one that counts.
            let found = transaction.execute(
                "UPDATE tokens SET revoked_at = coalesce(revoked_at, ?) WHERE id = ?",
                params![now.as_millis(), id],
            )?;
            if found == 0 { Err(Fault::NotFound("token")) } else { Ok(()) }
        })
        .await
    }
}
