//! The normal form of an object: fields that have their default are left out. Two documents mean
//! the same if and only if their normal forms are equal.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use weir_core::GatewaySettings;
use weir_core::access::ClaimNames;

use super::vocabulary::STORE;
use super::{Fields, Kind};

/// Field of a provider configuration: seconds that its limit is for.
const PERIOD: &str = "rate_limit_period";

/// That, when nobody says it (spec: management-api 6).
pub(super) const DEFAULT_PERIOD: u64 = 60;

/// What a field is when nobody says it. Fields that are not here must be said, or are null.
pub(super) fn defaults(kind: Kind) -> Fields {
    let value = match kind {
        Kind::Gateway => return gateway(),
        Kind::CustomProvider => {
            json!({ "enable": false, "beta": false, "position": 0, "headers": {} })
        }
        Kind::Cost => json!({ "enable": true, "cost_type": "tokens", "model_rule": "equals" }),
        Kind::ProviderConfig => json!({ "default_config": false }),
        Kind::Dataset => json!({ "enable": true, "filters": [] }),
        Kind::Policy => json!({ "condition": "true" }),
        Kind::Issuer => json!({ "enabled": true, "required": {}, "claims": ClaimNames::default() }),
        Kind::CustomDomain => json!({ "status": "pending_dcv" }),
        Kind::Budget => {
            json!({ "enabled": true, "hard": true, "technique": "fixed", "values": [] })
        }
        Kind::SecretsStore | Kind::Price | Kind::GatewayPrice | Kind::Route => json!({}),
    };
    match value {
        Value::Object(fields) => fields,
        _ => Fields::new(),
    }
}

/// As of a gateway that the API creates.
fn gateway() -> Fields {
    let settings = GatewaySettings { authentication: false, ..GatewaySettings::default() };
    let mut fields = match serde_json::to_value(settings) {
        Ok(Value::Object(fields)) => fields,
        _ => Fields::new(),
    };
    fields.remove("store_id");
    fields.insert(STORE.to_owned(), Value::Null);
    fields
}

/// Whether a field is shown even when it has its default, because readers ask for it first.
fn always_shown(kind: Kind, name: &str) -> bool {
    matches!(
        (kind, name),
        (Kind::Gateway, "authentication")
            | (Kind::CustomProvider | Kind::Cost | Kind::Dataset, "enable")
            | (Kind::Dataset, "filters")
            | (Kind::ProviderConfig, "default_config")
            | (Kind::CustomDomain, "status")
    )
}

/// The fields that say something. Of most settings of a gateway null is a value of its own; elsewhere
/// it means the default.
fn stated(kind: Kind, fields: &Fields) -> impl Iterator<Item = (&String, &Value)> {
    let null_says = move |name: &str| {
        kind == Kind::Gateway && !GatewaySettings::NULL_IS_DEFAULT.contains(&name)
    };
    fields.iter().filter(move |(name, value)| !value.is_null() || null_says(name))
}

/// The normal form.
pub(super) fn normal(kind: Kind, fields: &Fields) -> Fields {
    let defaults = defaults(kind);
    let mut normal = Fields::new();
    for (name, value) in stated(kind, fields) {
        let default = defaults.get(name).unwrap_or(&Value::Null);
        if value != default {
            normal.insert(name.clone(), value.clone());
        }
    }
    if kind == Kind::ProviderConfig && normal.get(PERIOD) == Some(&json!(DEFAULT_PERIOD)) {
        normal.shift_remove(PERIOD);
    }
    for (name, value) in defaults {
        if always_shown(kind, &name) {
            let value = fields.get(&name).cloned().unwrap_or(value);
            normal.insert(name, value);
        }
    }
    normal
}

/// The object with every default filled in.
pub(super) fn complete(kind: Kind, fields: &Fields) -> Fields {
    let mut complete = defaults(kind);
    for (name, value) in stated(kind, fields) {
        complete.insert(name.clone(), value.clone());
    }
    complete
}

/// Fills in what the server would add to limits. A spend limit that is written without an id keeps the
/// one it has: its counter goes by it.
pub(super) fn settle_rules(fields: &mut Fields, former: &Fields) {
    settle_rate_limits(fields);
    let rules_of = |fields: &Fields| -> Vec<Value> {
        let rules = fields.get("spend_limits").and_then(|limits| limits.get("rules"));
        rules.and_then(Value::as_array).cloned().unwrap_or_default()
    };
    let former = rules_of(former);
    let taken: BTreeSet<String> = rules_of(fields).iter().filter_map(rule_id).collect();
    let Some(Value::Object(limits)) = fields.get_mut("spend_limits") else { return };
    limits.entry("enabled").or_insert(json!(false));
    let rules = limits.get_mut("rules").and_then(Value::as_array_mut);
    let rules = rules.into_iter().flatten().enumerate();
    for (place, rule) in rules {
        let Some(rule) = rule.as_object_mut() else { continue };
        fill(rule);
        if let Some(id) = former.get(place).and_then(rule_id)
            && !taken.contains(&id)
        {
            rule.entry("id").or_insert(id.into());
        }
    }
}

fn settle_rate_limits(fields: &mut Fields) {
    let limits = fields.get_mut("rate_limits").and_then(Value::as_array_mut);
    for limit in limits.into_iter().flatten().filter_map(Value::as_object_mut) {
        limit.entry("technique").or_insert(json!("fixed"));
        if limit.get("interval").is_some_and(Value::is_null) {
            limit.shift_remove("interval");
        }
    }
}

fn rule_id(rule: &Value) -> Option<String> {
    rule.get("id").and_then(Value::as_str).map(str::to_owned)
}

fn fill(rule: &mut Map<String, Value>) {
    rule.entry("enabled").or_insert(json!(true));
    rule.entry("technique").or_insert(json!("sliding"));
}
