//! One module for each resource, named as in the official clients. Each declares its own routes.

mod audit;
mod billing;
mod budgets;
mod custom_domains;
mod custom_providers;
mod datasets;
mod dynamic_routing;
mod edit;
pub(crate) mod evaluation_types;
mod evaluations;
mod gateways;
mod graphql;
mod issuers;
pub(crate) mod logs;
mod models;
mod policies;
mod pricing;
mod provider_configs;
mod secrets_store;
mod standing;
mod stops;
mod tokens;

use std::sync::Arc;

use crate::routes::Table;
use crate::{Api, openapi};

/// Every route of the API.
pub(crate) fn table(api: Arc<Api>) -> Table {
    let table = Table::new(api);
    let table = audit::routes(table);
    let table = billing::routes(table);
    let table = budgets::routes(table);
    let table = custom_domains::routes(table);
    let table = custom_providers::routes(table);
    let table = datasets::routes(table);
    let table = dynamic_routing::routes(table);
    let table = evaluation_types::routes(table);
    let table = evaluations::routes(table);
    let table = gateways::routes(table);
    let table = graphql::routes(table);
    let table = issuers::routes(table);
    let table = logs::routes(table);
    let table = models::routes(table);
    let table = policies::routes(table);
    let table = pricing::routes(table);
    let table = provider_configs::routes(table);
    let table = secrets_store::routes(table);
    let table = stops::routes(table);
    let table = tokens::routes(table);
    openapi::routes(table)
}
