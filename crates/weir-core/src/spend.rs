//! Spend limits of a gateway: what its calls may cost in a time (spec: data-plane 11.2,
//! observability 8.1).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::cost::Cost;
use crate::counters::{CounterKey, Window};
use crate::fault::{Fault, Faults};
use crate::gateway::Gateway;
use crate::ledger::Span;
use crate::route::Technique;

/// Rules of one gateway (spec: data-plane 14).
pub const MOST_RULES: usize = 20;

/// How limits in dollars are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SpendMode {
    /// As documented: calls pass while anything is left, their cost is booked when they are over, and
    /// what is under way may overshoot.
    #[default]
    Compatible,
    /// The most that a call can cost is reserved before it is made: nothing overshoots.
    Strict,
}

/// What becomes of a call that lacks what a rule tells calls apart by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MissingDimension {
    /// The rule does not limit it.
    #[default]
    Skip,
    /// All such calls share a bucket.
    Shared,
    /// It is refused.
    Block,
}

/// A checked rule.
#[derive(Clone, Debug, PartialEq)]
pub struct SpendRule {
    /// Names its buckets, so that they outlive changes of the rule.
    pub id: Box<str>,
    /// US dollars, as written.
    pub limit: f64,
    /// Seconds, above zero.
    pub window: u64,
    /// How windows follow each other.
    pub technique: Technique,
    /// Which models.
    pub model: Option<Mode>,
    /// Which providers.
    pub provider: Option<Mode>,
    /// Which callers, by their labels.
    pub metadata: Vec<(Box<str>, Mode)>,
}

/// What a dimension of a rule does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Each value has a bucket of its own.
    Partition,
    /// The rule is only about these.
    Filter(Vec<Box<str>>),
}

impl SpendRule {
    /// The rules that are in force. What cannot be read is left out: it is checked when it is set.
    pub fn enabled(settings: Option<&Value>) -> Vec<Self> {
        let on = |value: &Value| value.get("enabled").and_then(Value::as_bool);
        let Some(settings) = settings.filter(|value| on(value) == Some(true)) else {
            return Vec::new();
        };
        let rules = settings.get("rules").and_then(Value::as_array).into_iter().flatten();
        let mut unsaid = Faults::new("rule");
        rules
            .filter(|rule| on(rule) != Some(false))
            .filter_map(|rule| Self::read(rule, &mut unsaid))
            .filter(|rule| rule.window > 0)
            .collect()
    }

    /// What is wrong with `spend_limits`. Paths begin inside it.
    pub fn faults(settings: &Value) -> Vec<Fault> {
        let mut faults = Faults::new("spend_limits");
        let rules = match settings.get("rules") {
            None | Some(Value::Null) => return Vec::new(),
            Some(rules) => rules,
        };
        faults.within("rules", |faults| match rules.as_array() {
            None => faults.refuse("must be a list of rules"),
            Some(rules) => {
                if rules.len() > MOST_RULES {
                    faults.refuse(format_args!("may hold {MOST_RULES} rules"));
                }
                let mut ids = BTreeSet::new();
                for (place, rule) in rules.iter().enumerate() {
                    faults.within(place, |faults| {
                        Self::read(rule, faults);
                        let id = rule.get("id").and_then(Value::as_str);
                        if id.is_some_and(|id| !ids.insert(id)) {
                            faults.refuse_at("id", "is the id of another rule, too");
                        }
                    });
                }
            }
        });
        faults.into_found()
    }

    fn read(rule: &Value, faults: &mut Faults) -> Option<Self> {
        let Some(fields) = rule.as_object() else {
            faults.refuse("must be an object");
            return None;
        };
        let limit = fields.get("limit").and_then(Value::as_f64);
        let limit = limit.filter(|dollars| (0.0..=9_000_000.0).contains(dollars));
        if limit.is_none() {
            faults.refuse_at("limit", "must be a number of dollars, 0 to 9000000");
        }
        let window = fields.get("window").and_then(whole);
        if window.is_none() {
            faults.refuse_at("window", "must be a whole number of seconds");
        }
        let kind = fields.get("limitType").or_else(|| fields.get("limit_type"));
        if kind.is_some_and(|kind| kind != "cost") {
            faults.refuse_at("limitType", "must be cost");
        }
        let technique = match fields.get("technique").map(Value::as_str) {
            None | Some(Some("sliding")) => Some(Technique::Sliding),
            Some(Some("fixed")) => Some(Technique::Fixed),
            Some(_) if fields["technique"].is_null() => Some(Technique::Sliding),
            Some(_) => {
                faults.refuse_at("technique", "must be fixed or sliding");
                None
            }
        };
        let mut dimension = |name: &str| match fields.get(name) {
            None | Some(Value::Null) => Some(None),
            Some(mode) => faults.within(name, |faults| Mode::read(mode, faults)).map(Some),
        };
        let (model, provider) = (dimension("model"), dimension("provider"));
        let metadata = match fields.get("metadata") {
            None | Some(Value::Null) => Some(Vec::new()),
            Some(labels) => faults.within("metadata", |faults| labels_of(labels, faults)),
        };
        Some(Self {
            id: fields.get("id").and_then(Value::as_str).unwrap_or_default().into(),
            limit: limit?,
            window: window?,
            technique: technique?,
            model: model?,
            provider: provider?,
            metadata: metadata?,
        })
    }

    /// Over what time its buckets are spent.
    pub const fn span(&self) -> Span {
        Span::Window(Window { seconds: self.window, technique: self.technique })
    }

    /// The limit in pico-dollars.
    pub fn most(&self) -> u64 {
        Cost::pico_of_dollars(self.limit)
    }

    /// Names the bucket of these values of its partitions, in the order model, provider, labels.
    pub fn key(&self, gateway: &Gateway, values: &[&str]) -> CounterKey {
        let head = ["spend", gateway.account_id.as_str(), gateway.id.as_str(), &*self.id];
        let parts: Vec<&[u8]> =
            head.into_iter().chain(values.iter().copied()).map(str::as_bytes).collect();
        CounterKey::of(&parts)
    }
}

impl Mode {
    fn read(value: &Value, faults: &mut Faults) -> Option<Self> {
        match value.get("mode").and_then(Value::as_str) {
            Some("partition" | "split") => Some(Self::Partition),
            Some("filter") => {
                let values = value.get("values").and_then(Value::as_array);
                let texts: Option<Vec<Box<str>>> = values.and_then(|values| {
                    values.iter().map(|value| Some(plain(value)?.into_boxed_str())).collect()
                });
                if texts.is_none() {
                    faults.refuse_at("values", "must be a list of values");
                }
                texts.map(Self::Filter)
            }
            _ => {
                faults.refuse_at("mode", "must be partition or filter");
                None
            }
        }
    }
}

fn labels_of(labels: &Value, faults: &mut Faults) -> Option<Vec<(Box<str>, Mode)>> {
    let Some(labels) = labels.as_object() else {
        faults.refuse("must be an object");
        return None;
    };
    let read = |(key, mode): (&String, &Value)| {
        let mode = faults.within(key, |faults| Mode::read(mode, faults))?;
        Some((key.as_str().into(), mode))
    };
    labels.iter().map(read).collect()
}

/// A label's value as text, without quotes.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}

/// Clients that count in floats send `60.0`.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "whole, not below zero, and bounded"
)]
fn whole(value: &Value) -> Option<u64> {
    let float = || {
        let number = value.as_f64()?;
        (number.fract() == 0.0 && (0.0..1e12).contains(&number)).then_some(number as u64)
    };
    value.as_u64().or_else(float)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn rules_are_read_as_documented() {
        let settings = json!({"enabled": true, "rules": [
            {"id": "r1", "limitType": "cost", "limit": 1, "window": 60, "technique": "fixed"},
            {"id": "off", "limit": 1, "window": 60, "enabled": false},
            {"id": "r2", "limit_type": "cost", "limit": 0.5, "window": 60.0,
             "model": {"mode": "filter", "values": ["gpt"]}, "provider": {"mode": "partition"},
             "metadata": {"user": {"mode": "partition"}}},
        ]});
        let rules = SpendRule::enabled(Some(&settings));
        assert_eq!(rules.len(), 2);
        assert_eq!((rules[0].technique, rules[0].most()), (Technique::Fixed, 1_000_000_000_000));
        assert_eq!(rules[1].technique, Technique::Sliding);
        assert_eq!(rules[1].model, Some(Mode::Filter(vec!["gpt".into()])));
        assert_eq!(rules[1].metadata, [("user".into(), Mode::Partition)]);
        assert!(SpendRule::enabled(Some(&json!({"enabled": false, "rules": []}))).is_empty());
        assert!(SpendRule::faults(&settings).is_empty());
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        let settings = json!({"enabled": true, "rules": [
            {"limit": -1, "window": 60},
            {"limit": 1, "window": 60, "model": {"mode": "other"}, "id": "a"},
            {"limit": 1, "window": 60, "id": "a"},
        ]});
        let paths: Vec<String> =
            SpendRule::faults(&settings).iter().map(|fault| fault.path.join(".")).collect();
        assert_eq!(paths, ["rules.0.limit", "rules.1.model.mode", "rules.2.id"]);
    }
}
