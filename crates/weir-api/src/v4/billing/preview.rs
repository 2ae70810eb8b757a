//! The invoice of this month so far. Credits are paid in advance, so nothing is ever due; its lines
//! show what they were used for.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use axum::routing::MethodFilter;
use serde_json::{Value, json};
use weir_core::analytics::{AnalyticsRow, Dimension, DimensionValue};
use weir_core::{Permission, Timestamp};

use super::wholesale::{Use, used};
use super::{CURRENCY, cents_of};
use crate::caller::Caller;
use crate::error::ApiError;
use crate::operation::{Answer, Operation};
use crate::routes::Table;
use crate::schema::{Field, Schema};
use crate::{Api, envelope};

const TEXT_OR_NULL: Schema = Schema::Nullable(&Schema::TEXT);

const LINE: Schema = Schema::Object(&[
    Field::required("description", TEXT_OR_NULL, "provider/model"),
    Field::required("amount", Schema::COUNT, "Cents, each line rounded up."),
    Field::required("currency", Schema::TEXT, ""),
    Field::required("quantity", Schema::COUNT, "Calls."),
    Field::required(
        "period",
        Schema::Object(&[
            Field::required("start", Schema::COUNT, "Unix seconds."),
            Field::required("end", Schema::COUNT, "Unix seconds."),
        ]),
        "",
    ),
    Field::required(
        "pricing",
        Schema::Object(&[Field::required("unit_amount_decimal", TEXT_OR_NULL, "")]),
        "",
    ),
    Field::required(
        "pretax_credit_amounts",
        Schema::list(&Schema::Object(&[
            Field::required("amount", Schema::COUNT, "Cents, paid from credits."),
            Field::required("type", Schema::TEXT, ""),
        ])),
        "",
    ),
]);

const GET: Operation = Operation {
    id: "invoicePreview",
    summary: "Show the invoice of this month so far: nothing is due, credits pay each line",
    query: &[],
    body: None,
    answer: Answer::Result(Schema::Object(&[
        Field::required("id", Schema::TEXT, ""),
        Field::required("status", Schema::Choice(&["draft"]), ""),
        Field::required("currency", Schema::TEXT, ""),
        Field::required("amount_due", Schema::COUNT, ""),
        Field::required("amount_paid", Schema::COUNT, ""),
        Field::required("amount_remaining", Schema::COUNT, ""),
        Field::required("period_start", Schema::COUNT, "Unix seconds."),
        Field::required("period_end", Schema::COUNT, "Unix seconds."),
        Field::required("invoice_lines", Schema::list(&LINE), "One for each model."),
    ])),
};

pub(super) fn routes(table: Table) -> Table {
    const PATH: &str = "/accounts/{account_id}/ai-gateway/billing/invoice-preview";
    table.route(MethodFilter::GET, PATH, Permission::Read, &GET, get)
}

/// `GET /billing/invoice-preview`.
async fn get(State(api): State<Arc<Api>>, caller: Caller) -> Result<Response, ApiError> {
    let (start, end) = month_of(Timestamp::now())
        .ok_or_else(|| ApiError::Internal("the clock shows no month".into()))?;
    let wanted = Use {
        from: Some(start),
        group_by: vec![Dimension::Provider, Dimension::Model],
        ..Use::default()
    };
    let mut rows = used(&api, caller.account(), wanted).await?;
    rows.sort_unstable_by(|one, other| one.values.cmp(&other.values));
    let seconds = |at: Timestamp| at.as_millis().div_euclid(1000);
    let period = json!({ "start": seconds(start), "end": seconds(end) });
    Ok(envelope::object(&json!({
        "id": format!("preview-{}", seconds(start)),
        "status": "draft",
        "currency": CURRENCY,
        "amount_due": 0,
        "amount_paid": 0,
        "amount_remaining": 0,
        "period_start": period["start"],
        "period_end": period["end"],
        "invoice_lines": rows.iter().map(|row| line(row, &period)).collect::<Vec<_>>()
    })))
}

fn line(row: &AnalyticsRow, period: &Value) -> Value {
    let names = row.values.iter().map(|value| match value {
        DimensionValue::Text(text) => text.to_string(),
        DimensionValue::Number(number) => number.to_string(),
    });
    let cents = cents_of(row.sums.cost);
    json!({
        "description": names.collect::<Vec<_>>().join("/"),
        "amount": cents,
        "currency": CURRENCY,
        "quantity": row.sums.requests,
        "period": period,
        "pricing": { "unit_amount_decimal": null },
        "pretax_credit_amounts": [{ "amount": cents, "type": "credit_balance_transaction" }]
    })
}

/// Beginning and end of the UTC month that a moment lies in.
fn month_of(at: Timestamp) -> Option<(Timestamp, Timestamp)> {
    let text = at.to_string();
    let (year, month) = (text.get(..4)?.parse::<u16>().ok()?, text.get(5..7)?.parse::<u8>().ok()?);
    let first =
        |year: u16, month: u8| Timestamp::parse(&format!("{year:04}-{month:02}-01T00:00:00Z"));
    let end = if month == 12 { first(year + 1, 1) } else { first(year, month + 1) };
    Some((first(year, month)?, end?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_ends_where_the_next_begins() {
        for (at, start, end) in [
            ("2026-11-21T12:00:00Z", "2026-11-01T00:00:00.000Z", "2026-12-01T00:00:00.000Z"),
            ("2026-12-31T23:59:59.999Z", "2026-12-01T00:00:00.000Z", "2027-01-01T00:00:00.000Z"),
            ("2028-02-01T00:00:00Z", "2028-02-01T00:00:00.000Z", "2028-03-01T00:00:00.000Z"),
        ] {
            let (from, to) = month_of(Timestamp::parse(at).unwrap()).unwrap();
            assert_eq!((from.to_string().as_str(), to.to_string().as_str()), (start, end));
        }
    }
}
