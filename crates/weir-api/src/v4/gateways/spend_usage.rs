//! What the buckets of a gateway's spend limits stand at.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use serde_json::{Map, Value};
use weir_core::ledger::{Claim, Measure};
use weir_core::route::Technique;
use weir_core::spend::{MissingDimension, Mode, SpendRule};
use weir_core::{Cost, Gateway, Timestamp};

use crate::error::ApiError;
use crate::operation::{Answer, Operation, Param};
use crate::path::InGateway;
use crate::query::Params;
use crate::schema::{Field, Schema};
use crate::{Api, envelope};

const DOLLARS_OR_NULL: Schema = Schema::Nullable(&Schema::NUMBER);

pub(super) const GET: Operation = Operation {
    id: "spendLimitsUsage",
    summary: "Show what is spent of each spend limit in force; a rule that tells calls apart shows \
              the bucket of the values named as model, provider and metadata.{key}",
    query: &[
        Param::optional("model", Schema::TEXT, "For rules that tell models apart."),
        Param::optional("provider", Schema::TEXT, "For rules that tell providers apart."),
    ],
    body: None,
    answer: Answer::Result(Schema::list(&Schema::Object(&[
        Field::required("rule_id", Schema::TEXT, ""),
        Field::required("values", Schema::Map(&Schema::TEXT), "Of the bucket that is shown."),
        Field::required(
            "missing",
            Schema::list(&Schema::TEXT),
            "Values that have to be named; while there are any, no bucket is shown.",
        ),
        Field::required("spent", DOLLARS_OR_NULL, "US dollars, by calls that are over."),
        Field::required("reserved", DOLLARS_OR_NULL, "US dollars, set apart by calls under way."),
        Field::required("limit", Schema::NUMBER, "US dollars."),
        Field::required("window", Schema::COUNT, "Seconds."),
        Field::required("technique", Schema::Choice(&["fixed", "sliding"]), ""),
        Field::required("resets_at", Schema::Nullable(&Schema::TIME), ""),
        Field::required("exhausted", Schema::Bool, "Nothing is left: calls are refused."),
    ]))),
};

#[derive(Serialize)]
struct View {
    rule_id: String,
    values: Map<String, Value>,
    missing: Vec<String>,
    spent: Option<f64>,
    reserved: Option<f64>,
    limit: f64,
    window: u64,
    technique: Technique,
    resets_at: Option<Timestamp>,
    exhausted: bool,
}

/// `GET /gateways/{gateway_id}/spend-limits/usage`.
pub(super) async fn get(
    State(api): State<Arc<Api>>,
    InGateway(gateway): InGateway,
    params: Params,
) -> Result<Response, ApiError> {
    let mut views = Vec::new();
    for rule in SpendRule::enabled(gateway.settings.spend_limits.as_ref()) {
        views.push(view(&api, &gateway, &rule, &params).await);
    }
    Ok(envelope::object(&views))
}

async fn view(api: &Api, gateway: &Gateway, rule: &SpendRule, params: &Params) -> View {
    let shared = gateway.settings.spend_missing == MissingDimension::Shared;
    let (mut values, mut missing) = (Map::new(), Vec::new());
    for name in partitions(rule) {
        match params.get(&name) {
            Some(value) => {
                values.insert(name, value.into());
            }
            // Calls without the label share a bucket, where the gateway says so.
            None if shared && name.starts_with("metadata.") => {
                values.insert(name, "".into());
            }
            None => missing.push(name),
        }
    }
    let mut view = View {
        rule_id: rule.id.as_ref().to_owned(),
        values,
        missing,
        spent: None,
        reserved: None,
        limit: rule.limit,
        window: rule.window,
        technique: rule.technique,
        resets_at: None,
        exhausted: false,
    };
    if view.missing.is_empty() {
        let values: Vec<&str> = view.values.values().filter_map(Value::as_str).collect();
        let claim = Claim {
            key: rule.key(gateway, &values),
            span: rule.span(),
            measure: Measure::Sum,
            limit: rule.most(),
            amount: 0,
        };
        let standing = api.ledger.standing(&claim, api.clock.now()).await;
        let dollars =
            |pico: u64| Cost::from_pico(i64::try_from(pico).unwrap_or(i64::MAX)).dollars();
        view.spent = Some(dollars(standing.spent));
        view.reserved = Some(dollars(standing.reserved));
        view.resets_at = standing.resets_at;
        view.exhausted = standing.taken() >= claim.limit;
    }
    view
}

/// What a rule tells calls apart by, in the order in which its buckets name it.
fn partitions(rule: &SpendRule) -> Vec<String> {
    let is_partition = |mode: &Mode| *mode == Mode::Partition;
    let fixed = [("model", &rule.model), ("provider", &rule.provider)];
    let fixed = fixed.into_iter().filter(|(_, mode)| mode.as_ref().is_some_and(is_partition));
    let labels = rule.metadata.iter().filter(|(_, mode)| is_partition(mode));
    fixed
        .map(|(name, _)| name.to_owned())
        .chain(labels.map(|(key, _)| format!("metadata.{key}")))
        .collect()
}
