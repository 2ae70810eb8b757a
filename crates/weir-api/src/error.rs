//! Everything that can go wrong in a management call, before it is a status and a body.

use std::borrow::Cow;

use weir_core::Permission;
use weir_core::fault::Fault;
use weir_core::live::ChangeError;
use weir_core::store::StoreError;

use crate::schema::Refusal;

/// Why a call is refused. `envelope` alone knows which status and code that is.
#[derive(Debug)]
pub(crate) enum ApiError {
    /// Inputs that cannot be accepted; at least one.
    Input(Vec<Refusal>),
    /// The body is larger than any body may be.
    TooLarge,
    /// No such object, or nothing kept of it. The text is the whole message.
    NotFound(Cow<'static, str>),
    /// No such route object (the original answers these with a code of their own).
    NoDynamicRoute,
    /// A dynamic route of that name is already there.
    DynamicRouteExists,
    /// Something stands in the way, and trying again will not help until the caller removes it.
    InUse(Cow<'static, str>),
    /// Something is done too often; later it will be done again. The text is the whole message.
    TooOften(&'static str),
    /// Not to be had by anybody. The text is the whole message.
    Retired(&'static str),
    /// No such path.
    NoRoute,
    /// The path is there, the method is not.
    MethodNotAllowed,
    /// No header with a credential.
    NoCredential,
    /// The header with the credential cannot be read.
    UnreadableCredential,
    /// Unknown, revoked or expired; which one is not told to the caller.
    InvalidToken,
    /// The same, at a verification endpoint, which has a code of its own.
    UnverifiableToken,
    /// A valid token that lacks this permission, or is of another account.
    Forbidden(Permission),
    /// A valid token of another account, where no permission is asked for.
    OtherAccount,
    /// A valid token that is restricted to other gateways.
    OtherGateways,
    /// A valid token that may not come from where it comes from.
    OtherAddress,
    /// A store failed.
    Store(StoreError),
    /// We failed.
    Internal(Box<dyn std::error::Error + Send + Sync>),
}

impl ApiError {
    /// A query parameter that cannot be accepted.
    pub(crate) fn query(name: &str, message: impl Into<String>) -> Self {
        Self::input(&["query", name], message)
    }

    /// A field of the body that cannot be accepted.
    pub(crate) fn body(field: &str, message: impl Into<String>) -> Self {
        Self::input(&["body", field], message)
    }

    /// An input that cannot be accepted.
    pub(crate) fn input(path: &[&str], message: impl Into<String>) -> Self {
        let path = path.iter().map(|&part| part.to_owned()).collect();
        Self::Input(vec![Refusal { path, message: message.into() }])
    }

    /// What is wrong with the part of the body at `root`.
    pub(crate) fn faults(root: &[&str], faults: Vec<Fault>) -> Self {
        let below = |fault: Fault| {
            let path = root.iter().map(|&part| part.to_owned()).chain(fault.path).collect();
            Refusal { path, message: fault.message }
        };
        Self::Input(faults.into_iter().map(below).collect())
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::TooManyGroups => {
                let message =
                    "there are too many groups of calls in this span: ask for a shorter one";
                Self::input(&["query"], message)
            }
            error => Self::Store(error),
        }
    }
}

impl From<ChangeError<Self>> for ApiError {
    fn from(error: ChangeError<Self>) -> Self {
        match error {
            ChangeError::Refused(error) => error,
            ChangeError::Store(error) => Self::Store(error),
        }
    }
}
