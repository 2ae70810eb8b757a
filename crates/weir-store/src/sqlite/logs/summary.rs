//! Figures over rows, added up one row at a time.

use weir_core::store::LogSummary;

use super::values::{Number, to_cost, to_float};

/// The figures so far.
#[derive(Default)]
pub(super) struct Summary {
    rows: u64,
    cost: Range,
    /// Wide, so that the order of the rows does not matter at the limits of [`weir_core::Cost`].
    cost_sum: i128,
    cost_rows: u64,
    duration: Range,
    duration_sum: u64,
    tokens_in: Range,
    tokens_out: Range,
    total_tokens: Range,
    positive: u64,
    negative: u64,
}

#[derive(Default)]
struct Range(Option<(i128, i128)>);

impl Range {
    fn add(&mut self, value: Option<i128>) {
        let Some(value) = value else { return };
        let (least, most) = self.0.unwrap_or((value, value));
        self.0 = Some((least.min(value), most.max(value)));
    }

    fn counts(&self) -> Option<(u64, u64)> {
        let count = |value| u64::try_from(value).unwrap_or(u64::MAX);
        self.0.map(|(least, most)| (count(least), count(most)))
    }
}

impl Summary {
    /// What it reads of a row.
    pub(super) const NUMBERS: [Number; 6] = [
        Number::Cost,
        Number::Duration,
        Number::TokensIn,
        Number::TokensOut,
        Number::Tokens,
        Number::Feedback,
    ];

    /// Adds a row; `number` tells its values.
    pub(super) fn add(&mut self, number: impl Fn(Number) -> Option<i128>) {
        self.rows += 1;
        let cost = number(Number::Cost);
        self.cost.add(cost);
        if let Some(cost) = cost {
            self.cost_rows += 1;
            self.cost_sum += cost;
        }
        let duration = number(Number::Duration);
        self.duration.add(duration);
        let duration = u64::try_from(duration.unwrap_or(0)).unwrap_or(0);
        self.duration_sum = self.duration_sum.saturating_add(duration);
        self.tokens_in.add(number(Number::TokensIn));
        self.tokens_out.add(number(Number::TokensOut));
        self.total_tokens.add(number(Number::Tokens));
        if let Some(feedback) = number(Number::Feedback).map(to_float) {
            self.positive += u64::from(feedback > 0.0);
            self.negative += u64::from(feedback < 0.0);
        }
    }

    /// The figures.
    pub(super) fn finish(self) -> LogSummary {
        LogSummary {
            rows: self.rows,
            cost: self.cost.0.map(|(least, most)| (to_cost(least), to_cost(most))),
            cost_sum: to_cost(self.cost_sum),
            cost_rows: self.cost_rows,
            duration: self.duration.counts(),
            duration_sum: self.duration_sum,
            tokens_in: self.tokens_in.counts(),
            tokens_out: self.tokens_out.counts(),
            total_tokens: self.total_tokens.counts(),
            positive: self.positive,
            negative: self.negative,
        }
    }
}
