//! What is counted over time.

use weir_core::Timestamp;
use weir_core::counters::{Counters, Draw};

use super::{at, draw, fixed, level, one, sliding};

/// Noon of some day: a bound of every window of minutes.
const NOON: i64 = 1_795_176_000;

/// The documented example: ten in ten minutes, counted by the clock.
pub(super) async fn aligned_windows_hold_their_limit(counters: &dyn Counters) {
    let draw_ten = one("aligned", fixed(600), 10);
    let standing = level(counters, &draw_ten, at(NOON)).await;
    assert_eq!((standing.used, standing.resets_at), (0, at(NOON + 600)), "an unused counter");
    for n in 1..=10 {
        assert_eq!(draw(counters, &draw_ten, at(NOON + 540)).await, (true, n));
    }
    assert_eq!(draw(counters, &draw_ten, at(NOON + 599)).await, (false, 10));
    let standing = level(counters, &draw_ten, at(NOON + 599)).await;
    assert_eq!((standing.used, standing.resets_at), (10, at(NOON + 600)));
    for n in 1..=10 {
        assert_eq!(draw(counters, &draw_ten, at(NOON + 660)).await, (true, n));
    }
    assert!(!draw(counters, &draw_ten, at(NOON + 660)).await.0);
}

pub(super) async fn refusals_take_nothing(counters: &dyn Counters) {
    for window in [fixed(60), sliding(60)] {
        let three = Draw { amount: 3, ..one("refused", window, 4) };
        assert_eq!(draw(counters, &three, at(NOON)).await, (true, 3));
        assert_eq!(draw(counters, &three, at(NOON)).await, (false, 3));
        assert_eq!(level(counters, &three, at(NOON)).await.used, 3);
        assert_eq!(draw(counters, &one("refused", window, 4), at(NOON)).await, (true, 4));
        let nothing = Draw { amount: 0, ..three };
        assert_eq!(draw(counters, &nothing, at(NOON)).await, (true, 4), "nothing fits");
        let too_much = Draw { amount: 5, ..one("huge", window, 4) };
        assert_eq!(draw(counters, &too_much, at(NOON)).await, (false, 0));
    }
}

pub(super) async fn keys_and_windows_do_not_share(counters: &dyn Counters) {
    for draw_one in [
        one("a", fixed(60), 1),
        one("b", fixed(60), 1),
        one("a", fixed(61), 1),
        one("a", sliding(60), 1),
    ] {
        assert_eq!(draw(counters, &draw_one, at(NOON)).await, (true, 1));
        assert_eq!(draw(counters, &draw_one, at(NOON)).await, (false, 1));
    }
    // A limit that was changed finds what was used under the former one.
    assert_eq!(draw(counters, &one("a", fixed(60), 5), at(NOON)).await, (true, 2));
}

/// The documented example again: what is refused when windows slide.
pub(super) async fn no_stretch_of_time_exceeds_an_exact_limit(counters: &dyn Counters) {
    let draw_ten = one("exact", sliding(600), 10);
    let idle = level(counters, &draw_ten, at(NOON)).await;
    assert_eq!((idle.used, idle.resets_at), (0, at(NOON)), "an unused counter");
    for n in 0..10 {
        let now = Timestamp::from_millis((NOON + 540) * 1000 + n);
        assert!(draw(counters, &draw_ten, now).await.0);
    }
    assert_eq!(draw(counters, &draw_ten, at(NOON + 660)).await, (false, 10));
    let full = level(counters, &draw_ten, at(NOON + 660)).await;
    assert_eq!((full.used, full.resets_at), (10, at(NOON + 1140)), "when the oldest leaves");
    let almost = Timestamp::from_millis((NOON + 1140) * 1000 - 1);
    assert!(!draw(counters, &draw_ten, almost).await.0);
    assert!(draw(counters, &draw_ten, at(NOON + 1140)).await.0, "one left, one came");
    assert!(!draw(counters, &draw_ten, at(NOON + 1140)).await.0);
    assert_eq!(draw(counters, &draw_ten, at(NOON + 10_000)).await, (true, 1));
}

pub(super) async fn large_limits_weigh_the_window_before(counters: &dyn Counters) {
    let all = Draw { amount: 30_000, ..one("large", sliding(100), 30_000) };
    let begin = NOON - NOON.rem_euclid(100);
    assert_eq!(draw(counters, &all, at(begin + 50)).await, (true, 30_000));
    let half = level(counters, &all, at(begin + 150)).await;
    assert_eq!(half.used, 15_000, "half of the window before");
    let more = |amount| Draw { amount, ..all };
    assert_eq!(draw(counters, &more(15_001), at(begin + 150)).await, (false, 15_000));
    assert_eq!(draw(counters, &more(15_000), at(begin + 150)).await, (true, 30_000));
    assert_eq!(draw(counters, &more(1), at(begin + 150)).await, (false, 30_000));
    let odd = Timestamp::from_millis((begin + 150) * 1000 + 1);
    assert_eq!(level(counters, &all, odd).await.used, 30_000, "rounded up");
    assert_eq!(level(counters, &all, at(begin + 400)).await.used, 0);
}

pub(super) async fn corrections_change_what_still_counts(counters: &dyn Counters) {
    let begin = NOON - NOON.rem_euclid(100);
    for (name, window, limit) in [
        ("fixed", fixed(100), 1000),
        ("exact", sliding(100), 1000),
        ("large", sliding(100), 1_000_000),
    ] {
        let ten = Draw { amount: 10, ..one(name, window, limit) };
        counters.draw(&ten, at(begin)).await;
        counters.draw(&ten, at(begin + 20)).await;
        counters.correct(&ten, -4, at(begin), at(begin + 30)).await;
        assert_eq!(level(counters, &ten, at(begin + 30)).await.used, 16, "{name}");
        counters.correct(&ten, 7, at(begin + 20), at(begin + 30)).await;
        assert_eq!(level(counters, &ten, at(begin + 30)).await.used, 23, "{name}");
        counters.correct(&ten, -100, at(begin + 20), at(begin + 30)).await;
        assert!(level(counters, &ten, at(begin + 30)).await.used <= 6, "{name}: not below zero");
        // Long over.
        counters.correct(&ten, 5, at(begin), at(begin + 300)).await;
        assert_eq!(level(counters, &ten, at(begin + 300)).await.used, 0, "{name}");
    }
    // What was given back may be taken again.
    let single = one("returned", sliding(100), 1);
    assert!(draw(counters, &single, at(begin)).await.0);
    counters.correct(&single, -1, at(begin), at(begin)).await;
    assert!(draw(counters, &single, at(begin)).await.0);
    assert!(!draw(counters, &single, at(begin)).await.0);
}

pub(super) async fn corrections_never_refuse(counters: &dyn Counters) {
    for window in [fixed(100), sliding(100)] {
        let single = one("beyond", window, 5);
        assert!(draw(counters, &single, at(NOON)).await.0);
        counters.correct(&single, 20, at(NOON), at(NOON)).await;
        assert_eq!(draw(counters, &single, at(NOON)).await, (false, 21));
    }
}

pub(super) async fn the_largest_numbers_fit(counters: &dyn Counters) {
    for window in [fixed(60), sliding(60), fixed(u64::MAX), sliding(u64::MAX)] {
        let most = Draw { amount: u64::MAX, ..one("most", window, u64::MAX) };
        assert_eq!(draw(counters, &most, at(NOON)).await, (true, u64::MAX));
        let single = Draw { amount: 1, ..most };
        assert_eq!(draw(counters, &single, at(NOON)).await, (false, u64::MAX));
        counters.correct(&most, i64::MAX, at(NOON), at(NOON)).await;
        assert_eq!(level(counters, &most, at(NOON)).await.used, u64::MAX);
        counters.correct(&most, -1, at(NOON), at(NOON)).await;
        assert_eq!(draw(counters, &single, at(NOON)).await, (true, u64::MAX));
        counters.correct(&most, i64::MIN, at(NOON), at(NOON)).await;
        assert_eq!(level(counters, &most, at(NOON)).await.used, u64::MAX - (1 << 63));
    }
}

/// A clock that is set back a little gives nobody a second share. One that was far ahead does not
/// lock everybody out until its time has come.
pub(super) async fn a_clock_may_be_set_back(counters: &dyn Counters) {
    let begin = NOON - NOON.rem_euclid(100);
    for (name, window, limit) in
        [("fixed", fixed(100), 5), ("exact", sliding(100), 5), ("large", sliding(100), 20_000)]
    {
        let all = Draw { amount: limit, ..one(name, window, limit) };
        let single = Draw { amount: 1, ..all };
        assert!(draw(counters, &all, at(begin)).await.0, "{name}");
        assert!(!draw(counters, &single, at(begin - 10)).await.0, "{name}: a little");
        assert!(!draw(counters, &single, at(begin + 10)).await.0, "{name}: and on again");
        assert!(draw(counters, &single, at(begin - 1000)).await.0, "{name}: a lot");
    }
}
