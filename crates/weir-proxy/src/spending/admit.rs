//! Which limits hold for a call, and whether they let it in.

use weir_core::controls::Controls;
use weir_core::policy;
use weir_core::spend::SpendMode;
use weir_core::{Error, Kind, Retry};

use super::budgets::Amounts;
use super::claims::{Claims, claim, claim_all};
use super::demand::{Demand, Unit};
use super::target::{Target, Work, may_cost};
use super::{Scope, budgets, policies, rules, stop, worst};
use crate::credential::{self, Identity};
use crate::diagnose;
use crate::exchange::{Exchange, Facts};
use crate::plane::Shared;
use crate::turn::Ask;

/// Models that are named to a caller who asked for another.
const NAMED: usize = 20;

/// Whether a call may be made at all, before anything is looked up or spent: its token, session or
/// user is not stopped, and its token may ask that model.
///
/// # Errors
/// `Kind::Stopped`; `Kind::Forbidden`, which says what the token may ask.
pub(crate) fn enter(shared: &Shared, facts: &Facts) -> Result<(), Error> {
    stop::check(shared, facts)?;
    if matches!(facts.scope, Scope::Beside | Scope::Nobody) {
        // The operator chose the model, not the caller.
        return Ok(());
    }
    let Some(token) = facts.caller.token.as_ref().filter(|token| token.models.is_some()) else {
        return Ok(());
    };
    let target = Target::of(&facts.call);
    // A token for a route may ask the models on its way.
    let of_route = facts.trail.route.as_ref().is_some_and(|route| {
        token.may_ask(policy::Target { provider: "dynamic", model: &route.name })
    });
    let is_read = target.model.is_empty() && !may_cost(&facts.call.method);
    let is_named = !target.model.is_empty() && token.may_ask(target.named());
    if of_route || is_read || is_named {
        return Ok(());
    }
    let models = token.models.as_deref().unwrap_or_default();
    let more = if models.len() > NAMED { ", ..." } else { "" };
    let named: Vec<&str> = models.iter().take(NAMED).map(String::as_str).collect();
    let hint = format!("this token may ask {}{more}", named.join(", "));
    Err(Error::new(Kind::Forbidden, "This token may not ask this model")
        .with_hint(diagnose::ascii(&hint))
        .with_retry(Retry::NextTarget))
}

/// Asks policies, spend limits and budgets, and claims what the call may use of each.
///
/// # Errors
/// `Kind::PolicyBlocked`, `Kind::PolicySpent`, `Kind::SpendLimited`; `Kind::BadRequest` for a call
/// that lacks a label which it must have.
pub(crate) async fn admit(
    shared: &Shared,
    exchange: &mut Exchange,
    ask: &Ask,
) -> Result<(), Error> {
    let Some(facts) = exchange.facts_mut() else { return Ok(()) };
    if facts.scope == Scope::Nobody {
        return Ok(());
    }
    let controls = facts.snapshot.controls(&facts.gateway).cloned();
    let by_token = facts.caller.token.as_ref().is_some_and(|token| !token.budgets.is_empty());
    if controls.is_none() && !by_token && facts.trace.spend.gates.is_empty() {
        return Ok(());
    }
    let target = Target::of(&facts.call);
    let demands = demands(shared, facts, controls.as_deref(), &target, ask)?;
    if demands.is_empty() {
        return Ok(());
    }
    claim(shared, facts, Claims::new(demands, target)).await
}

/// Claims for another try of a call what the one before it claimed.
///
/// # Errors
/// As [`admit`], and `Kind::OutOfCredits`.
pub(crate) async fn claim_again(shared: &Shared, exchange: &mut Exchange) -> Result<(), Error> {
    let Some(facts) = exchange.facts_mut() else { return Ok(()) };
    if facts.trace.spend.asked().is_empty() {
        return Ok(());
    }
    // The trail so far is that of the try before.
    facts.trail.budgets.clear();
    facts.trail.limits = match &facts.admission {
        Some(admission) if facts.is_told() => admission.trail(),
        _ => Vec::new(),
    };
    claim_all(shared, facts).await
}

fn demands(
    shared: &Shared,
    facts: &Facts,
    controls: Option<&Controls>,
    target: &Target,
    ask: &Ask,
) -> Result<Vec<Demand>, Error> {
    let mut demands = Vec::new();
    let asked = (work(ask, facts), ask.body());
    let is_strict = facts.gateway.settings.spend_mode == SpendMode::Strict;
    let worst =
        is_strict.then(|| worst_case(shared, facts, target, asked, is_prepaid(shared, facts, ask)));
    let cost = worst.as_ref().and_then(|worst| worst.as_ref().ok()).copied().unwrap_or(0);
    if let Some(controls) = controls.filter(|_| facts.scope == Scope::Gateway) {
        policies::demands(facts, controls, target, cost, &mut demands)?;
    }
    if !may_cost(&facts.call.method) {
        // Nothing is spent, so no budget is asked.
        return Ok(Vec::new());
    }
    if let Some(controls) = controls {
        if facts.scope != Scope::Account {
            rules::demands(facts, controls, target, cost, &mut demands)?;
        }
        let amounts = Amounts { cost, tokens: tokens(facts, Some(controls), ask) };
        for budget in &controls.budgets {
            budgets::of_account(facts, budget, target, amounts, &mut demands);
        }
    }
    let amounts = Amounts { cost, tokens: tokens(facts, None, ask) };
    budgets::of_token(facts, amounts, &mut demands);
    for gate in &facts.trace.spend.gates {
        let mut gate = gate.clone();
        gate.claim.amount = cost;
        if !is_strict {
            // The element has said yes; what is under way may overshoot.
            gate.claim.limit = u64::MAX;
        }
        demands.push(gate);
    }
    match worst {
        Some(Err(unknown)) if demands.iter().any(is_kept_in_dollars) => Err(unknown),
        _ => Ok(demands),
    }
}

/// Whether anybody may be refused for dollars.
fn is_kept_in_dollars(demand: &Demand) -> bool {
    demand.unit == Unit::Cost && demand.claim.limit != u64::MAX
}

/// The most that a call can cost in pico-dollars, or what the gateway sets apart where that is not
/// known.
///
/// # Errors
/// `Kind::SpendLimited` where it sets nothing apart; the hint names the setting.
pub(super) fn worst_case(
    shared: &Shared,
    facts: &Facts,
    target: &Target,
    asked: (Work, Option<&[u8]>),
    prepaid: bool,
) -> Result<u64, Error> {
    let controls = facts.snapshot.controls(&facts.gateway);
    match worst::cost(shared, facts, target, asked, prepaid) {
        Ok(cost) => Ok(u64::try_from(cost.pico()).unwrap_or(0)),
        Err(unknown) => controls.and_then(|controls| controls.ceiling).ok_or_else(|| {
            let hint = format!(
                "{}: set spend_ceiling of the gateway to what such a call may cost, or name \
                 max_tokens and a model whose price is known",
                unknown.0
            );
            let text = "Spend limit cannot be kept: the most that the call can cost is not known";
            Error::new(Kind::SpendLimited, text).with_hint(diagnose::ascii(&hint))
        }),
    }
}

/// What kind of call it is.
pub(super) fn work(ask: &Ask, facts: &Facts) -> Work {
    match ask.operation() {
        Some(operation) => Work::of_operation(operation, facts.call.provider.as_str()),
        None => {
            let call = &facts.call;
            Work::of_path(&call.method, call.provider.as_str(), &call.rest)
        }
    }
}

/// Whether the operator's key would pay.
fn is_prepaid(shared: &Shared, facts: &Facts, ask: &Ask) -> bool {
    !shared.platform_keys.of(facts.call.provider.as_str()).is_empty()
        && matches!(credential::identity(&ask.need(shared, facts)), Identity::Platform)
}

/// Tokens that the call may use, if any budget counts them.
fn tokens(facts: &Facts, controls: Option<&Controls>, ask: &Ask) -> u64 {
    use weir_core::budget::BudgetUnit::Tokens;
    let counts = match controls {
        Some(controls) => controls.budgets.iter().any(|budget| budget.terms.unit == Tokens),
        None => {
            let token = facts.caller.token.as_ref();
            token.is_some_and(|token| token.budgets.iter().any(|terms| terms.unit == Tokens))
        }
    };
    if counts { ask.estimated_tokens() } else { 0 }
}
