//! Prepaid credits: what calls with the operator's keys may still cost (spec: data-plane 11.3).

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use weir_core::billing::{BillingAccount, TopupConfig};
use weir_core::ledger::{
    Claim, CreditEntry, CreditKind, CreditUse, Ledger, Measure, Reservation, Settlement, Span,
    credit_key,
};
use weir_core::spend::SpendMode;
use weir_core::{AccountId, Cost, Error, LogId, Timestamp};
use weir_llm::catalogue;

use super::admit::{work, worst_case};
use super::claims::{Claims, claim};
use super::demand::{Demand, Of, Unit};
use super::settle::{self, Outcome};
use super::target::Target;
use crate::beside::at_once_or_later;
use crate::exchange::{Exchange, Facts};
use crate::plane::Shared;
use crate::turn::Ask;

const PICO_IN_A_CENT: i64 = Cost::SCALE / 100;
const WHOLE: u128 = 1_000_000;

/// What an operator takes beside what providers charge.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Billing {
    /// On the cost of calls, in parts of a million.
    markup: u32,
    /// On credits that are bought, in parts of a million.
    fee: u32,
}

impl Billing {
    /// From percentages; what is no number or below zero is none.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "saturates, at more than four thousand percent"
    )]
    pub fn of_percent(markup: f64, fee: f64) -> Self {
        let parts = |percent: f64| (percent * 10_000.0).round() as u32;
        Self { markup: parts(markup), fee: parts(fee) }
    }

    /// What is taken off an account's credits for a cost, rounded up.
    fn with_markup(self, cost: u64) -> u64 {
        cost.saturating_add(part(cost, self.markup))
    }

    /// What the account is charged of a sum that was set apart with the markup in it.
    fn without_markup(self, amount: u64) -> u64 {
        let whole = WHOLE + u128::from(self.markup);
        u64::try_from(u128::from(amount) * WHOLE / whole).unwrap_or(u64::MAX)
    }

    fn fee_of(self, amount: Cost) -> Cost {
        pico(part(u64::try_from(amount.pico()).unwrap_or(0), self.fee))
    }
}

fn part(of: u64, parts: u32) -> u64 {
    let part = (u128::from(of) * u128::from(parts)).div_ceil(WHOLE);
    u64::try_from(part).unwrap_or(u64::MAX)
}

fn pico(amount: u64) -> Cost {
    Cost::from_pico(i64::try_from(amount).unwrap_or(i64::MAX))
}

/// Whether calls to a provider with the operator's key are paid with credits: those of the catalogue
/// are, Workers AI only where the gateway says so. An account's own providers are no third parties.
fn are_taken(facts: &Facts) -> bool {
    let Some(row) = catalogue::find(facts.call.provider.as_str()) else { return false };
    row.slug != "workers-ai" || facts.gateway.settings.workers_ai_billing_mode == "unified"
}

/// Claims of the account's credits what a call with the operator's key may cost.
///
/// # Errors
/// `Kind::OutOfCredits`; `Kind::SpendLimited` where limits are strict and the most that the call can
/// cost is not known.
pub(crate) async fn admit(
    shared: &Shared,
    exchange: &mut Exchange,
    ask: &Ask,
) -> Result<(), Error> {
    let Some(facts) = exchange.facts_mut() else { return Ok(()) };
    if !are_taken(facts) {
        return Ok(());
    }
    let target = Target::of(&facts.call);
    let amount = match facts.gateway.settings.spend_mode {
        SpendMode::Compatible => 0,
        SpendMode::Strict => {
            let asked = (work(ask, facts), ask.body());
            let cost = worst_case(shared, facts, &target, asked, true)?;
            shared.billing.with_markup(cost)
        }
    };
    let account = &facts.gateway.account_id;
    let purse = shared.ledger.purse(account).await;
    let claim_of_credits = Claim {
        key: credit_key(account),
        span: Span::Forever,
        measure: Measure::Sum,
        limit: u64::try_from(purse.granted.pico()).unwrap_or(0),
        amount,
    };
    let demand = Demand { claim: claim_of_credits, unit: Unit::Cost, of: Of::Credits, value: None };
    let claimed = claim(shared, facts, Claims::new(vec![demand], target)).await;
    if claimed.is_err() {
        // An account that was empty when its rule was made settles nothing that would buy.
        buy_by_rule(shared, facts);
    }
    claimed
}

/// Takes what a call came to off the credits.
pub(super) fn settle(
    shared: &Shared,
    facts: &Facts,
    (claims, reservation): (&Claims, Reservation),
    outcome: &Outcome,
) {
    let reserved = settle::reserved(claims);
    let cost = settle::cost(shared.billing.without_markup(reserved), outcome, shared);
    let amount = if outcome.cost.is_none() { reserved } else { shared.billing.with_markup(cost) };
    let target = claims.target();
    let account = &facts.gateway.account_id;
    let credit = (amount > 0).then(|| CreditUse {
        account: account.clone(),
        gateway: facts.gateway.id.clone(),
        provider: target.provider.as_str().into(),
        model: (&*target.model).into(),
        cost: pico(cost),
        amount: pico(amount),
    });
    shared.ledger.settle(
        reservation,
        Settlement { spent: vec![amount], credit },
        shared.clock.now(),
    );
    buy_by_rule(shared, facts);
}

/// Buys credits beside the call, if the account has a rule for it and few enough left.
fn buy_by_rule(shared: &Shared, facts: &Facts) {
    let account = &facts.gateway.account_id;
    let configured =
        facts.snapshot.configuration().get::<BillingAccount>(account, account.as_str());
    if let Some(rule) = configured.and_then(|it| it.topup_config) {
        shared.top_ups.look(shared, account.clone(), rule);
    }
}

/// Accounts that are buying credits by themselves just now.
#[derive(Default)]
pub(crate) struct TopUps(Mutex<HashSet<AccountId>>);

impl TopUps {
    /// Buys credits if the account has fewer than its rule says; beside the call, and once at a time.
    fn look(self: &Arc<Self>, shared: &Shared, account: AccountId, rule: TopupConfig) {
        let mut buying = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !buying.insert(account.clone()) {
            return;
        }
        drop(buying);
        let buying = Buying { of: Arc::clone(self), account };
        let (ledger, billing) = (Arc::clone(&shared.ledger), shared.billing);
        let now = shared.clock.now();
        at_once_or_later(async move {
            buy(&*ledger, &buying.account, rule, billing, now).await;
        });
    }
}

/// An account's turn, until it is dropped.
struct Buying {
    of: Arc<TopUps>,
    account: AccountId,
}

impl Drop for Buying {
    fn drop(&mut self) {
        let mut buying = self.of.0.lock().unwrap_or_else(PoisonError::into_inner);
        buying.remove(&self.account);
    }
}

async fn buy(
    ledger: &dyn Ledger,
    account: &AccountId,
    rule: TopupConfig,
    billing: Billing,
    now: Timestamp,
) {
    let cents = |cents: u64| {
        let cents = i64::try_from(cents).unwrap_or(i64::MAX);
        Cost::from_pico(cents.saturating_mul(PICO_IN_A_CENT))
    };
    if ledger.purse(account).await.balance() >= cents(rule.threshold) {
        return;
    }
    let amount = cents(rule.amount);
    let entry = CreditEntry {
        id: format!("auto_{}", LogId::generate()).into(),
        account: account.clone(),
        at: now,
        kind: CreditKind::Automatic,
        amount,
        fee: billing.fee_of(amount),
        note: None,
        usage: None,
    };
    match ledger.credit(entry).await {
        Ok(_) => tracing::info!(%account, dollars = amount.dollars(), "credits bought by rule"),
        Err(error) => tracing::warn!(%account, %error, "credits could not be bought by rule"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_markup_is_rounded_up_and_comes_off_again() {
        let billing = Billing::of_percent(5.0, 2.5);
        assert_eq!(billing.with_markup(1_000_000), 1_050_000);
        assert_eq!(billing.with_markup(1), 2);
        assert_eq!(billing.without_markup(1_050_000), 1_000_000);
        assert_eq!(billing.fee_of(Cost::from_pico(1_000)), Cost::from_pico(25));
        assert_eq!(Billing::default().with_markup(7), 7);
        assert_eq!(Billing::of_percent(f64::NAN, -1.0), Billing::default());
        for cost in [0, 1, 999, 123_456_789] {
            assert_eq!(billing.without_markup(billing.with_markup(cost)), cost);
        }
    }
}
