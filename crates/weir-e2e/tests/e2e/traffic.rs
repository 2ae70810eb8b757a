//! Traffic control: caching, limits, retries, timeouts, fallbacks and routes.

mod cache;
mod coalesce;
mod explained;
mod limits;
mod matrix;
mod rest;
mod retries;
pub(crate) mod rig;
mod routes;
mod semantic;
mod timeouts;
mod universal;
