//! How OpenAI-shaped providers differ, as data (spec: providers 4.1, 4.2).

mod table;

use self::table::{OTHER, TABLE};
use super::sampling::WhileThinking;

/// What becomes of a parameter that a provider does not take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// The provider takes it.
    Carry,
    /// It only tunes: left out, with a mark.
    Drop,
    /// It belongs to a stored answer, and is left out where none is asked for.
    WithStore,
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
    /// Longest name of an end user, in bytes. Claude Code's has more than OpenAI takes.
    pub(super) longest_user: usize,
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
