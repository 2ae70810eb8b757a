//! A policy as it is enforced: read once, checked, typed (spec: data-plane 10.3).

use std::sync::Arc;

use serde_json::{Map, Value};

use super::PolicyBody;
use super::actor::ActorTemplate;
use super::condition::Condition;
use super::period::Period;
use super::resource::Resource;
use crate::cost::Cost;
use crate::fault::{Fault, Faults};

/// A checked policy.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Id of the policy.
    pub id: Arc<str>,
    /// Name for people.
    pub name: String,
    /// Who pays.
    pub actor: ActorTemplate,
    /// What it is about.
    pub resource: Resource,
    /// When it counts.
    pub condition: Condition,
    /// What it does.
    pub action: Action,
}

/// What a policy does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Lifts every limit of the budget.
    NoLimit,
    /// Refuses the call.
    Block {
        /// Refuses what the resource does *not* cover.
        except: bool,
    },
    /// Refuses calls when so much is spent.
    Limit(Limit),
}

/// A budget for a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Above zero.
    pub amount: Cost,
    /// When it begins anew.
    pub period: Period,
}

/// Most that an amount can be, in US dollars: what [`Cost`] can count.
const MAX_AMOUNT: f64 = 9_000_000.0;
/// Characters of a name.
const MAX_NAME: usize = 256;

impl Rule {
    /// Reads what an operator wrote.
    ///
    /// # Errors
    ///
    /// Everything that is wrong; paths begin at the fields of the policy.
    pub fn read(id: Arc<str>, body: &PolicyBody) -> Result<Self, Vec<Fault>> {
        let mut faults = Faults::new("policy");
        if !(1..=MAX_NAME).contains(&body.name.chars().count()) {
            faults.refuse_at("name", format_args!("must have 1 to {MAX_NAME} characters"));
        }
        let actor = ActorTemplate::parse(&body.actor)
            .inspect_err(|wrong| faults.refuse_at("actor", wrong))
            .ok();
        let resource = faults.within("resource", |faults| Resource::read(&body.resource, faults));
        let condition = Condition::parse(body.condition.as_deref().unwrap_or("true"))
            .inspect_err(|wrong| {
                faults.refuse_at("condition", format_args!("is not a condition: {wrong}"));
            })
            .ok();
        let action = faults.within("action", |faults| Action::read(&body.action, faults));
        let rule = || {
            let name = body.name.clone();
            Some(Self {
                id,
                name,
                actor: actor?,
                resource: resource?,
                condition: condition?,
                action: action?,
            })
        };
        let rule = rule();
        faults.into_result(rule)
    }
}

impl Action {
    fn read(value: &Value, faults: &mut Faults) -> Option<Self> {
        let Some(fields) = value.as_object() else {
            faults.refuse("must be an object with a type");
            return None;
        };
        let known: &[&str] = match fields.get("type").and_then(Value::as_str) {
            Some("no-limit") => &["type"],
            Some("block") => &["type", "except"],
            Some("limit") => &["type", "amount", "period", "technique"],
            _ => {
                faults.refuse_at("type", "must be one of no-limit, block, limit");
                return None;
            }
        };
        let mut sound = true;
        for name in fields.keys().filter(|name| !known.contains(&name.as_str())) {
            faults.refuse_at(name, "is unknown in an action of this type");
            sound = false;
        }
        let action = match known.len() {
            1 => Some(Self::NoLimit),
            2 => match fields.get("except") {
                None => Some(Self::Block { except: false }),
                Some(Value::Bool(except)) => Some(Self::Block { except: *except }),
                Some(_) => {
                    faults.refuse_at("except", "must be true or false");
                    None
                }
            },
            _ => Limit::read(fields, faults).map(Self::Limit),
        };
        action.filter(|_| sound)
    }
}

impl Limit {
    fn read(fields: &Map<String, Value>, faults: &mut Faults) -> Option<Self> {
        let amount = fields.get("amount").and_then(Value::as_f64);
        let amount = amount.filter(|dollars| *dollars <= MAX_AMOUNT).and_then(cost);
        if amount.is_none() {
            let expected =
                format_args!("must be a number of dollars above 0, at most {MAX_AMOUNT}");
            faults.refuse_at("amount", expected);
        }
        let word = fields.get("period").and_then(Value::as_str);
        let period = Period::NAMES.into_iter().find(|(name, _)| Some(*name) == word);
        if period.is_none() {
            faults.refuse_at("period", "must be one of hourly, daily, weekly, monthly");
        }
        if fields.get("technique").is_some_and(|technique| technique != "named-interval") {
            faults.refuse_at("technique", "must be named-interval");
        }
        Some(Self { amount: amount?, period: period?.1 })
    }
}

/// Dollars as an exact amount, when there is anything left of them.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "the bound keeps the product within an i64, and it is rounded"
)]
fn cost(dollars: f64) -> Option<Cost> {
    let pico = (dollars * Cost::SCALE as f64).round() as i64;
    (pico > 0).then(|| Cost::from_pico(pico))
}
