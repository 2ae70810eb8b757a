//! What models cost (spec: observability 5.3): the table that calls are charged by, and the rows that
//! an account, or one of its gateways, puts in the place of the table's. Beside it what there is no
//! price for ([`unknown`]), and how far prices are from what providers charge ([`drift`]).

mod drift;
mod form;
mod scope;
mod span;
mod unknown;

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use axum::routing::MethodFilter;
use serde::Deserialize;
use serde_json::{Value, json};
use weir_core::config::Configuration;
use weir_core::provider::PriceOverride;
use weir_core::{AccountId, Gateway, GatewayId, Permission, Timestamp};
use weir_llm::catalogue;
use weir_llm::pricing::{Row, is_row_of};

use self::form::{DELETED, PUT_BODY, ROW};
use self::scope::Scope;
use crate::body::Json;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::operation::{Answer, Operation, PAGE, Param, per_page, search};
use crate::query::{Paging, Params};
use crate::routes::Table;
use crate::schema::Schema;
use crate::v4::gateways::later_than;
use crate::{Api, envelope};

/// Rows an account may have of its own.
const MAX_ROWS: usize = 2000;

const PROVIDER: Param =
    Param::optional("provider", Schema::text(1, 64), "Slug of a provider, or a name it goes by.");
const MODEL: Param = Param::optional("model", Schema::text(1, 256), "A model, as calls name it.");

const ID: Param = Param::optional("id", Schema::text(1, 512), "Exactly this row.");
const SOURCE: Param =
    Param::optional("source", Schema::Choice(&["gateway", "account", "table"]), "Whose rows.");
const SEARCH: Param = search("Part of the provider or the model, in any case.");

const LIST: Operation = Operation {
    id: "listPricing",
    summary: "List prices, those of gateways and of the account first; rows of the table that the \
              account's stand for are left out",
    query: &[
        PAGE,
        per_page(1, 1000),
        PROVIDER,
        MODEL,
        SEARCH,
        SOURCE,
        scope::param("What holds for the calls of this gateway."),
    ],
    body: None,
    answer: Answer::List(ROW),
};
const PUT: Operation = Operation {
    id: "putPricing",
    summary: "Set prices of the account, or of gateways; each row replaces the one of its id",
    query: &[scope::param("Rows that name no gateway are this one's.")],
    body: Some(PUT_BODY),
    answer: Answer::Result(Schema::list(&ROW)),
};
const DELETE: Operation = Operation {
    id: "deletePricing",
    summary: "Delete prices of the account, all of them or those of a provider or a model",
    query: &[PROVIDER, MODEL, ID, scope::param("Those of this gateway, not the account's.")],
    body: None,
    answer: Answer::Result(DELETED),
};
const LIST_OF_GATEWAY: Operation = Operation {
    id: "listGatewayPricing",
    summary: "List the prices that hold for the calls of a gateway, its own first",
    query: &[PAGE, per_page(1, 1000), PROVIDER, MODEL, SEARCH, SOURCE],
    ..LIST
};
const PUT_OF_GATEWAY: Operation = Operation {
    id: "putGatewayPricing",
    summary: "Set prices of a gateway; each row replaces the gateway's row of the same model",
    query: &[],
    ..PUT
};
const DELETE_OF_GATEWAY: Operation = Operation {
    id: "deleteGatewayPricing",
    summary: "Delete prices of a gateway, all of them or those of a provider or a model",
    query: &[PROVIDER, MODEL, ID],
    ..DELETE
};

pub(super) fn routes(table: Table) -> Table {
    const ALL: &str = "/accounts/{account_id}/ai-gateway/pricing";
    const OF_GATEWAY: &str = "/accounts/{account_id}/ai-gateway/gateways/{gateway_id}/pricing";
    let table = table
        .route(MethodFilter::GET, ALL, Permission::Read, &LIST, list)
        .route(MethodFilter::PUT, ALL, Permission::Write, &PUT, put)
        .route(MethodFilter::DELETE, ALL, Permission::Write, &DELETE, delete)
        .route(MethodFilter::GET, OF_GATEWAY, Permission::Read, &LIST_OF_GATEWAY, list)
        .route(MethodFilter::PUT, OF_GATEWAY, Permission::Write, &PUT_OF_GATEWAY, put)
        .route(MethodFilter::DELETE, OF_GATEWAY, Permission::Write, &DELETE_OF_GATEWAY, delete);
    unknown::routes(drift::routes(table))
}

/// Which rows a call means.
struct Wanted<'a> {
    provider: Option<&'a str>,
    model: Option<&'a str>,
    id: Option<&'a str>,
    search: String,
}

impl<'a> Wanted<'a> {
    fn read(params: &'a Params) -> Self {
        let provider = params.get("provider");
        Self {
            provider: provider.map(|name| catalogue::find(name).map_or(name, |found| found.slug)),
            model: params.get("model"),
            id: params.get("id"),
            search: params.get("search").unwrap_or_default().to_lowercase(),
        }
    }

    fn has(&self, row: &Value) -> bool {
        let text = |key: &str| row.get(key).and_then(Value::as_str).unwrap_or_default();
        let (provider, model) = (text("provider"), text("model"));
        self.provider.is_none_or(|wanted| wanted == provider)
            && self.model.is_none_or(|wanted| is_row_of(row, provider, wanted))
            && (self.search.is_empty()
                || format!("{provider}/{model}").to_lowercase().contains(&self.search))
    }
}

/// A row that somebody set, as the API shows it.
fn own(price: &PriceOverride) -> Value {
    let mut row = price.row.clone();
    row["id"] = json!(price.id);
    row["modified_at"] = json!(price.modified_at);
    row["source"] = match &price.gateway_id {
        Some(gateway) => {
            row["gateway_id"] = json!(gateway);
            "gateway".into()
        }
        None => "account".into(),
    };
    row
}

fn of_account<'a>(
    configuration: &'a Configuration,
    account: &AccountId,
) -> impl Iterator<Item = &'a Arc<PriceOverride>> {
    configuration.of::<PriceOverride>(account)
}

/// `GET /pricing`.
async fn list(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Scope(gateway): Scope,
    params: Params,
) -> Response {
    let wanted = Wanted::read(&params);
    let source = params.get("source");
    let mut rows: Vec<Value> = Vec::new();
    let all: Vec<&Arc<PriceOverride>> = of_account(caller.configuration(), caller.account())
        .filter(|price| {
            gateway.is_none() || price.gateway_id.is_none() || price.gateway_id == gateway
        })
        .collect();
    // What is closer to a call comes first.
    for (name, of_gateway) in [("gateway", true), ("account", false)] {
        if source.is_none_or(|source| source == name) {
            let here = all.iter().filter(|price| price.gateway_id.is_some() == of_gateway);
            rows.extend(here.filter(|price| wanted.has(&price.row)).map(|price| own(price)));
        }
    }
    if source.is_none_or(|source| source == "table") {
        let replaced = |row: &Value| {
            let standing =
                all.iter().filter(|price| gateway.is_some() || price.gateway_id.is_none());
            standing.into_iter().any(|price| {
                price.row.get("provider") == row.get("provider")
                    && price.row.get("model") == row.get("model")
            })
        };
        let listed = api.prices.rows().filter_map(|row| serde_json::from_str(row).ok());
        let listed = listed.filter(|row: &Value| wanted.has(row) && !replaced(row));
        rows.extend(listed.map(|mut row| {
            row["source"] = "table".into();
            row
        }));
    }
    Paging::read(&params).answer(&rows, Value::clone)
}

/// Body of a `PUT`.
#[derive(Debug, Deserialize)]
struct Body {
    models: Vec<Value>,
}

/// `PUT /pricing`.
async fn put(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Scope(gateway): Scope,
    Json { value: body, ignored }: Json<Body>,
) -> Result<Response, ApiError> {
    let prices = checked(caller.account(), gateway.as_ref(), body.models)?;
    let stored = caller
        .change(&api, |now, changes| {
            let mut stored = Vec::new();
            let mut added = 0;
            for (place, price) in prices.iter().enumerate() {
                let mut price = price.clone();
                if let Some(gateway) = &price.gateway_id
                    && now.get::<Gateway>(caller.account(), gateway.as_str()).is_none()
                {
                    let path = ["body", "models", &place.to_string(), "gateway_id"];
                    return Err(ApiError::input(&path, format!("there is no gateway {gateway}")));
                }
                match now.get::<PriceOverride>(caller.account(), &price.id) {
                    Some(present) => {
                        price.created_at = present.created_at;
                        price.modified_at = later_than(present.modified_at);
                    }
                    None => added += 1,
                }
                changes.put(price.clone());
                stored.push(own(&price));
            }
            if of_account(now, caller.account()).count() + added > MAX_ROWS {
                let text = format!("an account has at most {MAX_ROWS} prices of its own");
                return Err(ApiError::body("models", text));
            }
            Ok(stored)
        })
        .await?;
    Ok(envelope::noted(&stored, ignored))
}

/// The rows of a body, or what is wrong with one of them.
fn checked(
    account: &AccountId,
    gateway: Option<&GatewayId>,
    rows: Vec<Value>,
) -> Result<Vec<PriceOverride>, ApiError> {
    let at = Timestamp::now();
    let mut prices: Vec<PriceOverride> = Vec::with_capacity(rows.len());
    for (place, mut row) in rows.into_iter().enumerate() {
        let refuse =
            |message: String| ApiError::input(&["body", "models", &place.to_string()], message);
        let Row { provider, model, valid_from, price } =
            Row::parse(&row).map_err(|error| refuse(error.to_string()))?;
        if !price.is_charging() {
            return Err(refuse(format!("price of {provider}/{model}: there is no figure in it")));
        }
        // Calls are charged under the slug.
        let provider = catalogue::find(&provider).map_or(provider, |found| found.slug.to_owned());
        row["provider"] = provider.as_str().into();
        let named = row.get("gateway_id").and_then(Value::as_str).map(GatewayId::from);
        if let (Some(named), Some(gateway)) = (&named, gateway)
            && named != gateway
        {
            return Err(refuse(format!("price of {provider}/{model}: it is of gateway {named}")));
        }
        if let Some(fields) = row.as_object_mut() {
            // What an answer shows beside the row, for clients that write back what they read.
            for name in ["id", "source", "modified_at", "gateway_id"] {
                fields.remove(name);
            }
        }
        let gateway_id = named.or_else(|| gateway.cloned());
        let of = gateway_id.as_ref().map(|gateway| format!("{gateway}:")).unwrap_or_default();
        let from = valid_from.map(|day| format!("@{day}")).unwrap_or_default();
        let id: Arc<str> = format!("{of}{provider}/{model}{from}").into();
        if prices.iter().any(|price| price.id == id) {
            return Err(refuse(format!("price of {id}: it is there twice")));
        }
        prices.push(PriceOverride {
            id,
            account_id: account.clone(),
            gateway_id,
            provider,
            row,
            created_at: at,
            modified_at: at,
        });
    }
    Ok(prices)
}

/// `DELETE /pricing`.
async fn delete(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Scope(gateway): Scope,
    params: Params,
) -> Result<Response, ApiError> {
    let wanted = Wanted::read(&params);
    let deleted = caller
        .change(&api, |now, changes| {
            let mut deleted = 0_u64;
            let here =
                of_account(now, caller.account()).filter(|price| price.gateway_id == gateway);
            for price in here.filter(|price| wanted.has(&price.row)) {
                if wanted.id.is_none_or(|id| id == &*price.id) {
                    changes.delete(&**price);
                    deleted += 1;
                }
            }
            Ok::<_, ApiError>(deleted)
        })
        .await?;
    Ok(envelope::object(&json!({ "deleted": deleted })))
}
