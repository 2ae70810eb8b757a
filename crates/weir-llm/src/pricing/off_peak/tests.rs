use weir_core::Timestamp;

use super::{Window, span};

#[track_caller]
fn check(window: &Window, at: &str, expected: bool) {
    assert_eq!(window.covers(Timestamp::parse(at).unwrap().as_millis()), expected, "{at}");
}

#[test]
fn hours_and_days_are_those_of_utc() {
    let spans = vec![span("00:00-01:00").unwrap(), span("10:00-00:00").unwrap()];
    let workdays = Window { weekdays: 0b1_1111, spans, weekday_offset_hours: 0 };
    // 2026-11-20 is a Friday.
    check(&workdays, "2026-11-20T00:59:59.999Z", true);
    check(&workdays, "2026-11-20T01:00:00.000Z", false);
    check(&workdays, "2026-11-20T09:59:59.000Z", false);
    check(&workdays, "2026-11-20T23:59:59.000Z", true);
    check(&workdays, "2026-11-21T00:30:00.000Z", false);
    check(&workdays, "1969-12-31T23:00:00.000Z", true);
}

#[test]
fn days_may_begin_elsewhere() {
    let spans = vec![span("00:00-00:00").unwrap()];
    let weekend = Window { weekdays: 0b110_0000, spans, weekday_offset_hours: 8 };
    check(&weekend, "2026-11-20T15:59:59.000Z", false);
    check(&weekend, "2026-11-20T16:00:00.000Z", true);
    check(&weekend, "2026-11-22T15:59:59.000Z", true);
    check(&weekend, "2026-11-22T16:00:00.000Z", false);
}

#[test]
fn spans_are_read_strictly() {
    assert_eq!(span("04:00-06:30"), Some((240, 390)));
    for bad in ["", "4-6", "06:00-04:00", "00:00-24:00", "00:60-02:00", "a:b-c:d"] {
        assert_eq!(span(bad), None, "{bad}");
    }
}
