//! Traffic control: caching, limits, retries, timeouts, fallbacks and routes.

mod cache;
mod coalesce;
mod explained;
mod limits;
mod matrix;
mod rest;
mod retries;
pub(crate) mod rig;
pub(crate) mod routes;
mod semantic;
mod timeouts;
pub(crate) mod universal;
