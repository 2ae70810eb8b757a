//! How far our own prices are from what providers tell that they charge.

use std::sync::atomic::AtomicU64;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;
use weir_core::Cost;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ProviderLabel {
    provider: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct FigureLabels {
    provider: String,
    /// `computed` by our prices, or `reported` by the provider.
    figure: &'static str,
}

/// Calls with both figures, and the sums of each.
#[derive(Debug, Default)]
pub(super) struct Drift {
    calls: Family<ProviderLabel, Counter>,
    dollars: Family<FigureLabels, Counter<f64, AtomicU64>>,
}

impl Drift {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register(
            "costs_compared",
            "Calls whose cost the provider told and our prices know, too",
            self.calls.clone(),
        );
        registry.register(
            "costs_compared_dollars",
            "What those cost, as computed by our prices and as reported by the provider",
            self.dollars.clone(),
        );
    }

    pub(super) fn count(&self, provider: &str, computed: Cost, reported: Cost) {
        self.calls.get_or_create(&ProviderLabel { provider: provider.to_owned() }).inc();
        for (figure, cost) in [("computed", computed), ("reported", reported)] {
            let labels = FigureLabels { provider: provider.to_owned(), figure };
            self.dollars.get_or_create(&labels).inc_by(cost.dollars().max(0.0));
        }
    }
}
