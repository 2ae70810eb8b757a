//! Providers and their wire formats. Bytes in, facts out: no sockets, no clock, no runtime.
//!
//! * [`catalogue`]: which providers there are, and how a path becomes an upstream URL.
//! * [`scan`]: the incremental JSON scanner under everything that reads bodies.
//! * [`stream`]: event streams cut into events, wherever the network cut the bytes.
//! * [`answer`]: what an answer says: usage, model, why it stopped, whether it is whole.
//! * [`request`]: what a request says: model, and whether it wants a stream.
//! * [`stream_usage`]: asking for the usage of a stream that would not tell it.
//! * [`dialect`], [`canonical`], [`provider`], [`translate`]: what clients speak, the one form between,
//!   what upstreams speak, and an answer on its way from one to the other.
//! * [`auth`]: signatures and tokens for providers that want more than a key in a header.
//! * [`embeddings`]: the same for texts that become vectors.
//! * [`multipart`]: another model's name in a form with files.
//! * [`pricing`]: what a usage costs, to the pico-dollar.
//! * [`question`]: what a conversation asks last, for telling whether two ask alike.
//! * [`tokens`]: about how many tokens a request has.
//!
//! Bodies pass through Weir unchanged; this crate only watches a copy go by, so it keeps nothing
//! but small captured values, whatever the size of a body.

pub mod answer;
pub mod auth;
pub mod canonical;
pub mod capability;
pub mod catalogue;
mod decimal;
pub mod dialect;
pub mod embeddings;
pub mod fault;
pub mod json;
pub mod multipart;
pub mod operation;
pub mod percent;
pub mod pricing;
pub mod provider;
pub mod question;
pub mod request;
pub mod scan;
pub mod stream;
pub mod stream_usage;
pub mod tokens;
pub mod translate;

#[cfg(test)]
mod golden;
#[cfg(test)]
mod tests;
