//! `POST /logs/recompute`: prices the rows of a span of time anew, after a price was corrected (spec:
//! observability 5.2).
//!
//! It goes on beside the calls, in pieces, one at a time for each gateway. What it does is in the log
//! store when a piece is done; the job itself is in this process only, and one that is cut short is
//! simply started again, because a row that has its figure is left alone. Limits, budgets and credits
//! are not touched: they count what was charged when it was.

mod figure;
mod form;
mod job;
mod work;

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use axum::routing::MethodFilter;
use serde::Deserialize;
use serde_json::{Value, json};
use weir_core::audit::Action;
use weir_core::log_filter::{LogFilter, LogOrder};
use weir_core::store::LogQuery;
use weir_core::{Permission, Timestamp};

pub(crate) use self::job::Recomputations;

use self::form::{BODY, JOB};
use self::job::{Job, View};
use super::walk::{since, until};
use crate::body::Json;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::operation::{Answer, Operation};
use crate::path::{Id, InGateway};
use crate::routes::Table;
use crate::schema::Schema;
use crate::{Api, envelope, filters, trail};

const POST: Operation = Operation {
    id: "recomputeCosts",
    summary: "Price log rows anew with the prices now in force for their time, in the background",
    query: &[],
    body: Some(BODY),
    answer: Answer::Result(JOB),
};
const GET: Operation = Operation {
    id: "getRecomputation",
    summary: "How far a recomputation is, and what it came to",
    query: &[],
    body: None,
    answer: Answer::Result(JOB),
};
const LIST: Operation = Operation {
    id: "listRecomputations",
    summary: "List the recomputations since the start of the process, newest first",
    answer: Answer::Result(Schema::list(&JOB)),
    ..GET
};

pub(super) fn routes(table: Table) -> Table {
    const ALL: &str = "/accounts/{account_id}/ai-gateway/gateways/{gateway_id}/logs/recompute";
    const ONE: &str =
        "/accounts/{account_id}/ai-gateway/gateways/{gateway_id}/logs/recompute/{job_id}";
    table
        .route(MethodFilter::POST, ALL, Permission::Write, &POST, start)
        .route(MethodFilter::GET, ALL, Permission::MetadataRead, &LIST, list)
        .route(MethodFilter::GET, ONE, Permission::MetadataRead, &GET, get)
}

/// Body of a `POST`, checked.
#[derive(Debug, Deserialize)]
struct Body {
    #[serde(default)]
    from: Option<String>,
    #[serde(default)]
    to: Option<String>,
    #[serde(default)]
    filters: Option<Value>,
    #[serde(default)]
    dry_run: Option<bool>,
}

/// `POST /logs/recompute`: answers when it has begun.
async fn start(
    State(api): State<Arc<Api>>,
    caller: Caller,
    InGateway(gateway): InGateway,
    Json { value: body, ignored }: Json<Body>,
) -> Result<Response, ApiError> {
    let time = |text: &Option<String>| text.as_deref().and_then(Timestamp::parse);
    let (from, to) = (time(&body.from), time(&body.to));
    // Rows that come later are priced by what is in force already, so that this has an end.
    let to = to.unwrap_or_else(Timestamp::now);
    if from.is_some_and(|from| from > to) {
        return Err(ApiError::body("to", "to must not be before from"));
    }
    let place = &["body", "filters"];
    let written = body.filters.as_ref().map(|filters| filters::from_json(filters, place));
    let written = written.transpose()?.unwrap_or_default();
    let mut conditions = filters::conditions(&written, &filters::LOGS, place)?;
    conditions.extend(from.map(since));
    conditions.push(until(to));
    let query = LogQuery {
        account: gateway.account_id.clone(),
        gateway: gateway.id.clone(),
        filter: LogFilter { conditions, search: String::new() },
        order: LogOrder::CreatedAt,
        ascending: true,
        offset: 0,
        limit: work::PAGE,
    };
    let job = Arc::new(Job::new(&gateway, from, to, body.dry_run.unwrap_or(false)));
    let under_way = api.background.recomputations.begin(&job)?;
    if !job.dry_run {
        let after = json!({
            "recompute": job.id, "from": from, "to": to, "filters": filters::to_json(&written)
        });
        let record = trail::deed(&caller, &gateway, Action::Update, "", after);
        trail::keep(&api, record);
    }
    tokio::spawn(async move {
        let outcome = work::run(&api, &gateway, &under_way, query).await;
        under_way.finish(outcome);
    });
    Ok(envelope::noted(&View::of(&job), ignored))
}

/// `GET /logs/recompute`.
async fn list(State(api): State<Arc<Api>>, InGateway(gateway): InGateway) -> Response {
    let jobs = api.background.recomputations.of(&gateway);
    let views: Vec<View<'_>> = jobs.iter().map(|job| View::of(job)).collect();
    envelope::object(&views)
}

/// `GET /logs/recompute/{job_id}`.
async fn get(
    State(api): State<Arc<Api>>,
    InGateway(gateway): InGateway,
    Id(id): Id,
) -> Result<Response, ApiError> {
    let jobs = api.background.recomputations.of(&gateway);
    let job = jobs.iter().find(|job| *job.id == *id).ok_or(ApiError::NotFound(
        "recomputation not found: they are forgotten when the process ends; start it again, rows \
         that have their figure are left alone"
            .into(),
    ))?;
    Ok(envelope::object(&View::of(job)))
}
