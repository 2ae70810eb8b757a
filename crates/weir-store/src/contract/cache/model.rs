//! A cache held against a map of what was put last.

use std::collections::HashMap;

use weir_core::Timestamp;
use weir_core::cache::{CacheSize, CachedAnswer, ResponseCache};

use super::{cache_key, cached_answer, now};

/// Something to do to a cache.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    /// Put an answer of so many hundredths of the budget, for so many seconds.
    Put { key: u32, share: u32, ttl: u32 },
    /// Ask for one.
    Get { key: u32 },
    /// Remove one.
    Remove { key: u32 },
    /// Let seconds pass.
    Wait { seconds: u32 },
}

/// Does the steps and panics at the first answer that is not the last one put, or has expired, or
/// is missing although everything there is would fit.
pub(crate) async fn hold(cache: &dyn ResponseCache, steps: &[Step]) {
    let start = now().as_millis();
    let budget = cache.size().budget;
    let mut known: HashMap<u32, CachedAnswer> = HashMap::new();
    let mut millis = 0;
    // Whether it ever had to give something up.
    let mut full = false;
    for (turn, step) in (0_u32..).zip(steps) {
        let now = Timestamp::from_millis(start + millis);
        match *step {
            Step::Put { key, share, ttl } => {
                let length = usize::try_from(budget / 100 * u64::from(share)).expect("small");
                let ttl = i64::from(ttl) * 1000;
                let answer = cached_answer(turn, length, now.as_millis(), ttl);
                cache.put(cache_key(key), answer.clone());
                known.insert(key, answer);
            }
            Step::Get { key } => {
                let found = cache.get(&cache_key(key), now).await;
                let wanted = known.get(&key).filter(|answer| now < answer.expires_at);
                match (found.as_deref(), wanted) {
                    (None, Some(_)) => assert!(full, "missing, step {turn}"),
                    (found, wanted) => assert_eq!(found, wanted, "step {turn}"),
                }
            }
            Step::Remove { key } => {
                cache.remove(&cache_key(key));
                known.remove(&key);
            }
            Step::Wait { seconds: more } => millis += i64::from(more) * 1000,
        }
        full |= known.values().map(|answer| answer.weight() as u64).sum::<u64>() > budget;
        let CacheSize { entries, bytes, .. } = cache.size();
        assert!(bytes <= budget, "{bytes} bytes, step {turn}");
        assert!(entries <= known.len() as u64, "{entries} entries, step {turn}");
    }
}
