//! Which parameters of the sampling a model takes (spec: providers 4.1).

use super::quirks::{Fate, Quirks};
use crate::canonical::Effort;
use crate::capability::Capabilities;

/// What a provider lets be tuned in a model that thinks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WhileThinking {
    Everything,
    /// No penalties.
    NoPenalties,
    /// Nothing, as soon as an effort is asked for. Models that cannot be kept from thinking take
    /// nothing at all, which is a fact of theirs.
    Nothing,
}

/// Whether the model takes the parameter, when this much thinking is asked for.
pub(super) fn takes(
    name: &str,
    quirks: &Quirks,
    can: &Capabilities,
    effort: Option<Effort>,
) -> bool {
    let thinks = can.reasoning == Some(true);
    let is_penalty = name.ends_with("_penalty");
    let free = match quirks.while_thinking {
        WhileThinking::Everything => true,
        WhileThinking::NoPenalties => !(thinks && is_penalty),
        WhileThinking::Nothing => !(thinks && effort.is_some_and(|it| it != Effort::None)),
    };
    free && can.sampling_params != Some(false) && quirks.fate(name) == Fate::Carry
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_thinks_is_not_tuned() {
        let model = Capabilities { reasoning: Some(true), ..Capabilities::default() };
        let check = |provider, name, effort, expected| {
            let taken = takes(name, Quirks::of(provider), &model, effort);
            assert_eq!(taken, expected, "{provider} {name} {effort:?}");
        };
        check("openai", "temperature", None, true);
        check("openai", "temperature", Some(Effort::None), true);
        check("openai", "temperature", Some(Effort::Low), false);
        check("azure-openai", "top_p", Some(Effort::High), false);
        check("grok", "temperature", Some(Effort::Low), true);
        check("grok", "presence_penalty", None, false);
        check("groq", "temperature", Some(Effort::High), true);
    }
}
