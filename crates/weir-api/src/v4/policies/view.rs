//! Policies as the API shows them.

use serde::Serialize;
use serde_json::Value;
use weir_core::Timestamp;
use weir_core::policy::{Policy, PolicyBody};

use crate::query::Params;

/// What a reader wants to see of a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// What is in force.
    Committed,
    /// The draft, or what is in force where there is none.
    Draft,
}

impl Stage {
    /// What the caller asks for.
    pub(super) fn asked(params: &Params) -> Self {
        if params.flag("includeStaging") == Some(true) { Self::Draft } else { Self::Committed }
    }

    /// What a policy says at this stage, and whether that is a draft.
    pub(super) fn content(self, policy: &Policy) -> Option<(&PolicyBody, bool)> {
        let draft =
            policy.draft.as_ref().filter(|_| self == Self::Draft).map(|draft| (draft, true));
        draft.or_else(|| policy.committed.as_ref().map(|committed| (committed, false)))
    }
}

/// A policy at one stage.
#[derive(Clone, Serialize)]
pub(super) struct View<'a> {
    id: &'a str,
    name: &'a str,
    actor: &'a str,
    resource: &'a Value,
    condition: &'a str,
    action: &'a Value,
    created_at: i64,
    updated_at: i64,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    staging: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    uncommitted: bool,
}

impl<'a> View<'a> {
    /// `None` when the policy says nothing at that stage.
    pub(super) fn of(policy: &'a Policy, stage: Stage) -> Option<Self> {
        let (content, staging) = stage.content(policy)?;
        Some(Self {
            id: &policy.id,
            name: &content.name,
            actor: &content.actor,
            resource: &content.resource,
            condition: content.condition.as_deref().unwrap_or("true"),
            action: &content.action,
            created_at: seconds(policy.created_at),
            updated_at: seconds(policy.updated_at),
            staging,
            uncommitted: false,
        })
    }

    /// The same with the second mark that a draft has when it is asked for by its id.
    pub(super) fn by_itself(self) -> Self {
        Self { uncommitted: self.staging, ..self }
    }
}

/// The fields of an answer to a creation.
#[derive(Serialize)]
pub(super) struct Created<'a> {
    pub(super) result: Option<View<'a>>,
    pub(super) committed: bool,
}

/// The fields of an answer to a change.
#[derive(Serialize)]
pub(super) struct Stored {
    pub(super) committed: bool,
}

/// Unix seconds.
pub(super) fn seconds(at: Timestamp) -> i64 {
    at.as_millis().div_euclid(1000)
}
