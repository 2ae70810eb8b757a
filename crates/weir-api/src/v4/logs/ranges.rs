//! `result_info` of a list that was asked for `meta_info`: where the figures of all matching rows
//! begin and end (spec: management-api 4.1).

use serde::Serialize;
use weir_core::Cost;
use weir_core::store::LogSummary;

use crate::envelope::PageInfo;

/// Zero stands for nothing that matches, too; sliders are set by it.
#[derive(Serialize)]
pub(super) struct Ranges {
    #[serde(flatten)]
    page: PageInfo,
    min_cost: Cost,
    max_cost: Cost,
    min_duration: u64,
    max_duration: u64,
    min_tokens_in: u64,
    max_tokens_in: u64,
    min_tokens_out: u64,
    max_tokens_out: u64,
    min_total_tokens: u64,
    max_total_tokens: u64,
}

impl Ranges {
    pub(super) fn of(page: PageInfo, summary: &LogSummary) -> Self {
        let (min_cost, max_cost) = summary.cost.unwrap_or_default();
        let (min_duration, max_duration) = summary.duration.unwrap_or_default();
        let (min_tokens_in, max_tokens_in) = summary.tokens_in.unwrap_or_default();
        let (min_tokens_out, max_tokens_out) = summary.tokens_out.unwrap_or_default();
        let (min_total_tokens, max_total_tokens) = summary.total_tokens.unwrap_or_default();
        Self {
            page,
            min_cost,
            max_cost,
            min_duration,
            max_duration,
            min_tokens_in,
            max_tokens_in,
            min_tokens_out,
            max_tokens_out,
            min_total_tokens,
            max_total_tokens,
        }
    }
}
