use proptest::prelude::*;

use super::*;

const SETTINGS: Breaker = Breaker { failures: 3, window: 60, cooldown: 10 };

fn at(start: Instant, seconds: u64) -> Instant {
    start + Duration::from_secs(seconds)
}

fn fail(circuit: &mut Circuit, now: Instant) {
    let pass = circuit.admit(now).unwrap();
    circuit.report(&pass, Outcome::Failed, &SETTINGS, now);
}

fn answer(circuit: &mut Circuit, now: Instant) {
    let pass = circuit.admit(now).unwrap();
    circuit.report(&pass, Outcome::Answered, &SETTINGS, now);
}

/// Open since second 0, until second 10.
fn opened(start: Instant) -> Circuit {
    let mut circuit = Circuit::default();
    for _ in 0..3 {
        fail(&mut circuit, start);
    }
    assert_eq!(circuit.phase(), Phase::Open);
    circuit
}

#[test]
fn failures_in_a_row_open_it_until_a_probe_is_answered() {
    let start = Instant::now();
    let mut circuit = opened(start);
    let until = at(start, 10);
    assert_eq!(circuit.admit(at(start, 9)).unwrap_err(), Standing::Open { until });
    let probe = circuit.admit(at(start, 10)).unwrap();
    assert_eq!(circuit.phase(), Phase::HalfOpen);
    assert_eq!(circuit.admit(at(start, 11)).unwrap_err(), Standing::Probing);
    circuit.report(&probe, Outcome::Answered, &SETTINGS, at(start, 12));
    assert_eq!(circuit.phase(), Phase::Closed);
    // It begins anew: two failures are not three.
    fail(&mut circuit, at(start, 12));
    fail(&mut circuit, at(start, 12));
    assert_eq!(circuit.phase(), Phase::Closed);
}

#[test]
fn a_failed_probe_opens_it_for_another_cooldown() {
    let start = Instant::now();
    let mut circuit = opened(start);
    fail(&mut circuit, at(start, 15));
    assert_eq!(circuit.standing(at(start, 16)), Standing::Open { until: at(start, 25) });
    assert_eq!(circuit.standing(at(start, 25)), Standing::Ready);
}

#[test]
fn an_answer_between_failures_ends_the_row() {
    let start = Instant::now();
    let mut circuit = Circuit::default();
    for _ in 0..5 {
        fail(&mut circuit, start);
        fail(&mut circuit, start);
        answer(&mut circuit, start);
    }
    assert_eq!(circuit.phase(), Phase::Closed);
}

#[test]
fn only_failures_within_the_window_count() {
    let start = Instant::now();
    let mut circuit = Circuit::default();
    for seconds in [0, 40, 80, 120, 160] {
        fail(&mut circuit, at(start, seconds));
    }
    assert_eq!(circuit.phase(), Phase::Closed);
    // 120 is past by now, 160, 190 and 200 are three.
    fail(&mut circuit, at(start, 190));
    fail(&mut circuit, at(start, 200));
    assert_eq!(circuit.phase(), Phase::Open);
}

#[test]
fn a_probe_that_tells_nothing_leaves_its_place_to_the_next() {
    let start = Instant::now();
    let mut circuit = opened(start);
    let probe = circuit.admit(at(start, 10)).unwrap();
    circuit.give_back(&probe);
    assert_eq!(circuit.phase(), Phase::HalfOpen);
    answer(&mut circuit, at(start, 11));
    assert_eq!(circuit.phase(), Phase::Closed);
}

#[test]
fn what_a_call_says_of_an_earlier_time_does_not_count() {
    let start = Instant::now();
    let mut circuit = Circuit::default();
    let late: Vec<Pass> = (0..4).map(|_| circuit.admit(start).unwrap()).collect();
    for _ in 0..3 {
        fail(&mut circuit, start);
    }
    circuit.report(&late[0], Outcome::Answered, &SETTINGS, at(start, 1));
    assert_eq!(circuit.phase(), Phase::Open);
    let probe = circuit.admit(at(start, 10)).unwrap();
    circuit.report(&late[1], Outcome::Failed, &SETTINGS, at(start, 11));
    assert_eq!(circuit.phase(), Phase::HalfOpen);
    circuit.give_back(&late[2]);
    assert_eq!(circuit.standing(at(start, 11)), Standing::Probing);
    circuit.report(&probe, Outcome::Answered, &SETTINGS, at(start, 12));
    circuit.report(&late[3], Outcome::Failed, &SETTINGS, at(start, 12));
    fail(&mut circuit, at(start, 12));
    fail(&mut circuit, at(start, 12));
    assert_eq!(circuit.phase(), Phase::Closed);
}

#[test]
fn a_forced_call_probes_before_its_time_but_never_beside_another_probe() {
    let start = Instant::now();
    let mut circuit = opened(start);
    let probe = circuit.force();
    let beside = circuit.force();
    circuit.report(&beside, Outcome::Failed, &SETTINGS, start);
    circuit.give_back(&beside);
    assert_eq!(circuit.standing(start), Standing::Probing);
    circuit.report(&probe, Outcome::Failed, &SETTINGS, at(start, 5));
    assert_eq!(circuit.standing(at(start, 5)), Standing::Open { until: at(start, 15) });
}

#[test]
fn settings_out_of_all_proportion_do_no_harm() {
    let start = Instant::now();
    let mut circuit = Circuit::default();
    let odd = Breaker { failures: 0, window: u64::MAX, cooldown: u64::MAX };
    assert_eq!(circuit.phase(), Phase::Closed);
    let pass = circuit.admit(start).unwrap();
    circuit.report(&pass, Outcome::Failed, &odd, start);
    assert!(matches!(circuit.standing(start), Standing::Open { .. }));
}

#[derive(Clone, Debug)]
enum Step {
    Ask,
    /// Ask, and go in any case.
    Force,
    /// Of the calls under way, the one at this place, modulo.
    Report(usize, bool),
    Drop(usize),
    Wait(u64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        3 => Just(Step::Ask),
        1 => Just(Step::Force),
        3 => (any::<usize>(), prop::bool::weighted(0.3)).prop_map(|(n, ok)| Step::Report(n, ok)),
        1 => any::<usize>().prop_map(Step::Drop),
        2 => (0..12u64).prop_map(Step::Wait),
    ];
    prop::collection::vec(step, 0..200)
}

proptest! {
    /// Whatever the order of calls, reports and losses: while half open, no more than one call
    /// that was let in since is under way.
    #[test]
    fn one_probe_at_a_time(steps in steps()) {
        let mut now = Instant::now();
        let mut circuit = Circuit::default();
        // Each with whether it probes: it was let in by a breaker that was not closed, and found
        // nobody else probing.
        let mut under_way: Vec<(Pass, bool)> = Vec::new();
        for step in steps {
            match step {
                Step::Ask => {
                    let closed = circuit.phase() == Phase::Closed;
                    if let Ok(pass) = circuit.admit(now) {
                        under_way.push((pass, !closed));
                    }
                }
                Step::Force => {
                    let closed = circuit.phase() == Phase::Closed;
                    let beside = circuit.standing(now) == Standing::Probing;
                    under_way.push((circuit.force(), !closed && !beside));
                }
                Step::Report(at, ok) if !under_way.is_empty() => {
                    let (pass, _) = under_way.swap_remove(at % under_way.len());
                    let outcome = if ok { Outcome::Answered } else { Outcome::Failed };
                    circuit.report(&pass, outcome, &SETTINGS, now);
                }
                Step::Drop(at) if !under_way.is_empty() => {
                    let (pass, _) = under_way.swap_remove(at % under_way.len());
                    circuit.give_back(&pass);
                }
                Step::Wait(seconds) => now = at(now, seconds),
                Step::Report(..) | Step::Drop(_) => {}
            }
            let probes = under_way.iter().filter(|(_, probe)| *probe).count();
            prop_assert!(probes <= 1, "{probes} probes");
            let half_open = circuit.phase() == Phase::HalfOpen;
            prop_assert_eq!(half_open && probes == 1, circuit.standing(now) == Standing::Probing);
            // It never locks up: the longest wait is the cooldown, or the probe that is out.
            let later = circuit.standing(at(now, SETTINGS.cooldown));
            prop_assert!(later == Standing::Ready || probes == 1);
        }
    }
}
