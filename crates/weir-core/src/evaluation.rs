//! Datasets and evaluations over logs (spec: management-api 5, observability 6.1).

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clock::Timestamp;
use crate::id::{AccountId, GatewayId};

/// A named set of filters over a gateway's logs. Live: it holds whatever matches now.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Dataset {
    /// A UUID.
    pub id: Arc<str>,
    /// Whose it is.
    pub account_id: AccountId,
    /// The gateway it belongs to.
    pub gateway_id: GatewayId,
    /// Unique in its gateway.
    pub name: String,
    /// For people; a disabled one is still evaluated.
    pub enable: bool,
    /// `[{key, operator, value[]}]`, as the caller sent them. Checked when they were accepted.
    pub filters: Value,
    /// Creation time.
    pub created_at: Timestamp,
    /// Last change.
    pub modified_at: Timestamp,
}

/// Evaluators over datasets, with their results. A snapshot: computed once.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Evaluation {
    /// A UUID.
    pub id: Arc<str>,
    /// Whose it is.
    pub account_id: AccountId,
    /// The gateway it belongs to.
    pub gateway_id: GatewayId,
    /// Unique in its gateway.
    pub name: String,
    /// The datasets as they were when it was made.
    pub datasets: Vec<Dataset>,
    /// One for each evaluator.
    pub results: Vec<EvaluationResult>,
    /// Log rows it saw; known when it is processed.
    pub total_logs: u64,
    /// Every result is final.
    pub processed: bool,
    /// Creation time.
    pub created_at: Timestamp,
    /// Last change.
    pub modified_at: Timestamp,
}

/// What one evaluator found.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EvaluationResult {
    /// A UUID.
    pub id: Arc<str>,
    /// Which evaluator.
    pub evaluation_type_id: Arc<str>,
    /// Where it stands.
    pub status: EvaluationStatus,
    /// Why it failed, if it did.
    pub status_description: String,
    /// The figure as text; empty until there is one.
    pub result: String,
    /// Rows that went into it.
    pub total_logs: u64,
    /// Creation time.
    pub created_at: Timestamp,
    /// Last change.
    pub modified_at: Timestamp,
}

/// Where a result stands (spec: management-api 5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EvaluationStatus {
    /// Waiting.
    Queued,
    /// Being computed.
    Running,
    /// There.
    Completed,
    /// Failed.
    Error,
}

impl EvaluationStatus {
    /// The number in the API.
    pub const fn number(self) -> u8 {
        match self {
            Self::Queued => 0,
            Self::Running => 1,
            Self::Completed => 2,
            Self::Error => 3,
        }
    }
}
