//! What an effort is worth in tokens, for models that are told how much to think by a budget (spec:
//! providers 4.2). The figures are our own choice; no provider defines them.

use crate::canonical::Effort;
use crate::capability::Capabilities;

/// Least budget that Claude takes.
pub(super) const LEAST_BUDGET: u64 = 1024;
/// More than this is never asked for by a word alone.
pub(super) const LARGEST_BUDGET: u64 = 16_384;

/// The budget of an effort, in tokens; 0 means not to think. `High` and above are worth this much at
/// least; where the answer may be long, a target can go up to [`LARGEST_BUDGET`].
pub(super) const fn budget(effort: Effort) -> u64 {
    match effort {
        Effort::None => 0,
        Effort::Minimal | Effort::Low => LEAST_BUDGET,
        Effort::Medium => 2048,
        Effort::High | Effort::XHigh | Effort::Max => 4096,
    }
}

/// The budget of an effort inside an answer of `max_tokens`: at most half of it, so that something
/// is left to say. `None` when there is no room to think at all.
pub(super) fn budget_within(effort: Effort, max_tokens: u64) -> Option<u64> {
    if max_tokens <= LEAST_BUDGET {
        return None;
    }
    let half = (max_tokens / 2).max(LEAST_BUDGET);
    let wanted = match effort {
        Effort::High | Effort::XHigh | Effort::Max => half.clamp(budget(effort), LARGEST_BUDGET),
        other => budget(other),
    };
    Some(wanted.min(half))
}

/// The word of an effort for Claude where it thinks as it sees fit.
pub(super) fn adaptive_word(effort: Effort, can: &Capabilities) -> &'static str {
    match effort {
        Effort::None | Effort::Minimal | Effort::Low => "low",
        Effort::Medium => "medium",
        Effort::XHigh if can.effort_xhigh == Some(true) => "xhigh",
        Effort::Max if can.effort_max == Some(true) => "max",
        Effort::High | Effort::XHigh | Effort::Max => "high",
    }
}

/// Claude's word for whether thoughts are shown.
pub(super) const fn display(show: bool) -> &'static str {
    if show { "summarized" } else { "omitted" }
}
