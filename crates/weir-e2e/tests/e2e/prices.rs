//! What calls cost, by whose word, and what becomes of it when a price is corrected.

mod custom;
mod levels;
mod recompute;
mod reported;
mod rig;
