//! Who changed what (spec: observability 11).

use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clock::Timestamp;
use crate::id::{AccountId, LogId};

/// Who acts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// What it is.
    #[serde(rename = "type")]
    pub kind: ActorKind,
    /// Id of the token, or the name of the command or part of the program.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Where the call came from.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ip: Option<IpAddr>,
}

/// What an actor is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActorKind {
    /// A caller of the management API.
    Token,
    /// A person at the command line.
    CommandLine,
    /// Weir itself.
    System,
}

impl Actor {
    /// Weir itself; `part` says which part of it.
    pub fn system(part: &str) -> Self {
        Self { kind: ActorKind::System, id: part.to_owned(), name: part.to_owned(), ip: None }
    }

    /// A person who ran `weir <command>`.
    pub fn command_line(command: &str) -> Self {
        let name = format!("weir {command}");
        Self { kind: ActorKind::CommandLine, id: command.to_owned(), name, ip: None }
    }
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// An object came into being.
    Create,
    /// An object changed.
    Update,
    /// An object went away.
    Delete,
    /// A logged body was read.
    ReadBody,
    /// Log rows were deleted; `after` says how many.
    DeleteLogs,
    /// The keys that seal secrets were exchanged.
    RotateKeys,
    /// A budget was set back to nothing spent; `before` says what it stood at.
    Reset,
    /// Credits were bought, given or corrected; `after` is the line of the journal.
    Credit,
    /// A provider key was tried out; `after` says what came of it.
    TestKey,
}

impl Action {
    /// The stored word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::ReadBody => "read_body",
            Self::DeleteLogs => "delete_logs",
            Self::RotateKeys => "rotate_keys",
            Self::Reset => "reset",
            Self::Credit => "credit",
            Self::TestKey => "test_key",
        }
    }

    /// Reads the stored word.
    pub fn parse(word: &str) -> Option<Self> {
        const EVERY: [Action; 9] = [
            Action::Create,
            Action::Update,
            Action::Delete,
            Action::ReadBody,
            Action::DeleteLogs,
            Action::RotateKeys,
            Action::Reset,
            Action::Credit,
            Action::TestKey,
        ];
        EVERY.into_iter().find(|action| action.name() == word)
    }
}

/// One deed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AuditRecord {
    /// Sorts by time.
    pub id: LogId,
    /// When.
    pub at: Timestamp,
    /// In which account.
    pub account: AccountId,
    /// At which gateway, if at one.
    pub gateway: Option<Box<str>>,
    /// Who.
    pub actor: Actor,
    /// What was done.
    pub action: Action,
    /// To what kind of object.
    pub resource_type: Box<str>,
    /// To which one.
    pub resource_id: Box<str>,
    /// The object before, credentials masked.
    pub before: Option<Value>,
    /// The object after, credentials masked.
    pub after: Option<Value>,
}

/// Which records to list, newest first.
#[derive(Clone, Debug)]
pub struct AuditQuery {
    /// Account.
    pub account: AccountId,
    /// Only this gateway's.
    pub gateway: Option<String>,
    /// Only these kinds of deeds, by stored word.
    pub action: Option<Action>,
    /// Only this kind of object.
    pub resource_type: Option<String>,
    /// Only this object.
    pub resource_id: Option<String>,
    /// Only this actor's, by id.
    pub actor_id: Option<String>,
    /// Not before.
    pub since: Option<Timestamp>,
    /// Not after.
    pub until: Option<Timestamp>,
    /// Records to pass over.
    pub offset: u64,
    /// Records to give at most.
    pub limit: u32,
}

/// A page of records.
#[derive(Clone, Debug)]
pub struct AuditPage {
    /// The records.
    pub records: Vec<AuditRecord>,
    /// Records that match in all.
    pub total: u64,
}
