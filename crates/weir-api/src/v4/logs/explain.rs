//! `GET /logs/{log_id}/explain`: why the request that a row belongs to went the way it went, from
//! the decisions kept with its rows (spec: observability 1.2, 1.8).

mod form;
mod summary;
mod view;

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use weir_core::log_filter::{Condition, FilterValue, LogField, LogFilter, LogOrder, Operator};
use weir_core::store::{LogQuery, StoredLog};
use weir_core::{Gateway, Timestamp};

use self::form::EXPLANATION;
use self::view::Explanation;
use super::fresh;
use crate::error::ApiError;
use crate::operation::{Answer, Operation};
use crate::path::{InGateway, LogPath};
use crate::{Api, envelope};

pub(super) const GET: Operation = Operation {
    id: "explainLog",
    summary: "Why the request of a log row went the way it went",
    query: &[],
    body: None,
    answer: Answer::Result(EXPLANATION),
};

/// Rows of one request that are looked at.
const MOST: u32 = 50;
/// How far apart the rows of one request may begin. It keeps the search to a few segments of the
/// log, however many rows there are.
const APART_MS: i64 = 3_600_000;

pub(super) async fn get(
    State(api): State<Arc<Api>>,
    InGateway(gateway): InGateway,
    LogPath(id): LogPath,
) -> Result<Response, ApiError> {
    let row = fresh::find(&api, &gateway, id).await?;
    let (rows, total) = of_request(&api, &gateway, row).await?;
    Ok(envelope::object(&Explanation::of(&rows, total)))
}

/// The rows of the request that a row belongs to, in the order in which they were tried, calls
/// beside them last, and how many there are. The row itself is among them.
async fn of_request(
    api: &Api,
    gateway: &Gateway,
    row: StoredLog,
) -> Result<(Vec<StoredLog>, u64), ApiError> {
    let page = api.logs.list(&siblings(gateway, &row)).await?;
    let (total, id) = (page.total.max(1), row.record.id);
    let mut rows = vec![row];
    for other in page.rows.iter().filter(|other| other.record.id != id) {
        // The list has no trails; a row deleted meanwhile is no longer of interest.
        let found = api.logs.get(&gateway.account_id, &gateway.id, other.record.id).await?;
        rows.extend(found);
    }
    rows.sort_by_key(|row| {
        let record = &row.record;
        (view::is_beside(record), record.step, record.attempt_index, record.id)
    });
    Ok((rows, total))
}

fn siblings(gateway: &Gateway, row: &StoredLog) -> LogQuery {
    let moment = |offset: i64| {
        let at = row.record.created_at.as_millis().saturating_add(offset);
        vec![FilterValue::Time(Timestamp::from_millis(at))]
    };
    let condition = |field, operator, values| Condition { field, operator, values };
    let request = vec![FilterValue::Text(row.record.request_id.to_string())];
    LogQuery {
        account: gateway.account_id.clone(),
        gateway: gateway.id.clone(),
        filter: LogFilter {
            conditions: vec![
                condition(LogField::CreatedAt, Operator::Gte, moment(-APART_MS)),
                condition(LogField::CreatedAt, Operator::Lte, moment(APART_MS)),
                condition(LogField::RequestId, Operator::Eq, request),
            ],
            search: String::new(),
        },
        order: LogOrder::CreatedAt,
        ascending: true,
        offset: 0,
        limit: MOST,
    }
}
