//! The kill switch: calls of a token or a session that an operator has stopped.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::id::AccountId;

/// Calls that are refused, and cut off where they are under way, until the stop is lifted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stop {
    /// `{what}:{value}`: there is at most one for each.
    pub id: Arc<str>,
    /// Whose it is.
    pub account_id: AccountId,
    /// What is stopped.
    pub what: Stopped,
    /// The id of the token, the name of the session, the id of the user.
    pub value: String,
    /// Told to callers, if there is one.
    #[serde(default)]
    pub reason: Option<String>,
    /// Since when.
    pub created_at: Timestamp,
    /// By itself it ends then.
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
}

/// What a stop names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stopped {
    /// A gateway token.
    Token,
    /// A session, as `cf-aig-session-id` names it.
    Session,
    /// A user, as `cf.user_id` names one.
    User,
}

impl Stopped {
    /// Every kind.
    pub const EVERY: [Self; 3] = [Self::Token, Self::Session, Self::User];

    /// The stored word.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Session => "session",
            Self::User => "user",
        }
    }
}

impl Stop {
    /// The id of the stop of something.
    pub fn id_of(what: Stopped, value: &str) -> String {
        format!("{}:{value}", what.label())
    }

    /// Whether it holds.
    pub fn holds(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|at| now < at)
    }
}
