//! Pieces of time, and the span that a filter leaves of it.

use weir_core::Timestamp;
use weir_core::analytics::Bucket;

/// Milliseconds of a piece.
pub(super) const fn length(bucket: Bucket) -> i64 {
    bucket.minutes() * 60_000
}

/// The beginning of the piece that `at` lies in.
pub(super) fn floor(at: Timestamp, length: i64) -> Timestamp {
    Timestamp::from_millis(at.as_millis().div_euclid(length).saturating_mul(length))
}

/// As queries write moments: to the second.
pub(super) fn second(at: Timestamp) -> String {
    let text = at.to_string();
    text.get(..19).map_or(text.clone(), |start| format!("{start}Z"))
}

/// The day.
pub(super) fn date(at: Timestamp) -> String {
    let text = at.to_string();
    text.get(..10).map_or(text.clone(), str::to_owned)
}

/// A moment, or the beginning of a day.
pub(super) fn parse(text: &str) -> Option<Timestamp> {
    Timestamp::parse(text).or_else(|| Timestamp::parse(&format!("{text}T00:00:00Z")))
}

/// From the first moment to the last, both inside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) from: Option<Timestamp>,
    pub(super) to: Option<Timestamp>,
}

/// How a moment is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Eq,
    Geq,
    Gt,
    Leq,
    Lt,
}

impl Span {
    /// Leaves what begins in a piece of time, of so many milliseconds, whose beginning compares
    /// with `at` as asked.
    pub(super) fn narrow(&mut self, comparison: Comparison, at: Timestamp, length: i64) {
        let at = at.as_millis();
        let below = at.div_euclid(length).saturating_mul(length);
        // The first beginning of a piece that is not before the moment.
        let above = if below == at { at } else { below.saturating_add(length) };
        let next = below.saturating_add(length);
        match comparison {
            Comparison::Geq => self.not_before(above),
            Comparison::Gt => self.not_before(next),
            Comparison::Leq => self.not_after(next - 1),
            Comparison::Lt => self.not_after(above.saturating_sub(1)),
            Comparison::Eq => {
                self.not_before(above);
                self.not_after(next - 1);
            }
        }
    }

    fn not_before(&mut self, millis: i64) {
        let at = Timestamp::from_millis(millis);
        self.from = Some(self.from.map_or(at, |from| from.max(at)));
    }

    fn not_after(&mut self, millis: i64) {
        let at = Timestamp::from_millis(millis);
        self.to = Some(self.to.map_or(at, |to| to.min(at)));
    }

    /// Whether nothing is left.
    pub(super) fn is_empty(&self) -> bool {
        matches!((self.from, self.to), (Some(from), Some(to)) if from > to)
    }

    /// Whether the minute of a moment is inside.
    pub(super) fn holds(&self, at: Timestamp) -> bool {
        let minute = |at| floor(at, 60_000);
        !self.is_empty()
            && self.from.is_none_or(|from| minute(from) <= minute(at))
            && self.to.is_none_or(|to| minute(at) <= minute(to))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By definition: a moment is left when the beginning of its piece compares as asked.
    #[test]
    fn what_is_left_is_what_the_comparison_says() {
        use Comparison::{Eq, Geq, Gt, Leq, Lt};
        for length in [1, 5] {
            for at in 0..20 {
                for comparison in [Eq, Geq, Gt, Leq, Lt] {
                    let mut span = Span::default();
                    span.narrow(comparison, Timestamp::from_millis(at), length);
                    for moment in -5..30_i64 {
                        let start = moment.div_euclid(length) * length;
                        let expected = match comparison {
                            Eq => start == at,
                            Geq => start >= at,
                            Gt => start > at,
                            Leq => start <= at,
                            Lt => start < at,
                        };
                        let moment = Timestamp::from_millis(moment);
                        let left = span.from.is_none_or(|from| from <= moment)
                            && span.to.is_none_or(|to| moment <= to);
                        assert_eq!(left, expected, "{comparison:?} {at} {length} {moment:?}");
                    }
                }
            }
        }
    }
}
