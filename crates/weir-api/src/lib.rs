//! The control plane: the management API, under `/client/v4`.
//!
//! A call goes through few files. A module of `v4` declares its routes in the table of `routes`:
//! path, who may call, what goes in and what comes out. `admission` stands before each route and
//! admits the caller and the inputs, or refuses them. The handler reads the caller's snapshot or
//! the log store, or changes the configuration through [`LiveConfiguration`]; `envelope` gives the
//! answer, or the error, its outer shape. `openapi` prints the table.
//!
//! Configuration comes from the snapshot that the data plane works by, so what this API shows is
//! what is in force. One call keeps one snapshot from its admission to its answer.

mod admission;
mod body;
mod caller;
mod csv;
mod envelope;
mod error;
mod evaluate;
mod filters;
mod openapi;
mod operation;
mod path;
mod query;
mod routes;
mod schema;
mod trail;
mod v4;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::any;
use weir_core::counters::Counters;
use weir_core::keys::ProviderKeys;
use weir_core::ledger::Ledger;
use weir_core::secrets::SecretPlaces;
use weir_core::store::LogStore;
use weir_core::vault::Vault;
use weir_core::{Clock, LiveConfiguration};
use weir_llm::pricing::PriceTable;

pub use caller::Peer;
pub use evaluate::evaluate;

/// What the management API works with.
pub struct Api {
    /// Present configuration, and the way to change it.
    pub configuration: Arc<LiveConfiguration>,
    /// Log rows and their bodies.
    pub logs: Arc<dyn LogStore>,
    /// Seals the secrets that callers store.
    pub vault: Arc<dyn Vault>,
    /// What models cost; the table that the data plane charges by.
    pub prices: Arc<PriceTable>,
    /// Where the data plane counts; looked at, never drawn from. `None` where no calls are served.
    pub counters: Option<Arc<dyn Counters>>,
    /// Budgets, spend limits and credits: what they stand at, and the credit journal.
    pub ledger: Arc<dyn Ledger>,
    /// The clock that calls are counted by; windows of the ledger are looked at by it.
    pub clock: Arc<dyn Clock>,
    /// How stored provider keys fare. `None` where no calls are served.
    pub keys: Option<Arc<dyn ProviderKeys>>,
    /// What an operator chose.
    pub options: Options,
    /// What goes on beside the calls; [`Background::default`].
    pub background: Background,
}

/// What goes on beside the calls.
#[derive(Debug, Default)]
pub struct Background {
    trail: trail::Trail,
    held: v4::logs::Held,
    recomputations: v4::logs::Recomputations,
    /// Wakes [`evaluate()`].
    evaluations: tokio::sync::Notify,
}

impl Background {
    /// Waits until what calls have left behind is done: deletions of log rows, audit records, and
    /// changes of rows that were still to come. For `patience` at most; what is then not done is
    /// lost, and told in the program's log.
    pub async fn settle(&self, patience: Duration) {
        let all = async { tokio::join!(self.trail.settle(), self.held.settle()) };
        if tokio::time::timeout(patience, all).await.is_err() {
            let (records, patches) = (self.trail.under_way(), self.held.under_way());
            tracing::error!(
                records,
                patches,
                "not waiting for audit records and changes of log rows"
            );
        }
    }
}

/// What an operator chose for the management API.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Address under which clients reach the data plane, e.g. `https://weir.example`, without a
    /// slash at the end. `None`: what the request's `Host` header names.
    pub public_url: Option<String>,
    /// Custom providers may lie at plain `http://` addresses and on this machine.
    pub allow_http_providers: bool,
    /// Gateways an account may have; `None` means no limit.
    pub max_gateways: Option<usize>,
    /// Percent of a top-up that is paid on top of it.
    pub fee_percent: f64,
    /// Percent that the data plane puts on what calls with platform-managed keys cost; shown only.
    pub markup_percent: f64,
    /// Where secrets may lie that are stored as references.
    pub secret_places: SecretPlaces,
}

/// The API as a service for every path under `/client/v4`. An unknown path there is answered in
/// the envelope; other paths are left to the caller's router.
pub fn router(api: Arc<Api>) -> Router {
    let inner = v4::table(api).into_router();
    // Nesting does not cover the bare prefix with a slash.
    Router::new().nest("/client/v4", inner).route("/client/v4/", any(routes::no_route))
}

#[cfg(test)]
mod tests;
