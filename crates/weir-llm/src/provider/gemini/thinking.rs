//! How much to think (spec: providers 4.2).

use serde::Serialize;

use super::model::Thinking;
use crate::canonical::{Effort, Reasoning};
use crate::fault::{Fault, Losses, Param};

/// `thinkingConfig`.
#[derive(Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ThinkingConfig {
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking_budget: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking_level: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    include_thoughts: Option<bool>,
}

/// What the model is told; nothing when the client wishes nothing.
pub(super) fn config(
    reasoning: Option<&Reasoning>,
    thinking: Thinking,
    losses: &mut Losses,
) -> Result<Option<ThinkingConfig>, Fault> {
    let Some(Reasoning { effort, budget, show }) = reasoning else { return Ok(None) };
    let effort = effort.or_else(|| budget.map(Effort::of_budget));
    let is_off = effort == Some(Effort::None) || *budget == Some(0);
    let mut config = ThinkingConfig::default();
    match thinking {
        Thinking::Fixed => {
            // What does not think needs no telling that it should not.
            if effort.is_some() && !is_off {
                losses.drop(&Param::Reasoning)?;
            }
            return Ok(None);
        }
        Thinking::Budget { least, most, off } => {
            let wanted = budget.or_else(|| effort.map(tokens));
            config.thinking_budget = wanted.map(|count| match count {
                0 if off => 0,
                count => count.clamp(least, most),
            });
        }
        Thinking::Level { minimal, medium } => {
            config.thinking_level = effort.map(|effort| match effort {
                Effort::None | Effort::Minimal if minimal => "minimal",
                Effort::None | Effort::Minimal | Effort::Low => "low",
                Effort::Medium if medium => "medium",
                Effort::Medium | Effort::High | Effort::XHigh | Effort::Max => "high",
            });
        }
    }
    // Whoever asks for thinking gets to see it: it costs nothing more, and Gemini hides it unless
    // told.
    let shows = show.unwrap_or(effort.is_some()) && !is_off;
    config.include_thoughts = shows.then_some(true);
    Ok((config != ThinkingConfig::default()).then_some(config))
}

/// The budget of an effort, as Google's own OpenAI surface has it.
const fn tokens(effort: Effort) -> u64 {
    match effort {
        Effort::None => 0,
        Effort::Minimal => 512,
        Effort::Low => 1024,
        Effort::Medium => 8192,
        Effort::High | Effort::XHigh | Effort::Max => 24_576,
    }
}
