//! The statement of a month: what there was, what came, what went, what is left. It is read out of
//! the journal alone, so it adds up, and that of a past month never changes.

mod csv;

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::MethodFilter;
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use serde_json::{Value, json};
use weir_core::ledger::{CreditEntry, CreditKind, CreditQuery, CreditSum, CreditSumQuery};
use weir_core::{AccountId, Cost, Permission, Timestamp};

use super::credit::{every, lines_of};
use super::money::negative;
use super::{CURRENCY, month};
use crate::caller::Caller;
use crate::error::ApiError;
use crate::operation::{Answer, Operation, Param};
use crate::query::Params;
use crate::routes::Table;
use crate::schema::{Form, Schema};
use crate::{Api, envelope};

/// Lines that people and rules make, not calls.
const GIVEN: [CreditKind; 3] = [CreditKind::Grant, CreditKind::Automatic, CreditKind::Adjustment];

const MONTH: Schema = Schema::Text {
    min: 7,
    max: 7,
    form: Form::Checked { pattern: "^[0-9]{4}-[0-9]{2}$", check: month::check },
};

const GET: Operation = Operation {
    id: "creditStatement",
    summary: "The statement of a month, in exact dollars: opening balance, what came, what each \
              model used, closing balance",
    query: &[
        Param::required("month", MONTH, "Such as 2026-11, in UTC."),
        Param::optional("format", Schema::Choice(&["json", "csv"]), "json by default."),
    ],
    body: None,
    // JSON in the envelope, or a file.
    answer: Answer::Raw,
};

pub(super) fn routes(table: Table) -> Table {
    const PATH: &str = "/accounts/{account_id}/ai-gateway/billing/statement";
    table.route(MethodFilter::GET, PATH, Permission::Read, &GET, get)
}

/// A month of an account.
struct Statement {
    account: AccountId,
    start: Timestamp,
    end: Timestamp,
    opening: Cost,
    /// Oldest first.
    given: Vec<CreditEntry>,
    /// By provider and model.
    used: Vec<CreditSum>,
}

/// `GET /billing/statement`.
async fn get(
    State(api): State<Arc<Api>>,
    caller: Caller,
    params: Params,
) -> Result<Response, ApiError> {
    let name = params.get("month").unwrap_or_default();
    let Some((start, end)) = month::named(name) else {
        return Err(ApiError::query("month", "month must be a month such as 2026-11"));
    };
    let statement = Statement::read(&api, caller.account(), start, end).await?;
    if params.get("format") == Some("csv") {
        let file = format!("attachment; filename=\"statement-{name}.csv\"");
        let headers = [
            (CONTENT_TYPE, "text/csv; charset=utf-8"),
            (CONTENT_DISPOSITION, file.as_str()),
            (CACHE_CONTROL, "private, no-store"),
        ];
        return Ok((headers, statement.to_csv()).into_response());
    }
    Ok(envelope::object(&statement.to_json(name)))
}

impl Statement {
    async fn read(
        api: &Api,
        account: &AccountId,
        start: Timestamp,
        end: Timestamp,
    ) -> Result<Self, ApiError> {
        let lines =
            |from, to| CreditQuery { from, to, ascending: true, ..lines_of(account, &GIVEN) };
        let usage = |from, to, by_model| CreditSumQuery {
            account: account.clone(),
            from,
            to,
            every: None,
            by_model,
        };
        let before = every(api, lines(None, Some(start))).await?;
        let used_before = api.ledger.credit_sums(&usage(None, Some(start), false)).await?;
        let given = every(api, lines(Some(start), Some(end))).await?;
        let used = api.ledger.credit_sums(&usage(Some(start), Some(end), true)).await?;
        let opening = sum(&before) + negative(used_before.iter().map(|sum| sum.amount).sum());
        Ok(Self { account: account.clone(), start, end, opening, given, used })
    }

    fn spent(&self) -> Cost {
        self.used.iter().map(|sum| sum.amount).sum()
    }

    fn closing(&self) -> Cost {
        self.opening + sum(&self.given) + negative(self.spent())
    }

    fn to_json(&self, month: &str) -> Value {
        let of = |kind: CreditKind| {
            let lines = self.given.iter().filter(|line| line.kind == kind);
            lines.map(|line| line.amount).sum::<Cost>()
        };
        let given = self.given.iter().map(|line| {
            json!({
                "id": line.id,
                "created_at": line.at,
                "kind": line.kind.label(),
                "amount_usd": line.amount.to_string(),
                "fee_usd": line.fee.to_string(),
                "note": line.note
            })
        });
        let used = self.used.iter().map(|sum| {
            let (provider, model) = target(sum);
            json!({
                "provider": provider,
                "model": model,
                "calls": sum.calls,
                "cost_usd": sum.cost.to_string(),
                "amount_usd": sum.amount.to_string()
            })
        });
        json!({
            "account_id": self.account,
            "month": month,
            "currency": CURRENCY,
            "period_start": self.start,
            "period_end": self.end,
            "opening_balance_usd": self.opening.to_string(),
            "credits": given.collect::<Vec<_>>(),
            "usage": used.collect::<Vec<_>>(),
            "totals": {
                "bought_usd": (of(CreditKind::Grant) + of(CreditKind::Automatic)).to_string(),
                "adjusted_usd": of(CreditKind::Adjustment).to_string(),
                "used_usd": self.spent().to_string(),
                "fees_usd": self.given.iter().map(|line| line.fee).sum::<Cost>().to_string()
            },
            "closing_balance_usd": self.closing().to_string()
        })
    }
}

fn sum(lines: &[CreditEntry]) -> Cost {
    lines.iter().map(|line| line.amount).sum()
}

fn target(sum: &CreditSum) -> (&str, &str) {
    sum.target.as_ref().map_or(("", ""), |(provider, model)| (provider, model))
}
