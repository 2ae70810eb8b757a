//! What a target remembers from one call to the next: whether it works, how fast it is, how much it
//! has to do. Balancing, hedging and circuit breaking decide by it (spec: data-plane 8).
//!
//! A *target* is a provider's model as one account uses it ([`TargetKey`]); everything about it is
//! in the one bounded [`TargetTable`]. The rules themselves are plain state: time, randomness and
//! settings are arguments, nothing here waits, sleeps or calls a provider.
//!
//! # How to use it
//!
//! 1. An element with a balance: `table.choose(account, candidates, rules, now)` gives the index of
//!    one candidate, a line for the log and a [`Ticket`]. Leave tried candidates out of the list
//!    when choosing again. An element of one target: `table.enter(key, breaker, now)`, which
//!    refuses while the breaker is open; that is a failure of the element (spec: data-plane 8.3).
//! 2. `ticket.first_byte(took, now)` when a good answer begins. A call that ran into its timeout
//!    reports the time that it waited, so that a hanging target does not look fast.
//! 3. `ticket.report(Outcome::..., now)` once it is known whether the target works; a rejected key
//!    or a bad request is no failure of the target. Unreported, the call counts as never made.
//! 4. Keep the ticket until the answer's last byte: until it is dropped, the call is under way.
//! 5. Hedging: [`hedge::delay`] says how long to wait with `ticket.p95()` of the first target. Then
//!    [`HedgeCap::reserve`], and only with a reservation the second call, with a ticket of its own.
//!    Settle the reservation with the real cost. Count `hedges_sent` and `hedges_won` in the
//!    metrics; refusals are counted here. Shadow calls are counted in `shadow_calls`, and take a
//!    ticket like any other.

pub(crate) mod balance;
pub(crate) mod breaker;
pub(crate) mod hedge;
pub(crate) mod latency;
pub(crate) mod load;
pub(crate) mod targets;

pub(crate) use breaker::Outcome;
pub(crate) use hedge::HedgeCap;
pub(crate) use targets::{Rules, TargetKey, TargetTable, Ticket};
