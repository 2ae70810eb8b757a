//! Upkeep of the ledger.

use std::sync::Arc;
use std::time::Duration;

use weir_core::Clock;
use weir_proxy::metrics::Metrics;
use weir_store::LedgerStore;

/// How often buckets that stand at nothing are forgotten.
const EVERY: Duration = Duration::from_secs(10);

/// Forgets idle buckets and states what the ledger holds. Never returns.
pub(super) async fn keep_tidy(ledger: LedgerStore, clock: Arc<dyn Clock>, metrics: Arc<Metrics>) {
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut known = ledger.figures().overflowed;
    loop {
        ticks.tick().await;
        ledger.sweep(clock.now());
        let figures = ledger.figures();
        metrics.ledger(figures.buckets, figures.open, figures.unwritten, figures.overflowed);
        if figures.overflowed > known {
            tracing::warn!(
                claims = figures.overflowed - known,
                "spend limits and budgets have too many buckets: some callers share one, and are \
                 limited too early"
            );
        }
        known = figures.overflowed;
    }
}
