//! Credits from before there was a ledger: bought ones stood in the configuration, used ones in the
//! log roll-ups.

use anyhow::Context;
use weir_core::analytics::AnalyticsQuery;
use weir_core::billing::{BillingAccount, Topup};
use weir_core::ledger::{CreditEntry, CreditKind, CreditQuery, Ledger};
use weir_core::store::LogStore;
use weir_core::{AccountId, Clock, Cost, LiveConfiguration};

/// Pico-dollars in a cent.
const CENT: i64 = Cost::SCALE / 100;

/// Brings the credits of every account into the ledger. Each purchase is a line under its own id, so
/// it is there once however often this runs. What was used comes first, and only into a journal
/// that has no line yet: from then on the ledger itself knows what calls use.
pub(super) async fn import(
    configuration: &LiveConfiguration,
    logs: &dyn LogStore,
    ledger: &dyn Ledger,
    clock: &dyn Clock,
) -> anyhow::Result<()> {
    let snapshot = configuration.snapshot();
    for billing in snapshot.configuration().billing_accounts.iter() {
        let account = &billing.account_id;
        if !has_lines(ledger, account).await? {
            let query = AnalyticsQuery::wholesale(account.clone());
            let rows =
                logs.analyse(&query).await.context("cannot read what was used of the credits")?;
            let used: Cost = rows.iter().map(|row| row.sums.cost).sum();
            if used > Cost::ZERO {
                write(ledger, used_before(account, used, clock)).await?;
            }
        }
        for topup in &billing.topups {
            write(ledger, bought(billing, topup)).await?;
        }
    }
    Ok(())
}

async fn has_lines(ledger: &dyn Ledger, account: &AccountId) -> anyhow::Result<bool> {
    let query = CreditQuery {
        account: account.clone(),
        kinds: Vec::new(),
        from: None,
        to: None,
        ascending: true,
        offset: 0,
        limit: 1,
    };
    let page = ledger.journal(&query).await.context("cannot read the journal of credits")?;
    Ok(page.total > 0)
}

async fn write(ledger: &dyn Ledger, entry: CreditEntry) -> anyhow::Result<()> {
    ledger.credit(entry).await.context("cannot write the journal of credits")?;
    Ok(())
}

fn used_before(account: &AccountId, used: Cost, clock: &dyn Clock) -> CreditEntry {
    CreditEntry {
        id: format!("used_before_{account}").into(),
        account: account.clone(),
        at: clock.now(),
        kind: CreditKind::Adjustment,
        amount: Cost::from_pico(used.pico().saturating_neg()),
        fee: Cost::ZERO,
        note: Some("used before there was a ledger, by the log roll-ups".into()),
        usage: None,
    }
}

fn bought(billing: &BillingAccount, topup: &Topup) -> CreditEntry {
    let cents = i64::try_from(topup.amount).unwrap_or(i64::MAX);
    CreditEntry {
        id: topup.id.clone(),
        account: billing.account_id.clone(),
        at: topup.created_at,
        kind: if topup.automatic { CreditKind::Automatic } else { CreditKind::Grant },
        amount: Cost::from_pico(cents.saturating_mul(CENT)),
        fee: Cost::ZERO,
        note: None,
        usage: None,
    }
}

#[cfg(test)]
mod tests;
