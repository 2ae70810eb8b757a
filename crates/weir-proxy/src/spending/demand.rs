//! One thing that a call claims, and what is said of it.

use weir_core::budget::{BudgetPeriod, BudgetTerms};
use weir_core::ledger::{Claim, Span, Standing};
use weir_core::route::Technique;
use weir_core::trail::LimitTrail;
use weir_core::{Cost, Error, Kind, Timestamp};

use super::policies::Exceeded;
use super::target::Target;
use crate::diagnose;

/// What is claimed of one bucket.
#[derive(Clone, Debug)]
pub(crate) struct Demand {
    /// What the ledger is asked. Where nobody is refused its limit is none.
    pub(crate) claim: Claim,
    /// What of the call is booked.
    pub(crate) unit: Unit,
    /// By whose word it is limited.
    pub(crate) of: Of,
    /// Whose bucket it is, where there are several.
    pub(crate) value: Option<Box<str>>,
}

/// What of a call a bucket counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    /// What it costs.
    Cost,
    /// Its tokens, in and out.
    Tokens,
    /// That it was made.
    Requests,
    /// Time passes by itself.
    Time,
}

/// By whose word something is limited.
#[derive(Clone, Debug)]
pub(crate) enum Of {
    /// A spend limit of the gateway.
    Rule {
        /// Its id.
        id: Box<str>,
        /// Dollars, as written.
        limit: f64,
        /// Seconds.
        window: u64,
        technique: Technique,
    },
    /// The budget of a policy.
    Policy {
        /// Its name.
        bucket: Box<str>,
        limit: Cost,
    },
    /// A budget of the account or of a token.
    Budget { name: Box<str>, terms: BudgetTerms },
    /// A rate element of a route.
    Gate { element: Box<str> },
    /// What second calls of a route's element may cost.
    Hedge { element: Box<str> },
    /// The account's credits.
    Credits,
}

impl Demand {
    /// What becomes of a call that finds no room.
    pub(crate) fn refusal(&self, standing: &Standing, target: &Target) -> Error {
        let (provider, model) = (target.provider.as_str(), &*target.model);
        let spent = |text: String| Error::new(Kind::SpendLimited, diagnose::ascii(&text));
        match &self.of {
            Of::Rule { id, limit, window, technique } => {
                let technique = match technique {
                    Technique::Fixed => "fixed",
                    Technique::Sliding => "sliding",
                };
                spent(format!(
                    "Spend limit exceeded: rule '{id}' (cost limit {limit} per {window}s, \
                     {technique}) for {provider} {model}"
                ))
            }
            Of::Policy { bucket, limit } => {
                let cost = Cost::from_pico(i64::try_from(standing.spent).unwrap_or(i64::MAX));
                let exceeded = Exceeded { bucket: bucket.clone(), spent: cost, limit: *limit };
                Error::new(Kind::PolicySpent, "Spending limit exceeded").because(exceeded)
            }
            Of::Budget { name, terms } => {
                let (limit, unit, time) = (terms.limit, terms.unit.label(), time(terms));
                spent(format!(
                    "Spend limit exceeded: budget '{name}' ({limit} {unit} {time}) for {provider} \
                     {model}"
                ))
                .with_hint(diagnose::ascii(&resets(standing.resets_at)))
            }
            Of::Gate { element } | Of::Hedge { element } => spent(format!(
                "Spend limit exceeded: route element '{element}' for {provider} {model}"
            )),
            Of::Credits => Error::new(Kind::OutOfCredits, "Insufficient wholesale credits")
                .with_hint("add credits to the account, or use a key of your own"),
        }
    }

    /// What it says in the call's trail.
    pub(crate) fn trail(&self, standing: &Standing, passed: bool) -> LimitTrail {
        let Claim { amount, limit, span, .. } = self.claim;
        let taken = standing.taken();
        LimitTrail {
            name: self.name(),
            unit: match self.unit {
                Unit::Cost => "cost",
                Unit::Tokens => "tokens",
                Unit::Requests => "requests",
                Unit::Time => "milliseconds",
            }
            .into(),
            of: self.value.clone(),
            limit: self.terms().map_or(limit, BudgetTerms::most),
            window: match span {
                Span::Window(window) => Some(window.seconds),
                Span::Calendar(_) | Span::Forever => None,
            },
            before: taken,
            after: if passed { taken.saturating_add(amount) } else { taken },
            passed,
        }
    }

    /// The terms of a budget.
    pub(crate) const fn terms(&self) -> Option<&BudgetTerms> {
        match &self.of {
            Of::Budget { terms, .. } => Some(terms),
            _ => None,
        }
    }

    fn name(&self) -> Box<str> {
        match &self.of {
            Of::Rule { id, .. } => id.clone(),
            Of::Policy { bucket, .. } => format!("policy {bucket}").into(),
            Of::Budget { name, .. } => format!("budget {name}").into(),
            Of::Gate { element } => format!("element {element}").into(),
            Of::Hedge { element } => format!("second calls of {element}").into(),
            Of::Credits => "credits".into(),
        }
    }
}

/// The time of a budget, for people.
fn time(terms: &BudgetTerms) -> String {
    match (terms.window, terms.period) {
        (Some(seconds), _) => format!("per {seconds}s"),
        (None, Some(BudgetPeriod::Hourly)) => "hourly".to_owned(),
        (None, Some(BudgetPeriod::Daily)) => "daily".to_owned(),
        (None, Some(BudgetPeriod::Weekly)) => "weekly".to_owned(),
        (None, Some(BudgetPeriod::Monthly)) => "monthly".to_owned(),
        (None, Some(BudgetPeriod::Total) | None) => "in total".to_owned(),
    }
}

fn resets(at: Option<Timestamp>) -> String {
    at.map_or_else(
        || "it does not come back by itself: ask for more".to_owned(),
        |at| format!("there may be more from {at}"),
    )
}
