//! When to call again, and how long to wait before.

use std::time::Duration;

/// Longest wait before another try, whatever the other side asks for.
const LONGEST: Duration = Duration::from_secs(60);

/// What an outcome says about another try.
#[derive(Debug, PartialEq)]
pub(super) enum Again {
    /// It would come to the same.
    Never,
    /// It may help, after this time if the other side named one.
    Later(Option<Duration>),
}

impl Again {
    /// Too many calls, and failures of the other side, may pass.
    pub(super) fn after_status(status: u16, retry_after: Option<Duration>) -> Self {
        match status {
            429 | 500..=599 => Self::Later(retry_after),
            _ => Self::Never,
        }
    }
}

/// How long to wait after the `tries`-th try: half a second, doubled each time.
pub(super) fn pause(tries: u32, wanted: Option<Duration>) -> Duration {
    let own = Duration::from_millis(500).saturating_mul(1 << tries.saturating_sub(1).min(10));
    wanted.unwrap_or(own).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_end() {
        let second = Duration::from_secs(1);
        assert_eq!(pause(1, None), second / 2);
        assert_eq!(pause(2, None), second);
        assert_eq!(pause(40, None), LONGEST);
        assert_eq!(pause(1, Some(second * 7)), second * 7);
        assert_eq!(pause(1, Some(second * 100_000)), LONGEST);
    }

    #[test]
    fn refusals_are_final() {
        let wait = Some(Duration::from_secs(3));
        assert_eq!(Again::after_status(429, wait), Again::Later(wait));
        assert_eq!(Again::after_status(503, None), Again::Later(None));
        for status in [200, 400, 401, 403, 404] {
            assert_eq!(Again::after_status(status, wait), Again::Never, "{status}");
        }
    }
}
