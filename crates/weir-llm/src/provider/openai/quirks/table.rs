//! The table itself: to describe a provider, add a row.

use super::Fate::{self, Drop, Refuse, WithStore};
use super::{Files, Formats, Ids, Quirks, Thinking, Thoughts};
use crate::provider::openai::sampling::WhileThinking;

/// A provider nobody described, such as a custom one: the plain form, which most servers of open
/// models take.
pub(super) const OTHER: Quirks = Quirks {
    max_tokens: "max_tokens",
    either_limit: true,
    seed: "seed",
    required: "required",
    allowed_tools: false,
    developer: false,
    stream_options: true,
    alternate: false,
    prefix: false,
    strict_messages: false,
    cache_control: false,
    signatures: false,
    audio: true,
    ends_without_done: true,
    max_stop: None,
    longest_user: 128,
    ids: Ids::Any,
    formats: Formats::Both,
    files: Files::None,
    thinking: Thinking::Effort,
    while_thinking: WhileThinking::Everything,
    thoughts: Thoughts::Omit,
    tiers: &[],
    fates: &[("metadata", Drop), ("service_tier", Drop)],
};

const OPENAI: Quirks = Quirks {
    max_tokens: "max_completion_tokens",
    allowed_tools: true,
    developer: true,
    strict_messages: true,
    ends_without_done: false,
    max_stop: Some(4),
    longest_user: 64,
    ids: Ids::AtMost(40),
    files: Files::Bytes,
    while_thinking: WhileThinking::Nothing,
    fates: &[("top_k", Drop), ("metadata", WithStore)],
    ..OTHER
};

const NO_LOGPROBS: Fate = Refuse("does not tell the likelihood of tokens; leave it out");
const NO_BIAS: Fate = Refuse("cannot bias tokens; leave it out");
const ONE_ANSWER: Fate = Refuse("gives one answer to a request; send it several times");
const NO_TOOLS: Fate = Refuse("calls no tools; leave them out or use another model");

pub(super) const TABLE: &[(&str, Quirks)] = &[
    ("openai", OPENAI),
    ("azure-openai", OPENAI),
    (
        "grok",
        Quirks {
            developer: true,
            audio: false,
            ends_without_done: false,
            while_thinking: WhileThinking::NoPenalties,
            fates: &[
                ("top_k", Drop),
                ("metadata", Drop),
                ("service_tier", Drop),
                ("logit_bias", NO_BIAS),
            ],
            ..OTHER
        },
    ),
    (
        "groq",
        Quirks {
            max_tokens: "max_completion_tokens",
            strict_messages: true,
            audio: false,
            ends_without_done: false,
            max_stop: Some(4),
            tiers: &[("default", "on_demand"), ("priority", "performance")],
            fates: &[
                ("logprobs", NO_LOGPROBS),
                ("top_logprobs", NO_LOGPROBS),
                ("logit_bias", NO_BIAS),
                ("n", ONE_ANSWER),
                ("top_k", Drop),
                ("metadata", Drop),
                ("store", Drop),
                ("messages[].name", Drop),
            ],
            ..OTHER
        },
    ),
    (
        "mistral",
        Quirks {
            either_limit: false,
            seed: "random_seed",
            required: "any",
            stream_options: false,
            prefix: true,
            strict_messages: true,
            ends_without_done: false,
            ids: Ids::Nine,
            files: Files::DocumentUrl,
            thinking: Thinking::OnOff,
            thoughts: Thoughts::Parts,
            fates: &[
                ("logprobs", NO_LOGPROBS),
                ("top_logprobs", NO_LOGPROBS),
                ("logit_bias", Drop),
                ("user", Drop),
                ("top_k", Drop),
                ("service_tier", Drop),
                ("store", Drop),
                ("messages[].name", Drop),
            ],
            ..OTHER
        },
    ),
    (
        "deepseek",
        Quirks {
            either_limit: false,
            audio: false,
            ends_without_done: false,
            max_stop: Some(16),
            formats: Formats::ObjectOnly,
            thinking: Thinking::Toggle,
            thoughts: Thoughts::Member("reasoning_content"),
            fates: &[
                ("n", ONE_ANSWER),
                ("logit_bias", NO_BIAS),
                ("seed", Drop),
                ("top_k", Drop),
                ("user", Drop),
                ("metadata", Drop),
                ("service_tier", Drop),
                ("parallel_tool_calls", Drop),
            ],
            ..OTHER
        },
    ),
    (
        "perplexity-ai",
        Quirks {
            either_limit: false,
            stream_options: false,
            alternate: true,
            strict_messages: true,
            audio: false,
            formats: Formats::SchemaOnly,
            fates: &[
                ("tools", NO_TOOLS),
                ("n", ONE_ANSWER),
                ("logprobs", NO_LOGPROBS),
                ("top_logprobs", NO_LOGPROBS),
                ("logit_bias", NO_BIAS),
                ("parallel_tool_calls", Drop),
                ("seed", Drop),
                ("user", Drop),
                ("metadata", Drop),
                ("service_tier", Drop),
            ],
            ..OTHER
        },
    ),
    (
        "cerebras",
        Quirks {
            either_limit: false,
            max_tokens: "max_completion_tokens",
            strict_messages: true,
            audio: false,
            ends_without_done: false,
            max_stop: Some(4),
            fates: &[
                ("frequency_penalty", Drop),
                ("presence_penalty", Drop),
                ("logit_bias", NO_BIAS),
                ("n", ONE_ANSWER),
                ("top_k", Drop),
                ("metadata", Drop),
                ("service_tier", Drop),
            ],
            ..OTHER
        },
    ),
    (
        "openrouter",
        Quirks {
            ends_without_done: false,
            cache_control: true,
            files: Files::BytesOrUrl,
            thinking: Thinking::Object,
            thoughts: Thoughts::Member("reasoning"),
            fates: &[("n", ONE_ANSWER)],
            ..OTHER
        },
    ),
    (
        "fireworks",
        Quirks { thoughts: Thoughts::Member("reasoning_content"), audio: false, ..OTHER },
    ),
    ("baseten", Quirks { audio: false, ..OTHER }),
    ("huggingface", Quirks { either_limit: false, audio: false, ..OTHER }),
    (
        "parallel",
        Quirks {
            audio: false,
            thinking: Thinking::Never,
            fates: &[
                ("tools", NO_TOOLS),
                ("n", ONE_ANSWER),
                ("logprobs", NO_LOGPROBS),
                ("top_logprobs", NO_LOGPROBS),
                ("logit_bias", NO_BIAS),
                ("parallel_tool_calls", Drop),
                ("temperature", Drop),
                ("top_p", Drop),
                ("top_k", Drop),
                ("seed", Drop),
                ("stop", Drop),
                ("max_tokens", Drop),
                ("frequency_penalty", Drop),
                ("presence_penalty", Drop),
                ("user", Drop),
                ("metadata", Drop),
                ("service_tier", Drop),
            ],
            ..OTHER
        },
    ),
    (
        "workers-ai",
        Quirks {
            either_limit: false,
            audio: false,
            fates: &[
                ("n", ONE_ANSWER),
                ("logprobs", NO_LOGPROBS),
                ("top_logprobs", NO_LOGPROBS),
                ("logit_bias", NO_BIAS),
                ("parallel_tool_calls", Drop),
                ("user", Drop),
                ("metadata", Drop),
                ("service_tier", Drop),
                ("store", Drop),
                ("tools[].strict", Drop),
            ],
            ..OTHER
        },
    ),
    (
        "google-vertex-ai",
        Quirks {
            signatures: true,
            ends_without_done: false,
            fates: &[
                ("logit_bias", NO_BIAS),
                ("top_k", Drop),
                ("user", Drop),
                ("metadata", Drop),
                ("service_tier", Drop),
                ("parallel_tool_calls", Drop),
            ],
            ..OTHER
        },
    ),
];
