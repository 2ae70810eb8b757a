//! Hosts that callers, and operators of an account, may name: none of them leads inside.
//!
//! A canary listens on loopback, over both versions of IP. Whatever is named, it hears nothing.

mod canary;
mod corpus;
mod entered;
mod named;
mod redirects;
