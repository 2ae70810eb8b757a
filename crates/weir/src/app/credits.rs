//! Credits of older versions: they stood in the configuration, and what was used of them in the log.
//! Both come into the ledger's journal once.

use anyhow::Context;
use weir_core::analytics::AnalyticsQuery;
use weir_core::ledger::{CreditEntry, CreditKind, Ledger};
use weir_core::store::LogStore;
use weir_core::{Clock, Cost, LiveConfiguration};

const PICO_IN_A_CENT: i64 = Cost::SCALE / 100;

/// Brings in every purchase that the configuration knows, and for each account what its calls had
/// used by then. Lines that are there already are passed over, so it may run at every start.
pub(super) async fn import(
    configuration: &LiveConfiguration,
    logs: &dyn LogStore,
    ledger: &dyn Ledger,
    clock: &dyn Clock,
) -> anyhow::Result<()> {
    let snapshot = configuration.snapshot();
    for account in snapshot.configuration().billing_accounts.iter() {
        let line = |id: String, kind: CreditKind, amount: Cost| CreditEntry {
            id: id.into(),
            account: account.account_id.clone(),
            at: clock.now(),
            kind,
            amount,
            fee: Cost::ZERO,
            note: None,
            usage: None,
        };
        let mut is_new = false;
        for topup in &account.topups {
            let kind = if topup.automatic { CreditKind::Automatic } else { CreditKind::Grant };
            let cents = i64::try_from(topup.amount).unwrap_or(i64::MAX);
            let amount = Cost::from_pico(cents.saturating_mul(PICO_IN_A_CENT));
            let entry = line(topup.id.to_string(), kind, amount);
            let entry = CreditEntry { at: topup.created_at, ..entry };
            is_new |= ledger.credit(entry).await.context("cannot bring in credits")?;
        }
        if !is_new {
            continue;
        }
        let query = AnalyticsQuery::wholesale(account.account_id.clone());
        let rows =
            logs.analyse(&query).await.context("cannot read what was used of the credits")?;
        let used: Cost = rows.iter().map(|row| row.sums.cost).sum();
        let id = format!("used_before_{}", account.account_id);
        let amount = Cost::from_pico(used.pico().saturating_neg());
        let note = Some("used before the journal began".into());
        let entry = CreditEntry { note, ..line(id, CreditKind::Adjustment, amount) };
        ledger.credit(entry).await.context("cannot bring in what was used of the credits")?;
    }
    Ok(())
}
