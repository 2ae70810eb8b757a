use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::policy::{Claims, PolicyBody};

fn rule(name: &str, more: &Value) -> Rule {
    let text = |field: &str| more[field].as_str().map(str::to_owned);
    let body = PolicyBody {
        name: name.to_owned(),
        actor: text("actor").unwrap_or("company:all".to_owned()),
        resource: more.get("resource").cloned().unwrap_or(json!("*")),
        condition: text("condition"),
        action: more["action"].clone(),
    };
    Rule::read(Arc::from(name), &body).unwrap()
}

fn rules(bodies: &[(&str, Value)]) -> Vec<Rule> {
    bodies.iter().map(|(name, more)| rule(name, more)).collect()
}

fn limit(amount: f64, period: &str) -> Value {
    json!({"type": "limit", "amount": amount, "period": period, "technique": "named-interval"})
}

fn block() -> Value {
    json!({"type": "block"})
}

fn open() -> Value {
    json!({"type": "no-limit"})
}

fn ann() -> Identity {
    let claims = Claims {
        user_id: Some("ann".to_owned()),
        user_groups: Some(vec!["eng".to_owned()]),
        ..Claims::default()
    };
    Identity::new(claims, json!({"team": "a", "n": 1}).as_object().unwrap().clone())
}

const GPT: Target<'static> = Target { provider: "openai", model: "openai/gpt-4o" };

/// A decision in a line: `open`, `block:<policy>`, or each bucket with its caps.
fn said(rules: &[Rule], identity: &Identity, target: Target<'_>) -> String {
    match evaluate(rules, identity, target) {
        Decision::Unlimited => "open".to_owned(),
        Decision::Block(rule) => format!("block:{}", rule.map_or("-", |rule| &rule.name)),
        Decision::Limits(buckets) => {
            let caps = |bucket: &Bucket<'_>| {
                let cap =
                    |cap: &Cap<'_>| format!("{}={}", cap.limit.period.name(), cap.limit.amount);
                bucket.caps.iter().map(cap).collect::<Vec<_>>().join(" ")
            };
            let line = |bucket: &Bucket<'_>| format!("{} {}", bucket.id(), caps(bucket));
            buckets.iter().map(line).collect::<Vec<_>>().join(" & ")
        }
    }
}

/// What is tried, the policies, and what they say.
type Case = (&'static str, Vec<(&'static str, Value)>, &'static str);

#[test]
fn each_rule_of_the_evaluation_holds() {
    let cases: Vec<Case> = vec![
        ("no policies at all", vec![], "open"),
        (
            "(1) resource and condition must both match",
            vec![
                ("r", json!({"action": open(), "resource": {"provider": "groq"}})),
                ("c", json!({"action": open(), "condition": "metadata.team == 'b'"})),
            ],
            "block:-",
        ),
        (
            "(2) a block wins over everything",
            vec![("open", json!({"action": open()})), ("b", json!({"action": block()}))],
            "block:b",
        ),
        (
            "a block elsewhere does not",
            vec![
                ("open", json!({"action": open()})),
                ("b", json!({"action": block(), "resource": {"model": "groq/*"}})),
            ],
            "open",
        ),
        (
            "a block of all but the resource lets the resource through",
            vec![
                ("open", json!({"action": open()})),
                (
                    "b",
                    json!({"action": {"type": "block", "except": true},
                           "resource": {"model": "openai/*"}}),
                ),
            ],
            "open",
        ),
        (
            "and blocks the rest",
            vec![
                ("open", json!({"action": open()})),
                (
                    "b",
                    json!({"action": {"type": "block", "except": true},
                           "resource": {"model": "groq/*"}}),
                ),
            ],
            "block:b",
        ),
        (
            "a block of all but everything blocks nothing",
            vec![
                ("open", json!({"action": open()})),
                ("b", json!({"action": {"type": "block", "except": true}})),
            ],
            "open",
        ),
        (
            "a block by itself speaks for nothing else",
            vec![("b", json!({"action": block(), "resource": {"model": "groq/*"}}))],
            "block:-",
        ),
        (
            "(3) actor and resource make the bucket",
            vec![
                ("a", json!({"action": limit(1.0, "daily"), "actor": "user:{cf.user.id}"})),
                ("b", json!({"action": limit(2.0, "daily")})),
                ("c", json!({"action": limit(3.0, "daily"), "resource": {"model": "openai/*"}})),
                ("d", json!({"action": limit(4.0, "hourly"), "resource": {"model": ["openai/*"]}})),
            ],
            "company:all|* daily=2 & company:all|model=openai/* hourly=4 daily=3 & user:ann|* daily=1",
        ),
        (
            "(4) no-limit frees its bucket",
            vec![("a", json!({"action": limit(1.0, "daily")})), ("b", json!({"action": open()}))],
            "open",
        ),
        (
            "but no other one",
            vec![
                ("a", json!({"action": limit(1.0, "daily"), "actor": "x"})),
                ("b", json!({"action": open()})),
            ],
            "x|* daily=1",
        ),
        (
            "the highest of one period counts",
            vec![
                ("a", json!({"action": limit(1.0, "daily")})),
                ("b", json!({"action": limit(5.0, "daily")})),
                ("c", json!({"action": limit(2.0, "daily")})),
                ("d", json!({"action": limit(0.5, "monthly")})),
            ],
            "company:all|* daily=5 monthly=0.5",
        ),
        (
            "(6) nothing matches",
            vec![("a", json!({"action": open(), "condition": "false"}))],
            "block:-",
        ),
        (
            "a block that asks for a missing fact stands",
            vec![
                ("open", json!({"action": open()})),
                ("b", json!({"action": block(), "condition": "cf.user.email == 'x'"})),
            ],
            "block:b",
        ),
        (
            "unless the resource is another",
            vec![
                ("open", json!({"action": open()})),
                (
                    "b",
                    json!({"action": block(), "condition": "cf.user.email == 'x'",
                           "resource": {"provider": "groq"}}),
                ),
            ],
            "open",
        ),
        (
            "unless what is known decides",
            vec![
                ("open", json!({"action": open()})),
                (
                    "b",
                    json!({"action": block(),
                           "condition": "cf.user.id == 'bob' && cf.user.email == 'x'"}),
                ),
            ],
            "open",
        ),
        (
            "other policies that ask for a missing fact do not apply",
            vec![("a", json!({"action": open(), "condition": "cf.user.email == 'x'"}))],
            "block:-",
        ),
        (
            "a fact of another kind is as good as a missing one",
            vec![
                ("a", json!({"action": open(), "condition": "metadata.team < 5"})),
                ("b", json!({"action": open(), "condition": "metadata.n == 1"})),
            ],
            "open",
        ),
        (
            "and counts against the caller",
            vec![
                ("a", json!({"action": open()})),
                ("b", json!({"action": block(), "condition": "metadata.team < 5"})),
            ],
            "block:b",
        ),
        (
            "an actor that cannot be named makes the policy silent",
            vec![("a", json!({"action": open(), "actor": "user:{cf.user.email}"}))],
            "block:-",
        ),
        (
            "also a block",
            vec![
                ("a", json!({"action": block(), "actor": "user:{cf.user.email}"})),
                ("b", json!({"action": open()})),
            ],
            "open",
        ),
        (
            "of several blocks the first by id is named",
            vec![("z", json!({"action": block()})), ("y", json!({"action": block()}))],
            "block:y",
        ),
    ];
    for (name, bodies, expected) in cases {
        assert_eq!(said(&rules(&bodies), &ann(), GPT), expected, "{name}");
    }
}

#[test]
fn nested_metadata_is_no_metadata() {
    let nested = json!({"team": "a", "more": {"x": 1}}).as_object().unwrap().clone();
    let identity = Identity::new(Claims::default(), nested);
    let rules = rules(&[("a", json!({"action": open(), "condition": "metadata.team == 'a'"}))]);
    assert_eq!(said(&rules, &identity, GPT), "block:-");
}

#[test]
fn every_budget_must_be_under_its_limit() {
    let rules = rules(&[
        ("mine", json!({"action": limit(1.0, "daily"), "actor": "user:{cf.user.id}"})),
        ("all", json!({"action": limit(10.0, "monthly")})),
    ]);
    let decision = evaluate(&rules, &ann(), GPT);
    let verdict = |mine: Option<i64>, all: Option<i64>| {
        let cost = |cents: i64| Cost::from_pico(cents * Cost::SCALE / 100);
        let verdict = decision
            .enforce(|_, cap| if cap.rule.name == "mine" { mine.map(cost) } else { all.map(cost) });
        match verdict {
            Verdict::Allowed => "allowed".to_owned(),
            Verdict::Blocked(_) => "blocked".to_owned(),
            Verdict::Exceeded { bucket, cap, spent } => {
                format!("{} {} {spent}", bucket.id(), cap.limit.amount)
            }
        }
    };
    assert_eq!(verdict(Some(99), Some(999)), "allowed");
    assert_eq!(verdict(Some(100), Some(0)), "user:ann|* 1 1");
    assert_eq!(verdict(Some(0), Some(1001)), "company:all|* 10 10.01");
    assert_eq!(verdict(None, None), "allowed");
    assert_eq!(verdict(None, Some(1000)), "company:all|* 10 10");
    let none = evaluate(&[], &ann(), GPT);
    assert!(matches!(none.enforce(|_, _| Some(Cost::from_pico(i64::MAX))), Verdict::Allowed));
}

#[test]
fn a_policy_is_checked_field_by_field() {
    let good = json!({"name": "n", "actor": "a", "resource": "*", "action": {"type": "block"}});
    let cases = [
        ("name", json!(""), "name"),
        ("actor", json!("{x}"), "actor"),
        ("resource", json!("openai"), "resource"),
        ("resource", json!({"model": 1}), "resource.model"),
        ("condition", json!("cf.user.id"), "condition"),
        ("action", json!("block"), "action"),
        ("action", json!({"type": "deny"}), "action.type"),
        ("action", json!({"type": "block", "except": 1}), "action.except"),
        ("action", json!({"type": "block", "excpet": true}), "action.excpet"),
        ("action", json!({"type": "no-limit", "amount": 1}), "action.amount"),
        ("action", limit(0.0, "daily"), "action.amount"),
        ("action", limit(-1.0, "daily"), "action.amount"),
        ("action", limit(1e-13, "daily"), "action.amount"),
        ("action", limit(1e7, "daily"), "action.amount"),
        ("action", limit(1.0, "yearly"), "action.period"),
        (
            "action",
            json!({"type": "limit", "amount": 1, "period": "daily", "technique": "fixed"}),
            "action.technique",
        ),
    ];
    for (field, value, path) in cases {
        let mut body = good.clone();
        body[field] = value;
        let body: PolicyBody = serde_json::from_value(body).unwrap();
        let faults = Rule::read("p".into(), &body).unwrap_err();
        assert_eq!(faults.len(), 1, "{path}: {faults:?}");
        assert_eq!(faults[0].path.join("."), path);
    }
}

proptest! {
    #[test]
    fn the_order_of_policies_never_matters(
        kinds in prop::collection::vec((0..6_usize, 0..3_usize, 1..4_i32), 1..8),
        seed in any::<prop::sample::Index>(),
    ) {
        let bodies: Vec<Rule> = kinds.iter().enumerate().map(|(place, (action, condition, n))| {
            let action = match action {
                0 => open(),
                1 => block(),
                2 => json!({"type": "block", "except": true}),
                3 => limit(f64::from(*n), "daily"),
                _ => limit(f64::from(*n), "monthly"),
            };
            let condition = ["true", "cf.user.email == 'x'", "cf.user.id == 'ann'"][*condition];
            let resource = if *n == 1 { json!("*") } else { json!({"model": "openai/*"}) };
            rule(&format!("p{place}"),
                 &json!({"action": action, "condition": condition, "resource": resource}))
        }).collect();
        let mut turned = bodies.clone();
        turned.rotate_left(seed.index(bodies.len()));
        turned.reverse();
        prop_assert_eq!(said(&bodies, &ann(), GPT), said(&turned, &ann(), GPT));
    }
}
