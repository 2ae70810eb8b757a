//! The query of the log list (spec: management-api 4.1).

use weir_core::Gateway;
use weir_core::log_filter::{LogFilter, LogOrder};
use weir_core::store::LogQuery;

use crate::error::ApiError;
use crate::query::{Paging, Params};

/// What to ask the store for.
pub(super) fn read(
    params: &Params,
    paging: Paging,
    gateway: &Gateway,
) -> Result<LogQuery, ApiError> {
    let direction = params.get("order_by_direction").or_else(|| params.get("direction"));
    Ok(LogQuery {
        account: gateway.account_id.clone(),
        gateway: gateway.id.clone(),
        filter: LogFilter::default(),
        order: params.get("order_by").and_then(LogOrder::parse).unwrap_or_default(),
        ascending: direction == Some("asc"),
        offset: paging.offset(),
        limit: paging.limit(),
    })
}
