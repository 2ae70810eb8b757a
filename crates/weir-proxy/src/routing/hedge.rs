//! A second call when the first is slow: when it goes out, and whether there is money for it.
//!
//! What second calls may cost in a window is reserved before one is sent and settled when its cost
//! is known, so that any number of calls at once stay below the cap (spec: data-plane 8).

use std::sync::Arc;
use std::time::Duration;

use weir_core::counters::{CounterKey, Counters, Draw, Drawn, Window};
use weir_core::route::{Hedge, Technique};
use weir_core::{AccountId, Cost, GatewayId, Timestamp};

use crate::metrics::Metrics;

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
        resets_at: Timestamp,
    },
    /// The target's price is not known, so no cap could be kept.
    Unpriced,
}

/// Keeps second calls below their caps: a cheap handle.
#[derive(Clone)]
pub(crate) struct HedgeCap {
    counters: Arc<dyn Counters>,
    metrics: Arc<Metrics>,
}

impl HedgeCap {
    /// Counts in `counters`.
    pub(crate) fn new(counters: Arc<dyn Counters>, metrics: Arc<Metrics>) -> Self {
        Self { counters, metrics }
    }

    /// Reserves the estimated cost of one second call.
    ///
    /// # Errors
    /// When it may not be sent; that is counted.
    pub(crate) async fn reserve(
        &self,
        key: CounterKey,
        hedge: &Hedge,
        estimate: Option<Cost>,
        now: Timestamp,
    ) -> Result<Reservation, Refusal> {
        let reserved = self.draw(key, hedge, estimate, now).await;
        if reserved.is_err() {
            self.metrics.hedges_refused.inc();
        }
        reserved
    }

    async fn draw(
        &self,
        key: CounterKey,
        hedge: &Hedge,
        estimate: Option<Cost>,
        now: Timestamp,
    ) -> Result<Reservation, Refusal> {
        let amount = pico(estimate.ok_or(Refusal::Unpriced)?);
        let window = Window { seconds: hedge.window.max(1), technique: Technique::Fixed };
        let draw = Draw { key, window, limit: pico_of_dollars(hedge.limit), amount };
        match self.counters.draw(&draw, now).await {
            Drawn::Taken(_) => {
                let counters = Arc::clone(&self.counters);
                Ok(Reservation { counters, draw, drawn_at: now })
            }
            Drawn::Full(level) => Err(Refusal::Full { resets_at: level.resets_at }),
        }
    }
}

/// Money set apart for one second call. One that is dropped stays spent: whether the provider
/// charges for a call that was cut off is not known.
#[must_use = "settle it once the cost is known"]
pub(crate) struct Reservation {
    counters: Arc<dyn Counters>,
    draw: Draw,
    drawn_at: Timestamp,
}

impl Reservation {
    /// Puts the real cost in place of the estimate; [`Cost::ZERO`] for a call that was not sent.
    pub(crate) async fn settle(self, cost: Cost, now: Timestamp) {
        let reserved = i64::try_from(self.draw.amount).unwrap_or(i64::MAX);
        let difference = cost.pico().max(0).saturating_sub(reserved);
        if difference != 0 {
            self.counters.correct(&self.draw, difference, self.drawn_at, now).await;
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
