//! An evaluation as JSON.

use serde::Serialize;
use weir_core::evaluation::{Dataset, Evaluation, EvaluationResult};
use weir_core::{AccountId, GatewayId, Timestamp};

use crate::schema::{Field, Schema};
use crate::v4::datasets;

const IDS: Schema = Schema::Array { items: &Schema::TEXT, max: 100 };

/// What a caller sends.
pub(super) const INPUT: Schema = Schema::Object(&[
    Field::required("name", Schema::text(1, 256), "Unique in its gateway."),
    Field::required("dataset_ids", IDS, "One at least."),
    Field::required("evaluation_type_ids", IDS, "One at least."),
]);

/// What a caller gets.
pub(super) const EVALUATION: Schema = Schema::Object(&[
    Field::required("id", Schema::TEXT, ""),
    Field::required("gateway_id", Schema::TEXT, ""),
    Field::required("name", Schema::TEXT, ""),
    Field::required("processed", Schema::Bool, "Every result is there, or failed."),
    Field::required("total_logs", Schema::COUNT, "A row counts once in each dataset it is in."),
    Field::required("datasets", Schema::list(&DATASET), "As they were when this was made."),
    Field::required("results", Schema::list(&RESULT), "One for each evaluator."),
    Field::required("created_at", Schema::TIME, ""),
    Field::required("modified_at", Schema::TIME, ""),
]);
const DATASET: Schema = Schema::Object(&[
    Field::required("id", Schema::TEXT, ""),
    Field::required("gateway_id", Schema::TEXT, ""),
    Field::required("account_id", Schema::TEXT, ""),
    Field::required("account_tag", Schema::TEXT, "Same as account_id."),
    Field::required("name", Schema::TEXT, ""),
    Field::required("enable", Schema::Bool, ""),
    Field::required("filters", Schema::list(&Schema::Any), ""),
    Field::required("created_at", Schema::TIME, ""),
    Field::required("modified_at", Schema::TIME, ""),
]);
const RESULT: Schema = Schema::Object(&[
    Field::required("id", Schema::TEXT, ""),
    Field::required("evaluation_id", Schema::TEXT, ""),
    Field::required("evaluation_type_id", Schema::TEXT, ""),
    Field::required("result", Schema::TEXT, "A decimal number; empty until there is one."),
    Field::required("status", Schema::integer(0, 3), "Queued, running, completed, error."),
    Field::required("status_description", Schema::TEXT, ""),
    Field::required("total_logs", Schema::COUNT, "Rows that have what was measured."),
    Field::required("created_at", Schema::TIME, ""),
    Field::required("modified_at", Schema::TIME, ""),
]);

/// The JSON of an evaluation.
#[derive(Serialize)]
pub(super) struct View<'a> {
    id: &'a str,
    gateway_id: &'a GatewayId,
    name: &'a str,
    processed: bool,
    total_logs: u64,
    datasets: Vec<DatasetView<'a>>,
    results: Vec<ResultView<'a>>,
    created_at: Timestamp,
    modified_at: Timestamp,
}

#[derive(Serialize)]
struct DatasetView<'a> {
    #[serde(flatten)]
    dataset: datasets::View<'a>,
    account_id: &'a AccountId,
    account_tag: &'a AccountId,
}

#[derive(Serialize)]
struct ResultView<'a> {
    id: &'a str,
    evaluation_id: &'a str,
    evaluation_type_id: &'a str,
    result: &'a str,
    status: u8,
    status_description: &'a str,
    total_logs: u64,
    created_at: Timestamp,
    modified_at: Timestamp,
}

impl<'a> View<'a> {
    pub(super) fn of(evaluation: &'a Evaluation) -> Self {
        let dataset = |dataset: &'a Dataset| DatasetView {
            dataset: datasets::View::of(dataset),
            account_id: &dataset.account_id,
            account_tag: &dataset.account_id,
        };
        let result = |result: &'a EvaluationResult| ResultView {
            id: &result.id,
            evaluation_id: &evaluation.id,
            evaluation_type_id: &result.evaluation_type_id,
            result: &result.result,
            status: result.status.number(),
            status_description: &result.status_description,
            total_logs: result.total_logs,
            created_at: result.created_at,
            modified_at: result.modified_at,
        };
        Self {
            id: &evaluation.id,
            gateway_id: &evaluation.gateway_id,
            name: &evaluation.name,
            processed: evaluation.processed,
            total_logs: evaluation.total_logs,
            datasets: evaluation.datasets.iter().map(dataset).collect(),
            results: evaluation.results.iter().map(result).collect(),
            created_at: evaluation.created_at,
            modified_at: evaluation.modified_at,
        }
    }
}
