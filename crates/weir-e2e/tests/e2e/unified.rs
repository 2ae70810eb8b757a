//! The unified endpoints: any client's dialect over any provider.

mod bytes;
mod clouds;
mod credentials;
mod door;
mod embeddings;
mod errors;
mod loops;
mod matrix;
mod media;
mod names;
mod rest;
pub(crate) mod rig;
mod strictness;
mod truncated;
