//! The background work of evaluations: one after the other, woken when one is made.

mod figures;

use std::sync::Arc;

use weir_core::Timestamp;
use weir_core::audit::Actor;
use weir_core::evaluation::{Evaluation, EvaluationResult, EvaluationStatus};
use weir_core::live::ChangeError;
use weir_core::log_filter::{Condition, FilterValue, LogField, LogFilter, Operator};
use weir_core::store::{LogSummary, StoreError};

use self::figures::Figure;
use crate::error::ApiError;
use crate::v4::evaluation_types::Evaluator;
use crate::{Api, filters};

/// Computes evaluations for as long as it is polled; idle, it waits and costs nothing. Spawn it
/// once. Dropping it in the middle of one is safe: what is not finished is found again by the next
/// start.
///
/// At start it takes up what an earlier run left queued or running, and tries again what failed.
pub async fn evaluate(api: Arc<Api>) {
    let mut again = true;
    loop {
        work_off(&api, again).await;
        again = false;
        api.background.evaluations.notified().await;
    }
}

/// Computes everything that is waiting. Evaluations made meanwhile have left a wake-up behind.
async fn work_off(api: &Api, failed_too: bool) {
    let waits = |evaluation: &&Arc<Evaluation>| {
        let failed = |result: &EvaluationResult| result.status == EvaluationStatus::Error;
        !evaluation.processed || (failed_too && evaluation.results.iter().any(failed))
    };
    let snapshot = api.configuration.snapshot();
    let mut waiting: Vec<_> =
        snapshot.configuration().evaluations.iter().filter(waits).cloned().collect();
    waiting.sort_by_key(|evaluation| evaluation.created_at);
    for evaluation in waiting {
        if let Err(error) = compute(api, &evaluation).await {
            // It keeps its state, and is taken up with the next one that is made.
            let id = &*evaluation.id;
            tracing::error!(%error, id, "an evaluation could not be written down");
        }
    }
}

async fn compute(api: &Api, evaluation: &Evaluation) -> Result<(), StoreError> {
    mark(api, evaluation, |now| {
        now.processed = false;
        for result in &mut now.results {
            result.status = EvaluationStatus::Running;
            result.status_description.clear();
        }
    })
    .await?;
    let sums = sum_up(api, evaluation).await;
    let at = Timestamp::now();
    mark(api, evaluation, |now| {
        now.processed = true;
        now.modified_at = at;
        if let Ok(sums) = &sums {
            now.total_logs = sums.iter().map(|sums| sums.rows).sum();
        }
        for result in &mut now.results {
            finish(result, &sums, at);
        }
    })
    .await
}

/// Changes the evaluation, unless it was deleted meanwhile.
async fn mark(
    api: &Api,
    evaluation: &Evaluation,
    mut edit: impl FnMut(&mut Evaluation),
) -> Result<(), StoreError> {
    let actor = Actor::system("evaluations");
    let changed = api.configuration.change(&actor, |now, changes| {
        if let Some(present) = now.get::<Evaluation>(&evaluation.account_id, &evaluation.id) {
            let mut changed = (**present).clone();
            edit(&mut changed);
            changes.put(changed);
        }
        Ok::<_, std::convert::Infallible>(())
    });
    changed.await.map_err(|error| match error {
        ChangeError::Refused(never) => match never {},
        ChangeError::Store(error) => error,
    })
}

/// The figures of each dataset, or why there are none.
async fn sum_up(api: &Api, evaluation: &Evaluation) -> Result<Vec<LogSummary>, &'static str> {
    let mut sums = Vec::with_capacity(evaluation.datasets.len());
    for dataset in &evaluation.datasets {
        // They were checked when they were accepted.
        let mut conditions = conditions(&dataset.filters)
            .map_err(|_| "a filter of a dataset is no longer known; make the dataset anew")?;
        // However late it is computed, an evaluation sees what was there when it was made.
        conditions.push(Condition {
            field: LogField::CreatedAt,
            operator: Operator::Lte,
            values: vec![FilterValue::Time(evaluation.created_at)],
        });
        let filter = LogFilter { conditions, search: String::new() };
        let summed = api
            .logs
            .summarise(&evaluation.account_id, &evaluation.gateway_id, &filter)
            .await
            .map_err(|error| {
                tracing::error!(%error, id = &*evaluation.id, "an evaluation failed");
                "the log store failed; the next start of the server tries again"
            })?;
        sums.push(summed);
    }
    Ok(sums)
}

fn conditions(written: &serde_json::Value) -> Result<Vec<Condition>, ApiError> {
    let place = &["filters"];
    filters::conditions(&filters::from_json(written, place)?, &filters::LOGS, place)
}

fn finish(
    result: &mut EvaluationResult,
    sums: &Result<Vec<LogSummary>, &'static str>,
    at: Timestamp,
) {
    result.modified_at = at;
    let figure = match (sums, Evaluator::find(&result.evaluation_type_id)) {
        (Ok(sums), Some(evaluator)) => Ok(Figure::of(evaluator, sums)),
        (Err(reason), _) => Err(*reason),
        (Ok(_), None) => Err("this evaluator is no longer there"),
    };
    match figure {
        Ok(figure) => {
            result.status = EvaluationStatus::Completed;
            result.status_description = figure.remark.to_owned();
            result.result = figure.text;
            result.total_logs = figure.rows;
        }
        Err(reason) => {
            result.status = EvaluationStatus::Error;
            result.status_description = reason.to_owned();
        }
    }
}
