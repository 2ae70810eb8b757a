//! How OpenAI-shaped providers differ, as data (spec: providers 4.1, 4.2).

use super::sampling::WhileThinking;

/// What becomes of a parameter that a provider does not take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// The provider takes it.
    Carry,
    /// It only tunes: left out, with a mark.
    Drop,
    /// It changes the answer: refused. The text completes the sentence "{provider} ...".
    Refuse(&'static str),
}

/// How a provider is told how much to think.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Thinking {
    /// `reasoning_effort`.
    Effort,
    /// `reasoning_effort` with `none` and `high` alone.
    OnOff,
    /// `thinking.type`, and `reasoning_effort` with `high` and `max` alone.
    Toggle,
    /// `reasoning.effort` or `reasoning.max_tokens`, and `reasoning.exclude`.
    Object,
    /// Not at all.
    Never,
}

/// How earlier thoughts go back to a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Thoughts {
    /// They do not: they are history that the provider has no use for.
    Omit,
    /// As a member of the message with this name.
    Member(&'static str),
    /// As parts of the content.
    Parts,
}

/// Which ids of tool calls a provider takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ids {
    /// Any.
    Any,
    /// Of at most so many bytes.
    AtMost(usize),
    /// Of nine letters and digits.
    Nine,
}

/// Which forms of JSON a provider can be held to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Formats {
    /// `json_object` and `json_schema`.
    Both,
    /// `json_object` alone.
    ObjectOnly,
    /// `json_schema` alone.
    SchemaOnly,
}

/// How documents go to a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Files {
    /// Not at all.
    None,
    /// `file` parts with bytes.
    Bytes,
    /// `file` parts with bytes or an address.
    BytesOrUrl,
    /// `document_url` parts.
    DocumentUrl,
}

/// The peculiarities of one provider.
#[derive(Clone, Copy, Debug)]
pub(super) struct Quirks {
    /// What the limit of the answer is called.
    pub(super) max_tokens: &'static str,
    /// Takes the other name of it as well.
    pub(super) either_limit: bool,
    /// What the seed is called.
    pub(super) seed: &'static str,
    /// The word for "some tool must be called".
    pub(super) required: &'static str,
    /// Takes `tool_choice.allowed_tools`; for the others the list of tools is cut down.
    pub(super) allowed_tools: bool,
    /// Knows the role `developer`.
    pub(super) developer: bool,
    /// Takes `stream_options`.
    pub(super) stream_options: bool,
    /// Roles have to alternate.
    pub(super) alternate: bool,
    /// A last message of the assistant has to say that it is to be continued.
    pub(super) prefix: bool,
    /// Refuses members of messages that OpenAI does not define.
    pub(super) strict_messages: bool,
    /// Takes `cache_control` on parts and tools.
    pub(super) cache_control: bool,
    /// Keeps Gemini's thought signatures in `extra_content`.
    pub(super) signatures: bool,
    /// Takes audio.
    pub(super) audio: bool,
    /// A stream whose last choice has finished is whole, even without `[DONE]`.
    pub(super) ends_without_done: bool,
    /// Longest list of stop texts.
    pub(super) max_stop: Option<usize>,
    pub(super) ids: Ids,
    pub(super) formats: Formats,
    pub(super) files: Files,
    pub(super) thinking: Thinking,
    pub(super) while_thinking: WhileThinking,
    pub(super) thoughts: Thoughts,
    /// Words of `service_tier` that differ from OpenAI's.
    pub(super) tiers: &'static [(&'static str, &'static str)],
    /// Parameters it does not take, by OpenAI's names.
    pub(super) fates: &'static [(&'static str, Fate)],
}

impl Quirks {
    /// What becomes of a parameter.
    pub(super) fn fate(&self, name: &str) -> Fate {
        let found = self.fates.iter().find(|(known, _)| *known == name);
        found.map_or(Fate::Carry, |(_, fate)| *fate)
    }

    /// Whether calls of a foreign history need a signature: Gemini demands one since its third
    /// generation.
    pub(super) fn signs(&self, model: &str) -> bool {
        let older = ["gemini-1", "gemini-2"].into_iter().any(|name| model.contains(name));
        self.signatures && model.contains("gemini") && !older
    }

    /// The peculiarities of a provider, by its slug.
    pub(super) fn of(provider: &str) -> &'static Self {
        let found = TABLE.iter().find(|(slug, _)| *slug == provider);
        found.map_or(&OTHER, |(_, quirks)| quirks)
    }
}

/// Stands in for a signature that a foreign history does not have; Google takes it as one.
pub(super) const NO_SIGNATURE: &str = "skip_thought_signature_validator";

use Fate::{Drop, Refuse};

/// A provider nobody described, such as a custom one: the plain form, which most servers of open
/// models take.
const OTHER: Quirks = Quirks {
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
    ids: Ids::AtMost(40),
    files: Files::Bytes,
    while_thinking: WhileThinking::Nothing,
    // Labels are kept only with stored answers, which a translated call never asks for.
    fates: &[("top_k", Drop), ("metadata", Drop)],
    ..OTHER
};

const NO_LOGPROBS: Fate = Refuse("does not tell the likelihood of tokens; leave it out");
const NO_BIAS: Fate = Refuse("cannot bias tokens; leave it out");
const ONE_ANSWER: Fate = Refuse("gives one answer to a request; send it several times");
const NO_TOOLS: Fate = Refuse("calls no tools; leave them out or use another model");

const TABLE: &[(&str, Quirks)] = &[
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
