//! The vocabulary of Weir: what every part means by its words. No sockets, no SQL, no runtime.
//!
//! * An **account** owns **gateways**; a gateway has **settings**. All of it, with the account's
//!   **custom providers** and **API tokens**, is a [`Snapshot`]: immutable, swapped whole.
//! * One client call is an *exchange*; each try of it at a provider is an *attempt* and leaves one
//!   [`LogRecord`], with [`Usage`] (tokens) and a [`Cost`] (exact decimal dollars).
//! * A failure is an [`Error`] with three axes: what happened, whose side, may we try again.
//! * Configuration is data ([`config`]): objects in typed tables, changed through
//!   [`LiveConfiguration`] alone, so that a change is in force, and on record, when it is answered.
//! * Durable data lies behind the traits of [`store`]; nobody else knows which engine is there.

pub mod access;
pub mod analytics;
pub mod audit;
pub mod billing;
pub mod budget;
pub mod cache;
pub mod clock;
pub mod config;
pub mod controls;
pub mod cost;
pub mod counters;
pub mod credential;
pub mod error;
pub mod evaluation;
pub mod fault;
pub mod gateway;
pub mod id;
pub mod keys;
pub mod ledger;
pub mod live;
pub mod log;
pub mod log_filter;
pub mod mask;
pub mod net;
pub mod policy;
pub mod provider;
pub mod route;
pub mod secrets;
pub mod snapshot;
pub mod spend;
pub mod stop;
pub mod store;
pub mod text;
pub mod token;
pub mod traffic;
pub mod trail;
pub mod usage;
pub mod vault;

pub use clock::{Clock, Timestamp};
pub use cost::Cost;
pub use credential::Secret;
pub use error::{Code, Error, Kind, Origin, Retry};
pub use gateway::{Gateway, GatewaySettings};
pub use id::{AccountId, GatewayId, LogId, ProviderSlug};
pub use live::LiveConfiguration;
pub use log::{LogRecord, Payload};
pub use provider::CustomProvider;
pub use snapshot::Snapshot;
pub use token::{ApiToken, Permission, TokenHash};
pub use usage::{Units, Usage};
