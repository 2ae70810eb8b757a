//! What the dialect calls a parameter.

use std::borrow::Cow;

use crate::fault::Param;

pub(in crate::dialect) fn param(param: &Param) -> Cow<'static, str> {
    let name = match param {
        Param::Model => "model",
        Param::Messages => "input",
        Param::Message(index) => return format!("input[{index}]").into(),
        Param::System => "instructions",
        Param::Tools => "tools",
        Param::ToolChoice => "tool_choice",
        Param::ParallelTools => "parallel_tool_calls",
        Param::MaxTokens => "max_output_tokens",
        Param::Temperature => "temperature",
        Param::TopP => "top_p",
        Param::TopK => "top_k",
        Param::Stop => "stop",
        Param::Seed => "seed",
        Param::FrequencyPenalty => "frequency_penalty",
        Param::PresencePenalty => "presence_penalty",
        Param::LogitBias => "logit_bias",
        // The likelihoods are asked for by naming this text in `include`.
        Param::Logprobs => "include",
        Param::TopLogprobs => "top_logprobs",
        Param::N => "n",
        Param::ResponseFormat => "text.format",
        Param::Reasoning => "reasoning",
        Param::User => "user",
        Param::Metadata => "metadata",
        Param::ServiceTier => "service_tier",
        Param::ImageDetail => "input[].content[].detail",
        Param::CacheControl => "prompt_cache_breakpoint",
        // Kept under the name it has in chat, so that targets know it.
        Param::Own(name) if &**name == "verbosity" => "text.verbosity",
        Param::Own(name) => return name.to_string().into(),
    };
    name.into()
}
