//! Budgets that operators set: what somebody or something may use in a time (spec: observability 8).

mod buckets;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::cost::Cost;
use crate::counters::{CounterKey, Window};
use crate::fault::{Fault, Faults};
use crate::id::{AccountId, GatewayId};
use crate::ledger::{Measure, Span};
use crate::policy::Period;
use crate::route::Technique;

/// A budget of an account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Budget {
    /// A UUID. Its buckets go by it, so they outlive changes of everything else but the span.
    pub id: Arc<str>,
    /// Whose it is.
    pub account_id: AccountId,
    /// Only calls of this gateway; `None` means those of every gateway of the account together.
    #[serde(default)]
    pub gateway_id: Option<GatewayId>,
    /// Name for people, and in headers and errors.
    pub name: String,
    /// Whose calls are counted together.
    pub by: BudgetBy,
    /// Only these values of `by`; empty means that each value has a budget of its own.
    #[serde(default)]
    pub values: Vec<String>,
    /// How much, of what, in which time.
    #[serde(flatten)]
    pub terms: BudgetTerms,
    /// Whether it counts.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// Creation time.
    pub created_at: Timestamp,
    /// Last change.
    pub modified_at: Timestamp,
}

/// How much, of what, in which time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct BudgetTerms {
    /// What is counted.
    pub unit: BudgetUnit,
    /// The most, in that unit; above zero.
    pub limit: f64,
    /// A period of the calendar; `total` is for good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<BudgetPeriod>,
    /// Seconds, in place of a period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<u64>,
    /// How windows follow each other.
    #[serde(default, skip_serializing_if = "is_fixed")]
    pub technique: Technique,
    /// The part of the limit from which callers are warned: above 0, at most 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub soft: Option<f64>,
    /// Refuse calls when nothing is left; otherwise they are only warned.
    #[serde(default = "yes")]
    pub hard: bool,
}

/// Whose calls a budget counts together.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum BudgetBy {
    /// `account`: all of the account's, or of the gateway if one is named.
    Account,
    /// `gateway`: those of each gateway.
    Gateway,
    /// `user`: those of each `cf.user_id`.
    User,
    /// `team`: those of each group of the caller; of a caller without groups, of its label `team`.
    Team,
    /// `token`: those of each gateway token, by id.
    Token,
    /// `provider`: those to each provider.
    Provider,
    /// `model`: those to each `provider/model`; values may hold `*`.
    Model,
    /// `session`: those of each `cf-aig-session-id`.
    Session,
    /// `metadata.{key}`: those of each value of a label.
    Metadata(String),
}

/// What a budget counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BudgetUnit {
    /// US dollars.
    Dollars,
    /// Tokens, in and out.
    Tokens,
    /// Calls of a model.
    Requests,
    /// Seconds since the first call in the span.
    Seconds,
}

/// A period of the calendar in UTC, or all of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BudgetPeriod {
    /// From each full hour.
    Hourly,
    /// From 00:00.
    Daily,
    /// From Monday, 00:00.
    Weekly,
    /// From the first of the month, 00:00.
    Monthly,
    /// For good.
    Total,
}

const fn yes() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
fn is_fixed(technique: &Technique) -> bool {
    *technique == Technique::Fixed
}

impl BudgetBy {
    /// Reads the stored word.
    ///
    /// # Errors
    ///
    /// What it must be, to be put behind the field's name.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        Ok(match text {
            "account" => Self::Account,
            "gateway" => Self::Gateway,
            "user" => Self::User,
            "team" => Self::Team,
            "token" => Self::Token,
            "provider" => Self::Provider,
            "model" => Self::Model,
            "session" => Self::Session,
            _ => match text.strip_prefix("metadata.").filter(|key| !key.is_empty()) {
                Some(key) => Self::Metadata(key.to_owned()),
                None => {
                    return Err("must be account, gateway, user, team, token, provider, model, \
                                session or metadata.{key}");
                }
            },
        })
    }
}

impl TryFrom<String> for BudgetBy {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<BudgetBy> for String {
    fn from(by: BudgetBy) -> Self {
        match by {
            BudgetBy::Account => "account".to_owned(),
            BudgetBy::Gateway => "gateway".to_owned(),
            BudgetBy::User => "user".to_owned(),
            BudgetBy::Team => "team".to_owned(),
            BudgetBy::Token => "token".to_owned(),
            BudgetBy::Provider => "provider".to_owned(),
            BudgetBy::Model => "model".to_owned(),
            BudgetBy::Session => "session".to_owned(),
            BudgetBy::Metadata(key) => format!("metadata.{key}"),
        }
    }
}

impl BudgetUnit {
    /// The stored word.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Dollars => "dollars",
            Self::Tokens => "tokens",
            Self::Requests => "requests",
            Self::Seconds => "seconds",
        }
    }

    /// How the ledger counts it.
    pub const fn measure(self) -> Measure {
        match self {
            Self::Seconds => Measure::Elapsed,
            _ => Measure::Sum,
        }
    }
}

impl BudgetTerms {
    /// The span of its buckets. Terms are checked when they are made; without a time they are for
    /// good.
    pub fn span(&self) -> Span {
        if let Some(seconds) = self.window {
            return Span::Window(Window { seconds, technique: self.technique });
        }
        match self.period {
            Some(BudgetPeriod::Hourly) => Span::Calendar(Period::Hourly),
            Some(BudgetPeriod::Daily) => Span::Calendar(Period::Daily),
            Some(BudgetPeriod::Weekly) => Span::Calendar(Period::Weekly),
            Some(BudgetPeriod::Monthly) => Span::Calendar(Period::Monthly),
            Some(BudgetPeriod::Total) | None => Span::Forever,
        }
    }

    /// The limit in what the ledger counts: pico-dollars, tokens, requests, milliseconds.
    pub fn most(&self) -> u64 {
        self.in_ledger_units(self.limit)
    }

    /// Where warnings begin, in what the ledger counts.
    pub fn soft_most(&self) -> Option<u64> {
        self.soft.map(|part| self.in_ledger_units(self.limit * part))
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "checked to be above zero; what is too large saturates"
    )]
    fn in_ledger_units(&self, amount: f64) -> u64 {
        let factor = match self.unit {
            BudgetUnit::Dollars => Cost::SCALE as f64,
            BudgetUnit::Tokens | BudgetUnit::Requests => 1.0,
            BudgetUnit::Seconds => 1000.0,
        };
        (amount * factor).round() as u64
    }

    /// What is wrong with them. Paths begin at their own fields.
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Faults::new("budget");
        self.check(&mut faults);
        faults.into_found()
    }

    pub(crate) fn check(&self, faults: &mut Faults) {
        // Written so that what is no number fails, too.
        let sensible = self.limit > 0.0 && self.limit <= 1e15;
        if !sensible || (self.unit == BudgetUnit::Dollars && self.limit > 9_000_000.0) {
            faults.refuse_at("limit", "must be above 0, and not beyond 9,000,000 dollars");
        }
        match (self.period, self.window) {
            (Some(_), Some(_)) => {
                faults.refuse_at("window", "is in place of period: leave one of them out");
            }
            (None, None) => {
                faults.refuse_at("period", "or a window in seconds is required");
            }
            (None, Some(0)) => faults.refuse_at("window", "must be at least 1 second"),
            _ => {}
        }
        if self.window.is_none() && self.technique != Technique::Fixed {
            faults.refuse_at("technique", "is for windows, not for periods");
        }
        if self.soft.is_some_and(|part| !(part > 0.0 && part <= 1.0)) {
            faults.refuse_at("soft", "must be above 0 and at most 1");
        }
    }
}

impl Budget {
    /// Names the bucket of one value.
    pub fn key(&self, value: &str) -> CounterKey {
        let parts = ["budget", self.account_id.as_str(), &self.id, self.terms.unit.label(), value];
        CounterKey::of(&parts.map(str::as_bytes))
    }

    /// What is wrong with it.
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Faults::new("budget");
        let plain = |byte: u8| (b' '..=b'~').contains(&byte) && byte != b'"';
        if self.name.is_empty() || self.name.len() > 100 || !self.name.bytes().all(plain) {
            faults.refuse_at("name", "must be 1 to 100 plain characters: it goes into headers");
        }
        self.terms.check(&mut faults);
        if self.values.len() > 1000 {
            faults.refuse_at("values", "may hold 1000 values");
        }
        if self.by == BudgetBy::Account && !self.values.is_empty() {
            faults.refuse_at("values", "is not for account, which has one bucket");
        }
        faults.into_found()
    }
}
