//! The learned time to first byte of one target, in fixed space.
//!
//! A histogram whose older samples fade gives the percentile, a smoothed mean follows quickly. Both
//! need some samples before they say anything.

use std::time::{Duration, Instant};

/// Upper bound of the first bucket, in milliseconds.
const FIRST_MS: f64 = 1.0;
/// Buckets to a doubling: each is 19 % wider than the one before, which is the error of `p95`.
const STEPS: f64 = 4.0;
/// The last bucket begins at about twelve minutes, beyond any patience.
const BUCKETS: usize = 80;
/// What remains of the weight of older samples after each new one: about the last 200 count.
const KEEP: f32 = 0.995;
/// Weights below this are nothing; numbers that keep shrinking become slow to reckon with.
const GONE: f32 = 1e-6;
/// The least part of the mean that a new sample makes up.
const BLEND: f64 = 0.1;
/// After a pause, what was known before weighs less by a factor of e for each of these.
const FORGET: Duration = Duration::from_secs(60);

/// How long a target took to its first byte, lately.
#[derive(Debug)]
pub(crate) struct Latency {
    weights: [f32; BUCKETS],
    /// Milliseconds.
    mean: f64,
    samples: u32,
    latest: Option<Instant>,
}

impl Default for Latency {
    fn default() -> Self {
        Self { weights: [0.0; BUCKETS], mean: 0.0, samples: 0, latest: None }
    }
}

impl Latency {
    /// Samples before there is a mean.
    pub(crate) const LEAST_FOR_MEAN: u32 = 5;
    /// Samples before there is a percentile: fewer have no twentieth.
    pub(crate) const LEAST_FOR_P95: u32 = 20;

    /// Learns one time.
    pub(crate) fn record(&mut self, took: Duration, now: Instant) {
        let took = took.as_secs_f64() * 1000.0;
        for weight in &mut self.weights {
            *weight = if *weight < GONE { 0.0 } else { *weight * KEEP };
        }
        if let Some(weight) = self.weights.get_mut(bucket(took)) {
            *weight += 1.0;
        }
        self.mean = match self.latest {
            None => took,
            Some(latest) => {
                let pause = now.saturating_duration_since(latest).as_secs_f64();
                let news = 1.0 - (-pause / FORGET.as_secs_f64()).exp();
                self.mean + (took - self.mean) * news.max(BLEND)
            }
        };
        self.samples = self.samples.saturating_add(1);
        self.latest = Some(now);
    }

    /// The smoothed mean.
    pub(crate) fn mean(&self) -> Option<Duration> {
        (self.samples >= Self::LEAST_FOR_MEAN).then(|| millis(self.mean))
    }

    /// What 95 of 100 calls needed at most, to the upper bound of its bucket.
    pub(crate) fn p95(&self) -> Option<Duration> {
        if self.samples < Self::LEAST_FOR_P95 {
            return None;
        }
        let share = self.weights.iter().sum::<f32>() * 0.95;
        let mut below = 0.0;
        let full = self.weights.iter().position(|weight| {
            below += weight;
            below >= share
        });
        Some(millis(upper_bound(full.unwrap_or(BUCKETS - 1))))
    }
}

/// The bucket of a time in milliseconds.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float becomes the nearest whole number in range, and that is meant"
)]
fn bucket(took: f64) -> usize {
    ((took / FIRST_MS).log2() * STEPS).ceil().clamp(0.0, (BUCKETS - 1) as f64) as usize
}

/// The most that goes into a bucket, in milliseconds.
fn upper_bound(bucket: usize) -> f64 {
    FIRST_MS * (bucket as f64 / STEPS).exp2()
}

fn millis(figure: f64) -> Duration {
    Duration::try_from_secs_f64(figure / 1000.0).unwrap_or_default()
}

#[cfg(test)]
mod tests;
