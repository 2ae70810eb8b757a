//! What a model can do, as data (spec: providers 4.2).

/// Facts of one model. `None` means that nobody said; translators then take what is true of most
/// models of that provider.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Capabilities {
    /// Temperature and its like are accepted.
    pub sampling_params: Option<bool>,
    /// A tool call can be demanded.
    pub forced_tool_choice: Option<bool>,
    /// Thinking is steered by an effort, not by a budget.
    pub thinking_adaptive: Option<bool>,
    /// Thinking cannot be turned off.
    pub thinking_always_on: Option<bool>,
    /// The model thinks at all.
    pub reasoning: Option<bool>,
    /// The conversation may end with the beginning of the answer.
    pub assistant_prefill: Option<bool>,
    /// System messages may stand between others.
    pub mid_conversation_system: Option<bool>,
    /// Answers can be held to a JSON schema by the provider itself.
    pub native_json_schema: Option<bool>,
    /// Images are understood.
    pub vision: Option<bool>,
    /// PDF documents are understood.
    pub pdf_input: Option<bool>,
    /// Audio is understood.
    pub audio_input: Option<bool>,
    /// Tools can be called.
    pub tools: Option<bool>,
    /// Several tools can be called at once.
    pub parallel_tools: Option<bool>,
    /// Effort `none` is accepted.
    pub effort_none: Option<bool>,
    /// Effort `minimal` is accepted.
    pub effort_minimal: Option<bool>,
    /// Effort `xhigh` is accepted.
    pub effort_xhigh: Option<bool>,
    /// Effort `max` is accepted.
    pub effort_max: Option<bool>,
    /// Longest prompt, in tokens.
    pub max_input_tokens: Option<u64>,
    /// Longest answer, in tokens.
    pub max_output_tokens: Option<u64>,
}
