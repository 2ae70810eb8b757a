//! Draws by chance. One source for the whole data plane, so that a seed makes a run repeatable.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

/// A source of numbers, each equally likely (SplitMix64).
#[derive(Debug)]
pub(crate) struct Chance(AtomicU64);

impl Chance {
    /// Starts at a seed, or anywhere.
    pub(crate) fn new(seed: Option<u64>) -> Self {
        // The standard library's own keys are drawn from the system.
        Self(AtomicU64::new(seed.unwrap_or_else(|| RandomState::new().hash_one(0))))
    }

    /// A number below `n`, or 0 for none.
    pub(crate) fn below(&self, n: u32) -> u32 {
        const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
        let mut z = self.0.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
        // The upper half, scaled: without the bias of a remainder at the low end.
        u32::try_from(((z >> 32) * u64::from(n)) >> 32).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_has_its_chance() {
        let chance = Chance::new(Some(7));
        let mut counts = [0_u32; 5];
        for _ in 0..50_000 {
            counts[chance.below(5) as usize] += 1;
        }
        assert!(counts.iter().all(|count| (9_500..10_500).contains(count)), "{counts:?}");
        assert_eq!(chance.below(0), 0);
    }

    #[test]
    fn a_seed_makes_it_repeatable() {
        let draws = |seed| {
            let chance = Chance::new(Some(seed));
            (0..8).map(|_| chance.below(1_000_000)).collect::<Vec<u32>>()
        };
        assert_eq!(draws(1), draws(1));
        assert_ne!(draws(1), draws(2));
    }
}
