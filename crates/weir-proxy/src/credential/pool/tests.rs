use super::*;

fn free(weight: u32) -> Candidate {
    Candidate { weight, rest: None }
}

/// Keys `a`, `b`, ... of which these rest until so many seconds.
fn resting(weight: u32, seconds: i64) -> Candidate {
    let health = KeyHealth::default();
    let never = Timestamp::from_millis(0);
    let id = KeyId { of: "x".into(), state: (never, never) };
    let seconds = u64::try_from(seconds).unwrap();
    let rest = health.refused(&id, 429, Some(seconds), never);
    Candidate { weight, rest }
}

fn counts(keys: &[Candidate], draws: usize) -> Vec<usize> {
    let chance = Chance::new(Some(1));
    let mut counts = vec![0; keys.len()];
    for _ in 0..draws {
        let chosen = choose(keys, &chance, Timestamp::from_millis(0), false).unwrap();
        counts[chosen.index] += 1;
    }
    counts
}

#[test]
fn calls_are_shared_by_weight() {
    let counts = counts(&[free(1), free(3), free(0)], 8000);
    assert!((1800..2200).contains(&counts[0]), "{counts:?}");
    assert_eq!((counts[0] + counts[1], counts[2]), (8000, 0));
}

#[test]
fn a_resting_key_gives_way_and_weight_zero_is_the_last_resort() {
    assert_eq!(counts(&[free(0), resting(5, 60), free(1)], 100), [0, 0, 100]);
    assert_eq!(counts(&[free(0), resting(5, 60)], 100), [100, 0]);
}

#[test]
fn nothing_is_refused_because_all_rest() {
    let keys = [resting(1, 60), resting(0, 20), resting(9, 40)];
    let chance = Chance::new(Some(1));
    let now = Timestamp::from_millis(1500);
    let chosen = choose(&keys, &chance, now, false).unwrap();
    assert_eq!(chosen.index, 1);
    assert!(chosen.because.unwrap().contains("in 19 s"));
    assert_eq!(choose(&keys, &chance, now, true), None);
    assert_eq!(choose(&[], &chance, now, false), None);
}

#[test]
fn the_only_key_is_not_explained() {
    let chance = Chance::new(Some(1));
    let chosen = choose(&[free(1)], &chance, Timestamp::from_millis(0), false).unwrap();
    assert_eq!(chosen, Chosen { index: 0, because: None });
}
