//! What calls may spend: spend limits, budgets, policies, credits, stops.

mod budgets;
mod credits;
mod doors;
mod policies;
mod rig;
mod rules;
mod stops;
mod streams;
mod strict;
mod unknown;
mod windows;
