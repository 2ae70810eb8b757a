use super::*;

fn key(of: &str) -> KeyId {
    KeyId { of: of.into(), state: (at(0), at(0)) }
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(seconds * 1000)
}

/// Refuses a key at a time, and gives the seconds of the rest that begins.
fn refuse(health: &KeyHealth, status: u16, wish: Option<u64>, now: i64) -> Option<i64> {
    let rest = health.refused(&key("a"), status, wish, at(now))?;
    Some((rest.until.as_millis() - at(now).as_millis()) / 1000)
}

#[test]
fn rests_double_and_end() {
    let health = KeyHealth::default();
    let mut now = 0;
    for seconds in [30, 60, 120, 240, 300, 300] {
        assert_eq!(refuse(&health, 429, None, now), Some(seconds));
        assert!(health.rest(&key("a"), at(now + seconds - 1)).is_some());
        now += seconds;
        assert_eq!(health.rest(&key("a"), at(now)), None);
    }
    let health = KeyHealth::default();
    let mut now = 0;
    for seconds in [300, 600, 1200, 2400, 3600, 3600] {
        assert_eq!(refuse(&health, 401, Some(1), now), Some(seconds));
        now += seconds;
    }
}

#[test]
fn a_sensible_wish_is_followed() {
    let wishes = [(Some(7), 7), (Some(0), 30), (Some(90_000), 30), (Some(3600), 3600), (None, 30)];
    for (wish, seconds) in wishes {
        assert_eq!(refuse(&KeyHealth::default(), 429, wish, 0), Some(seconds), "{wish:?}");
    }
}

#[test]
fn what_is_refused_together_counts_once() {
    let health = KeyHealth::default();
    assert_eq!(refuse(&health, 429, None, 0), Some(30));
    assert_eq!(refuse(&health, 429, None, 1), None);
    // A later wish makes it longer, never shorter.
    assert_eq!(refuse(&health, 429, Some(100), 2), None);
    assert_eq!(health.rest(&key("a"), at(3)).unwrap().until, at(102));
    assert_eq!(refuse(&health, 429, Some(5), 3), None);
    assert_eq!(health.rest(&key("a"), at(3)).unwrap().until, at(102));
    assert_eq!(refuse(&health, 429, None, 102), Some(60));
}

#[test]
fn a_key_that_is_taken_again_begins_anew() {
    let health = KeyHealth::default();
    refuse(&health, 429, None, 10);
    health.taken(&key("a"), at(10));
    assert!(health.rest(&key("a"), at(11)).is_some(), "it was sent before the refusal");
    health.taken(&key("a"), at(12));
    assert_eq!(health.rest(&key("a"), at(12)), None);
    assert_eq!(refuse(&health, 429, None, 50), Some(30));
}

#[test]
fn a_rotated_key_begins_anew() {
    let health = KeyHealth::default();
    refuse(&health, 401, None, 0);
    let rotated = KeyId { of: "a".into(), state: (at(1), at(0)) };
    assert_eq!(health.rest(&rotated, at(1)), None);
    health.forget("a");
    assert_eq!(health.rest(&key("a"), at(1)), None);
}

#[test]
fn the_past_is_forgotten_in_time() {
    let health = KeyHealth::default();
    refuse(&health, 429, None, 0);
    health.refused(&key("b"), 401, None, at(0));
    assert_eq!(health.sweep(at(29)), 2);
    assert_eq!(health.sweep(at(31)), 1);
    assert_eq!(refuse(&health, 429, None, 32), Some(60));
    assert_eq!(health.sweep(at(100_000)), 0);
    assert_eq!(refuse(&health, 429, None, 100_001), Some(30));
}
