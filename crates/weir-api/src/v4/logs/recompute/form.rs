//! What a recomputation takes, and how it is shown.

use crate::schema::{Field, Schema};

/// Body of a `POST`.
pub(super) const BODY: Schema = Schema::Object(&[
    Field::optional("from", Schema::Nullable(&Schema::TIME), "Rows from then on; all by default."),
    Field::optional("to", Schema::Nullable(&Schema::TIME), "Rows up to then; now by default."),
    Field::optional(
        "filters",
        Schema::Nullable(&Schema::list(&Schema::Any)),
        "{key, operator, value[]}, as in lists of logs.",
    ),
    Field::optional("dry_run", Schema::Bool, "Work it out and change nothing."),
]);

const MONEY: Schema = Schema::TEXT;
/// A recomputation.
pub(super) const JOB: Schema = Schema::Object(&[
    Field::required("id", Schema::TEXT, ""),
    Field::required("gateway_id", Schema::TEXT, ""),
    Field::required("status", Schema::Choice(&["running", "done", "failed"]), ""),
    Field::required("error", Schema::Nullable(&Schema::TEXT), "Why it failed."),
    Field::required("dry_run", Schema::Bool, ""),
    Field::required("from", Schema::Nullable(&Schema::TIME), ""),
    Field::required("to", Schema::TIME, ""),
    Field::required("created_at", Schema::TIME, ""),
    Field::required("finished_at", Schema::Nullable(&Schema::TIME), ""),
    Field::required("rows_total", Schema::COUNT, "Rows to look at."),
    Field::required("rows_done", Schema::COUNT, "Rows that were looked at."),
    Field::required("repriced", Schema::COUNT, "Rows that got another cost; would, in a dry run."),
    Field::required("newly_priced", Schema::COUNT, "Of these, rows that had none."),
    Field::required("unchanged", Schema::COUNT, "Rows whose cost is what it should be."),
    Field::required("without_price", Schema::COUNT, "Rows that no price fits now; they stay."),
    Field::required("overtaken", Schema::COUNT, "Rows that somebody else changed meanwhile."),
    Field::required("left_alone", LEFT, "Rows that our prices do not decide on, by why."),
    Field::required("cost_before", MONEY, "Of the repriced rows, US dollars as decimal text."),
    Field::required("cost_after", MONEY, "The same after it."),
    Field::required("difference", MONEY, "After less before."),
]);
const LEFT: Schema = Schema::Object(&[
    Field::required("custom_cost", Schema::COUNT, "The caller set the price."),
    Field::required("provider_cost", Schema::COUNT, "The provider's own figure counts."),
    Field::required("free", Schema::COUNT, "Failed, or out of the cache."),
    Field::required("without_usage", Schema::COUNT, "Nobody told what they consumed."),
]);
