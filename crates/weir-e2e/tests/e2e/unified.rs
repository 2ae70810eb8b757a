//! The unified endpoints: any client's dialect over any provider.

mod bytes;
mod door;
mod errors;
mod matrix;
mod rig;
mod strictness;
mod truncated;
