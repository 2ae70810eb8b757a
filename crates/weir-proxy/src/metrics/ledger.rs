//! Figures of the ledger behind credits, spend limits and budgets.

use std::sync::atomic::Ordering;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::Metrics;

/// See [`Metrics::ledger`].
#[derive(Debug, Default)]
pub(super) struct LedgerMetrics {
    buckets: Gauge,
    open: Gauge,
    unwritten: Gauge,
    shared: Counter,
}

impl LedgerMetrics {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register(
            "ledger_buckets",
            "Buckets of spend limits and budgets in memory, as of the last sweep",
            self.buckets.clone(),
        );
        registry.register(
            "ledger_reservations",
            "Reservations neither settled nor given back, as of the last sweep",
            self.open.clone(),
        );
        registry.register(
            "ledger_unwritten",
            "Changes of the ledger that are not on the disk yet, as of the last sweep",
            self.unwritten.clone(),
        );
        registry.register(
            "ledger_claims_shared",
            "Claims that shared a bucket because there were too many",
            self.shared.clone(),
        );
    }
}

impl Metrics {
    /// States how many buckets and open reservations the ledger holds, how many changes wait for
    /// the disk, and how many claims so far had to share a bucket.
    pub fn ledger(&self, buckets: usize, open: usize, unwritten: usize, shared: u64) {
        let figures = &self.ledger;
        for (gauge, value) in
            [(&figures.buckets, buckets), (&figures.open, open), (&figures.unwritten, unwritten)]
        {
            gauge.set(i64::try_from(value).unwrap_or(i64::MAX));
        }
        figures.shared.inner().store(shared, Ordering::Relaxed);
    }
}
