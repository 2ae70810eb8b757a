//! One module for each resource, named as in the official clients. Each declares its own routes.

mod datasets;
pub(crate) mod evaluation_types;
mod evaluations;
mod gateways;
mod graphql;
mod logs;

use std::sync::Arc;

use crate::routes::Table;
use crate::{Api, openapi};

/// Every route of the API.
pub(crate) fn table(api: Arc<Api>) -> Table {
    let table = Table::new(api);
    let table = datasets::routes(table);
    let table = evaluation_types::routes(table);
    let table = evaluations::routes(table);
    let table = gateways::routes(table);
    let table = graphql::routes(table);
    let table = logs::routes(table);
    openapi::routes(table)
}
