//! The story of [`Ledger`].

mod credits;
mod spans;
mod sums;
mod together;

use std::sync::Arc;

use weir_core::Timestamp;
use weir_core::counters::{CounterKey, Window};
use weir_core::ledger::{Claim, Ledger, Measure, Refused, Reservation, Settlement, Span, Standing};
use weir_core::route::Technique;

/// Holds a ledger to its contract; see the [module](super) for `open`. Time is given, so nothing
/// waits.
///
/// # Panics
///
/// When the ledger differs from what it must do.
pub async fn ledger(open: impl AsyncFn(&str) -> Arc<dyn Ledger>) {
    let one = open("spans").await;
    spans::what_is_reserved_counts_until_it_is_settled(&*one).await;
    spans::dropping_gives_back(&*one).await;
    spans::nothing_reserved_passes_while_anything_is_left(&*one).await;
    spans::aligned_windows_begin_anew(&*one).await;
    spans::sliding_windows_weigh_the_one_before(&*one).await;
    spans::the_calendar_has_its_own_spans(&*one).await;
    spans::time_passes_by_itself(&*one).await;
    spans::keys_spans_and_measures_do_not_share(&*one).await;
    spans::a_clock_may_be_set_back(&*one).await;
    spans::the_largest_numbers_fit(&*one).await;
    spans::a_reset_forgets_what_was_spent(&*one).await;
    let several = open("several").await;
    together::all_or_none(&*several).await;
    together::a_bucket_may_be_claimed_twice_by_one_call(&*several).await;
    together::calls_together_take_no_more_than_there_is(&several).await;
    together::overlapping_claims_end_with_nothing_reserved(&several).await;
    let credits = open("credits").await;
    credits::lines_are_there_once(&*credits).await;
    credits::usage_is_taken_off(&*credits).await;
    credits::pages_of_the_journal(&*credits).await;
    sums::usage_is_summed_up(&*credits).await;
    credits::what_is_journalled_adds_up(&*credits).await;
    credits::usage_is_summed_up(&*credits).await;
    for ledger in [one, several, credits] {
        ledger.close().await.expect("closes");
        ledger.close().await.expect("closes again");
    }
}

/// A claim on a bucket of this name.
pub(super) fn claim(name: &str, span: Span, limit: u64, amount: u64) -> Claim {
    let key = CounterKey::of(&[name.as_bytes()]);
    Claim { key, span, measure: Measure::Sum, limit, amount }
}

const fn fixed(seconds: u64) -> Span {
    Span::Window(Window { seconds, technique: Technique::Fixed })
}

const fn sliding(seconds: u64) -> Span {
    Span::Window(Window { seconds, technique: Technique::Sliding })
}

const fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

async fn reserve(ledger: &dyn Ledger, claims: &[Claim], now: i64) -> Result<Reservation, Refused> {
    ledger.reserve(claims.into(), at(now)).await
}

fn settle(ledger: &dyn Ledger, reservation: Reservation, spent: &[u64], now: i64) {
    let settlement = Settlement { spent: spent.to_vec(), credit: None };
    ledger.settle(reservation, settlement, at(now));
}

/// Reserves and settles at once.
async fn spend(ledger: &dyn Ledger, claim: Claim, spent: u64, now: i64) {
    let reservation = reserve(ledger, &[claim], now).await.expect("room");
    settle(ledger, reservation, &[spent], now);
}

async fn standing(ledger: &dyn Ledger, claim: &Claim, now: i64) -> Standing {
    ledger.standing(claim, at(now)).await
}

/// Spent and reserved.
async fn stands(ledger: &dyn Ledger, claim: &Claim, now: i64) -> (u64, u64) {
    let standing = standing(ledger, claim, now).await;
    (standing.spent, standing.reserved)
}
