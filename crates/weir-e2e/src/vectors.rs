//! The conformance vectors: what the data plane must do, as data (spec: data-plane 16).
//!
//! Each vector gets a world of its own: a fresh mock of all providers, a fresh binary with the
//! configuration that `given` asks for, and nothing left of the vector before. Then its requests
//! are sent and everything under `expect` is compared. Four rules keep the result honest:
//!
//! * a key that the runner does not know is a failure that names it, never skipped;
//! * what the binary cannot do yet is *pending* with a reason, from one table ([`pending`]);
//! * a vector that asserts nothing is a failure;
//! * pending is counted apart, and neither passed nor failed.

mod access;
mod check;
mod keys;
mod log;
mod matching;
mod otel;
pub mod pending;
mod perform;
mod report;
mod request;
mod runner;
mod seen;
mod time;
mod vector;
mod world;

pub use report::{Outcome, Report};
pub use runner::{Options, run};
pub use vector::{Vector, load};

#[cfg(test)]
mod tests;
