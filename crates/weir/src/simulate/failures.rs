//! Memory of the `fail=N` directive: the one thing an answer depends on beside its request.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Keys remembered at most. When full, all are forgotten: a simulator must not grow without end.
const CAPACITY: usize = 10_000;

/// How often each key has failed so far.
#[derive(Default)]
pub(super) struct Failures(Mutex<HashMap<String, u64>>);

impl Failures {
    /// Whether the next request of `key` is one of its first `limit`; counts it if so.
    pub(super) fn take(&self, key: &str, limit: u64) -> bool {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match counts.get_mut(key) {
            Some(count) if *count >= limit => false,
            Some(count) => {
                *count += 1;
                true
            }
            None if limit == 0 => false,
            None => {
                if counts.len() >= CAPACITY {
                    counts.clear();
                }
                counts.insert(key.to_owned(), 1);
                true
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_fails_its_number_of_times() {
        let failures = Failures::default();
        let taken = |key| (0..4).map(|_| failures.take(key, 2)).collect::<Vec<_>>();
        assert_eq!(taken("a"), [true, true, false, false]);
        assert_eq!(taken("b"), [true, true, false, false]);
        assert!(!failures.take("c", 0));
    }

    #[test]
    fn memory_is_bounded() {
        let failures = Failures::default();
        for key in 0..=CAPACITY {
            failures.take(&key.to_string(), 1);
        }
        assert!(failures.0.lock().unwrap().len() <= CAPACITY);
    }
}
