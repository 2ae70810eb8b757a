//! Cutting time into the pieces that roll-ups are kept for.

/// Minutes from `from` up to before `to`, as pieces of the largest spans that fit: whole days,
/// whole hours before and after them, minutes at the ragged ends. `spans` rises; each divides the
/// next. Gives span, first minute, and the minute after the last, in order of time.
pub(super) fn cut(from: i64, to: i64, spans: &[i64]) -> Vec<(i64, i64, i64)> {
    let Some((span, finer)) = spans.split_last() else { return Vec::new() };
    if from >= to {
        return Vec::new();
    }
    let end = to.div_euclid(*span).saturating_mul(*span);
    // Rounded up.
    let start = -(-from).div_euclid(*span).saturating_mul(*span);
    if start >= end {
        return cut(from, to, finer);
    }
    let mut pieces = cut(from, start, finer);
    pieces.push((*span, start, end));
    pieces.extend(cut(end, to, finer));
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_days_are_taken_as_days_and_ends_as_minutes() {
        let spans = [1, 60, 1440];
        assert_eq!(cut(0, 1440, &spans), [(1440, 0, 1440)]);
        assert_eq!(
            cut(1430, 3000, &spans),
            [(1, 1430, 1440), (1440, 1440, 2880), (60, 2880, 3000)]
        );
        assert_eq!(cut(-61, 1, &spans), [(1, -61, -60), (60, -60, 0), (1, 0, 1)]);
        assert_eq!(cut(10, 20, &spans), [(1, 10, 20)]);
        assert_eq!(cut(20, 10, &spans), []);
        assert_eq!(cut(0, 2880, &[1]), [(1, 0, 2880)]);
    }

    #[test]
    fn pieces_cover_every_minute_once() {
        for (from, to) in [(-3000, 5000), (7, 9), (59, 61), (1439, 2881), (0, 0)] {
            let mut next = from;
            for (span, start, end) in cut(from, to, &[1, 60, 1440]) {
                assert_eq!(start, next);
                assert_eq!((start.rem_euclid(span), end.rem_euclid(span)), (0, 0));
                next = end;
            }
            assert_eq!(next, to);
        }
    }
}
