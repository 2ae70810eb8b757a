//! The query of the log list (spec: management-api 4.1).

use weir_core::Gateway;
use weir_core::store::LogQuery;

use crate::error::ApiError;
use crate::query::{Paging, Params};

/// 100 is refused, as in the original product: clients know 50 as the limit of this one list.
const MAX_PER_PAGE: u32 = 50;

/// Parameters that narrow the list in later versions. A list that ignored them would show rows the
/// caller excluded, so they are refused.
const FILTERS: [&str; 21] = [
    "filters",
    "start_date",
    "end_date",
    "min_cost",
    "max_cost",
    "min_duration",
    "max_duration",
    "min_tokens_in",
    "max_tokens_in",
    "min_tokens_out",
    "max_tokens_out",
    "min_total_tokens",
    "max_total_tokens",
    "feedback",
    "success",
    "cached",
    "model",
    "model_type",
    "provider",
    "request_content_type",
    "response_content_type",
];

/// What to ask the store for, and the page it makes.
pub(super) fn read(params: &Params, gateway: &Gateway) -> Result<(Paging, LogQuery), ApiError> {
    refuse_filters(params)?;
    let paging = Paging::read(params, MAX_PER_PAGE)?;
    if params.get("order_by")?.is_some_and(|key| key != "created_at") {
        let text = "order_by must be created_at: other orders are not available in this version";
        return Err(ApiError::query("order_by", text));
    }
    let query = LogQuery {
        account: gateway.account_id.clone(),
        gateway: gateway.id.clone(),
        ascending: ascending(params)?,
        offset: paging.offset(),
        limit: paging.limit(),
    };
    Ok((paging, query))
}

/// `order_by_direction`, or `direction` as older clients call it; newest first by default.
fn ascending(params: &Params) -> Result<bool, ApiError> {
    for name in ["order_by_direction", "direction"] {
        match params.get(name)? {
            None => {}
            Some("asc") => return Ok(true),
            Some("desc") => return Ok(false),
            Some(_) => return Err(ApiError::query(name, format!("{name} must be asc or desc"))),
        }
    }
    Ok(false)
}

fn refuse_filters(params: &Params) -> Result<(), ApiError> {
    let unavailable = |name| {
        let text = format!("{name}: filtering is not available in this version");
        ApiError::query(name, text)
    };
    for given in params.names() {
        // `filters.key=...` and `filters[0][key]=...` are other spellings of `filters`.
        let root = given.split(['.', '[']).next().unwrap_or(given);
        if let Some(name) = FILTERS.into_iter().find(|name| *name == root) {
            return Err(unavailable(name));
        }
    }
    // These two ask for nothing when empty or off, and some clients always send them.
    if params.get("search")?.is_some_and(|text| !text.is_empty()) {
        return Err(unavailable("search"));
    }
    if params.get("meta_info")?.is_some_and(|text| text != "false") {
        let text = "meta_info: it belongs to filtering, which is not available in this version";
        return Err(ApiError::query("meta_info", text));
    }
    Ok(())
}
