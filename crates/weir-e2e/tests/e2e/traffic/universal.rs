//! Steps of the universal endpoint (spec: data-plane 1.5).

mod caching;
mod failures;
mod identity;
pub(crate) mod rig;
mod spelling;
mod streams;
