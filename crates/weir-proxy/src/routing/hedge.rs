//! A second call when the first is slow: when it goes out, and whether there is money for it.
//!
//! What second calls may cost in a window is reserved before one is sent and settled when its cost
//! is known, so that any number of calls at once stay below the cap (spec: data-plane 8).

use std::sync::Arc;
use std::time::Duration;

use weir_core::counters::{CounterKey, Window};
use weir_core::ledger::{Claim, Ledger, Measure, Reservation, Span};
use weir_core::route::{Hedge, Technique};
use weir_core::{AccountId, Cost, GatewayId, Timestamp};

use crate::metrics::Metrics;
use crate::spending::{Claims, Demand, Of, Target, Unit};

/// How long the first call may stay without a first byte before the second goes out; none while no
/// time is set and none is learned. `p95` is that of the first target.
pub(crate) fn delay(hedge: &Hedge, p95: Option<Duration>) -> Option<Duration> {
    hedge.after_ms.map(Duration::from_millis).or(p95)
}

/// The counter of an element's second calls. It outlives versions of the route, as those of its
/// rate elements do (spec: data-plane 8.3).
pub(crate) fn cap_key(
    account: &AccountId,
    gateway: &GatewayId,
    route: &str,
    element: &str,
) -> CounterKey {
    let parts = [account.as_str(), gateway.as_str(), route, element];
    let [account, gateway, route, element] = parts.map(str::as_bytes);
    CounterKey::of(&[b"hedge", account, gateway, route, element])
}

/// Why there is no second call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The cap has no room until then.
    Full {
        /// When there may be room again.
        resets_at: Option<Timestamp>,
    },
    /// The target's price is not known, so no cap could be kept.
    Unpriced,
}

/// The cap of an element's second calls.
#[derive(Clone, Copy)]
pub(crate) struct Cap<'a> {
    /// Its bucket, see [`cap_key`].
    pub(crate) key: CounterKey,
    pub(crate) plan: &'a Hedge,
    /// Id of the element.
    pub(crate) element: &'a str,
}

impl Cap<'_> {
    /// What a call that may cost so much claims of it.
    fn claims(&self, amount: u64) -> Arc<Claims> {
        let window = Window { seconds: self.plan.window.max(1), technique: Technique::Fixed };
        let claim = Claim {
            key: self.key,
            span: Span::Window(window),
            measure: Measure::Sum,
            limit: pico_of_dollars(self.plan.limit),
            amount,
        };
        let of = Of::Hedge { element: self.element.into() };
        let target = Target {
            provider: self.plan.target.provider.clone(),
            model: self.plan.target.model.as_str().into(),
        };
        Claims::new(vec![Demand { claim, unit: Unit::Cost, of, value: None }], target)
    }
}

/// Keeps second calls below their caps: a cheap handle.
#[derive(Clone)]
pub(crate) struct HedgeCap {
    ledger: Arc<dyn Ledger>,
    metrics: Arc<Metrics>,
}

impl HedgeCap {
    /// Counts in `ledger`.
    pub(crate) fn new(ledger: Arc<dyn Ledger>, metrics: Arc<Metrics>) -> Self {
        Self { ledger, metrics }
    }

    /// Reserves the estimated cost of one second call. It is settled with everything else that the
    /// call claims; of one that was cut off nobody knows what it costs, so all of it stays spent.
    ///
    /// # Errors
    /// When it may not be sent; that is counted.
    pub(crate) async fn reserve(
        &self,
        cap: Cap<'_>,
        estimate: Option<Cost>,
        now: Timestamp,
    ) -> Result<(Arc<Claims>, Reservation), Refusal> {
        let reserved = self.claim(cap, estimate, now).await;
        if reserved.is_err() {
            self.metrics.hedges_refused.inc();
        }
        reserved
    }

    async fn claim(
        &self,
        cap: Cap<'_>,
        estimate: Option<Cost>,
        now: Timestamp,
    ) -> Result<(Arc<Claims>, Reservation), Refusal> {
        let claims = cap.claims(pico(estimate.ok_or(Refusal::Unpriced)?));
        match claims.reserve(&*self.ledger, now).await {
            Ok(reservation) => Ok((claims, reservation)),
            Err(refused) => Err(Refusal::Full { resets_at: refused.standing.resets_at }),
        }
    }
}

fn pico(cost: Cost) -> u64 {
    u64::try_from(cost.pico()).unwrap_or(0)
}

/// Not a number and less than nothing are nothing, more than fits is all that fits.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a cap in dollars is exact to the digits that a float has"
)]
fn pico_of_dollars(dollars: f64) -> u64 {
    (dollars * Cost::SCALE as f64).round() as u64
}

#[cfg(test)]
mod tests;
