//! What is wrong with a credential.

use std::borrow::Cow;

/// Why a credential cannot be used. The message never holds any of its text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CredentialFault {
    /// It has to be JSON and is not.
    #[error("{what} is not a JSON object; paste the whole file")]
    NotJson {
        /// What was read, e.g. `the service account`.
        what: &'static str,
    },
    /// A member is absent, empty or not a text.
    #[error("{what} has no \"{key}\"")]
    Missing {
        /// What was read.
        what: &'static str,
        /// The member, as its provider writes it.
        key: &'static str,
    },
    /// A member has a value that cannot be right.
    #[error("{what}: \"{key}\" {reason}")]
    Wrong {
        /// What was read.
        what: &'static str,
        /// The member.
        key: &'static str,
        /// What it has to be.
        reason: Cow<'static, str>,
    },
    /// The key is there but signing with it failed.
    #[error("the private key of the service account did not sign; make a new key")]
    NotSigned,
}
