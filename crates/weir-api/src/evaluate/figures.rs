//! From sums to the one number of an evaluator (spec: observability 6.1). A row counts once in each
//! dataset it is in; rows without what is measured are left out.

use weir_core::Cost;
use weir_core::store::LogSummary;

use crate::v4::evaluation_types::Evaluator;

/// What an evaluator found.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Figure {
    /// A decimal number; empty when no row has what is measured, because unknown is not zero.
    pub(super) text: String,
    /// Rows that have it.
    pub(super) rows: u64,
    /// Why there is no number.
    pub(super) remark: &'static str,
}

impl Figure {
    pub(super) fn of(evaluator: Evaluator, sums: &[LogSummary]) -> Self {
        let add = |part: fn(&LogSummary) -> u64| sums.iter().map(part).sum::<u64>();
        match evaluator {
            Evaluator::Cost => {
                let cost: Cost = sums.iter().map(|sums| sums.cost_sum).sum();
                let pico = u128::try_from(cost.pico()).unwrap_or(0);
                let rows = add(|sums| sums.cost_rows);
                Self::mean(pico, 12, rows, "no log of these datasets has a known cost")
            }
            Evaluator::Speed => {
                let millis = u128::from(add(|sums| sums.duration_sum));
                let rows = add(|sums| sums.rows);
                Self::mean(millis * 1000, 3, rows, "these datasets have no logs")
            }
            Evaluator::HumanFeedback => {
                let good = add(|sums| sums.positive);
                let rows = good + add(|sums| sums.negative);
                let share = u128::from(good) * 10_000;
                Self::mean(share, 2, rows, "no log of these datasets has feedback")
            }
        }
    }

    /// `sum / rows`, where `sum` counts units of ten to the power of `-places`.
    fn mean(sum: u128, places: u32, rows: u64, none: &'static str) -> Self {
        let count = u128::from(rows);
        if count == 0 {
            return Self { text: String::new(), rows: 0, remark: none };
        }
        let rounded = (sum + count / 2) / count;
        let unit = 10_u128.pow(places);
        let (whole, part) = (rounded / unit, rounded % unit);
        let text = format!("{whole}.{part:0width$}", width = places as usize);
        let text = text.trim_end_matches('0').trim_end_matches('.').to_owned();
        Self { text, rows, remark: "" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(evaluator: Evaluator, sums: &[LogSummary]) -> (String, u64) {
        let figure = Figure::of(evaluator, sums);
        assert_eq!(figure.text.is_empty(), !figure.remark.is_empty());
        (figure.text, figure.rows)
    }

    #[test]
    fn means_weigh_rows_not_datasets() {
        let one = LogSummary {
            rows: 3,
            cost_sum: Cost::from_pico(3),
            cost_rows: 2,
            duration_sum: 1000,
            positive: 1,
            ..LogSummary::default()
        };
        let other = LogSummary { rows: 1, duration_sum: 1, negative: 2, ..LogSummary::default() };
        let sums = [one, other];
        assert_eq!(figure(Evaluator::Cost, &sums), ("0.000000000002".into(), 2));
        assert_eq!(figure(Evaluator::Speed, &sums), ("250.25".into(), 4));
        assert_eq!(figure(Evaluator::HumanFeedback, &sums), ("33.33".into(), 3));
    }

    #[test]
    fn nothing_measured_is_no_number() {
        for evaluator in [Evaluator::Cost, Evaluator::Speed, Evaluator::HumanFeedback] {
            assert_eq!(figure(evaluator, &[]), (String::new(), 0));
        }
        let free = LogSummary { rows: 1, cost_rows: 1, ..LogSummary::default() };
        assert_eq!(figure(Evaluator::Cost, &[free]), ("0".into(), 1));
    }
}
