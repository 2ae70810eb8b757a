use proptest::prelude::*;

use super::*;

fn target(name: &str) -> RouteTarget {
    RouteTarget { provider: "p".into(), model: name.to_owned() }
}

fn candidate(target: &RouteTarget, weight: u32) -> Candidate<'_> {
    Candidate { target, weight, standing: Standing::Ready, under_way: 0, mean: None, stale: false }
}

fn known(target: &RouteTarget, mean: u64) -> Candidate<'_> {
    Candidate { mean: Some(Duration::from_millis(mean)), ..candidate(target, 1) }
}

fn busy(target: &RouteTarget, weight: u32, under_way: u32) -> Candidate<'_> {
    Candidate { under_way, ..candidate(target, weight) }
}

/// How often each is chosen over evenly spread draws.
fn spread(strategy: BalanceStrategy, candidates: &[Candidate<'_>], draws: u32) -> Vec<u32> {
    let mut counts = vec![0; candidates.len()];
    for n in 0..draws {
        let choice = choose(strategy, candidates, f64::from(n) / f64::from(draws)).unwrap();
        counts[choice.index] += 1;
    }
    counts
}

#[track_caller]
fn chosen(strategy: BalanceStrategy, candidates: &[Candidate<'_>], reason: &str) -> Choice {
    let choice = choose(strategy, candidates, 0.5).unwrap();
    assert_eq!(choice.reason, reason);
    choice
}

#[test]
fn nobody_to_choose_from() {
    assert_eq!(choose(BalanceStrategy::Weights, &[], 0.5), None);
}

#[test]
fn weights_share_the_calls() {
    let name = target("m");
    let weights = |weights: &[u32]| {
        let candidates: Vec<_> = weights.iter().map(|w| candidate(&name, *w)).collect();
        spread(BalanceStrategy::Weights, &candidates, 1000)
    };
    assert_eq!(weights(&[1, 3, 6]), [100, 300, 600]);
    assert_eq!(weights(&[0, 0]), [500, 500]);
    assert_eq!(weights(&[u32::MAX, u32::MAX]), [500, 500]);
}

#[test]
fn an_open_breaker_leaves_its_share_to_the_others() {
    let name = target("m");
    let until = Instant::now();
    let mut candidates = [candidate(&name, 1), candidate(&name, 3), candidate(&name, 1)];
    candidates[1].standing = Standing::Open { until };
    assert_eq!(spread(BalanceStrategy::Weights, &candidates, 100), [50, 0, 50]);
    let reason = "weights: chose p/m of 3: weight 1 of 2; 1 left out by breakers";
    assert!(!chosen(BalanceStrategy::Weights, &candidates, reason).forced);
}

#[test]
fn with_every_breaker_open_the_first_to_return_is_tried() {
    let names = ["a", "b", "c"].map(target);
    let now = Instant::now();
    let open = |seconds| Standing::Open { until: now + Duration::from_secs(seconds) };
    let mut candidates = names.each_ref().map(|name| candidate(name, 1));
    for (candidate, standing) in candidates.iter_mut().zip([Standing::Probing, open(9), open(5)]) {
        candidate.standing = standing;
    }
    for strategy in [BalanceStrategy::Weights, BalanceStrategy::Latency, BalanceStrategy::Busy] {
        let reason = "breakers leave all 3 alone: tried p/c, the first to return";
        let choice = chosen(strategy, &candidates, reason);
        assert!(choice.forced && choice.index == 2);
    }
}

#[test]
fn the_fastest_is_chosen_and_the_others_are_told() {
    let names = ["a", "b", "c"].map(target);
    let candidates = [known(&names[0], 300), known(&names[1], 120), candidate(&names[2], 1)];
    let reason = "latency: chose p/b of 3: 120 ms to its first byte, others 300 ms, unknown";
    assert_eq!(chosen(BalanceStrategy::Latency, &candidates, reason).index, 1);
}

#[test]
fn unknown_and_stale_targets_get_a_small_share() {
    let names = ["fast", "slow", "new"].map(target);
    let mut candidates = [known(&names[0], 100), known(&names[1], 300), candidate(&names[2], 1)];
    assert_eq!(spread(BalanceStrategy::Latency, &candidates, 1000), [950, 0, 50]);
    candidates[1].stale = true;
    assert_eq!(spread(BalanceStrategy::Latency, &candidates, 1000), [950, 25, 25]);
    let choice = choose(BalanceStrategy::Latency, &candidates, 0.01).unwrap();
    assert_eq!(choice.reason, "latency: chose p/slow of 3: to learn how fast it is");
    // Where nothing is known, weights share the calls.
    let fresh = [candidate(&names[0], 1), candidate(&names[1], 3)];
    assert_eq!(spread(BalanceStrategy::Latency, &fresh, 1000), [250, 750]);
}

#[test]
fn the_least_busy_for_its_weight_is_chosen() {
    let names = ["a", "b", "c"].map(target);
    let [a, b, c] = &names;
    let candidates = [busy(a, 1, 4), busy(b, 1, 1), busy(c, 1, 5)];
    let reason = "busy: chose p/b of 3: 1 under way, others 4, 5";
    assert_eq!(chosen(BalanceStrategy::Busy, &candidates, reason).index, 1);
    // Six calls on a weight of four are less than two on a weight of one.
    let candidates = [busy(a, 4, 6), busy(b, 1, 2)];
    assert_eq!(spread(BalanceStrategy::Busy, &candidates, 10), [10, 0]);
    // Of those that are equally busy, weights decide.
    let candidates = [busy(a, 1, 0), busy(b, 3, 0), busy(c, 1, 1)];
    assert_eq!(spread(BalanceStrategy::Busy, &candidates, 1000), [250, 750, 0]);
}

fn any_candidate() -> impl Strategy<Value = (u32, u8, u32, Option<u64>, bool)> {
    (any::<u32>(), 0..3u8, any::<u32>(), any::<Option<u64>>(), any::<bool>())
}

proptest! {
    #[test]
    fn every_choice_is_a_candidate_that_may_be_called(
        drawn in prop::collection::vec(any_candidate(), 1..8),
        draw in prop_oneof![0.0..1.0f64, any::<f64>()],
    ) {
        let now = Instant::now();
        let name = target("m");
        let candidates: Vec<_> = drawn
            .into_iter()
            .map(|(weight, standing, under_way, mean, stale)| Candidate {
                target: &name,
                weight,
                standing: match standing {
                    0 => Standing::Ready,
                    1 => Standing::Probing,
                    _ => Standing::Open { until: now },
                },
                under_way,
                mean: mean.map(Duration::from_millis),
                stale,
            })
            .collect();
        let some_ready = candidates.iter().any(|other| other.standing == Standing::Ready);
        for strategy in [BalanceStrategy::Weights, BalanceStrategy::Latency, BalanceStrategy::Busy] {
            let choice = choose(strategy, &candidates, draw).unwrap();
            let chosen = &candidates[choice.index];
            prop_assert_eq!(choice.forced, !some_ready);
            prop_assert_eq!(chosen.standing == Standing::Ready, some_ready);
        }
    }

    /// The parts are those of the weights, to within what a thousand draws can show.
    #[test]
    fn parts_follow_weights(weights in prop::collection::vec(1..50u32, 1..6)) {
        let name = target("m");
        let candidates: Vec<_> = weights.iter().map(|w| candidate(&name, *w)).collect();
        let total: u32 = weights.iter().sum();
        let counts = spread(BalanceStrategy::Weights, &candidates, 1000);
        for (count, weight) in counts.iter().zip(&weights) {
            let part = f64::from(*weight) / f64::from(total) * 1000.0;
            prop_assert!((f64::from(*count) - part).abs() <= 1.0, "{counts:?} for {weights:?}");
        }
    }
}
