//! How much to think, in the words of each family (spec: providers 4.2).

use serde_json::{Map, Value, json};

use super::family::Thinking;
use crate::canonical::{Effort, Reasoning};
use crate::capability::Capabilities;
use crate::fault::{Fault, Losses, Param};
use crate::provider::effort::{self, LEAST_BUDGET as LEAST};

/// What is to be sent about thinking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Plan {
    /// Nothing.
    Silent,
    /// Claude: not at all.
    Disabled,
    /// Claude: so many tokens.
    Budget(u64),
    /// Claude: as it sees fit.
    Adaptive { effort: Option<&'static str>, show: Option<bool> },
    /// Nova 2.
    Nova(&'static str),
    /// Open models.
    Effort(&'static str),
}

/// What else the plan hangs on.
pub(super) struct Circumstances<'a> {
    pub(super) thinking: Thinking,
    pub(super) can: &'a Capabilities,
    /// A tool call is demanded: Claude does not think then.
    pub(super) forced: bool,
    /// See `turns::can_think_on`.
    pub(super) can_think_on: bool,
    pub(super) max_tokens: Option<u64>,
}

pub(super) fn plan(
    reasoning: Option<&Reasoning>,
    around: &Circumstances<'_>,
    losses: &mut Losses,
) -> Result<Plan, Fault> {
    let Some(reasoning) = reasoning else { return Ok(Plan::Silent) };
    let effort = reasoning.effort.or(reasoning.budget.map(Effort::of_budget));
    if effort == Some(Effort::None) {
        return not_at_all(around, losses);
    }
    match around.thinking {
        Thinking::None | Thinking::Always => leave_out(losses),
        Thinking::Nova => Ok(Plan::Nova(three_words(effort))),
        Thinking::Effort => Ok(Plan::Effort(three_words(effort))),
        Thinking::Claude if around.forced => leave_out(losses),
        Thinking::Claude if around.can.thinking_adaptive == Some(true) => {
            let effort = effort.map(|effort| effort::adaptive_word(effort, around.can));
            Ok(Plan::Adaptive { effort, show: reasoning.show })
        }
        Thinking::Claude if !around.can_think_on => leave_out(losses),
        Thinking::Claude => budget(reasoning, effort, around, losses),
    }
}

fn leave_out(losses: &mut Losses) -> Result<Plan, Fault> {
    losses.drop(&Param::Reasoning).map(|()| Plan::Silent)
}

fn not_at_all(around: &Circumstances<'_>, losses: &mut Losses) -> Result<Plan, Fault> {
    if around.can.thinking_always_on == Some(true) {
        let why = "always thinks with this model; ask for low or leave it out";
        return Err(losses.refuse(&Param::Reasoning, why));
    }
    match around.thinking {
        Thinking::Claude if around.can.thinking_adaptive == Some(true) => Ok(Plan::Disabled),
        Thinking::Always | Thinking::Effort => leave_out(losses),
        Thinking::Claude | Thinking::Nova | Thinking::None => Ok(Plan::Silent),
    }
}

fn budget(
    reasoning: &Reasoning,
    effort: Option<Effort>,
    around: &Circumstances<'_>,
    losses: &mut Losses,
) -> Result<Plan, Fault> {
    let given = reasoning.budget.filter(|_| reasoning.effort.is_none());
    let by_word = effort::budget(effort.unwrap_or(Effort::Medium));
    let budget = given.unwrap_or(by_word).max(LEAST);
    match around.max_tokens {
        Some(max) if given.is_some() && budget >= max => {
            let why = "the budget has to be 1024 or more and less than the longest answer";
            Err(losses.invalid(&Param::Reasoning, why))
        }
        // No room for the least of thoughts.
        Some(max) if max <= LEAST => leave_out(losses),
        // Half of it is for the answer itself.
        Some(max) if given.is_none() => Ok(Plan::Budget(budget.min((max / 2).max(LEAST)))),
        Some(_) | None => Ok(Plan::Budget(budget)),
    }
}

const fn three_words(effort: Option<Effort>) -> &'static str {
    match effort {
        Some(Effort::None | Effort::Minimal | Effort::Low) => "low",
        Some(Effort::Medium) | None => "medium",
        Some(Effort::High | Effort::XHigh | Effort::Max) => "high",
    }
}

impl Plan {
    /// Writes what has no place in Converse itself.
    pub(super) fn write(self, fields: &mut Map<String, Value>) {
        let (name, value) = match self {
            Self::Silent => return,
            Self::Disabled => ("thinking", json!({"type": "disabled"})),
            Self::Budget(tokens) => {
                ("thinking", json!({"type": "enabled", "budget_tokens": tokens}))
            }
            Self::Adaptive { show, .. } => {
                let mut thinking = json!({"type": "adaptive"});
                if let Some(show) = show {
                    thinking["display"] = Value::from(effort::display(show));
                }
                ("thinking", thinking)
            }
            Self::Nova(effort) => {
                ("reasoningConfig", json!({"type": "enabled", "maxReasoningEffort": effort}))
            }
            Self::Effort(effort) => ("reasoning_effort", Value::from(effort)),
        };
        fields.insert(name.to_owned(), value);
    }

    /// Claude takes no sampling parameters while it thinks.
    pub(super) const fn claude_thinks(self) -> bool {
        matches!(self, Self::Budget(_) | Self::Adaptive { .. })
    }

    /// Nova then takes neither sampling parameters nor a longest answer.
    pub(super) fn nova_thinks_hard(self) -> bool {
        self == Self::Nova("high")
    }
}
