//! What the policies would say to a call.

use std::collections::HashMap;

use axum::response::Response;
use axum::routing::MethodFilter;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use weir_core::policy::{Bucket, Claims, Decision, Identity, Rule, Target, Verdict, evaluate};
use weir_core::{Cost, Permission, Timestamp};

use super::form::{SIMULATED, SIMULATION};
use super::view::{Stage, seconds};
use super::{STAGING, check, of_gateway};
use crate::body::Json;
use crate::caller::Caller;
use crate::envelope;
use crate::error::ApiError;
use crate::operation::{Answer, Operation};
use crate::path::InGateway;
use crate::query::Params;
use crate::routes::Table;

const POST: Operation = Operation {
    id: "simulatePolicies",
    summary: "Say what the policies would do with a call; nothing is changed or spent",
    query: &[STAGING],
    body: Some(SIMULATED),
    answer: Answer::Result(SIMULATION),
};

pub(super) fn routes(table: Table) -> Table {
    const PATH: &str = "/accounts/{account_id}/ai-gateway/gateways/{gateway_id}/policies/simulate";
    table.route(MethodFilter::POST, PATH, Permission::Read, &POST, simulate)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Call {
    #[serde(default)]
    identity: Who,
    model: String,
    provider: String,
    #[serde(default)]
    bucket_usage: HashMap<String, Usage>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Who {
    cf: Credential,
    metadata: Map<String, Value>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Credential {
    user: User,
    custom: Map<String, Value>,
    country: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct User {
    id: Option<String>,
    email: Option<String>,
    groups: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Usage {
    spent: f64,
}

impl Usage {
    /// Never more than the schema admits.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "the schema keeps the product within an i64, and it is rounded"
    )]
    fn cost(&self) -> Cost {
        Cost::from_pico((self.spent * Cost::SCALE as f64).round() as i64)
    }
}

impl From<Who> for Identity {
    fn from(who: Who) -> Self {
        let Credential { user, custom, country } = who.cf;
        let User { id, email, groups } = user;
        let claims =
            Claims { user_id: id, user_email: email, user_groups: groups, custom, country };
        Self::new(claims, who.metadata)
    }
}

/// `POST /policies/simulate`.
async fn simulate(
    caller: Caller,
    InGateway(gateway): InGateway,
    params: Params,
    body: Json<Call>,
) -> Result<Response, ApiError> {
    let Call { identity, model, provider, bucket_usage } = body.value;
    let stage = Stage::asked(&params);
    let rules = of_gateway(caller.configuration(), &gateway)
        .into_iter()
        .filter_map(|policy| Some((policy, stage.content(policy)?.0)))
        .map(|(policy, content)| check(&policy.id, content))
        .collect::<Result<Vec<Rule>, _>>()?;
    let target = Target { provider: &provider, model: &model };
    let decision = evaluate(&rules, &identity.into(), target);
    let verdict = decision
        .enforce(|_, cap| Some(bucket_usage.get(&cap.rule.name).map_or(Cost::ZERO, Usage::cost)));
    let simulation = Simulation {
        evaluation: Evaluation::of(&decision, Timestamp::now()),
        enforcement: Enforcement::of(&verdict),
        policies_evaluated: rules.len(),
    };
    Ok(envelope::noted(&simulation, body.ignored))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Simulation<'a> {
    evaluation: Evaluation<'a>,
    enforcement: Enforcement<'a>,
    policies_evaluated: usize,
}

#[derive(Serialize)]
struct Evaluation<'a> {
    decision: &'static str,
    buckets: Vec<BucketView<'a>>,
}

#[derive(Serialize)]
struct BucketView<'a> {
    id: String,
    actor: &'a str,
    resource: String,
    limits: Vec<LimitView<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LimitView<'a> {
    policy_id: &'a str,
    policy_name: &'a str,
    amount: Cost,
    period: &'static str,
    resets_at: i64,
}

impl<'a> Evaluation<'a> {
    fn of(decision: &'a Decision<'_>, now: Timestamp) -> Self {
        let (decision, buckets) = match decision {
            Decision::Unlimited => ("no-limit", &[][..]),
            Decision::Block(_) => ("block", &[][..]),
            Decision::Limits(buckets) => ("check_limits", buckets.as_slice()),
        };
        Self {
            decision,
            buckets: buckets.iter().map(|bucket| BucketView::of(bucket, now)).collect(),
        }
    }
}

impl<'a> BucketView<'a> {
    fn of(bucket: &'a Bucket<'_>, now: Timestamp) -> Self {
        let limits = bucket.caps.iter().map(|cap| LimitView {
            policy_id: &cap.rule.id,
            policy_name: &cap.rule.name,
            amount: cap.limit.amount,
            period: cap.limit.period.name(),
            resets_at: seconds(cap.limit.period.around(now).1),
        });
        Self {
            id: bucket.id(),
            actor: &bucket.actor,
            resource: bucket.resource.to_string(),
            limits: limits.collect(),
        }
    }
}

#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Enforcement<'a> {
    allowed: bool,
    reason: Option<&'static str>,
    bucket: Option<String>,
    spent: Option<Cost>,
    limit: Option<Cost>,
    policy_name: Option<&'a str>,
}

impl<'a> Enforcement<'a> {
    fn of(verdict: &Verdict<'_, 'a>) -> Self {
        match verdict {
            Verdict::Allowed => Self { allowed: true, ..Self::default() },
            Verdict::Blocked(rule) => Self {
                reason: Some("blocked"),
                policy_name: rule.map(|rule| rule.name.as_str()),
                ..Self::default()
            },
            Verdict::Exceeded { bucket, cap, spent } => Self {
                allowed: false,
                reason: Some("limit_exceeded"),
                bucket: Some(bucket.id()),
                spent: Some(*spent),
                limit: Some(cap.limit.amount),
                policy_name: Some(&cap.rule.name),
            },
        }
    }
}
