//! Recomputations under way and done, as far as they are remembered.

use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use uuid::Uuid;
use weir_core::{AccountId, Cost, Gateway, GatewayId, Timestamp};

use super::figure::{Figure, Reason};
use crate::error::ApiError;

/// Recomputations that are remembered; those that ended first are forgotten first.
const MOST: usize = 200;
/// Recomputations at a time, over all gateways: they share the store's one writer with the calls.
const MOST_RUNNING: usize = 4;

/// All that are remembered, the oldest first.
#[derive(Debug, Default)]
pub(crate) struct Recomputations(Mutex<Vec<Arc<Job>>>);

/// One of them.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) id: Arc<str>,
    pub(super) dry_run: bool,
    account: AccountId,
    gateway: GatewayId,
    from: Option<Timestamp>,
    to: Timestamp,
    created_at: Timestamp,
    state: Mutex<State>,
}

#[derive(Clone, Debug, Default)]
struct State {
    finished_at: Option<Timestamp>,
    error: Option<&'static str>,
    rows_total: u64,
    totals: Totals,
}

/// What became of rows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Totals {
    rows_done: u64,
    repriced: u64,
    newly_priced: u64,
    unchanged: u64,
    without_price: u64,
    overtaken: u64,
    left_alone: Left,
    #[serde(skip)]
    before: i128,
    #[serde(skip)]
    after: i128,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
struct Left {
    custom_cost: u64,
    provider_cost: u64,
    free: u64,
    without_usage: u64,
}

impl Totals {
    /// Counts a row.
    pub(super) fn count(&mut self, figure: &Figure) {
        self.rows_done += 1;
        match figure {
            Figure::Unchanged => self.unchanged += 1,
            Figure::Unpriced => self.without_price += 1,
            Figure::Other(row) => {
                self.repriced += 1;
                self.newly_priced += u64::from(row.was.is_none());
                self.before += row.was.map_or(0, |cost| i128::from(cost.pico()));
                self.after += i128::from(row.cost.pico());
            }
            Figure::Left(reason) => match reason {
                Reason::CustomCost => self.left_alone.custom_cost += 1,
                Reason::ProviderCost => self.left_alone.provider_cost += 1,
                Reason::Free => self.left_alone.free += 1,
                Reason::WithoutUsage => self.left_alone.without_usage += 1,
            },
        }
    }

    /// Counts rows that had another cost by then.
    pub(super) fn overtaken(&mut self, rows: u64) {
        self.overtaken += rows;
        self.repriced = self.repriced.saturating_sub(rows);
    }
}

impl Job {
    pub(super) fn new(
        gateway: &Gateway,
        from: Option<Timestamp>,
        to: Timestamp,
        dry_run: bool,
    ) -> Self {
        Self {
            id: Uuid::new_v4().to_string().into(),
            dry_run,
            account: gateway.account_id.clone(),
            gateway: gateway.id.clone(),
            from,
            to,
            created_at: Timestamp::now(),
            state: Mutex::default(),
        }
    }

    /// States how many rows there are and what became of those done.
    pub(super) fn progress(&self, rows_total: u64, totals: &Totals) {
        let mut state = self.state();
        state.rows_total = rows_total.max(totals.rows_done);
        state.totals.clone_from(totals);
    }

    fn is_of(&self, gateway: &Gateway) -> bool {
        self.account == gateway.account_id && self.gateway == gateway.id
    }

    fn is_running(&self) -> bool {
        self.state().finished_at.is_none()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Recomputations {
    /// Begins one, unless one of its gateway is running, or too many are.
    pub(super) fn begin(&self, job: &Arc<Job>) -> Result<UnderWay, ApiError> {
        let mut jobs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let running = || jobs.iter().filter(|other| other.is_running());
        let same = |other: &&Arc<Job>| other.account == job.account && other.gateway == job.gateway;
        if let Some(other) = running().find(same) {
            let text = format!("recomputation {} of this gateway is running", other.id);
            return Err(ApiError::InUse(text.into()));
        }
        if running().count() >= MOST_RUNNING {
            let text = format!("{MOST_RUNNING} recomputations are running: wait until one is done");
            return Err(ApiError::InUse(text.into()));
        }
        if jobs.len() >= MOST
            && let Some(oldest) = jobs.iter().position(|other| !other.is_running())
        {
            jobs.remove(oldest);
        }
        jobs.push(Arc::clone(job));
        Ok(UnderWay(Arc::clone(job)))
    }

    /// Those of a gateway, the newest first.
    pub(super) fn of(&self, gateway: &Gateway) -> Vec<Arc<Job>> {
        let jobs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        jobs.iter().rev().filter(|job| job.is_of(gateway)).cloned().collect()
    }
}

/// A job while it is worked on. One that is dropped without an end was cut short.
pub(super) struct UnderWay(Arc<Job>);

impl UnderWay {
    /// Ends it, with what went wrong if something did.
    pub(super) fn finish(&self, outcome: Result<(), &'static str>) {
        let mut state = self.0.state();
        if state.finished_at.is_none() {
            state.finished_at = Some(Timestamp::now());
            state.error = outcome.err();
        }
    }
}

impl Deref for UnderWay {
    type Target = Job;

    fn deref(&self) -> &Job {
        &self.0
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.finish(Err("it was cut short"));
    }
}

/// A job as the API shows it.
#[derive(Serialize)]
pub(super) struct View<'a> {
    id: &'a str,
    gateway_id: &'a GatewayId,
    status: &'static str,
    error: Option<&'static str>,
    dry_run: bool,
    from: Option<Timestamp>,
    to: Timestamp,
    created_at: Timestamp,
    finished_at: Option<Timestamp>,
    rows_total: u64,
    #[serde(flatten)]
    totals: Totals,
    cost_before: String,
    cost_after: String,
    difference: String,
}

impl<'a> View<'a> {
    pub(super) fn of(job: &'a Job) -> Self {
        let State { finished_at, error, rows_total, totals } = job.state().clone();
        let shown = |pico: i128| {
            let limit = if pico < 0 { i64::MIN } else { i64::MAX };
            Cost::from_pico(i64::try_from(pico).unwrap_or(limit)).to_string()
        };
        Self {
            id: &job.id,
            gateway_id: &job.gateway,
            status: match (finished_at, error) {
                (None, _) => "running",
                (Some(_), None) => "done",
                (Some(_), Some(_)) => "failed",
            },
            error,
            dry_run: job.dry_run,
            from: job.from,
            to: job.to,
            created_at: job.created_at,
            finished_at,
            rows_total,
            cost_before: shown(totals.before),
            cost_after: shown(totals.after),
            difference: shown(totals.after - totals.before),
            totals,
        }
    }
}
