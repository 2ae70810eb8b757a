//! Figures about callers for whom an issuer vouches.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OutcomeLabel {
    outcome: &'static str,
}

/// Users' tokens and issuers' keys.
#[derive(Default)]
pub(crate) struct IdentityMetrics {
    outcomes: Family<OutcomeLabel, Counter>,
    pub(crate) key_fetches: Counter,
    pub(crate) key_fetch_failures: Counter,
    pub(crate) stale_keys_used: Counter,
    pub(crate) stale_keys: Gauge,
}

impl IdentityMetrics {
    pub(super) fn register(&self, r: &mut Registry) {
        r.register(
            "web_tokens",
            "Requests with JSON web tokens, by what was found: accepted, or why not",
            self.outcomes.clone(),
        );
        r.register(
            "issuer_key_fetches",
            "Questions to issuers for their keys",
            self.key_fetches.clone(),
        );
        r.register(
            "issuer_key_fetch_failures",
            "Of these, those without a usable answer",
            self.key_fetch_failures.clone(),
        );
        r.register(
            "issuer_keys_stale",
            "Issuers whose keys are old because they do not answer",
            self.stale_keys.clone(),
        );
        r.register(
            "issuer_keys_stale_used",
            "Tokens checked by such keys",
            self.stale_keys_used.clone(),
        );
    }

    /// Counts a user who was let in.
    pub(crate) fn accepted(&self) {
        self.outcomes.get_or_create(&OutcomeLabel { outcome: "accepted" }).inc();
    }

    /// Counts one who was not, and why.
    pub(crate) fn refused(&self, reason: &'static str) {
        self.outcomes.get_or_create(&OutcomeLabel { outcome: reason }).inc();
    }
}
