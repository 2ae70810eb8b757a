//! Everything that can go wrong in a management call, before it is a status and a body.

use std::borrow::Cow;

use weir_core::Permission;
use weir_core::store::StoreError;

/// Why a call is refused. `envelope` alone knows which status and code that is.
#[derive(Debug)]
pub(crate) enum ApiError {
    /// An input that cannot be accepted.
    Input {
        /// Where it stands, e.g. `["query", "per_page"]`.
        path: [&'static str; 2],
        /// What is wrong with it.
        message: Cow<'static, str>,
    },
    /// No such object, or nothing kept of it. The text is the whole message.
    NotFound(Cow<'static, str>),
    /// No such path.
    NoRoute,
    /// The path is there, the method is not.
    MethodNotAllowed,
    /// The `Authorization` header is missing.
    NoCredential,
    /// The `Authorization` header cannot be read.
    UnreadableCredential,
    /// Unknown, revoked or expired; which one is not told to the caller.
    InvalidToken,
    /// A valid token that lacks this permission, or is of another account.
    Forbidden(Permission),
    /// The log store failed.
    Store(StoreError),
}

impl ApiError {
    /// A query parameter that cannot be accepted.
    pub(crate) fn query(name: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::Input { path: ["query", name], message: message.into() }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
