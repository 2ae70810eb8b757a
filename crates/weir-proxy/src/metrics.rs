//! Every metric of the data plane, in one list; those of the ledger beside it.

mod identity;
mod ledger;
mod prices;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};
use weir_core::cache::CacheSize;
use weir_core::{Cost, Kind, Usage};

use self::identity::IdentityMetrics;
use crate::exchange::Facts;
use crate::finish::{Verdict, overhead};

/// Labels of a finished attempt. All have few values: a provider is a catalogue slug or `custom`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct AttemptLabels {
    provider: String,
    status: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct KindLabel {
    kind: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct DirectionLabel {
    direction: &'static str,
}

/// Where a key lies: `env`, `file` or `vault`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct ReferenceLabel {
    pub(crate) scheme: &'static str,
}

/// A key that was refused, by its provider (a catalogue slug or `custom`) and the status.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct KeyLabels {
    provider: String,
    status: &'static str,
}

/// A state of circuit breakers: `closed`, `open` or `half_open`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct StateLabel {
    pub(crate) state: &'static str,
}

/// Counters, gauges and histograms; shown at `/metrics` in the Prometheus text format.
pub struct Metrics {
    registry: Registry,
    pub(crate) identity: IdentityMetrics,
    pub(crate) requests: Counter,
    pub(crate) attempts: Counter,
    pub(crate) retries: Counter,
    pub(crate) in_flight: Gauge,
    pub(crate) upstream_idle: Gauge,
    pub(crate) upstream_opened: Counter,
    pub(crate) unpriced: Counter,
    pub(crate) budget_warnings: Counter,
    pub(crate) ledger_underestimated: Counter,
    pub(crate) calls_cut_off: Counter,
    pub(crate) breakers: Family<StateLabel, Gauge>,
    pub(crate) breaker_transitions: Family<StateLabel, Counter>,
    pub(crate) targets_forgotten: Counter,
    pub(crate) hedges_sent: Counter,
    pub(crate) hedges_won: Counter,
    pub(crate) hedges_refused: Counter,
    pub(crate) shadow_calls: Counter,
    pub(crate) hits_alike: Counter,
    pub(crate) embeddings_failed: Counter,
    pub(crate) shadows_left_out: Counter,
    pub(crate) log_rows_accepted: Counter,
    pub(crate) log_rows_written: Counter,
    pub(crate) log_rows_dropped: Counter,
    pub(crate) log_rows_refused: Counter,
    pub(crate) log_counts_dropped: Counter,
    pub(crate) log_bodies_dropped: Counter,
    pub(crate) log_write_failures: Counter,
    pub(crate) log_write_seconds: Histogram,
    pub(crate) keys_resting: Gauge,
    pub(crate) keys_limited: Counter,
    pub(crate) key_changes: Counter,
    pub(crate) references_failed: Family<ReferenceLabel, Counter>,
    pub(crate) references_stale: Family<ReferenceLabel, Counter>,
    keys_refused: Family<KeyLabels, Counter>,
    finished: Family<AttemptLabels, Counter>,
    refusals: Family<KindLabel, Counter>,
    tokens: Family<DirectionLabel, Counter>,
    cost: Counter<f64, AtomicU64>,
    overhead: Histogram,
    duration: Histogram,
    log_queue_rows: Gauge,
    log_queue_bytes: Gauge,
    cache_entries: Gauge,
    cache_bytes: Gauge,
    pub(crate) cache_joined: Counter,
    cache_unwritten: Counter,
    limit_counters: Gauge,
    limit_draws_shared: Counter,
    questions: Gauge,
    question_bytes: Gauge,
    drift: prices::Drift,
    ledger: ledger::LedgerMetrics,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("weir"),
            identity: IdentityMetrics::default(),
            requests: Counter::default(),
            attempts: Counter::default(),
            retries: Counter::default(),
            in_flight: Gauge::default(),
            upstream_idle: Gauge::default(),
            upstream_opened: Counter::default(),
            unpriced: Counter::default(),
            budget_warnings: Counter::default(),
            ledger_underestimated: Counter::default(),
            calls_cut_off: Counter::default(),
            breakers: Family::default(),
            breaker_transitions: Family::default(),
            targets_forgotten: Counter::default(),
            hedges_sent: Counter::default(),
            hedges_won: Counter::default(),
            hedges_refused: Counter::default(),
            shadow_calls: Counter::default(),
            hits_alike: Counter::default(),
            embeddings_failed: Counter::default(),
            shadows_left_out: Counter::default(),
            log_rows_accepted: Counter::default(),
            log_rows_written: Counter::default(),
            log_rows_dropped: Counter::default(),
            log_rows_refused: Counter::default(),
            log_counts_dropped: Counter::default(),
            log_bodies_dropped: Counter::default(),
            log_write_failures: Counter::default(),
            log_write_seconds: Histogram::new(exponential_buckets(0.001, 4.0, 8)),
            keys_resting: Gauge::default(),
            keys_limited: Counter::default(),
            key_changes: Counter::default(),
            references_failed: Family::default(),
            references_stale: Family::default(),
            keys_refused: Family::default(),
            finished: Family::default(),
            refusals: Family::default(),
            tokens: Family::default(),
            cost: Counter::default(),
            overhead: Histogram::new(exponential_buckets(0.000_01, 2.0, 16)),
            duration: Histogram::new(exponential_buckets(0.001, 2.0, 20)),
            log_queue_rows: Gauge::default(),
            log_queue_bytes: Gauge::default(),
            cache_entries: Gauge::default(),
            cache_bytes: Gauge::default(),
            cache_joined: Counter::default(),
            cache_unwritten: Counter::default(),
            limit_counters: Gauge::default(),
            limit_draws_shared: Counter::default(),
            questions: Gauge::default(),
            question_bytes: Gauge::default(),
            drift: prices::Drift::default(),
            ledger: ledger::LedgerMetrics::default(),
        };
        metrics.register();
        metrics.register_semantic();
        metrics.register_routing();
        metrics.drift.register(&mut metrics.registry);
        metrics.identity.register(&mut metrics.registry);
        metrics.ledger.register(&mut metrics.registry);
        metrics.register_spending();
        metrics.register_keys();
        metrics
    }
}

impl Metrics {
    fn register(&mut self) {
        let r = &mut self.registry;
        r.register("requests", "Client requests received", self.requests.clone());
        r.register("attempts", "Requests sent to providers", self.attempts.clone());
        r.register("retries", "Of these, tries after a first one", self.retries.clone());
        r.register(
            "attempts_finished",
            "Attempts finished, by provider and class of the status sent to the client",
            self.finished.clone(),
        );
        r.register("refusals", "Requests answered by the gateway itself", self.refusals.clone());
        r.register("requests_in_flight", "Calls not yet finished", self.in_flight.clone());
        r.register_with_unit(
            "overhead",
            "Time spent inside the gateway rather than waiting for a provider",
            Unit::Seconds,
            self.overhead.clone(),
        );
        r.register_with_unit(
            "request_duration",
            "Request head received to last byte handed over",
            Unit::Seconds,
            self.duration.clone(),
        );
        r.register("tokens", "Tokens, as reported by providers", self.tokens.clone());
        r.register("cost_dollars", "Cost of finished calls, where known", self.cost.clone());
        r.register(
            "unpriced_answers",
            "Answers with usage whose model has no known price",
            self.unpriced.clone(),
        );
        r.register(
            "upstream_idle_connections",
            "Connections to providers waiting for a call, as of the last sweep",
            self.upstream_idle.clone(),
        );
        r.register(
            "upstream_connections_opened",
            "Connections made to providers",
            self.upstream_opened.clone(),
        );
        r.register("log_queue_rows", "Log rows not yet in the store", self.log_queue_rows.clone());
        r.register(
            "log_queue_bytes",
            "Memory held by log rows not yet in the store",
            self.log_queue_bytes.clone(),
        );
        r.register("log_rows_accepted", "Log rows queued", self.log_rows_accepted.clone());
        r.register("log_rows_written", "Log rows written", self.log_rows_written.clone());
        r.register("log_rows_dropped", "Log rows lost", self.log_rows_dropped.clone());
        r.register(
            "log_rows_refused",
            "Log rows not kept because their gateway is full and set to stop inserting",
            self.log_rows_refused.clone(),
        );
        r.register(
            "log_counts_dropped",
            "Calls without a log row that analytics lost, too",
            self.log_counts_dropped.clone(),
        );
        r.register(
            "log_bodies_dropped",
            "Bodies given up so that their rows could be kept",
            self.log_bodies_dropped.clone(),
        );
        r.register(
            "log_write_failures",
            "Batches that the log store refused at first",
            self.log_write_failures.clone(),
        );
        r.register_with_unit(
            "log_write",
            "Time to write a batch of log rows",
            Unit::Seconds,
            self.log_write_seconds.clone(),
        );
        r.register("cache_entries", "Answers in the memory cache", self.cache_entries.clone());
        r.register("cache_bytes", "Weight of the memory cache", self.cache_bytes.clone());
        r.register(
            "cache_joined",
            "Calls that were given the answer of an identical one under way",
            self.cache_joined.clone(),
        );
        r.register(
            "cache_unwritten",
            "Cached answers that the disk was too slow for, or refused; they are in memory only",
            self.cache_unwritten.clone(),
        );
        r.register(
            "limit_counters",
            "Counters behind limits, as of the last sweep",
            self.limit_counters.clone(),
        );
        r.register(
            "limit_draws_shared",
            "Draws on limits that shared a counter because there were too many",
            self.limit_draws_shared.clone(),
        );
    }

    fn register_semantic(&mut self) {
        let r = &mut self.registry;
        r.register(
            "cache_hits_alike",
            "Calls given the stored answer to a like question",
            self.hits_alike.clone(),
        );
        r.register(
            "cache_embeddings_failed",
            "Calls whose question got no vector to be compared by; they went on without",
            self.embeddings_failed.clone(),
        );
        r.register("cache_questions", "Questions to compare with", self.questions.clone());
        r.register("cache_question_bytes", "Memory that they take", self.question_bytes.clone());
    }

    fn register_routing(&mut self) {
        let r = &mut self.registry;
        r.register(
            "breakers",
            "Targets of dynamic routes by state of their breaker; one that may be tried again \
             stays open until a call comes",
            self.breakers.clone(),
        );
        r.register(
            "breaker_transitions",
            "Changes of breakers, by the state they came to",
            self.breaker_transitions.clone(),
        );
        r.register(
            "targets_forgotten",
            "Targets whose health was forgotten because there were too many",
            self.targets_forgotten.clone(),
        );
        r.register("hedges_sent", "Second calls sent for slow ones", self.hedges_sent.clone());
        r.register("hedges_won", "Second calls whose answer was used", self.hedges_won.clone());
        r.register(
            "hedges_refused",
            "Second calls not sent because of their spend cap",
            self.hedges_refused.clone(),
        );
        r.register("shadow_calls", "Calls sent for comparison", self.shadow_calls.clone());
        r.register(
            "shadows_left_out",
            "Calls for comparison not sent because too many were under way",
            self.shadows_left_out.clone(),
        );
    }

    fn register_spending(&mut self) {
        let r = &mut self.registry;
        r.register(
            "budget_warnings",
            "Budgets that came to the part from which they warn, once for each bucket and time",
            self.budget_warnings.clone(),
        );
        r.register(
            "ledger_underestimated",
            "Calls that cost more than was set apart for them under strict limits",
            self.ledger_underestimated.clone(),
        );
        r.register(
            "calls_cut_off",
            "Answers under way that were ended because their caller was stopped",
            self.calls_cut_off.clone(),
        );
    }

    fn register_keys(&mut self) {
        let r = &mut self.registry;
        r.register(
            "keys_cooling",
            "Provider keys that others go before because they were refused, as of the last sweep",
            self.keys_resting.clone(),
        );
        r.register(
            "key_refusals",
            "Times that a provider key began to cool down, by provider and status",
            self.keys_refused.clone(),
        );
        r.register(
            "key_changes",
            "Calls that went on with another key of the pool",
            self.key_changes.clone(),
        );
        r.register(
            "key_limits_reached",
            "Times that a provider key was at its own limit",
            self.keys_limited.clone(),
        );
        r.register(
            "key_lookups_failed",
            "Keys that lie elsewhere and could not be looked up, by where",
            self.references_failed.clone(),
        );
        r.register(
            "key_lookups_stale",
            "Of these, those whose last value stayed in use",
            self.references_stale.clone(),
        );
    }

    /// Counts a key that begins to cool down.
    pub(crate) fn key_cools(&self, slug: &str, status: u16) {
        let provider = if slug.starts_with("custom-") { "custom" } else { slug }.to_owned();
        let status = match status {
            429 => "429",
            403 => "403",
            _ => "401",
        };
        self.keys_refused.get_or_create(&KeyLabels { provider, status }).inc();
    }

    /// States how many counters limits have, and how many draws so far found no room for one of
    /// their own.
    pub fn counters(&self, held: usize, shared: u64) {
        self.limit_counters.set(i64::try_from(held).unwrap_or(i64::MAX));
        self.limit_draws_shared.inner().store(shared, Ordering::Relaxed);
    }

    /// The present figures in the Prometheus text format. The queue's depth is passed in because
    /// it is read at this moment only.
    pub fn render(&self, queue_rows: usize, queue_bytes: usize) -> String {
        self.log_queue_rows.set(i64::try_from(queue_rows).unwrap_or(i64::MAX));
        self.log_queue_bytes.set(i64::try_from(queue_bytes).unwrap_or(i64::MAX));
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = encode(&mut text, &self.registry);
        text
    }

    /// States what the cache holds.
    pub(crate) fn cache_holds(&self, size: CacheSize) {
        self.cache_entries.set(i64::try_from(size.entries).unwrap_or(i64::MAX));
        self.cache_bytes.set(i64::try_from(size.bytes).unwrap_or(i64::MAX));
    }

    /// States how many questions there are to compare with, and their bytes.
    pub(crate) fn questions_held(&self, (count, bytes): (usize, usize)) {
        self.questions.set(i64::try_from(count).unwrap_or(i64::MAX));
        self.question_bytes.set(i64::try_from(bytes).unwrap_or(i64::MAX));
    }

    /// States how many answers the cache did not write to the disk since the start of the process.
    /// To be called by one task only.
    pub fn cache_unwritten(&self, total: u64) {
        self.cache_unwritten.inc_by(total.saturating_sub(self.cache_unwritten.get()));
    }

    /// Counts a request that the gateway answered itself.
    pub(crate) fn refused(&self, kind: Kind) {
        self.refusals.get_or_create(&KindLabel { kind: kind.label() }).inc();
    }

    /// Counts a call whose cost the provider told and our own prices know, too.
    pub(crate) fn compared(&self, provider: &str, computed: Cost, reported: Cost) {
        self.drift.count(known(provider), computed, reported);
    }

    /// Counts a finished attempt.
    pub(crate) fn finished(
        &self,
        facts: &Facts,
        verdict: &Verdict,
        usage: Option<&Usage>,
        cost: Option<Cost>,
        ended: Instant,
    ) {
        let provider = known(facts.call.provider.as_str());
        let status = match verdict.status {
            Some(100..200) => "1xx",
            Some(200..300) => "2xx",
            Some(300..400) => "3xx",
            Some(400..500) => "4xx",
            Some(_) => "5xx",
            None => "none",
        };
        let labels = AttemptLabels { provider: provider.to_owned(), status };
        self.finished.get_or_create(&labels).inc();
        self.overhead.observe(overhead(&facts.trace, facts.started, ended).as_secs_f64());
        self.duration.observe(ended.duration_since(facts.started).as_secs_f64());
        if let Some(usage) = usage {
            self.tokens.get_or_create(&DirectionLabel { direction: "in" }).inc_by(usage.input);
            self.tokens.get_or_create(&DirectionLabel { direction: "out" }).inc_by(usage.output);
        }
        if let Some(cost) = cost {
            self.cost.inc_by(cost.dollars().max(0.0));
        }
    }
}

/// A provider as a label. Callers do not choose those of the catalogue; custom ones count together.
fn known(provider: &str) -> &str {
    if provider.starts_with("custom-") { "custom" } else { provider }
}
