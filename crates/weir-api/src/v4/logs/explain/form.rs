//! An explanation, as declared.

use super::super::form::FAILURE;
use crate::schema::{Field, Schema};

const MAYBE_TEXT: Schema = Schema::Nullable(&Schema::TEXT);
const MAYBE_COUNT: Schema = Schema::Nullable(&Schema::COUNT);
const MAYBE_NUMBER: Schema = Schema::Nullable(&Schema::NUMBER);
const TEXTS: Schema = Schema::list(&Schema::TEXT);

/// Why a request went the way it went.
pub(super) const EXPLANATION: Schema = Schema::Object(&[
    Field::required("request", REQUEST, "What was asked, and what came of it."),
    Field::required("recorded", Schema::Bool, "False for rows of older versions."),
    Field::required("route", Schema::Nullable(&ROUTE), "The way through a dynamic route."),
    Field::required("cache", Schema::Nullable(&CACHE), ""),
    Field::required("limits", Schema::list(&LIMIT), "Those that were asked."),
    Field::required("budgets", Schema::list(&BUDGET), "Those that warned."),
    Field::required("attempts", Schema::list(&ATTEMPT), "In order; 50 at most."),
    Field::required("attempt_count", Schema::COUNT, "Those beyond 50 included."),
    Field::required("cost", MAYBE_NUMBER, "US dollars, of all attempts; null when unknown."),
    Field::required("summary", TEXTS, "Three to eight sentences for people."),
]);

const REQUEST: Schema = Schema::Object(&[
    Field::required("request_id", Schema::TEXT, ""),
    Field::required("event_id", MAYBE_TEXT, "The client's own, if any."),
    Field::required("created_at", Schema::TIME, ""),
    Field::required("gateway_id", Schema::TEXT, ""),
    Field::required("request_type", Schema::TEXT, ""),
    Field::required("method", Schema::TEXT, ""),
    Field::required("provider", Schema::TEXT, "Of the first attempt."),
    Field::required("path", Schema::TEXT, ""),
    Field::required("model", Schema::TEXT, "Of the first attempt."),
    Field::required("status_code", MAYBE_COUNT, "Of the last attempt."),
    Field::required("success", Schema::Bool, "Of the last attempt."),
]);

const ROUTE: Schema = Schema::Object(&[
    Field::required("id", Schema::TEXT, ""),
    Field::required("name", Schema::TEXT, ""),
    Field::required("version_id", Schema::TEXT, "The version that the call began with."),
    Field::required("path", Schema::list(&VISIT), "Every element on the way."),
]);
const VISIT: Schema = Schema::Object(&[
    Field::required("element", Schema::TEXT, ""),
    Field::required("kind", Schema::TEXT, ""),
    Field::optional("output", Schema::TEXT, "The output that was taken."),
    Field::optional("because", TEXTS, "What decided, with its value."),
]);

const CACHE: Schema = Schema::Object(&[
    Field::required("outcome", Schema::TEXT, "hit, miss, joined or off."),
    Field::optional("reason", Schema::TEXT, ""),
    Field::optional("ttl", Schema::COUNT, "Seconds."),
    Field::optional("key", Schema::TEXT, ""),
    Field::optional("parts", Schema::list(&TEXTS), "Pairs of name and value that made the key."),
    Field::optional("from", Schema::TEXT, "Log row of the call whose answer it is."),
    Field::optional("similarity", Schema::NUMBER, "0 to 1."),
    Field::optional("saved", Schema::NUMBER, "US dollars."),
]);

const LIMIT: Schema = Schema::Object(&[
    Field::required("name", Schema::TEXT, "gateway, the id of a rule, budget NAME, credits, ..."),
    Field::required(
        "unit",
        Schema::TEXT,
        "requests, tokens, concurrent, cost (pico-dollars) or milliseconds.",
    ),
    Field::optional("of", Schema::TEXT, "Whose counter."),
    Field::required("limit", Schema::COUNT, ""),
    Field::optional("window", Schema::COUNT, "Seconds."),
    Field::required("before", Schema::COUNT, "Used before the call."),
    Field::required("after", Schema::COUNT, "Used with it."),
    Field::required("passed", Schema::Bool, ""),
]);

const BUDGET: Schema = Schema::Object(&[
    Field::required("name", Schema::TEXT, ""),
    Field::required("used", Schema::NUMBER, "As a part of the limit: 1 is all of it."),
    Field::required("limit", Schema::NUMBER, "In its unit."),
    Field::required("unit", Schema::TEXT, "dollars, tokens, requests or seconds."),
]);

const ATTEMPT: Schema = Schema::Object(&[
    Field::required("log_id", Schema::TEXT, ""),
    Field::required("step", Schema::COUNT, ""),
    Field::required("attempt_index", Schema::COUNT, ""),
    Field::required("kind", MAYBE_TEXT, "first, retry, fallback, hedge, shadow or embedding."),
    Field::required("after", MAYBE_TEXT, "What the try before it ended in."),
    Field::required("waited_ms", MAYBE_COUNT, "Since then."),
    Field::required("because", TEXTS, "How it was chosen."),
    Field::required("provider", Schema::TEXT, ""),
    Field::required("model", Schema::TEXT, ""),
    Field::required("status_code", MAYBE_COUNT, ""),
    Field::required("upstream_status_code", MAYBE_COUNT, ""),
    Field::required(
        "ended",
        Schema::Choice(&["answered", "cached", "client_left", "refused", "failed"]),
        "",
    ),
    Field::required("error", Schema::Nullable(&FAILURE), ""),
    Field::required("timing", TIMING, ""),
    Field::required("credential", Schema::Nullable(&CREDENTIAL), "Never the key."),
    Field::required("cost", MAYBE_NUMBER, "US dollars."),
    Field::required("price", Schema::Nullable(&PRICE), ""),
    Field::required("estimated", Schema::Bool, "The usage is our estimate."),
]);

const TIMING: Schema = Schema::Object(&[
    Field::required("duration", Schema::COUNT, "Milliseconds."),
    Field::required("latency", MAYBE_COUNT, "Milliseconds to the first byte."),
    Field::required("ttft_ms", MAYBE_COUNT, ""),
    Field::required("gateway_overhead_ms", Schema::NUMBER, ""),
    Field::required("phases", Schema::Nullable(&PHASES), "Microseconds from the beginning."),
]);
const PHASES: Schema = Schema::Object(&[
    Field::required("body_us", Schema::COUNT, "The wait for the client's body, as a length."),
    Field::optional("sent_us", Schema::COUNT, "The request went out."),
    Field::optional("head_us", Schema::COUNT, "The head of the answer was there."),
    Field::optional("first_byte_us", Schema::COUNT, "The first byte of its body."),
    Field::required("ended_us", Schema::COUNT, ""),
]);

const CREDENTIAL: Schema = Schema::Object(&[
    Field::required("source", Schema::TEXT, "request, stored, platform or none."),
    Field::optional("id", Schema::TEXT, "Of the stored key's configuration."),
    Field::optional("alias", Schema::TEXT, ""),
    Field::optional("because", TEXTS, "How it was chosen among several."),
]);

const PRICE: Schema = Schema::Object(&[
    Field::required("by", Schema::TEXT, "request, gateway, account, provider, list or none."),
    Field::optional("id", Schema::TEXT, ""),
    Field::optional("lines", Schema::list(&LINE), "They add up to the cost."),
    Field::optional("computed", Schema::TEXT, "By our own prices, where another figure counts."),
    Field::optional("terms", Schema::Object(TERMS), "What decided besides usage and model."),
    Field::optional("ignored", Schema::TEXT, "Why a price that the caller named does not count."),
]);
const TERMS: &[Field] = &[
    Field::optional("model", Schema::TEXT, "The name that the price was found by."),
    Field::optional("service_tier", Schema::TEXT, ""),
    Field::optional("search_size", Schema::TEXT, ""),
    Field::optional("billed", Schema::Map(&Schema::COUNT), "What of the usage is billed."),
];
const LINE: Schema = Schema::Object(&[
    Field::required("unit", Schema::TEXT, ""),
    Field::required("quantity", Schema::COUNT, ""),
    Field::required("cost", Schema::TEXT, "US dollars in all, as decimal text."),
]);
