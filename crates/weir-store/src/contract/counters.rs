//! The story of [`Counters`].

mod concurrent;
mod windows;

use std::sync::Arc;

use weir_core::Timestamp;
use weir_core::counters::{CounterKey, Counters, Draw, Drawn, Level, Window};
use weir_core::route::Technique;

/// Holds counters to their contract; see the [module](super) for `open`. Time is given, so nothing
/// waits.
///
/// # Panics
///
/// When the counters differ from what they must do.
pub async fn counters(open: impl AsyncFn(&str) -> Arc<dyn Counters>) {
    let fixed = open("fixed").await;
    windows::aligned_windows_hold_their_limit(&*fixed).await;
    windows::refusals_take_nothing(&*fixed).await;
    windows::keys_and_windows_do_not_share(&*fixed).await;
    let sliding = open("sliding").await;
    windows::no_stretch_of_time_exceeds_an_exact_limit(&*sliding).await;
    windows::large_limits_weigh_the_window_before(&*sliding).await;
    let corrected = open("corrected").await;
    windows::corrections_change_what_still_counts(&*corrected).await;
    windows::corrections_never_refuse(&*corrected).await;
    let odd = open("odd").await;
    windows::the_largest_numbers_fit(&*odd).await;
    windows::a_clock_may_be_set_back(&*odd).await;
    let together = open("together").await;
    concurrent::slots_are_given_back(&*together).await;
    concurrent::draws_together_take_no_more_than_there_is(&together).await;
    concurrent::entries_together_take_no_more_than_there_is(&together).await;
}

fn key(name: &str) -> CounterKey {
    CounterKey::of(&[name.as_bytes()])
}

const fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(seconds * 1000)
}

const fn fixed(seconds: u64) -> Window {
    Window { seconds, technique: Technique::Fixed }
}

const fn sliding(seconds: u64) -> Window {
    Window { seconds, technique: Technique::Sliding }
}

fn one(name: &str, window: Window, limit: u64) -> Draw {
    Draw { key: key(name), window, limit, amount: 1 }
}

/// Whether it was taken, and how much is used now.
async fn draw(counters: &dyn Counters, draw: &Draw, now: Timestamp) -> (bool, u64) {
    match counters.draw(draw, now).await {
        Drawn::Taken(level) => (true, level.used),
        Drawn::Full(level) => (false, level.used),
    }
}

async fn level(counters: &dyn Counters, draw: &Draw, now: Timestamp) -> Level {
    counters.level(&draw.key, draw.window, now).await
}
