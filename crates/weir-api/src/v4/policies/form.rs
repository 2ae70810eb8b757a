//! Fields of policies, as declared (spec: data-plane 10.3).

use crate::schema::{Field, Schema};

/// Seconds since 1970: the one resource whose times are numbers.
const UNIX: Schema = Schema::integer(i64::MIN, i64::MAX);

const ABOUT_ACTOR: &str = "Who pays, e.g. company:all or user:{cf.user.id}.";
const ABOUT_RESOURCE: &str =
    "\"*\", or {model, provider}, each a name or a list; * in model names stays between slashes.";
const ABOUT_CONDITION: &str =
    "CEL, e.g. \"eng\" in cf.user.groups && metadata.env == \"prod\"; null means always.";
const ABOUT_ACTION: &str =
    "{type: no-limit}, {type: block, except?}, or {type: limit, amount, period, technique}.";

const NAME: Schema = Schema::text(1, 256);
const ACTOR: Schema = Schema::text(1, 256);
const CONDITION: Schema = Schema::Nullable(&Schema::TEXT);
const ACTION: Schema = Schema::Map(&Schema::Any);

/// Body of a creation. Resource, condition and action are held against their own rules.
pub(super) const CREATE: Schema = Schema::Object(&[
    Field::required("name", NAME, "For people."),
    Field::required("actor", ACTOR, ABOUT_ACTOR),
    Field::required("resource", Schema::Any, ABOUT_RESOURCE),
    Field::required("action", ACTION, ABOUT_ACTION),
    Field::optional("condition", CONDITION, ABOUT_CONDITION),
    Field::read_only("id", Schema::TEXT, ""),
    Field::read_only("created_at", UNIX, "Unix seconds."),
    Field::read_only("updated_at", UNIX, "Unix seconds."),
    Field::read_only("staging", Schema::Bool, "A draft: not in force."),
    Field::read_only("uncommitted", Schema::Bool, "Same as staging, of a policy by itself."),
]);
/// Body of a change.
pub(super) const CHANGE: Schema = Schema::Object(&[
    Field::optional("name", NAME, "For people."),
    Field::optional("actor", ACTOR, ABOUT_ACTOR),
    Field::optional("resource", Schema::Any, ABOUT_RESOURCE),
    Field::optional("action", ACTION, ABOUT_ACTION),
    Field::optional("condition", CONDITION, ABOUT_CONDITION),
    Field::read_only("id", Schema::TEXT, ""),
    Field::read_only("created_at", UNIX, "Unix seconds."),
    Field::read_only("updated_at", UNIX, "Unix seconds."),
    Field::read_only("staging", Schema::Bool, "A draft: not in force."),
    Field::read_only("uncommitted", Schema::Bool, "Same as staging, of a policy by itself."),
]);
/// A policy in an answer.
pub(super) const POLICY: Schema = CREATE;

const COMMITTED: Field = Field::required("committed", Schema::Bool, "It is in force.");
/// Answer to a creation.
pub(super) const CREATED: Schema =
    Schema::Object(&[Field::required("result", POLICY, ""), COMMITTED]);
/// Answer to a change.
pub(super) const STORED: Schema = Schema::Object(&[COMMITTED]);

/// What became of the drafts.
pub(super) const COMMIT_REPORT: Schema = Schema::Object(&[
    Field::required("committed", Schema::COUNT, "Drafts that are in force now."),
    Field::required("failed", Schema::COUNT, "Drafts that stay drafts."),
    Field::required("policies", Schema::list(&POLICY), "Those that are in force now."),
    Field::required(
        "errors",
        Schema::list(&Schema::Object(&[
            Field::required("policyId", Schema::TEXT, ""),
            Field::required("message", Schema::TEXT, ""),
        ])),
        "",
    ),
]);

const SPENT: Schema = Schema::Number { min: 0.0, max: 9_000_000.0 };
const MAYBE_TEXT: Schema = Schema::Nullable(&Schema::TEXT);
const MAYBE_NUMBER: Schema = Schema::Nullable(&Schema::NUMBER);
const ANY_FIELDS: Schema = Schema::Map(&Schema::Any);

/// A call to try out.
pub(super) const SIMULATED: Schema = Schema::Object(&[
    Field::optional("identity", IDENTITY, "Who calls."),
    Field::required("model", Schema::text(1, 512), "author/model, or the provider's own name."),
    Field::required("provider", Schema::text(1, 128), ""),
    Field::optional(
        "bucketUsage",
        Schema::Map(&Schema::Object(&[Field::required("spent", SPENT, "US dollars.")])),
        "By name of the policy that sets the limit; nothing is spent of the others.",
    ),
]);
const IDENTITY: Schema = Schema::Object(&[
    Field::optional(
        "cf",
        Schema::Object(&[
            Field::optional(
                "user",
                Schema::Object(&[
                    Field::optional("id", MAYBE_TEXT, ""),
                    Field::optional("email", MAYBE_TEXT, ""),
                    Field::optional("groups", Schema::Nullable(&Schema::list(&Schema::TEXT)), ""),
                ]),
                "",
            ),
            Field::optional("custom", ANY_FIELDS, "Further claims."),
            Field::optional("country", MAYBE_TEXT, ""),
        ]),
        "",
    ),
    Field::optional("metadata", ANY_FIELDS, "Of the call."),
]);
/// What the policies say to it.
pub(super) const SIMULATION: Schema = Schema::Object(&[
    Field::required(
        "evaluation",
        Schema::Object(&[
            Field::required("decision", Schema::Choice(&["no-limit", "block", "check_limits"]), ""),
            Field::required("buckets", Schema::list(&BUCKET), "Budgets that are checked."),
        ]),
        "",
    ),
    Field::required(
        "enforcement",
        Schema::Object(&[
            Field::required("allowed", Schema::Bool, ""),
            Field::required(
                "reason",
                Schema::Nullable(&Schema::Choice(&["blocked", "limit_exceeded"])),
                "",
            ),
            Field::required("bucket", MAYBE_TEXT, "Id of the budget that is used up."),
            Field::required("spent", MAYBE_NUMBER, "US dollars."),
            Field::required("limit", MAYBE_NUMBER, "US dollars."),
            Field::required("policyName", MAYBE_TEXT, "Null when no policy speaks for the call."),
        ]),
        "",
    ),
    Field::required("policiesEvaluated", Schema::COUNT, ""),
]);
const BUCKET: Schema = Schema::Object(&[
    Field::required("id", Schema::TEXT, ""),
    Field::required("actor", Schema::TEXT, "Who pays."),
    Field::required("resource", Schema::TEXT, "For what."),
    Field::required(
        "limits",
        Schema::list(&Schema::Object(&[
            Field::required("policyId", Schema::TEXT, ""),
            Field::required("policyName", Schema::TEXT, ""),
            Field::required("amount", Schema::NUMBER, "US dollars."),
            Field::required(
                "period",
                Schema::Choice(&["hourly", "daily", "weekly", "monthly"]),
                "",
            ),
            Field::required("resetsAt", UNIX, "Unix seconds."),
        ])),
        "",
    ),
]);
