//! Audit records of deeds that change no configuration (spec: observability 11).

use std::sync::Arc;

use serde_json::Value;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use weir_core::audit::{Action, AuditRecord};
use weir_core::{Gateway, LogId, Timestamp};

use crate::Api;
use crate::caller::Caller;
use crate::error::ApiError;

/// Records that may be on their way to the store at once.
const MOST_UNDER_WAY: u32 = 256;

/// Room for records that nobody waits for.
#[derive(Clone, Debug)]
pub(crate) struct Trail(Arc<Semaphore>);

impl Default for Trail {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(MOST_UNDER_WAY as usize)))
    }
}

impl Trail {
    /// Waits until no record is under way.
    pub(crate) async fn settle(&self) {
        // Never closed.
        let _ = self.0.acquire_many(MOST_UNDER_WAY).await;
    }

    /// Records under way.
    pub(crate) fn under_way(&self) -> usize {
        (MOST_UNDER_WAY as usize).saturating_sub(self.0.available_permits())
    }

    /// Room for the record of a deed that is about to be done; held until it is on record.
    pub(crate) async fn room(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.0).acquire_owned().await.ok()
    }
}

/// The record of something that `caller` did to log rows of `gateway`.
pub(crate) fn deed(
    caller: &Caller,
    gateway: &Gateway,
    action: Action,
    id: &str,
    after: Value,
) -> AuditRecord {
    AuditRecord {
        id: LogId::generate(),
        at: Timestamp::now(),
        account: gateway.account_id.clone(),
        gateway: Some(gateway.id.as_str().into()),
        actor: caller.actor(),
        action,
        resource_type: "log".into(),
        resource_id: id.into(),
        before: None,
        after: Some(after),
    }
}

/// The record of something that `caller` did in its account, which changed no configuration.
pub(crate) fn account_deed(
    caller: &Caller,
    action: Action,
    (resource_type, id): (&str, &str),
    before: Option<Value>,
    after: Value,
) -> AuditRecord {
    AuditRecord {
        id: LogId::generate(),
        at: Timestamp::now(),
        account: caller.account().clone(),
        gateway: None,
        actor: caller.actor(),
        action,
        resource_type: resource_type.into(),
        resource_id: id.into(),
        before,
        after: Some(after),
    }
}

/// Does something and keeps the record of it. It is a task of its own: when the caller hangs up, the
/// deed is done and must still be on record. When the record cannot be kept, the deed is told in
/// the program's log: an error would only make clients do it again.
pub(crate) async fn on_record<T: Send + 'static>(
    api: &Arc<Api>,
    deed: impl Future<Output = Result<(T, AuditRecord), ApiError>> + Send + 'static,
) -> Result<T, ApiError> {
    let room = api.background.trail.room().await;
    let api = Arc::clone(api);
    let task = tokio::spawn(async move {
        let _room = room;
        let (output, record) = deed.await?;
        if let Err(error) = api.configuration.store().record(&record).await {
            left_out(&record, &error.to_string());
        }
        Ok(output)
    });
    task.await.map_err(|error| ApiError::Internal(error.into()))?
}

/// Keeps a record without letting the answer wait for it, or fail with it. When the store is so
/// slow that too many records are under way already, or when it fails, the deed is written to the
/// program's own log instead, at the level of errors, so that a trace of it remains.
pub(crate) fn keep(api: &Api, record: AuditRecord) {
    let Ok(permit) = Arc::clone(&api.background.trail.0).try_acquire_owned() else {
        left_out(&record, "too many audit records are under way");
        return;
    };
    let store = Arc::clone(api.configuration.store());
    tokio::spawn(async move {
        if let Err(error) = store.record(&record).await {
            left_out(&record, &error.to_string());
        }
        drop(permit);
    });
}

/// Writes a deed that could not be kept to the program's log.
pub(crate) fn left_out(record: &AuditRecord, reason: &str) {
    tracing::error!(
        reason,
        account = %record.account,
        gateway = record.gateway.as_deref(),
        actor = record.actor.id,
        action = record.action.name(),
        resource = &*record.resource_id,
        after = record.after.as_ref().map(tracing::field::display),
        "audit record not kept"
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::TestApi;
    use crate::tests::fake_logs::{FakeLogs, full_row, log_id};

    #[tokio::test]
    async fn a_reader_does_not_wait_for_records_that_the_store_does_not_take() {
        let test = TestApi::with_logs(FakeLogs::of(vec![full_row(1)]));
        let api = test.api();
        let room = Arc::clone(&api.background.trail.0);
        let taken = room.try_acquire_many(MOST_UNDER_WAY).unwrap();
        let uri = format!("{}/{}/request", crate::tests::LOGS, log_id(1));
        assert_eq!(test.get(&uri).await.status, 200);
        drop(taken);
        assert_eq!(api.background.trail.under_way(), 0);
        // The next reading is on its way to the store.
        assert_eq!(test.get(&uri).await.status, 200);
        assert_eq!(api.background.trail.under_way(), 1);
        api.background.settle(std::time::Duration::from_secs(60)).await;
        assert_eq!(api.background.trail.under_way(), 0);
    }

    #[tokio::test]
    async fn the_end_waits_for_what_calls_have_left_behind_but_not_for_ever() {
        let test = TestApi::with_logs(FakeLogs::of(vec![full_row(1)]));
        let api = test.api();
        // A verdict on a call that is not over; its row comes later.
        let late = weir_core::LogRecord { id: LogId::generate(), ..full_row(2) };
        let uri = format!("{}/{}", crate::tests::LOGS, late.id);
        let verdict = serde_json::json!({"score": 50});
        assert_eq!(test.patch(&uri, &verdict).await.status, 200);
        api.background.settle(std::time::Duration::from_millis(1)).await;
        assert_eq!(test.get(&uri).await.status, 404);
        test.logs().add(late);
        api.background.settle(std::time::Duration::from_secs(60)).await;
        assert_eq!(test.get(&uri).await.ok()["result"]["score"], 50.0);
    }
}
