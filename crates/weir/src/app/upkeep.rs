//! What happens beside all calls: the logs are kept in step with the gateways' settings, and the
//! cache's losses are counted.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use weir_core::audit::{Action, AuditQuery};
use weir_core::config::{Configuration, ObjectKind};
use weir_core::store::{LogCap, LogStore, StoreResult};
use weir_core::{AccountId, GatewayId, LiveConfiguration};
use weir_proxy::metrics::Metrics;
use weir_store::Cache;

/// How often caps are looked after.
const EVERY: Duration = Duration::from_secs(3);

/// Strategy of gateways that refuse rows at their cap; all others delete their oldest
/// (spec: observability 1.4).
const STOP_INSERTING: &str = "STOP_INSERTING";

/// Deletions looked up at the start, newest first.
const DELETIONS: u32 = 10_000;

/// States the caps whenever the configuration changed, deletes rows above them, and deletes the
/// logs of gateways that another process deleted, or that were deleted when no server ran or just
/// before it was killed. Never returns. What fails is tried again at the next turn.
pub(super) async fn keep(configuration: Arc<LiveConfiguration>, logs: Arc<dyn LogStore>) {
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut known = gateways(configuration.snapshot().configuration());
    match deleted(&configuration).await {
        Ok(deleted) => known.extend(deleted),
        Err(error) => tracing::warn!(%error, "cannot look for logs of deleted gateways"),
    }
    let mut stated = None;
    loop {
        ticks.tick().await;
        let snapshot = configuration.snapshot();
        let present = snapshot.configuration();
        if stated != Some(present.generation) {
            let there = gateways(present);
            known = forget(&*logs, known, &there).await;
            match logs.set_caps(caps(present)).await {
                // Unless logs of a gateway could not be deleted: then all of this comes again.
                Ok(()) => stated = (known == there).then_some(present.generation),
                Err(error) => tracing::warn!(%error, "cannot state how many log rows to keep"),
            }
        }
        match logs.enforce_caps().await {
            Ok(0) => {}
            Ok(rows) => tracing::debug!(rows, "deleted log rows above their gateway's cap"),
            Err(error) => tracing::warn!(%error, "cannot delete log rows above the cap"),
        }
    }
}

/// Counts the answers that the cache does not get onto the disk. Never returns.
pub(super) async fn tell_unwritten(cache: Cache, metrics: Arc<Metrics>) {
    let mut ticks = tokio::time::interval(EVERY);
    loop {
        ticks.tick().await;
        metrics.cache_unwritten(cache.unwritten());
    }
}

type Gateways = BTreeSet<(AccountId, GatewayId)>;

fn gateways(configuration: &Configuration) -> Gateways {
    let names = configuration.gateways.iter();
    names.map(|gateway| (gateway.account_id.clone(), gateway.id.clone())).collect()
}

/// Gateways that were ever deleted, going by the audit trail. That one is not in the configuration
/// does not suffice to delete its logs: the configuration may have been lost.
async fn deleted(configuration: &LiveConfiguration) -> StoreResult<Gateways> {
    let snapshot = configuration.snapshot();
    let present = snapshot.configuration();
    let owners = present.gateways.iter().map(|gateway| &gateway.account_id);
    let accounts: BTreeSet<&AccountId> =
        owners.chain(present.tokens.iter().map(|token| &token.account_id)).collect();
    let mut found = Gateways::new();
    for account in accounts {
        let query = AuditQuery {
            account: account.clone(),
            gateway: None,
            action: Some(Action::Delete),
            resource_type: Some(ObjectKind::Gateway.name().to_owned()),
            resource_id: None,
            actor_id: None,
            since: None,
            until: None,
            offset: 0,
            limit: DELETIONS,
        };
        let records = configuration.store().audit(&query).await?.records;
        found.extend(records.iter().map(|record| (account.clone(), (&*record.resource_id).into())));
    }
    Ok(found)
}

/// Deletes the logs of those of `known` that are gone. Returns what to remember: `present`, and
/// whatever could not be deleted.
async fn forget(logs: &dyn LogStore, known: Gateways, present: &Gateways) -> Gateways {
    let mut remembered = present.clone();
    for (account, gateway) in known {
        if present.contains(&(account.clone(), gateway.clone())) {
            continue;
        }
        match logs.delete_gateway(&account, &gateway).await {
            // The usual case: whoever deleted the gateway by the API deleted its logs, too.
            Ok(0) => {}
            Ok(rows) => tracing::info!(%account, %gateway, rows, "deleted the logs of a gateway"),
            Err(error) => {
                tracing::warn!(%account, %gateway, %error, "cannot delete a gateway's logs");
                remembered.insert((account, gateway));
            }
        }
    }
    remembered
}

/// How many rows each gateway with a limit may have.
fn caps(configuration: &Configuration) -> Vec<LogCap> {
    let capped = configuration.gateways.iter().filter_map(|gateway| {
        Some(LogCap {
            account: gateway.account_id.clone(),
            gateway: gateway.id.clone(),
            rows: gateway.settings.log_management?,
            stop_inserting: gateway.settings.log_management_strategy.as_deref()
                == Some(STOP_INSERTING),
        })
    });
    capped.collect()
}

#[cfg(test)]
mod tests {
    use weir_core::config::Resource as _;
    use weir_core::{Gateway, Timestamp};

    use super::*;

    #[test]
    fn only_gateways_with_a_limit_have_a_cap() {
        let mut configuration = Configuration::default();
        for (id, rows, strategy) in [
            ("all", None, Some("STOP_INSERTING")),
            ("stop", Some(10_000), Some("STOP_INSERTING")),
            ("trim", Some(20_000), Some("DELETE_OLDEST")),
            ("unsaid", Some(30_000), None),
        ] {
            let now = Timestamp::from_millis(0);
            let mut gateway = Gateway::with_defaults("a".into(), id.into(), now);
            gateway.settings.log_management = rows;
            gateway.settings.log_management_strategy = strategy.map(str::to_owned);
            configuration.put(&gateway.into_object());
        }
        let found: Vec<_> = caps(&configuration)
            .into_iter()
            .map(|cap| (cap.gateway.to_string(), cap.rows, cap.stop_inserting))
            .collect();
        let wanted = [("stop", 10_000, true), ("trim", 20_000, false), ("unsaid", 30_000, false)];
        assert_eq!(found, wanted.map(|(id, rows, stop)| (id.to_owned(), rows, stop)));
    }
}
