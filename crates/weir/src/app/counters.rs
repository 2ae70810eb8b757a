//! Upkeep of the counters behind limits.

use std::sync::Arc;
use std::time::Duration;

use weir_core::Clock;
use weir_proxy::metrics::Metrics;
use weir_store::MemoryCounters;

/// How often counters that stand at nothing are forgotten.
const EVERY: Duration = Duration::from_secs(10);

/// Forgets idle counters, by the clock that they count by, and states how many there are. Never
/// returns.
pub(super) async fn keep_tidy(
    counters: Arc<MemoryCounters>,
    clock: Arc<dyn Clock>,
    metrics: Arc<Metrics>,
) {
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut known = counters.overflowed();
    loop {
        ticks.tick().await;
        counters.sweep(clock.now());
        let shared = counters.overflowed();
        metrics.counters(counters.held(), shared);
        if shared > known {
            tracing::warn!(
                draws = shared - known,
                "limits have too many counters: some callers share one, and are limited too early"
            );
        }
        known = shared;
    }
}
