//! Which bucket, and where its spans begin and end.

use weir_core::AccountId;
use weir_core::ledger::{Claim, Measure, Span, credit_key};
use weir_core::policy::Period;
use weir_core::route::Technique;

use crate::memory::time::{millis, timestamp};

/// Longest window, in seconds: all of time, with room for the rest of the code.
const LONGEST: u64 = 1 << 50;

const FIXED: u64 = 0;
const SLIDING: u64 = 1;
const CALENDAR: u64 = 2;
const FOREVER: u64 = 3;
/// Set for [`Measure::Elapsed`].
const ELAPSED: u64 = 4;
/// Bits of the above.
const BITS: u32 = 3;

/// Parts that the table of buckets has. As many as a `u64` has bits.
pub(super) const SHARDS: u8 = 64;

/// The part that a key belongs to.
pub(super) fn place(key: &[u8; 16]) -> usize {
    usize::from(key[0] % SHARDS)
}

/// Names a bucket: what the claim's key names, over one span and in one measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Slot {
    pub(crate) key: [u8; 16],
    /// Span and measure in one number, as it is stored, too.
    pub(crate) code: u64,
}

/// Over what time a bucket is spent, lengths in milliseconds above zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Length {
    Fixed(u64),
    Sliding(u64),
    Calendar(Period),
    Forever,
}

impl Slot {
    /// The bucket of a claim. Time that passed cannot slide: such a window is a fixed one.
    pub(crate) fn of(claim: &Claim) -> Self {
        let elapsed = claim.measure == Measure::Elapsed;
        let (kind, rest) = match claim.span {
            Span::Window(window) => {
                let slides = window.technique == Technique::Sliding && !elapsed;
                (if slides { SLIDING } else { FIXED }, window.seconds.min(LONGEST))
            }
            Span::Calendar(period) => {
                let place = Period::NAMES.iter().position(|(_, known)| *known == period);
                (CALENDAR, place.unwrap_or_default() as u64)
            }
            Span::Forever => (FOREVER, 0),
        };
        let measure = if elapsed { ELAPSED } else { 0 };
        Self { key: claim.key.0, code: rest << BITS | measure | kind }
    }

    /// The bucket of an account's credits.
    pub(crate) fn of_credits(account: &AccountId) -> Self {
        Self { key: credit_key(account).0, code: FOREVER }
    }

    /// The one that keys share which have none of their own. Apart from them all: theirs are hashes.
    pub(super) fn shared(self, limit: u64) -> Self {
        let mut key = [0; 16];
        // In the same part.
        key[0] = self.key[0] % SHARDS;
        key[8..].copy_from_slice(&limit.to_le_bytes());
        Self { key, code: self.code }
    }

    pub(super) const fn is_elapsed(self) -> bool {
        self.code & ELAPSED != 0
    }

    pub(super) fn length(self) -> Length {
        let rest = self.code >> BITS;
        let window = rest.saturating_mul(1000).max(1);
        match self.code & (ELAPSED - 1) {
            FIXED => Length::Fixed(window),
            SLIDING => Length::Sliding(window),
            CALENDAR => {
                let place = usize::try_from(rest).unwrap_or(usize::MAX);
                let known = Period::NAMES.get(place);
                // A stored number that no version has written counts as the longest period.
                Length::Calendar(known.map_or(Period::Monthly, |(_, period)| *period))
            }
            _ => Length::Forever,
        }
    }

    /// Beginning and end of the span that holds a moment; the end belongs to the next one.
    pub(super) fn around(self, now: u64) -> (u64, u64) {
        match self.length() {
            Length::Fixed(length) | Length::Sliding(length) => {
                let start = now - now % length;
                (start, start.saturating_add(length))
            }
            Length::Calendar(period) => {
                let (start, end) = period.around(timestamp(now));
                (millis(start), millis(end))
            }
            Length::Forever => (0, u64::MAX),
        }
    }
}
