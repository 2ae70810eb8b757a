//! What a Claude model takes, told from its name (spec: prices-sample.json, `capabilities`).

/// The switches that differ between the models.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ModelRules {
    /// `temperature`, `top_p` and `top_k` may be given.
    pub(super) sampling: bool,
    /// `tool_choice` may demand a call.
    pub(super) forced_tools: bool,
    /// The last message may be the assistant's.
    pub(super) prefill: bool,
    /// Thinking cannot be switched off.
    pub(super) always_thinks: bool,
    /// Thinking is adaptive, without a budget.
    pub(super) adaptive: bool,
    /// A message in the middle may be the system's.
    pub(super) system_messages: bool,
}

/// Names with a budget and no adaptive thinking.
const OLDER: [&str; 7] =
    ["claude-3", "-4-5", "-4-1", "-4-0", "opus-4-2025", "sonnet-4-2025", "-4.5"];
/// The generation that thinks by itself.
const NEWEST: [&str; 3] = ["opus-5", "sonnet-5", "fable-5"];

impl ModelRules {
    /// Unknown names take everything, so that invented models can be used.
    pub(super) fn of(model: &str) -> Self {
        let is = |names: &[&str]| names.iter().any(|name| model.contains(name));
        let newest = is(&NEWEST);
        let small = model.contains("haiku-5");
        Self {
            sampling: !newest && !small,
            forced_tools: !newest,
            prefill: !newest && !small,
            always_thinks: newest,
            adaptive: !is(&OLDER),
            system_messages: newest || small,
        }
    }

    /// Whether thinking may have a budget.
    pub(super) const fn budget(self) -> bool {
        !self.system_messages
    }
}
