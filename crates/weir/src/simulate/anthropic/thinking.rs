//! When a model thinks, and what a request that makes it think may not ask for.

use super::family::ModelRules;
use super::{Request, ToolChoice, conversation};
use crate::simulate::fault::Fault;

/// Smallest budget of thinking, in tokens.
const LEAST_BUDGET: u64 = 1024;

/// Whether the answer begins with thoughts.
pub(super) fn is_on(request: &Request, rules: ModelRules) -> bool {
    match &request.thinking {
        Some(thinking) => thinking.kind != "disabled",
        None => rules.always_thinks,
    }
}

/// Checks the switch and what does not go with it.
///
/// # Errors
/// 400 that names the field.
pub(super) fn check(request: &Request, rules: ModelRules) -> Result<(), Fault> {
    let refused = |message: &'static str| Err(Fault::bad_request(message));
    let kind = request.thinking.as_ref().map(|thinking| thinking.kind.as_str());
    let budget = request.thinking.as_ref().and_then(|thinking| thinking.budget_tokens);
    match kind {
        None => return Ok(()),
        Some("disabled") if rules.always_thinks => {
            return refused("thinking: this model always thinks; `disabled` is not supported");
        }
        Some("disabled") => return Ok(()),
        Some("adaptive") if !rules.adaptive => {
            return refused("thinking: adaptive thinking is not supported on this model");
        }
        Some("adaptive") if budget.is_some() => {
            return refused("thinking.adaptive.budget_tokens: Extra inputs are not permitted");
        }
        Some("adaptive") => {}
        Some("enabled") if !rules.budget() => {
            return refused(
                "thinking.type: `enabled` is not supported on this model; use adaptive",
            );
        }
        Some("enabled") => check_budget(request, budget)?,
        Some(_) => {
            return refused("thinking.type: must be one of `enabled`, `disabled` or `adaptive`");
        }
    }
    if matches!(request.tool_choice(), ToolChoice::Required | ToolChoice::Named(_)) {
        return refused("Thinking may not be enabled when tool_choice forces tool use.");
    }
    if request.messages.last().is_some_and(|last| last.role == "assistant") {
        return refused("A prefilled assistant message is not supported with thinking.");
    }
    if kind == Some("enabled") {
        return conversation::check_thoughts_of_turn(&request.messages);
    }
    Ok(())
}

fn check_budget(request: &Request, budget: Option<u64>) -> Result<(), Fault> {
    let refused = |message: &'static str| Err(Fault::bad_request(message));
    let Some(budget) = budget else {
        return refused("thinking.enabled.budget_tokens: Field required");
    };
    if budget < LEAST_BUDGET {
        return refused("thinking.enabled.budget_tokens: Input should be at least 1024");
    }
    if request.max_tokens.is_none_or(|max| max <= budget) {
        return refused("`max_tokens` must be greater than `thinking.budget_tokens`.");
    }
    if request.temperature.is_some_and(|temperature| temperature < 1.0) {
        return refused("`temperature` may only be set to 1 when thinking is enabled.");
    }
    if request.top_k.is_some() {
        return refused("`top_k` must be unset when thinking is enabled.");
    }
    if request.top_p.is_some_and(|top_p| top_p < 0.95) {
        return refused("`top_p` must be at least 0.95 or unset when thinking is enabled.");
    }
    Ok(())
}
