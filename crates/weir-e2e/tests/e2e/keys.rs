//! Provider keys: pools, limits, origins, references, retention, trials and identities.

mod limits;
mod mtls;
mod origins;
mod pools;
mod references;
mod retention;
mod rig;
mod rotation;
mod trials;
mod vault;
