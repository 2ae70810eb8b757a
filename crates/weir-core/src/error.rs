//! Errors with three axes, because a proxy asks three questions: what happened, whose side was
//! it, and may we try again.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

/// What happened. Closed and small: it is also the metric label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The request cannot be understood.
    BadRequest,
    /// No valid gateway credential.
    Unauthenticated,
    /// A valid credential that may not do this.
    Forbidden,
    /// No such path, object or model.
    NotFound,
    /// The path names a provider that does not exist here.
    UnknownProvider,
    /// No such gateway.
    UnknownGateway,
    /// A model name of the REST interface that means nothing.
    UnknownModel,
    /// A body that does not fit its model, at the REST interface.
    BadInput,
    /// A request that its provider cannot serve, refused in the client's own dialect.
    Untranslatable,
    /// No such dynamic route, or none that is in force.
    UnknownRoute,
    /// A stored key is named that does not exist.
    UnknownKey,
    /// No credential for the provider, and none may be put in.
    NoCredential,
    /// The provider refused a key that the caller does not know.
    KeyRejected,
    /// The prepaid credits are used up.
    OutOfCredits,
    /// The body is larger than permitted.
    TooLarge,
    /// A limit has no room for the call now.
    RateLimited,
    /// A spend limit or a budget has nothing left.
    SpendLimited,
    /// A policy blocks the call, or none speaks for it.
    PolicyBlocked,
    /// The budget of a policy is used up.
    PolicySpent,
    /// An operator has stopped the token, the session or the user.
    Stopped,
    /// A dynamic route ended without an answer.
    RouteExhausted,
    /// No answer within the deadline.
    Timeout,
    /// The provider could not be reached, or broke off before answering.
    UpstreamFailed,
    /// A destination that policy forbids.
    EgressRefused,
    /// A store or a part of Weir is not available now.
    Unavailable,
    /// The client went away.
    ClientGone,
    /// A fault of ours.
    Internal,
}

impl Kind {
    /// The metric and log label.
    pub const fn label(self) -> &'static str {
        match self {
            Self::BadRequest => "bad_request",
            Self::Unauthenticated => "unauthenticated",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not_found",
            Self::UnknownProvider => "unknown_provider",
            Self::UnknownGateway => "unknown_gateway",
            Self::UnknownModel => "unknown_model",
            Self::BadInput => "bad_input",
            Self::Untranslatable => "untranslatable",
            Self::UnknownRoute => "unknown_route",
            Self::UnknownKey => "unknown_key",
            Self::NoCredential => "no_credential",
            Self::KeyRejected => "key_rejected",
            Self::OutOfCredits => "out_of_credits",
            Self::TooLarge => "too_large",
            Self::RateLimited => "rate_limited",
            Self::SpendLimited => "spend_limited",
            Self::PolicyBlocked => "policy_blocked",
            Self::PolicySpent => "policy_spent",
            Self::Stopped => "stopped",
            Self::RouteExhausted => "route_exhausted",
            Self::Timeout => "timeout",
            Self::UpstreamFailed => "upstream_failed",
            Self::EgressRefused => "egress_refused",
            Self::Unavailable => "unavailable",
            Self::ClientGone => "client_gone",
            Self::Internal => "internal",
        }
    }
}

/// Whose side the fault lies on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Origin {
    /// The client.
    Downstream,
    /// Weir itself.
    Gateway,
    /// The provider, or the way to it.
    Upstream,
}

/// Whether trying again may help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// It will fail again.
    Never,
    /// The same target may answer, after a pause if one is named.
    SameTarget {
        /// How long the provider asked to wait.
        after: Option<Duration>,
    },
    /// Another target may answer.
    NextTarget,
}

/// HTTP status and code of a refusal (spec: data-plane 13).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// HTTP status.
    pub http: u16,
    /// The product's own number.
    pub number: u32,
}

/// A failure, with what each reader of it needs.
#[derive(Debug)]
pub struct Error {
    kind: Kind,
    origin: Origin,
    retry: Retry,
    code: Code,
    public: Cow<'static, str>,
    hint: Option<Cow<'static, str>>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// A failure of `kind` with the public message. The message is safe to show to the client.
    pub fn new(kind: Kind, public: impl Into<Cow<'static, str>>) -> Self {
        let (origin, retry, http, number) = Self::defaults(kind);
        let code = Code { http, number };
        Self { kind, origin, retry, code, public: public.into(), hint: None, source: None }
    }

    /// Side, retry rule, status and code that go with each kind (spec: data-plane 13).
    const fn defaults(kind: Kind) -> (Origin, Retry, u16, u32) {
        const AGAIN: Retry = Retry::SameTarget { after: None };
        match kind {
            Kind::BadRequest => (Origin::Downstream, Retry::Never, 400, 2900),
            Kind::Unauthenticated => (Origin::Downstream, Retry::Never, 401, 2009),
            Kind::Forbidden => (Origin::Downstream, Retry::Never, 403, 10000),
            Kind::NotFound => (Origin::Downstream, Retry::Never, 404, 2907),
            Kind::UnknownProvider => (Origin::Downstream, Retry::Never, 400, 2008),
            Kind::UnknownGateway => (Origin::Downstream, Retry::Never, 400, 2001),
            Kind::UnknownModel => (Origin::Downstream, Retry::Never, 404, 7003),
            Kind::BadInput => (Origin::Downstream, Retry::Never, 400, 7003),
            Kind::Untranslatable => (Origin::Downstream, Retry::NextTarget, 400, 2900),
            Kind::UnknownRoute => (Origin::Downstream, Retry::Never, 404, 2904),
            Kind::UnknownKey => (Origin::Downstream, Retry::Never, 400, 2040),
            Kind::NoCredential => (Origin::Downstream, Retry::NextTarget, 400, 2903),
            Kind::KeyRejected => (Origin::Upstream, Retry::NextTarget, 401, 2009),
            Kind::OutOfCredits => (Origin::Downstream, Retry::NextTarget, 402, 2021),
            Kind::TooLarge => (Origin::Downstream, Retry::Never, 413, 2901),
            Kind::RateLimited => (Origin::Gateway, Retry::NextTarget, 429, 2003),
            Kind::SpendLimited => (Origin::Gateway, Retry::NextTarget, 429, 2045),
            Kind::PolicyBlocked => (Origin::Gateway, Retry::NextTarget, 403, 0),
            Kind::PolicySpent => (Origin::Gateway, Retry::NextTarget, 429, 0),
            Kind::Stopped => (Origin::Gateway, Retry::Never, 403, 2908),
            Kind::RouteExhausted => (Origin::Gateway, Retry::Never, 502, 2905),
            Kind::Timeout => (Origin::Upstream, AGAIN, 504, 2902),
            Kind::UpstreamFailed => (Origin::Upstream, AGAIN, 502, 2005),
            Kind::EgressRefused => (Origin::Gateway, Retry::NextTarget, 502, 2005),
            Kind::Unavailable => (Origin::Gateway, Retry::Never, 503, 2005),
            Kind::ClientGone => (Origin::Downstream, Retry::Never, 499, 2900),
            Kind::Internal => (Origin::Gateway, Retry::Never, 500, 2900),
        }
    }

    /// Adds what to do about it. Shown to the client; plain ASCII, no secrets.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<Cow<'static, str>>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds the cause, for the operator only.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Overrides the retry rule of the kind.
    #[must_use]
    pub const fn with_retry(mut self, retry: Retry) -> Self {
        self.retry = retry;
        self
    }

    /// What happened.
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// Whose side.
    pub const fn origin(&self) -> Origin {
        self.origin
    }

    /// Whether trying again may help.
    pub const fn retry(&self) -> Retry {
        self.retry
    }

    /// Status and number for the client.
    pub const fn code(&self) -> Code {
        self.code
    }

    /// The message for the client.
    pub fn public(&self) -> &str {
        &self.public
    }

    /// The message, and the hint behind it when there is one.
    pub fn description(&self) -> Cow<'_, str> {
        match &self.hint {
            Some(hint) => Cow::Owned(format!("{}: {hint}", self.public)),
            None => Cow::Borrowed(&self.public),
        }
    }

    /// What the client can do about it.
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind.label(), self.public)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}
