//! One bucket, as time passes.

use weir_core::ledger::{Claim, Ledger, Measure, Span};
use weir_core::policy::Period;

use super::{at, claim, fixed, reserve, settle, sliding, spend, standing, stands};

pub(super) async fn what_is_reserved_counts_until_it_is_settled(ledger: &dyn Ledger) {
    let ten = claim("reserved", Span::Forever, 100, 60);
    let first = reserve(ledger, &[ten], 0).await.expect("room");
    assert_eq!(first.claims(), [ten]);
    assert_eq!((first.standings()[0].spent, first.standings()[0].reserved), (0, 0), "before it");
    assert_eq!(stands(ledger, &ten, 0).await, (0, 60));
    let refused = reserve(ledger, &[ten], 0).await.expect_err("60 of 100 are set apart");
    assert_eq!((refused.claim, refused.standing.taken()), (0, 60));
    assert_eq!(stands(ledger, &ten, 0).await, (0, 60), "a refusal leaves nothing behind");
    let rest = reserve(ledger, &[Claim { amount: 40, ..ten }], 0).await.expect("exactly");
    settle(ledger, first, &[50], 1);
    assert_eq!(stands(ledger, &ten, 1).await, (50, 40));
    settle(ledger, rest, &[70], 1);
    assert_eq!(stands(ledger, &ten, 1).await, (120, 0), "what happened, happened");
    assert_eq!(standing(ledger, &ten, 1).await.resets_at, None);
}

pub(super) async fn dropping_gives_back(ledger: &dyn Ledger) {
    let all = claim("dropped", fixed(60), 10, 10);
    let reservation = reserve(ledger, &[all], 0).await.expect("room");
    assert!(reserve(ledger, &[all], 0).await.is_err());
    drop(reservation);
    assert_eq!(stands(ledger, &all, 0).await, (0, 0));
    // Settled without a figure: nothing was used.
    let reservation = reserve(ledger, &[all], 0).await.expect("room again");
    settle(ledger, reservation, &[], 0);
    assert_eq!(stands(ledger, &all, 0).await, (0, 0));
}

pub(super) async fn nothing_reserved_passes_while_anything_is_left(ledger: &dyn Ledger) {
    let ask = claim("compatible", fixed(60), 10, 0);
    let several = [
        reserve(ledger, &[ask], 0).await.expect("empty"),
        reserve(ledger, &[ask], 0).await.expect("nothing was set apart"),
    ];
    for reservation in several {
        settle(ledger, reservation, &[9], 0);
    }
    assert_eq!(stands(ledger, &ask, 0).await, (18, 0), "what was under way overshoots");
    assert!(reserve(ledger, &[ask], 0).await.is_err());
    let exact = claim("exact", fixed(60), 10, 0);
    spend(ledger, exact, 10, 0).await;
    assert!(reserve(ledger, &[exact], 0).await.is_err(), "nothing is left of 10");
    let none = claim("none", fixed(60), 0, 0);
    assert!(reserve(ledger, &[none], 0).await.is_err(), "nothing was ever there");
}

pub(super) async fn aligned_windows_begin_anew(ledger: &dyn Ledger) {
    let window = claim("aligned", fixed(60), 10, 10);
    let reservation = reserve(ledger, &[window], 30_000).await.expect("room");
    assert!(reserve(ledger, &[window], 59_999).await.is_err());
    let refused = reserve(ledger, &[window], 60_000).await.expect_err("still under way");
    assert_eq!((refused.standing.spent, refused.standing.reserved), (0, 10));
    assert_eq!(refused.standing.resets_at, Some(at(120_000)));
    settle(ledger, reservation, &[10], 60_001);
    assert_eq!(stands(ledger, &window, 60_001).await, (10, 0), "booked where it ended");
    assert!(reserve(ledger, &[window], 119_999).await.is_err());
    drop(reserve(ledger, &[window], 120_000).await.expect("a new window"));
}

pub(super) async fn sliding_windows_weigh_the_one_before(ledger: &dyn Ledger) {
    let window = claim("sliding", sliding(10), 100, 1);
    spend(ledger, window, 99, 5_000).await;
    for (now, spent) in [(9_999, 99), (10_000, 99), (10_001, 99), (15_000, 50), (19_999, 1)] {
        assert_eq!(stands(ledger, &window, now).await.0, spent, "rounded up, at {now}");
    }
    assert_eq!(stands(ledger, &window, 20_000).await.0, 0);
    let again = claim("sliding again", sliding(10), 100, 1);
    spend(ledger, again, 100, 0).await;
    let refused = reserve(ledger, &[again], 9_000).await.expect_err("100 of 100");
    let room = refused.standing.resets_at.expect("a moment").as_millis();
    assert!(reserve(ledger, &[again], room - 1).await.is_err(), "not before {room}");
    drop(reserve(ledger, &[again], room).await.expect("room as was said"));
    assert_eq!(stands(ledger, &again, 40_000).await.0, 0, "two windows later");
}

pub(super) async fn the_calendar_has_its_own_spans(ledger: &dyn Ledger) {
    let moment = |text: &str| weir_core::Timestamp::parse(text).expect("a time").as_millis();
    let day = claim("day", Span::Calendar(Period::Daily), 10, 10);
    let month = claim("month", Span::Calendar(Period::Monthly), 10, 10);
    let (last, next) = (moment("2028-02-29T23:59:59.999Z"), moment("2028-03-01T00:00:00Z"));
    for claim in [day, month] {
        spend(ledger, claim, 10, last).await;
        let refused = reserve(ledger, &[claim], last).await.expect_err("used up");
        assert_eq!(refused.standing.resets_at, Some(at(next)));
        spend(ledger, claim, 10, next).await;
    }
    let tomorrow = moment("2028-03-02T00:00:00Z");
    drop(reserve(ledger, &[day], tomorrow).await.expect("another day"));
    assert!(reserve(ledger, &[month], tomorrow).await.is_err(), "the same month");
}

pub(super) async fn time_passes_by_itself(ledger: &dyn Ledger) {
    let run = claim("run", Span::Forever, 5_000, 0);
    let run = Claim { measure: Measure::Elapsed, ..run };
    assert_eq!(stands(ledger, &run, 1_000).await, (0, 0));
    spend(ledger, run, 1_000_000, 10_000).await;
    assert_eq!(stands(ledger, &run, 12_000).await.0, 2_000, "settling adds nothing");
    drop(reserve(ledger, &[run], 14_999).await.expect("a millisecond left"));
    assert!(reserve(ledger, &[run], 15_000).await.is_err());
    let minute = Claim { span: fixed(60), ..run };
    drop(reserve(ledger, &[minute], 10_000).await.expect("another bucket"));
    assert!(reserve(ledger, &[minute], 59_999).await.is_err());
    assert_eq!(
        stands(ledger, &minute, 60_000).await.0,
        0,
        "the next minute has not begun to count"
    );
    // A refused call does not begin anything.
    let fresh = claim("fresh", Span::Forever, 1_000, 0);
    let fresh = Claim { measure: Measure::Elapsed, ..fresh };
    let none = claim("none at all", Span::Forever, 0, 0);
    assert!(reserve(ledger, &[fresh, none], 1_000).await.is_err());
    assert_eq!(stands(ledger, &fresh, 9_000).await, (0, 0));
}

pub(super) async fn keys_spans_and_measures_do_not_share(ledger: &dyn Ledger) {
    let one = claim("apart", fixed(60), 10, 10);
    spend(ledger, one, 10, 0).await;
    let others = [
        claim("apart too", fixed(60), 10, 10),
        Claim { span: fixed(61), ..one },
        Claim { span: sliding(60), ..one },
        Claim { span: Span::Calendar(Period::Hourly), ..one },
        Claim { span: Span::Calendar(Period::Daily), ..one },
        Claim { span: Span::Forever, ..one },
        Claim { measure: Measure::Elapsed, ..one },
    ];
    for other in others {
        assert_eq!(stands(ledger, &other, 0).await, (0, 0), "{other:?}");
        spend(ledger, other, 10, 0).await;
    }
    assert_eq!(stands(ledger, &one, 0).await, (10, 0));
    let more = Claim { limit: 11, amount: 1, ..one };
    drop(reserve(ledger, &[more], 0).await.expect("another limit is the same bucket"));
}

pub(super) async fn a_clock_may_be_set_back(ledger: &dyn Ledger) {
    for (name, span) in [("back, fixed", fixed(60)), ("back, sliding", sliding(60))] {
        let window = claim(name, span, 10, 10);
        spend(ledger, window, 10, 600_000).await;
        assert!(reserve(ledger, &[window], 590_000).await.is_err(), "{name}: a little");
        assert!(reserve(ledger, &[window], 0).await.is_err(), "{name}: far; nothing is forgotten");
        drop(reserve(ledger, &[window], 120_000).await.expect("but it does not stay for ever"));
    }
    let early = claim("before 1970", fixed(60), 10, 10);
    spend(ledger, early, 10, -5).await;
    assert!(reserve(ledger, &[early], 59_999).await.is_err());
}

pub(super) async fn the_largest_numbers_fit(ledger: &dyn Ledger) {
    let most = u64::MAX;
    for span in [fixed(u64::MAX), sliding(u64::MAX), fixed(0), sliding(0), Span::Forever] {
        let huge = claim("huge", span, most, most);
        let reservation = reserve(ledger, &[huge], i64::MAX).await.expect("exactly");
        assert!(reserve(ledger, &[Claim { amount: 1, ..huge }], i64::MAX).await.is_err());
        settle(ledger, reservation, &[most], i64::MAX);
        assert!(reserve(ledger, &[huge], i64::MAX).await.is_err());
        assert!(reserve(ledger, &[Claim { amount: 0, ..huge }], i64::MAX).await.is_err());
        ledger.reset(&huge, at(i64::MAX)).await.expect("resets");
    }
}

pub(super) async fn a_reset_forgets_what_was_spent(ledger: &dyn Ledger) {
    let window = claim("reset", sliding(10), 10, 4);
    spend(ledger, window, 4, 5_000).await;
    spend(ledger, window, 4, 15_000).await;
    let open = reserve(ledger, &[window], 15_000).await.expect("room");
    ledger.reset(&window, at(15_000)).await.expect("resets");
    assert_eq!(stands(ledger, &window, 15_000).await, (0, 4), "what is under way stays");
    settle(ledger, open, &[3], 15_000);
    assert_eq!(stands(ledger, &window, 15_000).await, (3, 0));
    ledger.reset(&claim("never seen", Span::Forever, 1, 1), at(0)).await.expect("resets");
}
