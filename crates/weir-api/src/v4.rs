//! One module for each resource, named as in the official clients. Each declares its own routes.

mod custom_providers;
mod dynamic_routing;
mod gateways;
mod logs;

use std::sync::Arc;

use crate::routes::Table;
use crate::{Api, openapi};

/// Every route of the API.
pub(crate) fn table(api: Arc<Api>) -> Table {
    let table = Table::new(api);
    let table = custom_providers::routes(table);
    let table = dynamic_routing::routes(table);
    let table = gateways::routes(table);
    let table = logs::routes(table);
    openapi::routes(table)
}
