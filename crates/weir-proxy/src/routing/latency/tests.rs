use proptest::prelude::*;

use super::*;

fn ms(figure: u64) -> Duration {
    Duration::from_millis(figure)
}

/// Samples a tenth of a second apart.
fn learned(samples: impl IntoIterator<Item = u64>) -> Latency {
    let mut latency = Latency::default();
    let mut now = Instant::now();
    for sample in samples {
        now += ms(100);
        latency.record(ms(sample), now);
    }
    latency
}

/// `found` is `expected` or up to one bucket more.
#[track_caller]
fn near(found: Option<Duration>, expected: u64) {
    let found = found.unwrap().as_secs_f64() * 1000.0;
    let expected = expected as f64;
    assert!(found >= expected * 0.999 && found <= expected * 1.2, "{found} is not {expected}");
}

#[test]
fn fits_its_space() {
    assert!(size_of::<Latency>() <= 512);
}

#[test]
fn says_nothing_before_it_has_seen_enough() {
    assert_eq!(learned([]).mean(), None);
    assert_eq!(learned([7; 4]).mean(), None);
    near(learned([7; 5]).mean(), 7);
    assert_eq!(learned([7; 19]).p95(), None);
    near(learned([7; 20]).p95(), 7);
}

#[test]
fn the_percentile_is_that_of_the_samples() {
    let spread = |n: u64| 100 + (n * 37) % 100;
    near(learned((0..400).map(spread)).p95(), 195);
    // One in ten is slow, so 95 of 100 includes slow ones; one in fifty is beyond it.
    near(learned((0..400).map(|n| if n % 10 == 0 { 3000 } else { 50 })).p95(), 3000);
    near(learned((0..400).map(|n| if n % 50 == 0 { 3000 } else { 50 })).p95(), 50);
}

#[test]
fn what_is_past_fades() {
    let latency = learned([2000; 1000].into_iter().chain([100; 1000]));
    near(latency.p95(), 100);
    near(latency.mean(), 100);
    // A minute of silence, then news: the mean believes the news, mostly.
    let mut latency = learned([2000; 50]);
    latency.record(ms(100), latency.latest.unwrap() + Duration::from_secs(180));
    assert!(latency.mean().unwrap() < ms(250));
}

#[test]
fn extremes_stay_in_the_table() {
    near(learned([0; 30]).p95(), 1);
    let ages = learned([u64::from(u32::MAX); 30]).p95().unwrap();
    assert!(ages > Duration::from_secs(600));
}

proptest! {
    #[test]
    fn figures_lie_among_the_samples(samples in prop::collection::vec(1..600_000u64, 20..300)) {
        let (least, most) = (*samples.iter().min().unwrap(), *samples.iter().max().unwrap());
        let latency = learned(samples);
        let (mean, p95) = (latency.mean().unwrap(), latency.p95().unwrap());
        prop_assert!(mean.as_secs_f64() * 1000.0 >= least as f64 * 0.999);
        prop_assert!(mean.as_secs_f64() * 1000.0 <= most as f64 * 1.001);
        prop_assert!(p95 >= ms(least) && p95.as_secs_f64() * 1000.0 <= most as f64 * 1.2);
    }
}
