//! Budgets of which so much is used that somebody should know (spec: observability 7.3).

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use http::header::{HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use weir_core::Timestamp;
use weir_core::budget::BudgetTerms;
use weir_core::counters::CounterKey;
use weir_core::ledger::{Span, Standing};
use weir_core::trail::BudgetTrail;

use super::demand::{Demand, Of};
use crate::diagnose;
use crate::exchange::Facts;
use crate::plane::Shared;

const NAME: HeaderName = HeaderName::from_static("weir-budget");

/// Buckets that are remembered as having warned.
const MOST: usize = 10_000;

/// Which buckets have warned in their present span, so that an operator hears it once.
#[derive(Default)]
pub(crate) struct Thresholds {
    /// Until when each is silent.
    warned: Mutex<HashMap<(CounterKey, Span), Timestamp>>,
}

impl Thresholds {
    /// Warns if a budget is used up to its soft part or beyond: in the call's answer and its row, and
    /// once for each bucket and span in the metrics and the operator's log.
    pub(super) fn look(
        &self,
        shared: &Shared,
        facts: &mut Facts,
        demand: &Demand,
        standing: &Standing,
    ) {
        let Of::Budget { name, terms } = &demand.of else { return };
        if standing.taken() < warns_from(terms) {
            return;
        }
        let used = terms.in_unit(standing.taken()) / terms.limit;
        let warning = BudgetTrail {
            name: name.clone(),
            used,
            limit: terms.limit,
            unit: terms.unit.label().into(),
        };
        let silent_until = standing.resets_at.unwrap_or(Timestamp::from_millis(i64::MAX));
        let bucket = (demand.claim.key, demand.claim.span);
        if self.is_first(bucket, silent_until, shared.clock.now()) {
            shared.metrics.budget_warnings.inc();
            tracing::warn!(
                budget = %name,
                used = %percent(used),
                limit = terms.limit,
                unit = terms.unit.label(),
                account = %facts.gateway.account_id,
                value = demand.value.as_deref().unwrap_or_default(),
                "a budget is used up to the part from which it warns"
            );
        }
        if facts.is_told() {
            facts.trail.budgets.push(warning.clone());
        }
        facts.trace.spend.warnings.push(warning);
    }

    fn is_first(&self, bucket: (CounterKey, Span), until: Timestamp, now: Timestamp) -> bool {
        let mut warned = self.warned.lock().unwrap_or_else(PoisonError::into_inner);
        if warned.get(&bucket).is_some_and(|until| now < *until) {
            return false;
        }
        if warned.len() >= MOST {
            warned.retain(|_, until| now < *until);
            if warned.len() >= MOST {
                // Hearing something twice is better than not at all.
                warned.clear();
            }
        }
        // A sliding window has no end; its reset is when there may be room, which says enough.
        warned.insert(bucket, until.max(Timestamp::from_millis(now.as_millis() + 1000)));
        true
    }
}

/// Where warnings begin, in what the ledger counts. A limit that refuses nobody warns at its end at
/// the latest.
fn warns_from(terms: &BudgetTerms) -> u64 {
    terms.soft_most().unwrap_or(if terms.hard { u64::MAX } else { terms.most() })
}

/// Tells the caller which budgets warn, a header for each.
pub(crate) fn tell(facts: &Facts, headers: &mut HeaderMap) {
    // A provider's own would be about something else.
    headers.remove(NAME);
    for warning in &facts.trace.spend.warnings {
        if let Ok(value) = HeaderValue::from_str(&value(warning)) {
            headers.append(NAME, value);
        }
    }
}

/// Tells a caller whom a limit refused when there may be room again, where the gateway wants callers
/// to know of their limits. The original does not (spec: data-plane 11.2).
pub(crate) fn tell_when(facts: &Facts, now: Timestamp, headers: &mut HeaderMap) {
    let until = facts.trace.spend.refused_until;
    if let Some(until) = until.filter(|_| facts.gateway.settings.rate_limit_headers) {
        let wait = until.as_millis().saturating_sub(now.as_millis());
        let seconds = u64::try_from(wait).unwrap_or(0).div_ceil(1000).max(1);
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
}

/// Takes out of the headers what [`tell`] put there, for an answer that goes to another caller, too.
pub(crate) fn untell(headers: &mut HeaderMap) {
    headers.remove(NAME);
}

/// `name="Team A";used=0.83;limit=1;unit=dollars`.
fn value(warning: &BudgetTrail) -> String {
    let BudgetTrail { name, used, limit, unit } = warning;
    let name = diagnose::ascii(name).replace('"', "'");
    format!("name=\"{name}\";used={used:.2};limit={limit};unit={unit}")
}

fn percent(part: f64) -> String {
    format!("{:.0} %", part * 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_warning_is_one_header() {
        let warning = BudgetTrail {
            name: "Team \"A\"".into(),
            used: 0.834,
            limit: 1.5,
            unit: "dollars".into(),
        };
        assert_eq!(value(&warning), "name=\"Team 'A'\";used=0.83;limit=1.5;unit=dollars");
    }

    #[test]
    fn each_bucket_is_heard_once_in_its_span() {
        let at = Timestamp::from_millis;
        let thresholds = Thresholds::default();
        let bucket = |n: u8| (CounterKey([n; 16]), Span::Forever);
        assert!(thresholds.is_first(bucket(1), at(10_000), at(0)));
        assert!(!thresholds.is_first(bucket(1), at(10_000), at(9_999)));
        assert!(thresholds.is_first(bucket(2), at(10_000), at(9_999)));
        assert!(thresholds.is_first(bucket(1), at(20_000), at(10_000)));
    }
}
