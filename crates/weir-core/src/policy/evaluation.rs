//! What the policies of a gateway say to a call (spec: observability 7.3). The order of policies
//! never matters.

use std::collections::BTreeMap;

use super::condition::Undecided;
use super::identity::Identity;
use super::period::Period;
use super::resource::{Resource, Target};
use super::rule::{Action, Limit, Rule};
use crate::cost::Cost;

/// What is to become of a call.
#[derive(Clone, Debug)]
pub enum Decision<'a> {
    /// It may pass, whatever was spent.
    Unlimited,
    /// It may not pass: this policy blocks it, or none speaks for it.
    Block(Option<&'a Rule>),
    /// It may pass if every one of these is under its limits.
    Limits(Vec<Bucket<'a>>),
}

/// A budget: what one actor may spend on one resource.
#[derive(Clone, Debug)]
pub struct Bucket<'a> {
    /// Who pays.
    pub actor: String,
    /// For what.
    pub resource: &'a Resource,
    /// One limit at most for each period.
    pub caps: Vec<Cap<'a>>,
}

/// A limit of a budget, and the policy that set it.
#[derive(Clone, Copy, Debug)]
pub struct Cap<'a> {
    /// The policy.
    pub rule: &'a Rule,
    /// Its limit.
    pub limit: Limit,
}

/// Whether a call passes.
#[derive(Clone, Debug)]
pub enum Verdict<'d, 'a> {
    /// It does.
    Allowed,
    /// A policy blocks it, or none speaks for it.
    Blocked(Option<&'a Rule>),
    /// A budget is used up.
    Exceeded {
        /// The budget.
        bucket: &'d Bucket<'a>,
        /// Its limit.
        cap: Cap<'a>,
        /// What was spent.
        spent: Cost,
    },
}

impl Bucket<'_> {
    /// Its name: the same for the same actor and resource, on every node.
    pub fn id(&self) -> String {
        format!("{}|{}", self.actor, self.resource)
    }
}

/// What policies say to a call of `identity` for `target`.
pub fn evaluate<'a>(rules: &'a [Rule], identity: &Identity, target: Target<'_>) -> Decision<'a> {
    if rules.is_empty() {
        return Decision::Unlimited;
    }
    let mut blocking: Option<&Rule> = None;
    let mut buckets = BTreeMap::<(String, &Resource), Vec<&Rule>>::new();
    for rule in rules {
        match standing(rule, identity, target) {
            Standing::Silent => {}
            Standing::Blocks => {
                // Of several, always the same one is named.
                blocking = Some(blocking.filter(|other| other.id <= rule.id).unwrap_or(rule));
            }
            Standing::Applies(actor) => {
                buckets.entry((actor, &rule.resource)).or_default().push(rule);
            }
        }
    }
    if blocking.is_some() || buckets.is_empty() {
        return Decision::Block(blocking);
    }
    let limited: Vec<Bucket<'a>> = buckets
        .into_iter()
        .filter(|(_, rules)| rules.iter().all(|rule| rule.action != Action::NoLimit))
        .map(|((actor, resource), rules)| Bucket { actor, resource, caps: caps(&rules) })
        .collect();
    if limited.is_empty() { Decision::Unlimited } else { Decision::Limits(limited) }
}

/// What one policy says.
enum Standing {
    Silent,
    Blocks,
    Applies(String),
}

/// A condition that asks for something unknown, or for something of another kind than is there,
/// counts against the caller: a block stands, and nothing else does. Callers choose their metadata
/// themselves, so it must not help them to leave some out.
fn standing(rule: &Rule, identity: &Identity, target: Target<'_>) -> Standing {
    let except = rule.action == Action::Block { except: true };
    if rule.resource.covers(target) == except {
        return Standing::Silent;
    }
    let Some(actor) = rule.actor.resolve(identity) else { return Standing::Silent };
    let blocks = matches!(rule.action, Action::Block { .. });
    match rule.condition.holds(identity) {
        Ok(true) | Err(Undecided::Missing(_) | Undecided::WrongKind) if blocks => Standing::Blocks,
        Ok(true) => Standing::Applies(actor),
        _ => Standing::Silent,
    }
}

/// The highest limit of each period, shortest period first.
fn caps<'a>(rules: &[&'a Rule]) -> Vec<Cap<'a>> {
    let mut highest = BTreeMap::<Period, Cap<'a>>::new();
    for &rule in rules {
        let Action::Limit(limit) = rule.action else { continue };
        let cap = Cap { rule, limit };
        let better = highest
            .get(&limit.period)
            .is_none_or(|other| (limit.amount, &other.rule.id) > (other.limit.amount, &rule.id));
        if better {
            highest.insert(limit.period, cap);
        }
    }
    highest.into_values().collect()
}

impl<'a> Decision<'a> {
    /// Holds budgets against what was spent in the present period. `spent` answers `None` when it
    /// cannot tell; such a budget lets the call pass.
    pub fn enforce<'d>(
        &'d self,
        mut spent: impl FnMut(&Bucket<'a>, Cap<'a>) -> Option<Cost>,
    ) -> Verdict<'d, 'a> {
        let buckets = match self {
            Self::Unlimited => return Verdict::Allowed,
            Self::Block(rule) => return Verdict::Blocked(*rule),
            Self::Limits(buckets) => buckets,
        };
        for bucket in buckets {
            for &cap in &bucket.caps {
                let spent = spent(bucket, cap).filter(|spent| *spent >= cap.limit.amount);
                if let Some(spent) = spent {
                    return Verdict::Exceeded { bucket, cap, spent };
                }
            }
        }
        Verdict::Allowed
    }
}

#[cfg(test)]
mod tests;
