//! What the dialect calls a parameter: mostly what Chat calls it.

use std::borrow::Cow;

use crate::dialect::openai_chat;
use crate::fault::Param;

pub(in crate::dialect) fn param(param: &Param) -> Cow<'static, str> {
    let name = match param {
        Param::Messages => "input",
        Param::Message(index) => return format!("input[{index}]").into(),
        Param::System => "instructions",
        Param::MaxTokens => "max_output_tokens",
        // The likelihoods are asked for by naming this text in `include`.
        Param::Logprobs => "include",
        Param::ResponseFormat => "text.format",
        Param::Reasoning => "reasoning",
        Param::ImageDetail => "input[].content[].detail",
        Param::CacheControl => "prompt_cache_breakpoint",
        // Kept under the name it has in chat, so that targets know it.
        Param::Own(name) if &**name == "verbosity" => "text.verbosity",
        other => return openai_chat::param(other),
    };
    name.into()
}
