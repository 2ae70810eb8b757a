//! A recomputation, page by page.

use std::sync::Arc;

use weir_core::store::{LogQuery, Repricing};
use weir_core::{Gateway, Timestamp};
use weir_llm::pricing::Market;

use super::super::walk::Walk;
use super::figure::Figure;
use super::job::{Job, Totals};
use crate::Api;

/// Rows read at a time.
pub(super) const PAGE: u32 = 1000;
/// Rows changed at a time: a few milliseconds of the store's one writer.
const PIECE: usize = 250;
/// Rows priced before others get the thread.
const STRETCH: usize = 100;

/// Does all of it.
///
/// # Errors
///
/// Why it could not go on. What was done by then is done.
pub(super) async fn run(
    api: &Arc<Api>,
    gateway: &Gateway,
    job: &Job,
    query: LogQuery,
) -> Result<(), &'static str> {
    let failed = |error| {
        tracing::error!(%error, job = &*job.id, "a recomputation of costs broke off");
        "the log store failed; start it again, rows that have their figure are left alone"
    };
    let mut walk = Walk::new(Arc::clone(api), query);
    let mut totals = Totals::default();
    let mut met = 0_u64;
    while !walk.is_done() {
        let (rows, left) = walk.page().await.map_err(failed)?;
        let rows_total = met + left;
        met += rows.len() as u64;
        let mut changes: Vec<Repricing> = Vec::new();
        for stretch in rows.chunks(STRETCH) {
            // The newest prices: whoever corrects one while this goes on finds it used.
            let snapshot = api.configuration.snapshot();
            let present = snapshot.gateway(gateway.account_id.as_str(), gateway.id.as_str());
            if present.is_none_or(|present| present.created_at != gateway.created_at) {
                return Err("the gateway was deleted");
            }
            let market = Market::of(&snapshot, &api.prices, gateway);
            let now = Timestamp::now();
            for row in stretch {
                let figure = Figure::of(&market, row, now);
                totals.count(&figure);
                if let Figure::Other(row) = figure {
                    changes.push(*row);
                }
            }
            tokio::task::yield_now().await;
        }
        for piece in changes.chunks(PIECE).filter(|_| !job.dry_run) {
            let repricing = api.logs.reprice(&gateway.account_id, &gateway.id, piece);
            let changed = repricing.await.map_err(failed)?;
            totals.overtaken(piece.len() as u64 - changed.min(piece.len() as u64));
        }
        job.progress(rows_total, &totals);
    }
    Ok(())
}
