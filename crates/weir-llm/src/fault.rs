//! What is wrong with a request that has to be translated, and what is lost on the way.

mod own;

use std::borrow::Cow;

use crate::dialect::Dialect;

/// A request that cannot be carried to its target: 400 in the client's own dialect (spec:
/// providers 4, 5).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Fault {
    kind: FaultKind,
    param: Option<Box<str>>,
    message: Box<str>,
}

/// What kind of fault it is; the `code` of an error in OpenAI's dialect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// The target cannot do what the parameter asks for.
    Unsupported,
    /// The value is not what it has to be, for any target.
    Invalid,
    /// Something that has to be there is not.
    Missing,
    /// Something is larger than permitted.
    TooLarge,
}

impl FaultKind {
    /// The code in OpenAI's dialect.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unsupported => "unsupported_parameter",
            Self::Invalid => "invalid_value",
            Self::Missing => "missing_required_parameter",
            Self::TooLarge => "too_large",
        }
    }
}

impl Fault {
    /// The body as a whole is not usable.
    pub fn body(message: impl Into<Box<str>>) -> Self {
        Self { kind: FaultKind::Invalid, param: None, message: message.into() }
    }

    /// The value of a parameter is not usable. `param` is the client's name for it.
    pub fn invalid(param: impl Into<Box<str>>, message: impl Into<Box<str>>) -> Self {
        Self { kind: FaultKind::Invalid, param: Some(param.into()), message: message.into() }
    }

    /// A parameter is not there.
    pub fn missing(param: impl Into<Box<str>>, message: impl Into<Box<str>>) -> Self {
        Self { kind: FaultKind::Missing, param: Some(param.into()), message: message.into() }
    }

    /// Something is too large.
    pub fn too_large(param: impl Into<Box<str>>, message: impl Into<Box<str>>) -> Self {
        Self { kind: FaultKind::TooLarge, param: Some(param.into()), message: message.into() }
    }

    /// The target has nothing like the operation or the parameter. `param` is the client's name.
    pub fn unsupported(param: impl Into<Box<str>>, message: impl Into<Box<str>>) -> Self {
        Self { kind: FaultKind::Unsupported, param: Some(param.into()), message: message.into() }
    }

    /// Something at `path` is not there.
    pub fn missing_at(path: &str) -> Self {
        Self::missing(path, format!("{path} is missing"))
    }

    /// The value at `path` is wrong. `why` says what it has to be.
    pub fn invalid_at(path: &str, why: &str) -> Self {
        Self::invalid(path, format!("{path}: {why}"))
    }

    /// What is asked for at `path` no target can do. `why` says what to do about it.
    pub fn unsupported_at(path: &str, why: &str) -> Self {
        Self::unsupported(path, format!("{path}: {why}"))
    }

    /// What kind.
    pub const fn kind(&self) -> FaultKind {
        self.kind
    }

    /// The parameter, in the client's words.
    pub fn param(&self) -> Option<&str> {
        self.param.as_deref()
    }

    /// What is wrong and what to do; safe to show.
    pub fn message(&self) -> &str {
        &self.message
    }
}

/// A parameter of the canonical request. Each dialect has its own name for it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields of `canonical::Request` are documented there")]
pub enum Param {
    Model,
    Messages,
    /// A message, by its place in the client's own list.
    Message(usize),
    System,
    Tools,
    ToolChoice,
    ParallelTools,
    MaxTokens,
    Temperature,
    TopP,
    TopK,
    Stop,
    Seed,
    FrequencyPenalty,
    PresencePenalty,
    LogitBias,
    Logprobs,
    TopLogprobs,
    N,
    ResponseFormat,
    Reasoning,
    User,
    Metadata,
    ServiceTier,
    ImageDetail,
    CacheControl,
    /// A parameter of the client's dialect that has no canonical place.
    Own(Box<str>),
}

/// Whether a target may leave out what it cannot do (gateway setting `unsupported_parameters`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strictness {
    /// What only tunes the answer is left out and named in `cf-aig-dropped-params`; what changes its
    /// meaning is refused.
    #[default]
    Lenient,
    /// Everything that cannot be carried over is refused.
    Strict,
}

/// Keeps account of what a translation leaves out.
#[derive(Debug)]
pub struct Losses {
    strictness: Strictness,
    dialect: Dialect,
    target: Cow<'static, str>,
    dropped: Vec<Box<str>>,
}

impl Losses {
    /// An empty account, for a client of `dialect` and a provider whose name for people is `target`.
    pub fn new(
        strictness: Strictness,
        dialect: Dialect,
        target: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self { strictness, dialect, target: target.into(), dropped: Vec::new() }
    }

    /// Leaves out a parameter that only tunes the answer.
    ///
    /// # Errors
    /// In strict mode.
    pub fn drop(&mut self, param: &Param) -> Result<(), Fault> {
        let name = self.name(param);
        // Where a prompt cache ends changes what a call costs, never what it says; agents mark it in
        // every request.
        if self.strictness == Strictness::Strict && *param != Param::CacheControl {
            let message = format!("{} has no {name}; leave it out", self.target);
            return Err(Fault::unsupported(&*name, message));
        }
        if !self.dropped.iter().any(|known| **known == *name) {
            self.dropped.push(name.into());
        }
        Ok(())
    }

    /// The refusal of a parameter that changes the meaning of the answer. `why` completes the
    /// sentence "{provider} ...", e.g. `"cannot bias tokens"`.
    pub fn refuse(&self, param: &Param, why: &str) -> Fault {
        let name = self.name(param);
        Fault::unsupported(&*name, format!("{name}: {} {why}", self.target))
    }

    /// A value that is wrong for this target. `why` says what it has to be.
    pub fn invalid(&self, param: &Param, why: &str) -> Fault {
        Fault::invalid_at(&self.name(param), why)
    }

    /// Whether everything has to be carried over.
    pub fn is_strict(&self) -> bool {
        self.strictness == Strictness::Strict
    }

    /// The client's name of a parameter.
    pub fn name(&self, param: &Param) -> Cow<'static, str> {
        self.dialect.param(param)
    }

    /// The dialect the client speaks.
    pub const fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Name of the provider, for people.
    pub fn target(&self) -> &str {
        &self.target
    }

    /// What was left out, in the client's words and in the order it was met.
    pub fn dropped(&self) -> &[Box<str>] {
        &self.dropped
    }
}
