//! The unified endpoints: any client's dialect over any provider.

mod bytes;
mod clouds;
mod credentials;
mod door;
mod errors;
mod matrix;
mod rest;
mod rig;
mod strictness;
mod truncated;
