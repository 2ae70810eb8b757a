//! An explanation as JSON.

use serde::Serialize;
use weir_core::store::StoredLog;
use weir_core::trail::{
    BudgetTrail, CacheTrail, CredentialTrail, LimitTrail, Phases, PriceTrail, RouteTrail, Trail,
};
use weir_core::{Cost, GatewayId, LogId, LogRecord, ProviderSlug, Timestamp};

use super::super::row::Failure;
use super::summary;

/// What was decided on a request, by whom and why.
#[derive(Serialize)]
pub(super) struct Explanation<'a> {
    request: Request<'a>,
    /// Whether decisions were kept with any of the rows.
    recorded: bool,
    route: Option<&'a RouteTrail>,
    cache: Option<&'a CacheTrail>,
    limits: Vec<&'a LimitTrail>,
    budgets: Vec<&'a BudgetTrail>,
    attempts: Vec<Attempt<'a>>,
    attempt_count: u64,
    cost: Option<Cost>,
    summary: Vec<String>,
}

/// What was asked.
#[derive(Serialize)]
struct Request<'a> {
    request_id: LogId,
    event_id: Option<&'a str>,
    created_at: Timestamp,
    gateway_id: &'a GatewayId,
    request_type: &'a str,
    method: &'a str,
    provider: &'a ProviderSlug,
    path: &'a str,
    model: &'a str,
    status_code: Option<u16>,
    success: bool,
}

/// A try, which is a row.
#[derive(Serialize)]
struct Attempt<'a> {
    log_id: LogId,
    step: u32,
    attempt_index: u32,
    kind: Option<&'a str>,
    after: Option<&'a str>,
    waited_ms: Option<u64>,
    because: &'a [Box<str>],
    provider: &'a ProviderSlug,
    model: &'a str,
    status_code: Option<u16>,
    upstream_status_code: Option<u16>,
    ended: Ended,
    error: Option<Failure<'a>>,
    timing: Timing<'a>,
    credential: Option<&'a CredentialTrail>,
    cost: Option<Cost>,
    price: Option<&'a PriceTrail>,
    /// Its usage is our estimate.
    estimated: bool,
}

#[derive(Serialize)]
struct Timing<'a> {
    duration: u32,
    latency: Option<u32>,
    ttft_ms: Option<u32>,
    gateway_overhead_ms: f64,
    phases: Option<&'a Phases>,
}

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Ended {
    /// With an answer that was delivered.
    Answered,
    /// With an answer out of the cache.
    Cached,
    /// The client left.
    ClientLeft,
    /// Nobody was called.
    Refused,
    /// The provider said no, or said nothing whole.
    Failed,
}

impl Ended {
    /// That of a row.
    pub(super) fn of(record: &LogRecord) -> Self {
        if record.cached {
            Self::Cached
        } else if record.finish_reason.as_deref() == Some("client_disconnect") {
            Self::ClientLeft
        } else if record.success {
            Self::Answered
        } else if was_sent(record) {
            Self::Failed
        } else {
            Self::Refused
        }
    }
}

/// Whether a provider was called. Rows without a trail tell by what it answered.
fn was_sent(record: &LogRecord) -> bool {
    let phases = record.trail.as_ref().and_then(|trail| trail.phases);
    record.upstream_status_code.is_some()
        || phases.map_or_else(
            || !matches!(record.status_code, Some(400..=403 | 413 | 424 | 429)),
            |phases| phases.sent_us.is_some(),
        )
}

/// Whether a row is no try at what was asked for, but a call that served one.
pub(super) fn is_beside(record: &LogRecord) -> bool {
    let attempt = record.trail.as_ref().and_then(|trail| trail.attempt.as_ref());
    attempt.is_some_and(|attempt| *attempt.kind == *"embedding")
}

impl<'a> Explanation<'a> {
    /// That of the rows of a request, which are at least one and in their order; `total` counts
    /// those that are not shown, too.
    pub(super) fn of(rows: &'a [StoredLog], total: u64) -> Self {
        let mut limits: Vec<&LimitTrail> = Vec::new();
        for limit in trails(rows).flat_map(|trail| &trail.limits) {
            // Each row of a request may repeat what was asked once.
            if !limits.contains(&limit) {
                limits.push(limit);
            }
        }
        let mut budgets: Vec<&BudgetTrail> = Vec::new();
        for budget in trails(rows).flat_map(|trail| &trail.budgets) {
            if !budgets.contains(&budget) {
                budgets.push(budget);
            }
        }
        // All of them are told, but a question's vector is no answer to the request.
        let tries = rows.iter().take_while(|row| !is_beside(&row.record)).count();
        let tries = rows.get(..tries).filter(|tries| !tries.is_empty()).unwrap_or(rows);
        let costs = || rows.iter().filter_map(|row| row.record.cost);
        let mut explanation = Self {
            request: Request::of(tries),
            recorded: trails(rows).next().is_some(),
            // The way of the last attempt is the longest.
            route: trails(rows).filter_map(|trail| trail.route.as_ref()).last(),
            cache: trails(tries).find_map(|trail| trail.cache.as_ref()),
            limits,
            budgets,
            attempts: rows.iter().map(|row| Attempt::of(&row.record)).collect(),
            attempt_count: total,
            cost: costs().next().is_some().then(|| costs().sum()),
            summary: Vec::new(),
        };
        explanation.summary = summary::sentences(&summary::Told {
            rows,
            tries,
            recorded: explanation.recorded,
            route: explanation.route,
            cache: explanation.cache,
            limits: &explanation.limits,
            cost: explanation.cost,
        });
        explanation
    }
}

fn trails(rows: &[StoredLog]) -> impl Iterator<Item = &Trail> {
    rows.iter().filter_map(|row| row.record.trail.as_deref())
}

impl<'a> Request<'a> {
    fn of(rows: &'a [StoredLog]) -> Self {
        // What was asked for is what the first row says, what came of it the last.
        let (first, last) = (&rows[0].record, &rows[rows.len() - 1].record);
        Self {
            request_id: first.request_id,
            event_id: first.event_id.as_deref(),
            created_at: first.created_at,
            gateway_id: &first.gateway,
            request_type: first.request_type,
            method: &first.method,
            provider: &first.provider,
            path: &first.path,
            model: &first.model,
            status_code: last.status_code,
            success: last.success,
        }
    }
}

impl<'a> Attempt<'a> {
    fn of(record: &'a LogRecord) -> Self {
        let trail = record.trail.as_deref();
        let attempt = trail.and_then(|trail| trail.attempt.as_ref());
        Self {
            log_id: record.id,
            step: record.step,
            attempt_index: record.attempt_index,
            kind: attempt.map(|attempt| &*attempt.kind),
            after: attempt.and_then(|attempt| attempt.after.as_deref()),
            waited_ms: attempt.and_then(|attempt| attempt.waited_ms),
            because: attempt.map(|attempt| &*attempt.because).unwrap_or_default(),
            provider: &record.provider,
            model: &record.model,
            status_code: record.status_code,
            upstream_status_code: record.upstream_status_code,
            ended: Ended::of(record),
            error: record.error.as_ref().map(Failure::of),
            timing: Timing {
                duration: record.duration_ms,
                latency: record.latency_ms,
                ttft_ms: record.ttft_ms,
                gateway_overhead_ms: f64::from(record.overhead_us) / 1000.0,
                phases: trail.and_then(|trail| trail.phases.as_ref()),
            },
            credential: trail.and_then(|trail| trail.credential.as_ref()),
            cost: record.cost,
            price: trail.and_then(|trail| trail.price.as_ref()),
            estimated: trail.is_some_and(|trail| trail.estimated),
        }
    }
}
