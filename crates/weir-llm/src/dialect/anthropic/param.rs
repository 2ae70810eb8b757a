//! Anthropic's names of parameters.

use std::borrow::Cow;

use crate::fault::Param;

pub(in crate::dialect) fn param(param: &Param) -> Cow<'static, str> {
    Cow::Borrowed(match param {
        Param::Model => "model",
        Param::Messages => "messages",
        Param::Message(index) => return format!("messages[{index}]").into(),
        Param::System => "system",
        Param::Tools => "tools",
        Param::ToolChoice => "tool_choice",
        Param::ParallelTools => "tool_choice.disable_parallel_tool_use",
        Param::MaxTokens => "max_tokens",
        Param::Temperature => "temperature",
        Param::TopP => "top_p",
        Param::TopK => "top_k",
        Param::Stop => "stop_sequences",
        Param::ResponseFormat => "output_config.format",
        Param::Reasoning => "thinking",
        Param::User => "metadata.user_id",
        Param::Metadata => "metadata",
        Param::ServiceTier => "service_tier",
        Param::CacheControl => "cache_control",
        // Anthropic's requests have none of these.
        Param::Seed => "seed",
        Param::FrequencyPenalty => "frequency_penalty",
        Param::PresencePenalty => "presence_penalty",
        Param::LogitBias => "logit_bias",
        Param::Logprobs => "logprobs",
        Param::TopLogprobs => "top_logprobs",
        Param::N => "n",
        Param::ImageDetail => "detail",
        Param::Own(name) => return name.to_string().into(),
    })
}
