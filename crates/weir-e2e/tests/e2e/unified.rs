//! The unified endpoints: any client's dialect over any provider.

mod door;
mod errors;
mod matrix;
mod rig;
mod truncated;
