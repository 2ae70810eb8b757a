use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::metrics::StateLabel;
use crate::routing::balance::STALE;
use crate::routing::breaker::Outcome;

const BREAKER: Breaker = Breaker { failures: 2, window: 60, cooldown: 10 };

fn target(model: &str) -> RouteTarget {
    RouteTarget { provider: "p".into(), model: model.to_owned() }
}

fn key(model: &str) -> TargetKey {
    TargetKey { account: "acc".into(), target: target(model) }
}

fn table() -> TargetTable {
    TargetTable::new(TargetTable::MOST, Arc::new(Metrics::default()))
}

fn rules(strategy: BalanceStrategy) -> Rules<'static> {
    Rules { strategy, breaker: Some(&BREAKER), draw: 0.5 }
}

fn choose(table: &TargetTable, models: &[&str], rules: Rules<'_>, now: Instant) -> Chosen {
    let targets: Vec<_> = models.iter().map(|model| target(model)).collect();
    let candidates: Vec<_> = targets.iter().map(|target| (target, 1)).collect();
    table.choose(&"acc".into(), &candidates, rules, now).unwrap()
}

fn fail(table: &TargetTable, model: &str, now: Instant) {
    let mut ticket = table.enter(key(model), Some(&BREAKER), now).unwrap();
    ticket.report(Outcome::Failed, now);
}

/// Breakers that are closed, open, half open.
fn breakers(metrics: &Metrics) -> [i64; 3] {
    ["closed", "open", "half_open"]
        .map(|state| metrics.breakers.get_or_create(&StateLabel { state }).get())
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[test]
fn calls_of_one_target_are_remembered_together() {
    let (table, now) = (table(), Instant::now());
    for _ in 0..20 {
        let ticket = table.enter(key("m"), None, now).unwrap();
        assert_eq!(ticket.p95(), None);
        ticket.first_byte(Duration::from_millis(100), now);
    }
    let ticket = table.enter(key("m"), None, now).unwrap();
    assert!(ticket.p95().unwrap() >= Duration::from_millis(100));
    let other = TargetKey { account: "other".into(), target: target("m") };
    assert_eq!(table.enter(other, None, now).unwrap().p95(), None);
}

#[test]
fn a_target_that_fails_is_left_alone_and_counted() {
    let (table, now) = (table(), Instant::now());
    fail(&table, "m", now);
    fail(&table, "m", now);
    assert_eq!(breakers(&table.metrics), [0, 1, 0]);
    let refused = table.enter(key("m"), Some(&BREAKER), now).err();
    assert_eq!(refused, Some(Standing::Open { until: now + seconds(10) }));
    // An element without a breaker does not care.
    assert!(table.enter(key("m"), None, now).is_ok());

    let later = now + seconds(10);
    let probe = table.enter(key("m"), Some(&BREAKER), later).unwrap();
    assert_eq!(breakers(&table.metrics), [0, 0, 1]);
    assert_eq!(table.enter(key("m"), Some(&BREAKER), later).err(), Some(Standing::Probing));
    // The probing call is cancelled: the next one probes.
    drop(probe);
    let mut probe = table.enter(key("m"), Some(&BREAKER), later).unwrap();
    probe.report(Outcome::Answered, later);
    assert_eq!(breakers(&table.metrics), [1, 0, 0]);
    let transitions =
        |state| table.metrics.breaker_transitions.get_or_create(&StateLabel { state }).get();
    assert_eq!(["open", "half_open", "closed"].map(transitions), [1, 1, 1]);
}

#[test]
fn calls_under_way_count_until_their_ticket_is_dropped() {
    let (table, now) = (table(), Instant::now());
    let busy = rules(BalanceStrategy::Busy);
    let mut first = choose(&table, &["a", "b"], busy, now);
    let other = 1 - first.index;
    first.ticket.report(Outcome::Answered, now);
    let second = choose(&table, &["a", "b"], busy, now);
    assert_eq!(second.index, other);
    drop(first);
    assert_eq!(choose(&table, &["a", "b"], busy, now).index, 1 - other);
}

#[test]
fn the_fastest_is_learned_and_the_idle_explored() {
    let (table, now) = (table(), Instant::now());
    for (model, took) in [("slow", 900), ("fast", 90)] {
        for _ in 0..5 {
            let ticket = table.enter(key(model), None, now).unwrap();
            ticket.first_byte(Duration::from_millis(took), now);
        }
    }
    let latency = Rules { draw: 0.01, ..rules(BalanceStrategy::Latency) };
    let models = ["slow", "fast"];
    assert_eq!(choose(&table, &models, latency, now).index, 1);
    let later = now + STALE;
    assert_eq!(choose(&table, &models, latency, later).index, 0);
    // That call is under way, so it is not explored again at once.
    assert_eq!(choose(&table, &models, latency, later).index, 1);
}

#[test]
fn with_every_breaker_open_one_is_tried_and_its_cooldown_begins_anew() {
    let (table, now) = (table(), Instant::now());
    for (model, at) in [("a", 3), ("b", 0)] {
        fail(&table, model, now + seconds(at));
        fail(&table, model, now + seconds(at));
    }
    let now = now + seconds(5);
    let mut tried = choose(&table, &["a", "b"], rules(BalanceStrategy::Weights), now);
    assert!(tried.forced && tried.index == 1, "{}", tried.reason);
    tried.ticket.report(Outcome::Failed, now);
    let tried = choose(&table, &["a", "b"], rules(BalanceStrategy::Weights), now);
    assert!(tried.forced && tried.index == 0, "{}", tried.reason);
}

#[test]
fn no_candidates_no_choice() {
    let rules = rules(BalanceStrategy::Weights);
    assert!(table().choose(&"acc".into(), &[], rules, Instant::now()).is_none());
}

#[test]
fn the_longest_unused_is_forgotten_and_what_is_busy_is_kept() {
    let (start, metrics) = (Instant::now(), Arc::new(Metrics::default()));
    let table = TargetTable::new(3 * SHARDS, Arc::clone(&metrics));
    let busy = table.enter(key("busy"), Some(&BREAKER), start).unwrap();
    let often = table.state(key("often"), start);
    fail(&table, "old", start);
    fail(&table, "old", start);
    for n in 0..1000 {
        let ticket = table.enter(key(&n.to_string()), None, start + seconds(2 * n + 1)).unwrap();
        drop(ticket);
        drop(table.enter(key("often"), None, start + seconds(2 * n + 2)));
        let kept: usize = table.shards.iter().map(|shard| shard.lock().unwrap().len()).sum();
        assert!(kept <= 3 * SHARDS);
    }
    let kept = |model: &str| {
        table.shards.iter().any(|shard| shard.lock().unwrap().contains_key(&key(model)))
    };
    assert!(kept("busy") && kept("999") && !kept("old") && !kept("0"));
    // Called again and again, it is still the one of the beginning.
    assert!(Arc::ptr_eq(&often, &table.state(key("often"), start)));
    drop(often);
    let all: i64 = breakers(&metrics).iter().sum();
    assert_eq!(all + i64::try_from(metrics.targets_forgotten.get()).unwrap(), 1003);
    drop((busy, table));
    assert_eq!(breakers(&metrics), [0, 0, 0]);
}

#[derive(Clone, Debug)]
enum Step {
    Choose(f64),
    Report(usize, bool),
    Drop(usize),
    Wait(u64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (0.0..1.0f64).prop_map(Step::Choose),
        3 => (any::<usize>(), prop::bool::weighted(0.3)).prop_map(|(n, ok)| Step::Report(n, ok)),
        2 => any::<usize>().prop_map(Step::Drop),
        1 => (0..12u64).prop_map(Step::Wait),
    ];
    prop::collection::vec(step, 0..150)
}

proptest! {
    /// Under any order of calls, reports and cancellations a choice is a candidate, loads are
    /// those of the tickets that are out, and every breaker is in one state.
    #[test]
    fn tickets_and_counts_agree(steps in steps(), strategy in 0..3usize) {
        let strategy = [BalanceStrategy::Weights, BalanceStrategy::Latency, BalanceStrategy::Busy][strategy];
        let (table, mut now) = (table(), Instant::now());
        let models = ["a", "b", "c"];
        let mut under_way: Vec<Chosen> = Vec::new();
        for step in steps {
            match step {
                Step::Choose(draw) => {
                    let rules = Rules { strategy, breaker: Some(&BREAKER), draw };
                    let chosen = choose(&table, &models, rules, now);
                    prop_assert!(chosen.index < models.len());
                    under_way.push(chosen);
                }
                Step::Report(at, ok) if !under_way.is_empty() => {
                    let at = at % under_way.len();
                    let outcome = if ok { Outcome::Answered } else { Outcome::Failed };
                    under_way[at].ticket.report(outcome, now);
                    under_way[at].ticket.first_byte(Duration::from_millis(draw_ms(at)), now);
                }
                Step::Drop(at) if !under_way.is_empty() => {
                    let at = at % under_way.len();
                    drop(under_way.swap_remove(at));
                }
                Step::Wait(more) => now += seconds(more),
                Step::Report(..) | Step::Drop(_) => {}
            }
            for (index, model) in models.iter().enumerate() {
                let calls = under_way.iter().filter(|chosen| chosen.index == index).count();
                prop_assert_eq!(table.state(key(model), now).under_way() as usize, calls);
            }
            prop_assert_eq!(breakers(&table.metrics).iter().sum::<i64>(), 3);
        }
    }
}

fn draw_ms(at: usize) -> u64 {
    10 + at as u64 % 400
}

/// Many threads ask at once after the cooldown: one of them probes.
#[test]
fn of_many_threads_one_probes() {
    let (table, now) = (table(), Instant::now());
    for _ in 0..50 {
        let model = "m";
        fail(&table, model, now);
        fail(&table, model, now);
        let later = now + seconds(10);
        let tickets: Vec<_> = std::thread::scope(|scope| {
            let ask = || table.enter(key(model), Some(&BREAKER), later).ok();
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(ask)).collect();
            threads.into_iter().filter_map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(tickets.len(), 1);
        for mut ticket in tickets {
            ticket.report(Outcome::Answered, later);
        }
    }
}
