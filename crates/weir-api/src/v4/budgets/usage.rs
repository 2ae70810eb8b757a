//! What the buckets of a budget stand at, and setting one back.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::json;
use weir_core::audit::Action;
use weir_core::budget::{Budget, BudgetBy};
use weir_core::config::Configuration;
use weir_core::{ApiToken, Gateway};

use super::form::{RESET, USAGE};
use crate::body::Json;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::operation::{Answer, Operation, PAGE, Param, per_page};
use crate::path::Segments;
use crate::query::{Paging, Params};
use crate::schema::Schema;
use crate::v4::edit;
use crate::v4::standing::StandingView;
use crate::{Api, envelope, trail};

/// Values that one call may name.
const MOST_VALUES: usize = 100;

pub(super) const USAGE_OPERATION: Operation = Operation {
    id: "budgetUsage",
    summary: "Show what the buckets of a budget stand at: those named, or those that are known",
    query: &[
        PAGE,
        per_page(1, 100),
        Param::optional(
            "value",
            Schema::Array { items: &Schema::text(1, 512), max: MOST_VALUES },
            "Whose bucket; may stand several times.",
        ),
    ],
    body: None,
    answer: Answer::List(USAGE),
};
pub(super) const RESET_OPERATION: Operation = Operation {
    id: "resetBudget",
    summary: "Set a bucket of a budget back to nothing spent; answers with what it stands at then",
    query: &[],
    body: Some(RESET),
    answer: Answer::Result(USAGE),
};

#[derive(Serialize)]
struct View {
    value: String,
    #[serde(flatten)]
    standing: StandingView,
}

impl View {
    async fn of(api: &Api, budget: &Budget, value: String) -> Self {
        let standing = StandingView::of(api, &budget.terms, budget.key(&value)).await;
        Self { value, standing }
    }
}

/// `GET /budgets/{budget_id}/usage`.
pub(super) async fn usage(
    State(api): State<Arc<Api>>,
    caller: Caller,
    segments: Segments,
    params: Params,
) -> Result<Response, ApiError> {
    let budget = edit::of_path::<Budget>(&caller, &segments)?;
    let named: Vec<String> =
        params.all("value").filter(|value| !value.is_empty()).map(str::to_owned).collect();
    if named.len() > MOST_VALUES {
        let message = format!("value may stand {MOST_VALUES} times");
        return Err(ApiError::query("value", message));
    }
    let values =
        if named.is_empty() { known_values(caller.configuration(), budget)? } else { named };
    let paging = Paging::read(&params);
    let mut page = Vec::new();
    for value in paging.cut(&values) {
        page.push(View::of(&api, budget, value.clone()).await);
    }
    Ok(envelope::list(&page, paging.info(page.len(), values.len() as u64)))
}

/// Values that need not be named: those the budget names itself, and those that the configuration
/// knows. Users, sessions and labels nobody lists; so the caller has to.
fn known_values(now: &Configuration, budget: &Budget) -> Result<Vec<String>, ApiError> {
    if !budget.values.is_empty() {
        return Ok(budget.values.clone());
    }
    let account = &budget.account_id;
    match &budget.by {
        BudgetBy::Account => Ok(vec![Budget::ALL.to_owned()]),
        BudgetBy::Gateway => Ok(match &budget.gateway_id {
            Some(id) => vec![id.as_str().to_owned()],
            None => now.of::<Gateway>(account).map(|it| it.id.as_str().to_owned()).collect(),
        }),
        BudgetBy::Token => {
            let tokens = now.of::<ApiToken>(account);
            let present = tokens.filter(|token| token.revoked_at.is_none());
            Ok(present.map(|token| token.id.as_ref().to_owned()).collect())
        }
        by => {
            let by = String::from(by.clone());
            let message = format!("value is required: each {by} has a budget of its own");
            Err(ApiError::query("value", message))
        }
    }
}

/// Body of a reset.
#[derive(Deserialize)]
pub(super) struct Reset {
    value: Option<String>,
    reason: String,
}

/// `POST /budgets/{budget_id}/reset`.
pub(super) async fn reset(
    State(api): State<Arc<Api>>,
    caller: Caller,
    segments: Segments,
    body: Json<Reset>,
) -> Result<Response, ApiError> {
    let id = segments.get("budget_id")?;
    let budget = Arc::clone(edit::find::<Budget>(caller.configuration(), caller.account(), id)?);
    let Json { value: Reset { value, reason }, ignored } = body;
    let value = value.unwrap_or_default();
    if (budget.by == BudgetBy::Account) != value.is_empty() {
        let message = match budget.by {
            BudgetBy::Account => "value is not for a budget of the account, which has one bucket",
            _ => "value is required: it says whose bucket",
        };
        return Err(ApiError::body("value", message));
    }
    let view = trail::on_record(&api, {
        let api = Arc::clone(&api);
        async move {
            let claim = budget.claim(&value, 0);
            let before = api.ledger.standing(&claim, api.clock.now()).await;
            api.ledger.reset(&claim, api.clock.now()).await?;
            let unit = budget.terms.unit.label();
            let before = json!({ "spent": budget.terms.in_unit(before.spent), "unit": unit });
            let after = json!({ "spent": 0, "unit": unit, "value": value, "reason": reason });
            let what = ("budget", &*budget.id);
            let record = trail::account_deed(&caller, Action::Reset, what, Some(before), after);
            Ok((View::of(&api, &budget, value).await, record))
        }
    })
    .await?;
    Ok(envelope::noted(&view, ignored))
}
