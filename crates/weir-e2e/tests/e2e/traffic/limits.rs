//! Limits of a gateway (spec: data-plane 6).

mod concurrent;
mod counted;
mod parallel;
mod refusal;
mod rules;
mod tokens;
mod windows;
