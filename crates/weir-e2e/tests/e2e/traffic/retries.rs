//! Trying again (spec: data-plane 7.2, 7.3).

mod backoff;
mod bodies;
mod first_byte;
mod precedence;
mod rows;
mod what;
