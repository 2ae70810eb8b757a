//! Log rows and the parameters of their list, as declared (spec: management-api 4.1, 4.3).

use weir_core::log_filter::LogOrder;

use super::list_query::MOST_DELETED;
use super::money;
use crate::operation::{DIRECTION, PAGE, Param, per_page, search};
use crate::schema::{Field, Schema};

/// Parameters that choose rows, of the list, the deletion and the export alike. A deletion that
/// passed over one of them would take too much.
macro_rules! choosing {
    ($($more:expr,)*) => {
        &[
            $($more,)*
            search("Part of the metadata."),
            Param::optional("filters", Schema::list(&Schema::TEXT), FILTERS),
            Param::optional("start_date", Schema::TIME, "Older form of a filter; inclusive."),
            Param::optional("end_date", Schema::TIME, "Older form of a filter; inclusive."),
            Param::optional("min_cost", Schema::NUMBER, OLDER),
            Param::optional("max_cost", Schema::NUMBER, OLDER),
            Param::optional("min_duration", Schema::NUMBER, OLDER),
            Param::optional("max_duration", Schema::NUMBER, OLDER),
            Param::optional("min_tokens_in", Schema::NUMBER, OLDER),
            Param::optional("max_tokens_in", Schema::NUMBER, OLDER),
            Param::optional("min_tokens_out", Schema::NUMBER, OLDER),
            Param::optional("max_tokens_out", Schema::NUMBER, OLDER),
            Param::optional("min_total_tokens", Schema::NUMBER, OLDER),
            Param::optional("max_total_tokens", Schema::NUMBER, OLDER),
            Param::optional("feedback", Schema::integer(-1, 1), "Older form of a filter; 0 is -1."),
            Param::optional("success", Schema::Bool, OLDER),
            Param::optional("cached", Schema::Bool, OLDER),
            Param::optional("model", Schema::TEXT, OLDER),
            Param::optional("model_type", Schema::TEXT, OLDER),
            Param::optional("provider", Schema::TEXT, OLDER),
            Param::optional("request_content_type", Schema::TEXT, OLDER),
            Param::optional("response_content_type", Schema::TEXT, OLDER),
        ]
    };
}

const OLDER: &str = "Older form of a filter.";
const FILTERS: &str = "JSON array of {key, operator, value[]}; all must hold, any value will do. \
     The forms filters.key=&filters.operator=&filters.value= and filters[0][key]= are read, too.";

/// 100 rows in a page are refused, as in the original product: clients know 50 as the limit of this
/// one list.
pub(super) const LIST_QUERY: &[Param] = choosing![
    PAGE,
    per_page(1, 50),
    Param::optional("order_by", Schema::Choice(LogOrder::NAMES), "created_at by default."),
    Param::optional("order_by_direction", DIRECTION, "desc by default."),
    Param::optional("direction", DIRECTION, "Older name of order_by_direction."),
    Param::optional(
        "meta_info",
        Schema::Bool,
        "Adds smallest and largest figures of all matching rows to result_info."
    ),
];
/// Parameters of the deletion.
pub(super) const DELETE_QUERY: &[Param] = choosing![
    Param::optional(
        "limit",
        Schema::integer(1, MOST_DELETED as i64),
        "Rows to delete at most; 10000 by default."
    ),
    Param::optional("order_by", Schema::Choice(LogOrder::NAMES), "created_at by default."),
    Param::optional("order_by_direction", DIRECTION, "asc by default: the oldest go first."),
    Param::optional("direction", DIRECTION, "Older name of order_by_direction."),
];
/// Parameters of the export.
pub(super) const EXPORT_QUERY: &[Param] =
    choosing![Param::optional("format", Schema::Choice(&["jsonl", "csv"]), "jsonl by default."),];

/// What can be changed in a row. A field that is left out stays; null clears it.
pub(super) const PATCH: Schema = Schema::Object(&[
    Field::optional("feedback", Schema::Nullable(&Schema::Number { min: -1.0, max: 1.0 }), ""),
    Field::optional("score", Schema::Nullable(&Schema::Number { min: 0.0, max: 100.0 }), ""),
    Field::optional(
        "metadata",
        Schema::Nullable(&Schema::Map(&Schema::OneOf(&[
            Schema::NUMBER,
            Schema::Bool,
            Schema::TEXT,
        ]))),
        "Takes the place of all labels.",
    ),
]);

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
    money::BY,
    money::BREAKDOWN,
    money::COMPUTED,
    money::HISTORY,
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
/// What went wrong.
pub(super) const FAILURE: Schema = Schema::Object(&[
    Field::required("code", Schema::TEXT, ""),
    Field::required("message", Schema::TEXT, ""),
]);
