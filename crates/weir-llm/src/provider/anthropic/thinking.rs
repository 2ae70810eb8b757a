//! How much Claude thinks (spec: providers 4.2). Bedrock's Claude takes the same object.

use serde::Serialize;

use super::super::effort;
use crate::canonical::{Effort, Reasoning};
use crate::capability::Capabilities;
use crate::fault::{Fault, Losses, Param};

/// What a request gets as its limit when neither the client nor the model's facts name one.
const DEFAULT_MAX_TOKENS: u64 = 4096;

/// The `thinking` object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(in crate::provider) enum Config {
    /// Claude decides; steered by the effort.
    Adaptive {
        #[serde(skip_serializing_if = "Option::is_none")]
        display: Option<&'static str>,
    },
    /// At most so many tokens, inside `max_tokens`.
    Enabled {
        budget_tokens: u64,
        #[serde(skip_serializing_if = "Option::is_none")]
        display: Option<&'static str>,
    },
    Disabled,
}

/// What decides.
pub(in crate::provider) struct Wanted<'a> {
    pub(in crate::provider) reasoning: Option<&'a Reasoning>,
    pub(in crate::provider) capabilities: &'a Capabilities,
    /// The client's own limit.
    pub(in crate::provider) max_tokens: Option<u64>,
    /// A tool has to be called; Claude does not think before it.
    pub(in crate::provider) forced_tool: bool,
    /// Inside a tool loop whose thoughts the client did not send back.
    pub(in crate::provider) lost_thoughts: bool,
}

/// What was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::provider) struct Plan {
    pub(in crate::provider) config: Option<Config>,
    /// `output_config.effort`.
    pub(in crate::provider) effort: Option<&'static str>,
    /// Limit of the answer, thoughts included.
    pub(in crate::provider) max_tokens: u64,
}

impl Plan {
    /// Whether Claude is asked to think, which leaves no choice in sampling.
    pub(in crate::provider) fn thinks(&self) -> bool {
        matches!(self.config, Some(Config::Adaptive { .. } | Config::Enabled { .. }))
    }
}

/// Decides.
///
/// # Errors
/// When thinking cannot be as asked for.
pub(in crate::provider) fn plan(wanted: &Wanted<'_>, losses: &mut Losses) -> Result<Plan, Fault> {
    let facts = wanted.capabilities;
    let limit = facts.max_output_tokens.unwrap_or(DEFAULT_MAX_TOKENS);
    let off = Plan { config: None, effort: None, max_tokens: wanted.max_tokens.unwrap_or(limit) };
    let Some(reasoning) = wanted.reasoning else { return Ok(off) };
    let adaptive = facts.thinking_adaptive == Some(true);
    let always = facts.thinking_always_on == Some(true);
    if reasoning.effort == Some(Effort::None) || reasoning.budget == Some(0) {
        if always {
            let why = "cannot keep this model from thinking; ask for the effort `low`";
            return Err(losses.refuse(&Param::Reasoning, why));
        }
        return Ok(Plan { config: adaptive.then_some(Config::Disabled), ..off });
    }
    if facts.reasoning == Some(false) && !adaptive {
        losses.drop(&Param::Reasoning)?;
        return Ok(off);
    }
    if wanted.forced_tool && !always {
        return give_up(off, "cannot think before a tool call that is demanded", losses);
    }
    if adaptive {
        Ok(by_effort(reasoning, facts, off))
    } else {
        by_budget(wanted, reasoning, off, losses)
    }
}

fn by_effort(reasoning: &Reasoning, facts: &Capabilities, off: Plan) -> Plan {
    let effort = reasoning.effort.or(reasoning.budget.map(Effort::of_budget));
    let display = display(reasoning);
    let effort = effort.map(|effort| effort::adaptive_word(effort, facts));
    Plan { config: Some(Config::Adaptive { display }), effort, ..off }
}

fn by_budget(
    wanted: &Wanted<'_>,
    reasoning: &Reasoning,
    off: Plan,
    losses: &mut Losses,
) -> Result<Plan, Fault> {
    let effort = match (reasoning.budget, reasoning.effort, reasoning.show) {
        // Only whether thoughts are shown: there are none.
        (None, None, Some(_)) => return Ok(off),
        // As much as the model likes.
        (None, None, None) => Effort::Medium,
        (_, effort, _) => effort.unwrap_or(Effort::Medium),
    };
    let (budget, max_tokens) = match reasoning.budget {
        Some(budget) => exact(budget, wanted, losses)?,
        None => match effort::budget_within(effort, off.max_tokens) {
            Some(budget) => (budget, off.max_tokens),
            None => return give_up(off, "needs `max_tokens` above 1024 to think", losses),
        },
    };
    if wanted.lost_thoughts {
        let why = "wants the thinking blocks of a tool loop back to go on thinking";
        return give_up(off, why, losses);
    }
    let config = Config::Enabled { budget_tokens: budget, display: display(reasoning) };
    Ok(Plan { config: Some(config), effort: None, max_tokens })
}

/// The client's own budget, and a limit above it.
fn exact(budget: u64, wanted: &Wanted<'_>, losses: &Losses) -> Result<(u64, u64), Fault> {
    let budget = budget.max(effort::LEAST_BUDGET);
    let limit = wanted.capabilities.max_output_tokens;
    let max_tokens = wanted.max_tokens.unwrap_or_else(|| {
        let room = budget.saturating_add(DEFAULT_MAX_TOKENS);
        limit.unwrap_or(room)
    });
    if budget >= max_tokens {
        let why = format!(
            "the budget for thinking ({budget}) has to be below {max_tokens}, \
                           the limit of the whole answer"
        );
        return Err(losses.invalid(&Param::Reasoning, &why));
    }
    Ok((budget, max_tokens))
}

/// Thinking only tunes the answer: where it cannot be, the answer comes without.
fn give_up(off: Plan, why: &str, losses: &mut Losses) -> Result<Plan, Fault> {
    if losses.is_strict() {
        return Err(losses.refuse(&Param::Reasoning, why));
    }
    losses.drop(&Param::Reasoning)?;
    Ok(off)
}

fn display(reasoning: &Reasoning) -> Option<&'static str> {
    reasoning.show.map(effort::display)
}
