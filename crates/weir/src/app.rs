//! The composition root: the only place where parts are joined.

mod background;
mod banner;
mod clock;
mod counters;
mod credits;
mod ledger;
mod places;
mod platform;
mod upkeep;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::net::TcpListener;
use weir_core::LiveConfiguration;
use weir_core::counters::Counters;
use weir_llm::catalogue;
use weir_proxy::egress::EgressPolicy;
use weir_proxy::limits::Limits;
use weir_proxy::metrics::Metrics;
use weir_proxy::record::{LogQueue, QueueConfig};
use weir_proxy::{DataPlane, Parts};
use weir_store::MemoryCounters;

use crate::config::{Config, LimitsSection, Log};
use crate::server::{self, Front};
use crate::{bootstrap, prices, simulate, telemetry};

/// How often other processes' changes of the configuration are looked for.
const FOLLOW_EVERY: Duration = Duration::from_secs(1);

/// How long the end waits for answers that are read for their rows alone, and for audit records,
/// deletions and late changes of log rows.
const SETTLE: Duration = Duration::from_secs(5);

/// Runs the gateway until it is told to stop. Returns when every accepted call is finished, or the
/// drain time is over, and every accepted log row is in the store.
pub(crate) async fn run(config: Config, simulated: bool) -> anyhow::Result<()> {
    telemetry::start(&config.telemetry);
    for warning in config.testing.warnings() {
        tracing::warn!("{warning}");
    }
    // Before anything is opened, so that there is always a clean way out.
    let stop = server::stop_signal();
    let listener = bind(&config.listen).await?;
    let admin = match &config.admin.listen {
        Some(address) => Some(bind(address).await?),
        None => None,
    };
    let tls = config.tls.as_ref().map(server::tls::load).transpose()?;
    let stores = weir_store::open(&config.stores())
        .with_context(|| format!("cannot open the stores in {}", config.data_dir.display()))?;
    let cache = weir_store::open_cache(&config.cache())
        .with_context(|| format!("cannot open the cache in {}", config.data_dir.display()))?;
    let clock = clock::of(&config.testing);
    let ledger = weir_store::open_ledger(&config.ledger(Arc::clone(&clock)))
        .with_context(|| format!("cannot open the ledger in {}", config.data_dir.display()))?;
    let configuration = Arc::new(LiveConfiguration::open(Arc::clone(&stores.config)).await?);
    bootstrap::apply(&config.bootstrap, &configuration).await.context("bootstrap")?;
    let mut egress = EgressPolicy::parse(&config.egress.allow).map_err(anyhow::Error::msg)?;
    let media = EgressPolicy::parse(&config.egress.allow_media).map_err(anyhow::Error::msg)?;
    let mut origins = origins(&config);
    let (mut simulation, mut first_token) = (None, None);
    if simulated {
        let address = start_simulator(&mut origins, &mut egress).await?;
        let token = bootstrap::simulation_token(&config.bootstrap, &configuration).await?;
        simulation = Some((address, token));
    } else {
        first_token = bootstrap::first_token(&config.bootstrap, &configuration).await?;
    }

    let books = ledger.ledger();
    credits::import(&configuration, stores.logs.as_ref(), books.as_ref(), clock.as_ref()).await?;
    let prices = prices::load(&config)?;
    let metrics = Arc::new(Metrics::default());
    let queue = LogQueue::new(queue_config(&config.log), Arc::clone(&metrics));
    let counters = Arc::new(MemoryCounters::default());
    let data_plane = DataPlane::new(Parts {
        configuration: Arc::clone(&configuration),
        egress,
        media,
        edge: config.identity.edge().context("identity")?,
        limits: limits(&config.limits),
        origins,
        workers_ai_account: config.providers.get("workers-ai").and_then(|s| s.account_id.clone()),
        prices: Arc::clone(&prices),
        vault: Arc::clone(&stores.vault),
        platform_keys: platform::keys(&config.providers)?,
        references: places::references(&config)?,
        identities: places::identities(&config.providers)?,
        token_uri: platform::token_uri(&config.providers, simulated),
        clock: Arc::clone(&clock),
        seed: config.testing.seed,
        billing: config.billing.rates(),
        counters: Arc::clone(&counters) as Arc<dyn Counters>,
        ledger: ledger.ledger(),
        cache: cache.answers(),
        log: queue.clone(),
        metrics: Arc::clone(&metrics),
    })
    .context("cannot set up TLS towards providers")?;
    let api = Arc::new(weir_api::Api {
        configuration: Arc::clone(&configuration),
        logs: Arc::clone(&stores.logs),
        vault: Arc::clone(&stores.vault),
        prices,
        counters: Some(Arc::clone(&counters) as Arc<dyn Counters>),
        ledger: ledger.ledger(),
        clock: Arc::clone(&clock),
        keys: Some(Arc::new(data_plane.clone())),
        options: config.api_options(simulated),
        background: weir_api::Background::default(),
    });
    let calls_left = Arc::clone(&api);

    let writer = tokio::spawn({
        let (queue, logs) = (queue.clone(), Arc::clone(&stores.logs));
        async move { queue.write_to(logs).await }
    });
    let beside = [
        background::keep("connections", {
            let data_plane = data_plane.clone();
            move || {
                let data_plane = data_plane.clone();
                async move { data_plane.keep_tidy().await }
            }
        }),
        background::keep("issuer keys", {
            let data_plane = data_plane.clone();
            move || {
                let data_plane = data_plane.clone();
                async move { data_plane.keep_issuer_keys().await }
            }
        }),
        background::keep("counters", {
            let (counters, metrics) = (Arc::clone(&counters), Arc::clone(&metrics));
            let clock = Arc::clone(&clock);
            move || {
                let (counters, clock) = (Arc::clone(&counters), Arc::clone(&clock));
                counters::keep_tidy(counters, clock, Arc::clone(&metrics))
            }
        }),
        background::keep("ledger", {
            let (ledger, metrics) = (ledger.clone(), Arc::clone(&metrics));
            move || ledger::keep_tidy(ledger.clone(), Arc::clone(&clock), Arc::clone(&metrics))
        }),
        background::keep("configuration", {
            let configuration = Arc::clone(&configuration);
            move || follow(Arc::clone(&configuration))
        }),
        background::keep("evaluations", {
            let api = Arc::clone(&api);
            move || weir_api::evaluate(Arc::clone(&api))
        }),
        background::keep("cache figures", {
            let (cache, metrics) = (cache.clone(), Arc::clone(&metrics));
            move || upkeep::tell_unwritten(cache.clone(), Arc::clone(&metrics))
        }),
        background::keep("upkeep", {
            let logs = Arc::clone(&stores.logs);
            move || upkeep::keep(Arc::clone(&configuration), Arc::clone(&logs))
        }),
    ];

    let address = listener.local_addr()?;
    banner::print(&banner::Facts {
        address,
        https: tls.is_some(),
        admin: admin.as_ref().and_then(|admin| admin.local_addr().ok()),
        config: &config,
        first_token: first_token.as_deref(),
        simulation: simulation.as_ref().map(|(address, token)| (*address, token.as_str())),
    });
    let front = Front::new(
        data_plane.clone(),
        weir_api::router(api),
        metrics,
        queue.clone(),
        admin.is_some(),
    );
    let drain = Duration::from_millis(config.shutdown.drain_ms);
    server::run(listener, admin, tls, front, stop, drain).await;

    for task in beside {
        task.abort();
    }
    // What is still read for the rows of answers that nobody waits for.
    data_plane.settle(SETTLE).await;
    queue.close();
    writer.await.context("the log writer failed")?;
    // After the last call has finished, and so settled.
    let settled = ledger.ledger().close().await.context("the ledger did not close cleanly");
    if let Err(error) = cache.close().await {
        tracing::warn!(%error, "the cache did not close cleanly");
    }
    // After the last rows: a change may wait for one of them.
    calls_left.background.settle(SETTLE).await;
    stores.logs.close().await.context("the log store did not close cleanly")?;
    settled?;
    tracing::info!("stopped; every accepted log row is written");
    Ok(())
}

async fn bind(address: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| format!("cannot listen on {address}"))
}

fn origins(config: &Config) -> HashMap<String, String> {
    let configured = config.providers.iter().filter_map(|(name, section)| {
        let name = catalogue::find(name).map_or(name.as_str(), |row| row.slug);
        Some((name.to_owned(), section.origin.clone()?))
    });
    configured.collect()
}

/// Starts the simulator on a free port and points every provider without a configured origin there.
async fn start_simulator(
    origins: &mut HashMap<String, String>,
    egress: &mut EgressPolicy,
) -> anyhow::Result<SocketAddr> {
    let listener = bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    for row in catalogue::all() {
        origins
            .entry(row.slug.to_owned())
            .or_insert_with(|| format!("http://{address}/{}", row.slug));
    }
    egress.permit(address.ip(), address.port());
    tokio::spawn(async move {
        if let Err(error) = simulate::serve(listener, std::future::pending()).await {
            tracing::error!(%error, "the simulator stopped");
        }
    });
    Ok(address)
}

async fn follow(configuration: Arc<LiveConfiguration>) {
    let mut ticks = tokio::time::interval(FOLLOW_EVERY);
    loop {
        ticks.tick().await;
        match configuration.follow().await {
            Ok(true) => tracing::info!("configuration changed"),
            Ok(false) => {}
            Err(error) => {
                tracing::warn!(%error, "cannot read the configuration; the last one stays");
            }
        }
    }
}

fn limits(section: &LimitsSection) -> Limits {
    Limits {
        request_body: section.request_body_bytes,
        payload: usize::try_from(section.log_body_bytes).unwrap_or(usize::MAX),
        connect: Duration::from_millis(section.connect_timeout_ms),
        first_byte: Duration::from_millis(section.first_byte_timeout_ms),
        idle: Duration::from_millis(section.idle_timeout_ms),
        client_idle: Duration::from_millis(section.client_idle_timeout_ms),
        platform_calls: section.platform_calls,
        platform_window: Duration::from_secs(section.platform_window),
    }
}

fn queue_config(section: &Log) -> QueueConfig {
    QueueConfig {
        rows: section.queue_rows,
        bytes: section.queue_bytes,
        batch: section.batch_rows,
        interval: Duration::from_millis(section.interval_ms),
        ..QueueConfig::default()
    }
}
