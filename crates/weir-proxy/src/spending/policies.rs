//! Policies: who may spend how much on what (spec: data-plane 10.3). The rules themselves are pure
//! and live in `weir_core::policy`.

use weir_core::controls::Controls;
use weir_core::counters::CounterKey;
use weir_core::ledger::{Claim, Measure, Span};
use weir_core::policy::{self, Bucket, Cap, Decision, Identity};
use weir_core::{Cost, Error, Kind};

use super::demand::{Demand, Of, Unit};
use super::target::Target;
use crate::exchange::Facts;

/// The budget of a policy is used up. Its answer has a form of its own.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the budget {bucket} of a policy is used up")]
pub(crate) struct Exceeded {
    pub(crate) bucket: Box<str>,
    pub(crate) spent: Cost,
    pub(crate) limit: Cost,
}

/// Asks the policies of a gateway, and adds what their budgets ask of a call that may cost `amount`.
///
/// # Errors
/// `Kind::PolicyBlocked`.
pub(super) fn demands(
    facts: &Facts,
    controls: &Controls,
    target: &Target,
    amount: u64,
    into: &mut Vec<Demand>,
) -> Result<(), Error> {
    if controls.policies.is_empty() {
        return Ok(());
    }
    let claims = facts.caller.claims.as_deref().cloned().unwrap_or_default();
    let labels = facts.options.metadata.as_ref().map(|labels| labels.all().clone());
    let identity = Identity::new(claims, labels.unwrap_or_default());
    match policy::evaluate(&controls.policies, &identity, target.named()) {
        Decision::Unlimited => {}
        Decision::Block(_) => {
            return Err(Error::new(Kind::PolicyBlocked, "Access denied by policy"));
        }
        Decision::Limits(buckets) => {
            for bucket in &buckets {
                into.extend(bucket.caps.iter().map(|cap| demand(facts, bucket, *cap, amount)));
            }
        }
    }
    Ok(())
}

fn demand(facts: &Facts, bucket: &Bucket<'_>, cap: Cap<'_>, amount: u64) -> Demand {
    let id = bucket.id();
    let gateway = &facts.gateway;
    let parts = ["policy", gateway.account_id.as_str(), gateway.id.as_str(), &id];
    let claim = Claim {
        key: CounterKey::of(&parts.map(str::as_bytes)),
        span: Span::Calendar(cap.limit.period),
        measure: Measure::Sum,
        limit: u64::try_from(cap.limit.amount.pico()).unwrap_or(0),
        amount,
    };
    let of = Of::Policy { bucket: id.into(), limit: cap.limit.amount };
    Demand { claim, unit: Unit::Cost, of, value: None }
}
