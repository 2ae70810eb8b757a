//! Fields of a simulation, as declared.

use crate::schema::{Field, Schema};

/// Every whole number up to it survives JavaScript.
pub(super) const MAX_SEED: u64 = 9_007_199_254_740_991;

const ID: Schema = Schema::text(1, 128);
const MAYBE_TEXT: Schema = Schema::Nullable(&Schema::TEXT);
const MAYBE_COUNT: Schema = Schema::Nullable(&Schema::COUNT);
const MAYBE_NUMBER: Schema = Schema::Nullable(&Schema::NUMBER);
const SEED: Schema = Schema::integer(0, 9_007_199_254_740_991);

/// A call to try out.
pub(super) const SIMULATED: Schema = Schema::Object(&[
    Field::optional("request", CALL, "A call; or else log_id."),
    Field::optional("log_id", ID, "A logged call: its metadata, usage, and body if it is kept."),
    Field::optional("version_id", ID, "The deployed version by default."),
    Field::optional("seed", SEED, "Of the draws of percentage elements; any by default."),
    Field::optional(
        "fail",
        Schema::Array { items: &ID, max: 100 },
        "Model elements that are to fail, rate elements that are to be full.",
    ),
]);
const CALL: Schema = Schema::Object(&[
    Field::optional("headers", Schema::Map(&Schema::TEXT), ""),
    Field::optional("metadata", Schema::Map(&Schema::Any), "cf.user_id included."),
    Field::optional("body", Schema::Any, "As a client would send it."),
]);

/// Which way it would go.
pub(super) const SIMULATION: Schema = Schema::Object(&[
    Field::required("route_id", Schema::TEXT, ""),
    Field::required("name", Schema::TEXT, ""),
    Field::required("version_id", Schema::TEXT, ""),
    Field::required("seed", SEED, "Gives the same draws again."),
    Field::required("path", Schema::list(&VISIT), "Every element on the way, in order."),
    Field::required("ending", ENDING, "What the client would get."),
    Field::required(
        "model",
        Schema::Nullable(&Schema::Object(&[
            Field::required("element", Schema::TEXT, ""),
            Field::required("provider", Schema::TEXT, ""),
            Field::required("model", Schema::TEXT, ""),
        ])),
        "Whose answer the client would get.",
    ),
    Field::required("models", Schema::list(&MODEL), "Every model on the way, in order."),
    Field::required("rates", Schema::list(&RATE), "Every limit on the way."),
    Field::required("chances", Schema::list(&CHANCES), "Every percentage element on the way."),
    Field::required("tokens", TOKENS, "What the costs go by."),
    Field::required("notes", Schema::list(&Schema::TEXT), "What could not be had of a log."),
]);
const ENDING: Schema = Schema::Choice(&["answered", "model_failed", "rate_limited", "no_model"]);
const VISIT: Schema = Schema::Object(&[
    Field::required("element", Schema::TEXT, ""),
    Field::required("kind", Schema::TEXT, ""),
    Field::optional("output", Schema::TEXT, "Missing where the way ends."),
    Field::optional("because", Schema::list(&Schema::TEXT), "What decided."),
]);
const MODEL: Schema = Schema::Object(&[
    Field::required("element", Schema::TEXT, ""),
    Field::required("provider", Schema::TEXT, ""),
    Field::required("model", Schema::TEXT, ""),
    Field::required("answered", Schema::Bool, "False when it was told to fail."),
    Field::required("cost", COST, ""),
    Field::required(
        "others",
        Schema::list(&Schema::Object(&[
            Field::required("role", Schema::Choice(&["balance", "hedge", "shadow"]), ""),
            Field::required("provider", Schema::TEXT, ""),
            Field::required("model", Schema::TEXT, ""),
            Field::required("cost", COST, ""),
        ])),
        "What may be asked instead or as well.",
    ),
]);
const COST: Schema = Schema::Object(&[
    Field::required("usd", MAYBE_NUMBER, "Null when unknown."),
    Field::required("price_id", MAYBE_TEXT, ""),
    Field::required("reason", MAYBE_TEXT, "Why it is unknown."),
]);
const RATE: Schema = Schema::Object(&[
    Field::required("element", Schema::TEXT, ""),
    Field::required("key", Schema::TEXT, ""),
    Field::required("value", Schema::TEXT, "The call's, as far as it may be shown."),
    Field::required("unit", Schema::Choice(&["count", "cost"]), ""),
    Field::required("limit", Schema::NUMBER, "Calls, or US dollars."),
    Field::required("window", Schema::COUNT, "Seconds."),
    Field::required("technique", Schema::Choice(&["fixed", "sliding"]), ""),
    Field::required("used", MAYBE_NUMBER, "Null where nothing is counted."),
    Field::required("resets_at", Schema::Nullable(&Schema::TIME), ""),
    Field::required("passed", Schema::Bool, ""),
]);
const CHANCES: Schema = Schema::Object(&[
    Field::required("element", Schema::TEXT, ""),
    Field::required("sticky", MAYBE_TEXT, "The fact that decides, if one does."),
    Field::required(
        "ways",
        Schema::list(&Schema::Object(&[
            Field::required("output", Schema::TEXT, ""),
            Field::required("element_id", Schema::TEXT, ""),
            Field::required("percent", Schema::NUMBER, "Of all calls that come here."),
            Field::required("taken", Schema::Bool, ""),
        ])),
        "",
    ),
]);
const TOKENS: Schema = Schema::Object(&[
    Field::required("source", Schema::Choice(&["log", "estimate", "none"]), ""),
    Field::required("input", MAYBE_COUNT, ""),
    Field::required("output", MAYBE_COUNT, ""),
    Field::required("about", Schema::TEXT, "How they are known."),
]);
