//! Answers that are kept and given again (spec: data-plane 5).

mod bodies;
mod epochs;
mod hits;
mod key;
mod options;
mod shared;
mod status;
mod streams;
mod tenants;
