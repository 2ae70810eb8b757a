//! How much to think (spec: providers 4.2).

use serde_json::json;

use super::quirks::Thinking;
use super::request::Writing;
use crate::canonical::{Effort, Reasoning};
use crate::capability::Capabilities;
use crate::fault::{Fault, Param};

/// Writes what the client said about thinking. Whether thoughts are shown is the provider's habit;
/// only some can be told.
pub(super) fn push(w: &mut Writing<'_>, reasoning: Option<&Reasoning>) -> Result<(), Fault> {
    let Some(reasoning) = reasoning else { return Ok(()) };
    if w.quirks.thinking == Thinking::Object {
        object(w, reasoning);
        return Ok(());
    }
    let effort = reasoning.effort.or_else(|| reasoning.budget.map(Effort::of_budget));
    let Some(effort) = effort else { return Ok(()) };
    let thinks = w.capabilities.reasoning;
    match w.quirks.thinking {
        // A model that does not think does what `none` asks for.
        _ if thinks == Some(false) && effort == Effort::None => {}
        Thinking::Never | Thinking::Effort | Thinking::Toggle if thinks == Some(false) => {
            w.losses.drop(&Param::Reasoning)?;
        }
        Thinking::Never => w.losses.drop(&Param::Reasoning)?,
        Thinking::Effort => {
            if let Some(effort) = nearest(effort, &w.capabilities) {
                w.member("reasoning_effort", effort.word());
            }
        }
        // Few of these models can be told; the others refuse the parameter.
        Thinking::OnOff if effort == Effort::None => {
            if w.capabilities.effort_none == Some(true) {
                w.member("reasoning_effort", "none");
            }
        }
        Thinking::OnOff if thinks == Some(true) => w.member("reasoning_effort", "high"),
        Thinking::OnOff => w.losses.drop(&Param::Reasoning)?,
        Thinking::Toggle => {
            let kind = if effort == Effort::None { "disabled" } else { "enabled" };
            w.member("thinking", &json!({"type": kind}));
            if effort >= Effort::XHigh {
                w.member("reasoning_effort", "max");
            }
        }
        Thinking::Object => {}
    }
    Ok(())
}

fn object(w: &mut Writing<'_>, reasoning: &Reasoning) {
    let mut object = serde_json::Map::new();
    match (reasoning.effort, reasoning.budget) {
        (Some(effort), _) => {
            object.insert("effort".to_owned(), effort.word().into());
        }
        (None, Some(0)) => {
            object.insert("effort".to_owned(), "none".into());
        }
        (None, Some(budget)) => {
            object.insert("max_tokens".to_owned(), budget.into());
        }
        (None, None) => {
            object.insert("enabled".to_owned(), true.into());
        }
    }
    if reasoning.show == Some(false) {
        object.insert("exclude".to_owned(), true.into());
    }
    w.member("reasoning", &object);
}

/// The effort that the model has and that comes nearest. `None`: the parameter is to be left out.
pub(super) fn nearest(effort: Effort, can: &Capabilities) -> Option<Effort> {
    let lowest = || if can.effort_minimal == Some(true) { Effort::Minimal } else { Effort::Low };
    let highest = || if can.effort_xhigh == Some(true) { Effort::XHigh } else { Effort::High };
    Some(match effort {
        Effort::None if can.effort_none == Some(true) => Effort::None,
        // Thinking cannot be turned off; a model of which nobody said that it thinks is left alone.
        Effort::None if can.reasoning == Some(true) => lowest(),
        Effort::None => return None,
        Effort::Minimal if can.effort_minimal == Some(false) => Effort::Low,
        Effort::XHigh => highest(),
        Effort::Max if can.effort_max == Some(true) => Effort::Max,
        Effort::Max => highest(),
        other => other,
    })
}
