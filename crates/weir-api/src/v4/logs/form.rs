//! Log rows and the parameters of their list, as declared (spec: management-api 4.1, 4.3).

use weir_core::log_filter::LogOrder;

use crate::operation::{DIRECTION, PAGE, Param, per_page, search};
use crate::schema::{Field, Schema};

/// 100 rows in a page are refused, as in the original product: clients know 50 as the limit of this
/// one list.
pub(super) const LIST_QUERY: &[Param] = &[
    PAGE,
    per_page(1, 50),
    search("Part of the metadata."),
    Param::optional("order_by", Schema::Choice(LogOrder::NAMES), "created_at by default."),
    Param::optional("order_by_direction", DIRECTION, "desc by default."),
    Param::optional("direction", DIRECTION, "Older name of order_by_direction."),
];

const MAYBE_TEXT: Schema = Schema::Nullable(&Schema::TEXT);
const MAYBE_COUNT: Schema = Schema::Nullable(&Schema::COUNT);
const MAYBE_NUMBER: Schema = Schema::Nullable(&Schema::NUMBER);

macro_rules! row {
    ($($more:expr,)*) => {
        &[
            Field::required("id", Schema::TEXT, ""),
            Field::required("created_at", Schema::TIME, ""),
            Field::required("event_id", Schema::TEXT, "Groups the rows of one request."),
            Field::required("request_id", Schema::TEXT, ""),
            Field::required("gateway_id", Schema::TEXT, ""),
            Field::required("provider", Schema::TEXT, ""),
            Field::required("model", Schema::TEXT, ""),
            Field::required("model_type", MAYBE_TEXT, ""),
            Field::required("path", Schema::TEXT, "After the provider's name."),
            Field::required("method", Schema::TEXT, ""),
            Field::required("request_type", Schema::TEXT, ""),
            Field::required("request_content_type", MAYBE_TEXT, ""),
            Field::required("response_content_type", MAYBE_TEXT, ""),
            Field::required("status_code", MAYBE_COUNT, "Sent to the client."),
            Field::required("upstream_status_code", MAYBE_COUNT, "Sent by the provider."),
            Field::required("success", Schema::Bool, ""),
            Field::required("cached", Schema::Bool, ""),
            Field::required("duration", Schema::COUNT, "Milliseconds."),
            Field::required("timings", TIMINGS, ""),
            Field::required("ttft_ms", MAYBE_COUNT, "Time to the first content of a stream."),
            Field::required("gateway_overhead_ms", Schema::NUMBER, "Time spent in Weir itself."),
            Field::required("tokens_in", MAYBE_COUNT, ""),
            Field::required("tokens_out", MAYBE_COUNT, ""),
            Field::required("usage_metadata", Schema::Nullable(&Schema::Map(&Schema::COUNT)), ""),
            Field::required("cost", MAYBE_NUMBER, "US dollars; null when no price is known."),
            Field::required("custom_cost", Schema::Bool, ""),
            Field::required("price_id", MAYBE_TEXT, ""),
            Field::required("provider_reported_cost", MAYBE_NUMBER, ""),
            Field::required("metadata", MAYBE_TEXT, "JSON inside a string."),
            Field::required("step", Schema::COUNT, ""),
            Field::required("attempt_index", Schema::COUNT, ""),
            Field::required("feedback", MAYBE_NUMBER, "-1 to 1."),
            Field::required("score", MAYBE_NUMBER, "0 to 100."),
            Field::required("location", Schema::Any, ""),
            Field::required("authentication", Schema::Bool, ""),
            Field::required("key_id", MAYBE_TEXT, "Token of the caller."),
            Field::required("wholesale", Schema::Bool, ""),
            Field::required("byok", Schema::Bool, ""),
            Field::required("compatibilityMode", Schema::Bool, ""),
            Field::required("user_agent", MAYBE_TEXT, ""),
            Field::required("dlp_action", MAYBE_TEXT, ""),
            Field::required("dlp_profiles", Schema::list(&Schema::TEXT), ""),
            Field::required("guardrails", Schema::Any, ""),
            Field::required("stream", Schema::Bool, ""),
            Field::required("finish_reason", MAYBE_TEXT, ""),
            Field::required("error", Schema::Nullable(&FAILURE), ""),
            Field::required("payload_stored", Schema::Bool, "The bodies can be read."),
            Field::required("payload_reason", MAYBE_TEXT, "Why they are not kept."),
            $($more,)*
        ]
    };
}

/// A row of the list.
pub(super) const LOG: Schema = Schema::Object(row![
    Field::required("request", Schema::TEXT, "Always empty in lists."),
    Field::required("response", Schema::TEXT, "Always empty in lists."),
]);
/// A row by itself.
pub(super) const LOG_DETAIL: Schema = Schema::Object(row![
    Field::required("request_head", MAYBE_TEXT, ""),
    Field::required("request_head_complete", Schema::Bool, ""),
    Field::required("request_size", Schema::COUNT, "Bytes."),
    Field::required("response_head", MAYBE_TEXT, ""),
    Field::required("response_head_complete", Schema::Bool, ""),
    Field::required("response_size", Schema::COUNT, "Bytes."),
]);

const TIMINGS: Schema = Schema::Object(&[
    Field::required("total", Schema::COUNT, "Same as duration."),
    Field::required("latency", MAYBE_COUNT, "To the first byte of the answer."),
]);
const FAILURE: Schema = Schema::Object(&[
    Field::required("code", Schema::TEXT, ""),
    Field::required("message", Schema::TEXT, ""),
]);
