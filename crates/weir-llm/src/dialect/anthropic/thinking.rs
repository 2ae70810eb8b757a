//! `thinking` and the effort (spec: providers 4.2, 6).

use serde::Deserialize;
use serde_json::Value;

use crate::canonical::{Effort, Reasoning};
use crate::fault::Fault;
use crate::json::Object;

#[derive(Deserialize)]
struct Thinking {
    #[serde(rename = "type")]
    kind: String,
    budget_tokens: Option<u64>,
    display: Option<String>,
}

pub(super) fn read(body: &mut Object<'_>) -> Result<Option<Reasoning>, Fault> {
    let Some(thinking) = body.take::<Thinking>("thinking")? else { return Ok(None) };
    let show = thinking.display.map(|display| display != "omitted");
    let reasoning = match (thinking.kind.as_str(), thinking.budget_tokens) {
        ("enabled", Some(budget)) => {
            Reasoning { budget: Some(budget), show, ..Reasoning::default() }
        }
        ("enabled", None) => {
            let name = "thinking.budget_tokens";
            return Err(Fault::missing(name, format!("{name} is missing")));
        }
        // As much as the model likes.
        ("adaptive", _) => Reasoning { show, ..Reasoning::default() },
        ("disabled", _) => Reasoning { effort: Some(Effort::None), ..Reasoning::default() },
        (other, _) => {
            let message = format!(
                "thinking.type: {other} cannot be carried over to another provider; \
                 use enabled, adaptive or disabled"
            );
            return Err(Fault::unsupported("thinking.type", message));
        }
    };
    Ok(Some(reasoning))
}

/// Joins `output_config.effort` to it. The effort alone asks for no thinking, but there is no other
/// word for it elsewhere; with thinking disabled it says nothing more.
pub(super) fn with_effort(
    reasoning: Option<Reasoning>,
    effort: Option<&Value>,
) -> Result<Option<Reasoning>, Fault> {
    let Some(effort) = effort else { return Ok(reasoning) };
    let Some(effort) = effort.as_str().and_then(Effort::parse) else {
        let name = "output_config.effort";
        let message = format!("{name} has to be low, medium, high, xhigh or max");
        return Err(Fault::invalid(name, message));
    };
    Ok(match reasoning {
        Some(known) if known.effort == Some(Effort::None) => Some(known),
        other => Some(Reasoning { effort: Some(effort), ..other.unwrap_or_default() }),
    })
}
