//! The data plane: one client call from socket to log record.
//!
//! Start at `pipeline.rs`, which shows the order of everything. `front` takes a request apart,
//! `auth` checks the caller, `target` finds the provider, `attempt` calls it through `upstream`
//! (the only way out), `reply` passes the answer on while a copy is read, and `finish` runs exactly
//! once at the end and hands a row to `record`.

mod admission;
mod attempt;
mod auth;
mod beside;
mod cache;
mod capture;
mod chance;
mod convert;
mod credential;
mod diagnose;
mod dynamic;
pub mod egress;
mod exchange;
mod explain;
mod finish;
mod front;
mod inbound;
pub mod limits;
pub mod metrics;
mod money;
mod options;
mod order;
mod pipeline;
mod plane;
pub mod record;
mod redact;
mod reply;
mod request_body;
mod routing;
mod spending;
mod stream_usage;
mod target;
mod turn;
mod unified;
mod universal;
mod upstream;

pub use credential::{Material, PlatformKeys, ReferenceSettings, VaultSettings, VaultToken};
pub use front::edge::{Client, Edge};
pub use plane::{DataPlane, Parts};
pub use reply::ReplyBody;
pub use spending::Billing;
pub use upstream::TlsIdentity;
pub use upstream::origin::Origin;
