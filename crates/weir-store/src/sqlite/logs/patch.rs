//! Changing what may change in a row.

use rusqlite::params;
use weir_core::store::LogPatch;
use weir_core::{AccountId, GatewayId, LogId};

use super::ledger::Ledger;
use super::{gateways, segment};
use crate::sqlite::fault::Fault;

impl Ledger {
    /// Changes a row of a gateway. `false` when there is none.
    pub(super) fn patch(
        &mut self,
        account: &AccountId,
        gateway: &GatewayId,
        id: LogId,
        patch: &LogPatch,
    ) -> Result<bool, Fault> {
        let feedback = figure("feedback", patch.feedback)?;
        let score = figure("score", patch.score)?;
        let patch = LogPatch { feedback, score, metadata: patch.metadata.clone() };
        self.transact(|transaction, kept| {
            let known = gateways::read(transaction, account, gateway)?;
            let Some(gateway) = known.map(|known| known.number) else { return Ok(false) };
            let found = transaction
                .prepare_cached(
                    "UPDATE logs SET
                         feedback = iif(?3, ?4, feedback),
                         score = iif(?5, ?6, score),
                         metadata = iif(?7, ?8, metadata)
                     WHERE gateway_ref = ?1 AND id = ?2",
                )?
                .execute(params![
                    gateway,
                    id.as_bytes().as_slice(),
                    feedback.is_some(),
                    feedback.flatten(),
                    score.is_some(),
                    score.flatten(),
                    patch.metadata.is_some(),
                    patch.metadata.as_ref().and_then(Option::as_deref),
                ])?;
            if found > 0 {
                let result = segment::patch(transaction, gateway, id, &patch);
                segment::mended(transaction, &mut kept.pending, gateway, result)?;
            }
            Ok(found > 0)
        })
    }
}

/// SQLite would make null of what is no number, and zero has one sign here so that equal figures
/// are stored alike.
fn figure(name: &str, value: Option<Option<f64>>) -> Result<Option<Option<f64>>, Fault> {
    match value {
        Some(Some(figure)) if figure.is_nan() => {
            Err(Fault::Content(format!("{name} must be a number")))
        }
        other => Ok(other.map(|figure| figure.map(|figure| figure + 0.0))),
    }
}
