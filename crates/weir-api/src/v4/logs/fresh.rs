//! Rows that are still on their way: a caller knows a row's id from the head of the answer, some
//! time before the row is in the store (spec: observability 6.2).

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use weir_core::store::{LogPatch, StoreResult, StoredLog};
use weir_core::{Gateway, LogId, Timestamp};

use crate::Api;
use crate::error::ApiError;

/// How long an answer waits for a row. A row is written within a fraction of that when its call is
/// over.
const PATIENCE: Duration = Duration::from_millis(600);
/// How often the store is asked meanwhile.
const PAUSE: Duration = Duration::from_millis(30);
/// How long a patch is held for a call that is not over.
const HOLD_MS: i64 = 60_000;
/// Clocks of several machines differ by less.
const SKEW_MS: i64 = 5_000;
/// Patches held at once.
const MOST_HELD: u32 = 256;

/// Room for patches whose rows are not there yet.
#[derive(Clone, Debug)]
pub(crate) struct Held(Arc<Semaphore>);

impl Default for Held {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(MOST_HELD as usize)))
    }
}

impl Held {
    /// Waits until no patch is held.
    pub(crate) async fn settle(&self) {
        // Never closed.
        let _ = self.0.acquire_many(MOST_HELD).await;
    }

    /// Patches held.
    pub(crate) fn under_way(&self) -> usize {
        (MOST_HELD as usize).saturating_sub(self.0.available_permits())
    }
}

/// A row; one that may be on its way is waited for a moment.
pub(in crate::v4) async fn find(
    api: &Api,
    gateway: &Gateway,
    id: LogId,
) -> Result<StoredLog, ApiError> {
    let mut waited = Duration::ZERO;
    loop {
        let found = api.logs.get(&gateway.account_id, &gateway.id, id).await?;
        match found {
            Some(log) => return Ok(log),
            None if waited < PATIENCE && may_come(id) => {
                tokio::time::sleep(PAUSE).await;
                waited += PAUSE;
            }
            None => return Err(ApiError::NotFound("log not found".into())),
        }
    }
}

/// Changes a row. One that may still come is waited for a moment, and then beside the answer, for a
/// minute from its beginning.
pub(super) async fn patch(
    api: &Arc<Api>,
    gateway: &Gateway,
    id: LogId,
    patch: LogPatch,
) -> Result<(), ApiError> {
    let mut waited = Duration::ZERO;
    while !try_patch(api, gateway, id, &patch).await? {
        if !may_come(id) {
            return Err(ApiError::NotFound("log not found".into()));
        }
        if waited >= PATIENCE {
            return hold(api, gateway, id, patch);
        }
        tokio::time::sleep(PAUSE).await;
        waited += PAUSE;
    }
    Ok(())
}

fn hold(api: &Arc<Api>, gateway: &Gateway, id: LogId, patch: LogPatch) -> Result<(), ApiError> {
    let room = Arc::clone(&api.background.held.0).try_acquire_owned();
    let permit = room.map_err(|_| ApiError::NotFound("log not found yet: try again".into()))?;
    let (api, gateway) = (Arc::clone(api), gateway.clone());
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(PAUSE * 10).await;
            match try_patch(&api, &gateway, id, &patch).await {
                Ok(true) => break,
                Ok(false) if may_come(id) => {}
                Ok(false) => {
                    tracing::warn!(%id, "a log row to be changed never came");
                    break;
                }
                Err(error) => {
                    tracing::error!(%error, %id, "a log row cannot be changed");
                    break;
                }
            }
        }
        drop(permit);
    });
    Ok(())
}

async fn try_patch(api: &Api, gateway: &Gateway, id: LogId, patch: &LogPatch) -> StoreResult<bool> {
    api.logs.patch(&gateway.account_id, &gateway.id, id, patch).await
}

/// Whether the id is of a call that began within the last minute.
fn may_come(id: LogId) -> bool {
    let age = Timestamp::now().as_millis() - id.created_at().as_millis();
    (-SKEW_MS..HOLD_MS).contains(&age)
}
