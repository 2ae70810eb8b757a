//! Steps of the universal endpoint (spec: data-plane 1.5).

mod caching;
mod failures;
pub(crate) mod rig;
mod streams;
