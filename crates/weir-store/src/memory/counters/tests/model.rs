//! Random stories, told to the counters and to the plainest model there is: a list of everything
//! that was taken.

use proptest::prelude::*;

use super::*;

/// A step of a story.
#[derive(Clone, Debug)]
enum Step {
    /// Time goes on by so many milliseconds.
    Wait(u16),
    /// An amount is asked for, by a clock that is so many milliseconds behind.
    Draw { amount: u8, behind: u8 },
    /// The draw so many before the last one that was taken is corrected.
    Correct { back: u8, difference: i8 },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => prop_oneof![0..3u16, 0..400u16, 900..2100u16].prop_map(Step::Wait),
        8 => (prop_oneof![Just(1u8), 0..6u8], prop_oneof![4 => Just(0u8), 1 => 0..50u8])
            .prop_map(|(amount, behind)| Step::Draw { amount, behind }),
        1 => (0..4u8, -6..6i8).prop_map(|(back, difference)| Step::Correct { back, difference }),
    ]
}

/// Everything that was taken: when by the counter's clock, and how much.
struct Model {
    taken: Vec<(i64, i64)>,
    technique: Technique,
    millis: i64,
}

impl Model {
    fn counts(&self, at: i64, now: i64) -> bool {
        match self.technique {
            Technique::Fixed => at / self.millis == now / self.millis,
            Technique::Sliding => at + self.millis > now,
        }
    }

    fn used(&self, now: i64) -> i64 {
        self.taken.iter().filter(|(at, _)| self.counts(*at, now)).map(|(_, amount)| amount).sum()
    }
}

fn told(technique: Technique, limit: u64, steps: &[Step]) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let counters = MemoryCounters::default();
        let base = counting(7, 1, technique, limit);
        let mut model = Model { taken: Vec::new(), technique, millis: 1000 };
        // The present, and the latest moment that the counter was told of.
        let (mut now, mut seen) = (1_000_000_i64, 0);
        // Without corrections the bound holds, whatever else happens.
        let mut corrected_up = false;
        for step in steps {
            match *step {
                Step::Wait(millis) => now += i64::from(millis),
                Step::Draw { amount, behind } => {
                    // The counter's own clock never goes back.
                    let asked = now - i64::from(behind);
                    seen = seen.max(asked);
                    let own = match technique {
                        Technique::Sliding => seen,
                        Technique::Fixed => asked.max(seen / 1000 * 1000),
                    };
                    let before = model.used(own);
                    let room = before + i64::from(amount) <= limit as i64;
                    let draw = Draw { amount: u64::from(amount), ..base };
                    match counters.draw(&draw, Timestamp::from_millis(asked)).await {
                        Drawn::Taken(level) => {
                            assert!(room, "{before} and {amount} of {limit}");
                            assert_eq!(level.used as i64, before + i64::from(amount));
                            model.taken.push((own, i64::from(amount)));
                        }
                        Drawn::Full(level) => {
                            assert!(!room, "{before} and {amount} of {limit}");
                            assert_eq!(level.used as i64, before, "a refusal changes nothing");
                        }
                    }
                }
                Step::Correct { back, difference } => {
                    let Some(place) = model.taken.len().checked_sub(1 + usize::from(back)) else {
                        continue;
                    };
                    let at = model.taken[place].0;
                    let same = |taken: &(i64, i64)| taken.0 == at;
                    let sum: i64 = model.taken.iter().filter(|t| same(t)).map(|t| t.1).sum();
                    // Nobody gives back more than there is.
                    let difference = i64::from(difference).max(-sum);
                    seen = seen.max(now);
                    counters
                        .correct(
                            &base,
                            difference,
                            Timestamp::from_millis(at),
                            Timestamp::from_millis(now),
                        )
                        .await;
                    if model.counts(at, seen) {
                        model.taken[place].1 += difference;
                        corrected_up |= difference > 0;
                    }
                }
            }
        }
        if !corrected_up {
            // In every stretch of time that begins with a use.
            for (from, _) in &model.taken {
                let until = from + model.millis;
                let begins = |at: &i64| match technique {
                    Technique::Sliding => (*from..until).contains(at),
                    Technique::Fixed => at / 1000 == from / 1000,
                };
                let sum: i64 = model.taken.iter().filter(|t| begins(&t.0)).map(|t| t.1).sum();
                assert!(sum <= limit as i64, "{sum} of {limit} from {from}");
            }
        }
    });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn fixed_windows_do_what_the_list_does(
        limit in 1..30u64, steps in proptest::collection::vec(step(), 1..120),
    ) {
        told(Technique::Fixed, limit, &steps);
    }

    #[test]
    fn sliding_windows_do_what_the_list_does(
        limit in 1..30u64, steps in proptest::collection::vec(step(), 1..120),
    ) {
        told(Technique::Sliding, limit, &steps);
    }

    /// The approximation never lets more pass than its formula says, and never more than the limit
    /// into one aligned window.
    #[test]
    fn buckets_follow_their_formula(
        draws in proptest::collection::vec((0..1500u64, 1..40_000u64), 1..60),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let counters = MemoryCounters::default();
            let limit = 50_000;
            let (mut now, mut taken) = (1_000_000, Vec::<(u64, u64)>::new());
            for (wait, amount) in draws {
                now += wait;
                let draw = Draw { amount, ..counting(7, 1, Technique::Sliding, limit) };
                let in_window = |index: u64| -> u64 {
                    taken.iter().filter(|t| t.0 / 1000 == index).map(|t| t.1).sum()
                };
                let previous = in_window(now / 1000 - 1) as f64;
                let used = previous * (1.0 - (now % 1000) as f64 / 1000.0)
                    + in_window(now / 1000) as f64;
                let room = used.ceil() as u64 + amount <= limit;
                let drawn = counters.draw(&draw, Timestamp::from_millis(now as i64)).await;
                assert_eq!(matches!(drawn, Drawn::Taken(_)), room, "{used} and {amount}");
                if room {
                    taken.push((now, amount));
                } else if let Drawn::Full(level) = drawn {
                    // Not before the moment that is named. Another one of the same past is asked,
                    // because what it is asked takes it there.
                    let again = MemoryCounters::default();
                    for (at, amount) in &taken {
                        let draw = Draw { amount: *amount, ..draw };
                        again.draw(&draw, Timestamp::from_millis(*at as i64)).await;
                    }
                    let early = Timestamp::from_millis(level.resets_at.as_millis() - 1);
                    assert!(early.as_millis() >= now as i64);
                    assert!(matches!(again.draw(&draw, early).await, Drawn::Full(_)));
                    assert!(matches!(again.draw(&draw, level.resets_at).await, Drawn::Taken(_)));
                }
            }
        });
    }
}
