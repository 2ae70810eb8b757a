//! When a call is tried again, and after what wait (spec: data-plane 7.2, 7.3).

use std::time::Duration;

use weir_core::gateway::GatewaySettings;

/// Most tries of a call, the first included.
const MOST: u64 = 5;
/// Longest wait that a caller may ask for.
const LONGEST_ASKED: u64 = 5_000;
/// Wait between tries when nobody names one.
const DEFAULT_DELAY: u64 = 1_000;
/// No wait is longer, however it was computed.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// A provider's own word on when to come again is followed up to this.
const LONGEST_NAMED: Duration = Duration::from_secs(5);

/// How often a call is tried, and how long it waits in between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RetryPlan {
    /// Tries, the first included; at least 1.
    pub(crate) attempts: u32,
    pub(crate) delay: Duration,
    pub(crate) backoff: Backoff,
    /// The last of several tries waits for its answer without the caller's deadline.
    pub(crate) last_waits: bool,
}

/// How waits grow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Backoff {
    #[default]
    Constant,
    Linear,
    Exponential,
}

impl Backoff {
    pub(super) fn parse(text: &str) -> Option<Self> {
        match text.trim().to_ascii_lowercase().as_str() {
            "constant" => Some(Self::Constant),
            "linear" => Some(Self::Linear),
            "exponential" => Some(Self::Exponential),
            _ => None,
        }
    }
}

impl Default for RetryPlan {
    fn default() -> Self {
        Self {
            attempts: 1,
            delay: Duration::from_millis(DEFAULT_DELAY),
            backoff: Backoff::Constant,
            last_waits: true,
        }
    }
}

impl RetryPlan {
    /// What headers say, else the gateway. Only the number of tries turns retries on.
    pub(super) fn read(
        attempts: Option<u64>,
        delay_ms: Option<u64>,
        backoff: Option<&str>,
        gateway: &GatewaySettings,
    ) -> Self {
        let attempts = attempts.or(gateway.retry_max_attempts.map(u64::from)).unwrap_or(1);
        let asked = delay_ms.map(|ms| ms.min(LONGEST_ASKED));
        let delay = asked.or(gateway.retry_delay).unwrap_or(DEFAULT_DELAY);
        let backoff = backoff
            .and_then(Backoff::parse)
            .or_else(|| gateway.retry_backoff.as_deref().and_then(Backoff::parse));
        Self {
            attempts: u32::try_from(attempts.clamp(1, MOST)).unwrap_or(1),
            delay: Duration::from_millis(delay),
            backoff: backoff.unwrap_or_default(),
            last_waits: true,
        }
    }

    /// The longest that all tries take together until an answer begins, where a hurried one may take
    /// `hurried` and any other `patient`.
    pub(crate) fn longest(&self, hurried: Option<Duration>, patient: Duration) -> Duration {
        let tries = (1..=self.attempts).map(|n| {
            let is_last = n == self.attempts;
            let waits = is_last && n > 1 && self.last_waits;
            let pause = if is_last { Duration::ZERO } else { self.wait(n, Some(LONGEST_NAMED)) };
            hurried.filter(|_| !waits).unwrap_or(patient).saturating_add(pause)
        });
        tries.fold(Duration::ZERO, Duration::saturating_add)
    }

    /// The wait before retry `n`, from 1. `named` is the provider's own word.
    pub(crate) fn wait(&self, n: u32, named: Option<Duration>) -> Duration {
        let factor = match self.backoff {
            Backoff::Constant => 1,
            Backoff::Linear => n,
            Backoff::Exponential => 1_u32.checked_shl(n.saturating_sub(1)).unwrap_or(u32::MAX),
        };
        let computed = self.delay.saturating_mul(factor).min(LONGEST_WAIT);
        computed.max(named.map_or(Duration::ZERO, |named| named.min(LONGEST_NAMED)))
    }
}

/// Whether an answer of that status is worth another try.
pub(crate) const fn is_passing(status: u16) -> bool {
    matches!(status, 408 | 425 | 429 | 500..=599)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(attempts: u64, delay: u64, backoff: &str) -> RetryPlan {
        let gateway = GatewaySettings::default();
        RetryPlan::read(Some(attempts), Some(delay), Some(backoff), &gateway)
    }

    fn waits(plan: &RetryPlan) -> Vec<u128> {
        (1..=4).map(|n| plan.wait(n, None).as_millis()).collect()
    }

    #[test]
    fn waits_grow_as_asked() {
        assert_eq!(waits(&plan(5, 100, "constant")), [100, 100, 100, 100]);
        assert_eq!(waits(&plan(5, 100, "Linear")), [100, 200, 300, 400]);
        assert_eq!(waits(&plan(5, 100, "exponential")), [100, 200, 400, 800]);
        assert_eq!(waits(&plan(5, 9_999, "exponential")), [5_000, 10_000, 20_000, 30_000]);
        assert_eq!(waits(&plan(5, 7, "sometimes")), [7, 7, 7, 7]);
    }

    #[test]
    fn all_tries_together_take_as_long_as_each_and_the_waits() {
        let (hurried, patient) = (Some(Duration::from_secs(2)), Duration::from_secs(60));
        let longest = |attempts, hurried| {
            plan(attempts, 1_000, "constant").longest(hurried, patient).as_secs()
        };
        assert_eq!((longest(1, hurried), longest(1, None)), (2, 60));
        // A provider may name waits of up to 5 s; the last try is not hurried.
        assert_eq!((longest(3, hurried), longest(2, None)), (2 + 5 + 2 + 5 + 60, 60 + 5 + 60));
    }

    #[test]
    fn the_provider_s_word_counts_when_it_is_longer_up_to_five_seconds() {
        let plan = plan(3, 1_000, "constant");
        let named = |seconds| plan.wait(1, Some(Duration::from_secs(seconds))).as_secs();
        assert_eq!((named(0), named(1), named(3), named(60)), (1, 1, 3, 5));
    }

    #[test]
    fn the_number_of_tries_is_bounded_and_only_it_turns_retries_on() {
        assert_eq!(plan(0, 1, "constant").attempts, 1);
        assert_eq!(plan(99, 1, "constant").attempts, 5);
        let mut gateway = GatewaySettings { retry_delay: Some(60_000), ..Default::default() };
        assert_eq!(RetryPlan::read(None, None, None, &gateway).attempts, 1);
        gateway.retry_max_attempts = Some(3);
        gateway.retry_backoff = Some("linear".to_owned());
        let read = RetryPlan::read(None, None, None, &gateway);
        assert_eq!((read.attempts, read.delay.as_secs(), read.backoff), (3, 60, Backoff::Linear));
        assert_eq!(RetryPlan::read(Some(1), None, None, &gateway).attempts, 1);
    }
}
