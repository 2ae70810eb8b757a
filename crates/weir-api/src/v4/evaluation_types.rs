//! The evaluators there are (spec: management-api 5, observability 6.1).

use std::cmp::Ordering;

use axum::response::Response;
use axum::routing::MethodFilter;
use serde::Serialize;
use weir_core::{Permission, Timestamp};

use crate::operation::{Answer, DIRECTION, Operation, PAGE, Param, per_page};
use crate::query::{Paging, Params};
use crate::routes::Table;
use crate::schema::{Field, Schema};

const LIST: Operation = Operation {
    id: "listEvaluationTypes",
    summary: "List the evaluators",
    query: &[
        PAGE,
        per_page(5, 50),
        Param::optional("order_by", Schema::Choice(ORDERS), "mandatory by default."),
        Param::optional("order_by_direction", DIRECTION, "desc by default."),
    ],
    body: None,
    answer: Answer::List(TYPE),
};
const ORDERS: &[&str] =
    &["id", "name", "type", "description", "enable", "mandatory", "created_at", "modified_at"];
const TYPE: Schema = Schema::Object(&[
    Field::required("id", Schema::TEXT, ""),
    Field::required("name", Schema::TEXT, ""),
    Field::required("type", Schema::TEXT, ""),
    Field::required("description", Schema::TEXT, ""),
    Field::required("enable", Schema::Bool, ""),
    Field::required("mandatory", Schema::Bool, ""),
    Field::required("created_at", Schema::TIME, ""),
    Field::required("modified_at", Schema::TIME, ""),
]);

/// What an evaluator computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Evaluator {
    /// Mean cost of the logs that have one.
    Cost,
    /// Mean duration.
    Speed,
    /// Share of good verdicts among all.
    HumanFeedback,
}

impl Evaluator {
    const EVERY: [Self; 3] = [Self::Cost, Self::Speed, Self::HumanFeedback];

    /// Its id, which never changes; also its type.
    pub(crate) const fn id(self) -> &'static str {
        match self {
            Self::Cost => "cost",
            Self::Speed => "speed",
            Self::HumanFeedback => "human_feedback",
        }
    }

    /// The evaluator of that id.
    pub(crate) fn find(id: &str) -> Option<Self> {
        Self::EVERY.into_iter().find(|evaluator| evaluator.id() == id)
    }

    /// The known ids, for messages.
    pub(crate) fn ids() -> String {
        Self::EVERY.map(Self::id).join(", ")
    }

    fn view(self) -> View {
        let (name, description) = match self {
            Self::Cost => ("Cost", "Average cost of the logs whose cost is known, in US dollars"),
            Self::Speed => ("Speed", "Average duration of the logs, in milliseconds"),
            Self::HumanFeedback => (
                "Human feedback",
                "Percentage of positive feedback among the logs that have feedback",
            ),
        };
        View {
            id: self.id(),
            name,
            kind: self.id(),
            description,
            enable: true,
            mandatory: false,
            created_at: SINCE,
            modified_at: SINCE,
        }
    }
}

/// When the evaluators were first there: the beginning of 2026.
const SINCE: Timestamp = Timestamp::from_millis(1_767_225_600_000);

#[derive(Serialize)]
struct View {
    id: &'static str,
    name: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    description: &'static str,
    enable: bool,
    mandatory: bool,
    created_at: Timestamp,
    modified_at: Timestamp,
}

pub(crate) fn routes(table: Table) -> Table {
    const ALL: &str = "/accounts/{account_id}/ai-gateway/evaluation-types";
    table.route(MethodFilter::GET, ALL, Permission::Read, &LIST, list)
}

/// `GET /evaluation-types`. What agrees in the key stays in its usual order.
async fn list(params: Params) -> Response {
    let mut views = Evaluator::EVERY.map(Evaluator::view);
    let key = params.get("order_by").unwrap_or("mandatory");
    let ascending = params.get("order_by_direction") == Some("asc");
    views.sort_by(|one, other| {
        let ordering = match key {
            "id" | "type" => one.id.cmp(other.id),
            "name" => one.name.cmp(other.name),
            "description" => one.description.cmp(other.description),
            // They agree in everything else.
            _ => Ordering::Equal,
        };
        if ascending { ordering } else { ordering.reverse() }
    });
    Paging::read(&params).answer(&views, |view| serde_json::json!(view))
}
