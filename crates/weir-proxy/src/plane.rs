//! The data plane as a whole: what outlives single calls.

use std::collections::HashMap;
use std::future::Future;
use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

use http::{HeaderMap, Request, Response};
use hyper::body::Incoming;
use tokio::sync::Semaphore;
use weir_core::Clock;
use weir_core::access::CustomDomain;
use weir_core::cache::ResponseCache;
use weir_core::counters::Counters;
use weir_core::ledger::Ledger;
use weir_core::live::LiveConfiguration;
use weir_core::vault::Vault;
use weir_llm::auth::google_jwt::TokenUri;
use weir_llm::catalogue::RestNames;
use weir_llm::pricing::PriceTable;

use crate::admission::Admission;
use crate::auth::users::Users;
use crate::beside::Beside;
use crate::cache::{Fills, Flights, semantic};
use crate::chance::Chance;
use crate::credential::{
    GoogleTokens, KeyHealth, PlatformKeys, ReferenceSettings, References, StoredKeys, VAULT,
};
use crate::dynamic::shadow;
use crate::egress::EgressPolicy;
use crate::front::edge::{Client, Edge};
use crate::limits::Limits;
use crate::metrics::Metrics;
use crate::pipeline::Door;
use crate::record::LogQueue;
use crate::reply::ReplyBody;
use crate::routing::{HedgeCap, TargetTable};
use crate::spending::{Billing, Thresholds, TopUps};
use crate::target::Targets;
use crate::upstream::{TlsIdentity, Upstream};

/// What the data plane is made of; built by the binary.
pub struct Parts {
    /// Configuration, live.
    pub configuration: Arc<LiveConfiguration>,
    /// Destinations beyond public addresses over TLS.
    pub egress: EgressPolicy,
    /// The same for pictures and documents whose addresses callers name.
    pub media: EgressPolicy,
    /// The proxies in front, and what they tell of clients.
    pub edge: Edge,
    /// Sizes and times.
    pub limits: Limits,
    /// Origin templates by provider slug.
    pub origins: HashMap<String, String>,
    /// Account id to use at Workers AI instead of the caller's.
    pub workers_ai_account: Option<String>,
    /// Prices.
    pub prices: Arc<PriceTable>,
    /// Opens stored keys.
    pub vault: Arc<dyn Vault>,
    /// The operator's own keys.
    pub platform_keys: PlatformKeys,
    /// Where keys may lie that are stored as references.
    pub references: ReferenceSettings,
    /// Who we are at providers, and whom we trust there, by slug.
    pub identities: HashMap<String, TlsIdentity>,
    /// Key files may name other hosts than Google's for the exchange of tokens.
    pub token_uri: TokenUri,
    /// What time it is for windows, expiries and log rows.
    pub clock: Arc<dyn Clock>,
    /// Makes draws by chance repeatable.
    pub seed: Option<u64>,
    /// What the operator takes beside what providers charge.
    pub billing: Billing,
    /// Counters of limits.
    pub counters: Arc<dyn Counters>,
    /// Credits, spend limits and budgets.
    pub ledger: Arc<dyn Ledger>,
    /// Stored answers.
    pub cache: Arc<dyn ResponseCache>,
    /// Where log rows go.
    pub log: LogQueue,
    /// Counters and histograms.
    pub metrics: Arc<Metrics>,
}

/// The data plane: a cheap handle.
#[derive(Clone)]
pub struct DataPlane {
    shared: Arc<Shared>,
}

/// What every call may use.
pub(crate) struct Shared {
    pub(crate) configuration: Arc<LiveConfiguration>,
    pub(crate) upstream: Upstream,
    pub(crate) edge: Edge,
    pub(crate) users: Users,
    pub(crate) targets: Targets,
    pub(crate) limits: Limits,
    pub(crate) prices: Arc<PriceTable>,
    /// Made at its first use: it reads the whole price table.
    rest_names: OnceLock<RestNames>,
    pub(crate) stored_keys: StoredKeys,
    pub(crate) platform_keys: PlatformKeys,
    pub(crate) key_health: KeyHealth,
    pub(crate) references: References,
    pub(crate) google_tokens: GoogleTokens,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) billing: Billing,
    pub(crate) counters: Arc<dyn Counters>,
    pub(crate) ledger: Arc<dyn Ledger>,
    /// Which budgets have warned.
    pub(crate) thresholds: Thresholds,
    /// Accounts that are buying credits by themselves.
    pub(crate) top_ups: Arc<TopUps>,
    pub(crate) cache: Arc<dyn ResponseCache>,
    pub(crate) fills: Fills,
    pub(crate) flights: Flights,
    /// Questions that have an answer in the cache.
    pub(crate) semantic: semantic::Index,
    pub(crate) chance: Chance,
    pub(crate) target_table: TargetTable,
    pub(crate) hedge_cap: HedgeCap,
    /// Places for shadow calls.
    pub(crate) shadows: Arc<Semaphore>,
    /// What goes on without a call that waits for it.
    pub(crate) beside: Beside,
    pub(crate) log: LogQueue,
    pub(crate) metrics: Arc<Metrics>,
}

impl Shared {
    /// The model names of the API host: those that come with the build, and the operator's.
    pub(crate) fn rest_names(&self) -> &RestNames {
        let tables = || [PriceTable::builtin().as_ref(), self.prices.as_ref()];
        self.rest_names.get_or_init(|| RestNames::of(tables()))
    }

    /// The limits of a request that has asked none yet.
    pub(crate) fn admission(&self) -> Admission {
        Admission::new(Arc::clone(&self.counters), Arc::clone(&self.clock), &self.limits)
    }
}

impl DataPlane {
    /// Puts the parts together.
    ///
    /// # Errors
    /// When no TLS configuration can be made.
    pub fn new(parts: Parts) -> Result<Self, rustls::Error> {
        let mut upstream = Upstream::new(
            parts.egress,
            parts.media,
            parts.limits.connect,
            parts.metrics.upstream_opened.clone(),
        )?;
        for (slug, identity) in parts.identities {
            upstream.identify(&slug, identity)?;
        }
        let mut references = parts.references;
        if let Some(vault) = &mut references.vault {
            // Nothing but this address, which the operator named.
            let policy = EgressPolicy::of_origin(&vault.address);
            upstream.admit(VAULT, policy, std::mem::take(&mut vault.identity))?;
        }
        let budget = usize::try_from(parts.cache.size().budget).unwrap_or(usize::MAX);
        let fills = Fills::new(budget);
        Ok(Self {
            shared: Arc::new(Shared {
                configuration: parts.configuration,
                upstream,
                edge: parts.edge,
                users: Users::default(),
                targets: Targets::new(parts.origins, parts.workers_ai_account),
                limits: parts.limits,
                rest_names: OnceLock::new(),
                prices: parts.prices,
                stored_keys: StoredKeys::new(parts.vault, parts.token_uri),
                platform_keys: parts.platform_keys,
                key_health: KeyHealth::default(),
                references: References::new(references),
                google_tokens: GoogleTokens::default(),
                clock: parts.clock,
                billing: parts.billing,
                target_table: TargetTable::new(TargetTable::MOST, Arc::clone(&parts.metrics)),
                hedge_cap: HedgeCap::new(Arc::clone(&parts.ledger), Arc::clone(&parts.metrics)),
                shadows: Arc::new(Semaphore::new(shadow::MOST)),
                counters: parts.counters,
                ledger: parts.ledger,
                thresholds: Thresholds::default(),
                top_ups: Arc::default(),
                flights: Flights::new(fills.clone()),
                fills,
                semantic: semantic::Index::new(budget / semantic::SHARE),
                cache: parts.cache,
                chance: Chance::new(parts.seed),
                beside: Beside::default(),
                log: parts.log,
                metrics: parts.metrics,
            }),
        })
    }

    /// What every call may use.
    pub(crate) const fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// Whether a path of the API host belongs to the data plane: `.../ai/run` and `.../ai/v1/...`.
    pub fn serves(path: &str) -> bool {
        crate::front::is_inference(path)
    }

    /// The gateway that answers under the host of a request, if it has one of its own. All of its
    /// paths are the data plane's (spec: data-plane 1.8).
    pub fn domain<B>(&self, request: &Request<B>) -> Option<Arc<CustomDomain>> {
        let snapshot = self.shared.configuration.snapshot();
        if !snapshot.has_domains() {
            return None;
        }
        let name = crate::front::host::name(request.uri(), request.headers())?;
        snapshot.domain(&name).cloned()
    }

    /// What is known of the client behind a connection from `peer`.
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> Client {
        self.shared.edge.client(peer, headers)
    }

    /// Answers one request whose path begins with `/v1/`, one that [`DataPlane::serves`], or any at a
    /// custom domain. `peer` is where the connection comes from. Never fails: an error is an answer.
    pub fn handle(
        &self,
        request: Request<Incoming>,
        peer: IpAddr,
        domain: Option<Arc<CustomDomain>>,
    ) -> impl Future<Output = Response<ReplyBody>> + Send + '_ {
        crate::pipeline::run(&self.shared, request, Door { peer, domain })
    }

    /// The answer to a path that belongs to nobody.
    pub fn not_found(&self, target: &str) -> Response<ReplyBody> {
        crate::reply::error::response(&crate::front::no_such_path(target), None)
    }

    /// Waits for what goes on beside the calls: answers that are still read for their rows, and
    /// shadow calls. What is not done within `patience` is cut off. Every one of them has left its
    /// row when this returns. To be called once, when no more calls come.
    pub async fn settle(&self, patience: std::time::Duration) {
        self.shared.beside.settle(patience).await;
    }

    /// Fetches the keys of issuers before they are needed, for as long as it is polled.
    pub async fn keep_issuer_keys(&self) {
        Users::keep_keys(&self.shared).await;
    }

    /// Closes idle upstream connections from time to time, and says what the cache holds, for as
    /// long as it is polled.
    pub async fn keep_tidy(&self) {
        let mut ticks = tokio::time::interval(std::time::Duration::from_secs(5));
        loop {
            ticks.tick().await;
            let idle = self.shared.upstream.sweep();
            let now = self.shared.clock.now();
            let resting = self.shared.key_health.sweep(now);
            self.shared.metrics.keys_resting.set(i64::try_from(resting).unwrap_or(i64::MAX));
            self.shared.stored_keys.sweep(&self.shared.configuration.snapshot());
            self.shared.references.refresh(&self.shared).await;
            self.shared.metrics.upstream_idle.set(i64::try_from(idle).unwrap_or(i64::MAX));
            self.shared.metrics.cache_holds(self.shared.cache.size());
            self.shared.semantic.sweep(self.shared.clock.now());
            self.shared.metrics.questions_held(self.shared.semantic.size());
        }
    }
}
