//! Dynamic routes (spec: data-plane 8).

mod additions;
mod conditions;
mod dialects;
mod failures;
mod percentages;
mod rates;
pub(crate) mod rig;
mod rows;
mod second;
mod streams;
mod unknown;
mod versions;
