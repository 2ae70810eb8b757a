use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::fault::Fault;
use crate::route::graph::tests::providers;
use crate::route::{Element, RouteGraph, official};

/// A route with these additions to its elements.
fn elements(percentage: &Value, model: &Value) -> Value {
    let to = |id: &str| json!({ "elementId": id });
    json!([
        {"id": "s", "type": "start", "outputs": {"next": to("p")}},
        {"id": "p", "type": "percentage", "outputs": {"10%": to("m"), "else": to("m")},
         "properties": {"weir": percentage}},
        {"id": "m", "type": "model", "outputs": {"success": to("e")}, "properties":
            {"provider": "openai", "model": "m", "timeout": 1, "retries": 0, "weir": model}},
        {"id": "e", "type": "end"}
    ])
}

fn read(percentage: &Value, model: &Value) -> Result<(SharePlan, ModelPlan), Vec<Fault>> {
    let reading = RouteGraph::read(&elements(percentage, model), &providers())?;
    assert_eq!(reading.notes, Vec::<String>::new());
    let Some(Element::Percentage { plan: shares, .. }) = reading.graph.get("p") else { panic!() };
    let Some(Element::Model(call)) = reading.graph.get("m") else { panic!() };
    Ok((shares.clone(), call.plan.clone()))
}

fn everything() -> Value {
    json!({
        "balance": {"strategy": "latency", "weight": 3, "targets": [
            {"provider": "groq", "model": "l", "weight": 7}, {"provider": "custom-mine", "model": "n"}
        ]},
        "shadow": {"provider": "groq", "model": "s", "percent": 12.5},
        "hedge": {"provider": "groq", "model": "h", "after_ms": 800, "limit": 0.5, "window": 60},
        "breaker": {"failures": 2, "window": 10, "cooldown": 20}
    })
}

fn target(provider: &str, model: &str) -> RouteTarget {
    RouteTarget { provider: provider.into(), model: model.to_owned() }
}

#[test]
fn everything_is_read() {
    let (shares, plan) = read(&json!({"sticky": "metadata.user_id"}), &everything()).unwrap();
    assert_eq!(shares.sticky.unwrap().to_string(), "metadata.user_id");
    assert_eq!(
        plan.balance.unwrap(),
        Balance {
            strategy: BalanceStrategy::Latency,
            weight: 3,
            targets: vec![(target("groq", "l"), 7), (target("custom-mine", "n"), 1)],
        }
    );
    assert_eq!(plan.shadow.unwrap(), Shadow { target: target("groq", "s"), parts: 125_000 });
    let hedge = Hedge { target: target("groq", "h"), after_ms: Some(800), limit: 0.5, window: 60 };
    assert_eq!(plan.hedge.unwrap(), hedge);
    assert_eq!(plan.breaker.unwrap(), Breaker { failures: 2, window: 10, cooldown: 20 });
}

#[test]
fn what_is_left_out_has_a_default() {
    let model = json!({
        "balance": {"strategy": "busy", "targets": [{"provider": "groq", "model": "l"}]},
        "shadow": {"provider": "groq", "model": "s"},
        "hedge": {"provider": "groq", "model": "h", "after_ms": null, "limit": 1, "window": 60},
        "breaker": {}
    });
    let (shares, plan) = read(&json!({}), &model).unwrap();
    assert_eq!(shares, SharePlan::default());
    assert_eq!(plan.balance.unwrap().weight, 1);
    assert_eq!(plan.shadow.unwrap().parts, Share::WHOLE);
    assert_eq!(plan.hedge.unwrap().after_ms, None);
    assert_eq!(plan.breaker.unwrap(), Breaker { failures: 5, window: 60, cooldown: 30 });
    assert_eq!(read(&json!({}), &json!({})).unwrap().1, ModelPlan::default());
}

/// Puts a value at a place of [`everything`] and expects one fault, at `path`.
#[track_caller]
fn refused(pointer: &str, value: Value, path: &str) -> String {
    let mut model = everything();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    match model.pointer_mut(parent).unwrap() {
        Value::Object(fields) => drop(fields.insert(name.to_owned(), value)),
        parent => parent[name.parse::<usize>().unwrap()] = value,
    }
    let faults = read(&json!({}), &model).unwrap_err();
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert_eq!(faults[0].path.join("."), format!("2.properties.weir.{path}"));
    faults[0].message.clone()
}

#[test]
fn each_rule_has_a_place_and_a_reason() {
    let cases = [
        ("/balance", json!(1), "balance"),
        ("/balance/strategy", json!("random"), "balance.strategy"),
        ("/balance/strategy", Value::Null, "balance.strategy"),
        ("/balance/weight", json!(0), "balance.weight"),
        ("/balance/weight", json!(1001), "balance.weight"),
        ("/balance/targets", json!([]), "balance.targets"),
        ("/balance/targets", vec![json!({}); 9].into(), "balance.targets"),
        ("/balance/targets/0/provider", json!("opneai"), "balance.targets.0.provider"),
        ("/balance/targets/1/model", json!(""), "balance.targets.1.model"),
        ("/balance/targets/1/weight", json!(1.5), "balance.targets.1.weight"),
        ("/balance/targets/1/wieght", json!(1), "balance.targets.1.wieght"),
        ("/shadow/percent", json!(0), "shadow.percent"),
        ("/shadow/percent", json!(100.5), "shadow.percent"),
        ("/shadow/percent", json!(0.00001), "shadow.percent"),
        ("/shadow/percent", json!("10%"), "shadow.percent"),
        ("/shadow/provider", Value::Null, "shadow.provider"),
        ("/hedge/after_ms", json!(0), "hedge.after_ms"),
        ("/hedge/limit", json!(0), "hedge.limit"),
        ("/hedge/limit", Value::Null, "hedge.limit"),
        ("/hedge/window", json!(0), "hedge.window"),
        ("/breaker/failures", json!(0), "breaker.failures"),
        ("/breaker/window", json!(100_000), "breaker.window"),
        ("/breaker/cooldown", json!("30"), "breaker.cooldown"),
    ];
    for (pointer, value, path) in cases {
        refused(pointer, value, path);
    }
    let message = refused("/shadwo", json!({}), "shadwo");
    assert_eq!(message, "shadwo is unknown: did you mean shadow?");
    let message = refused("/hedge/x", json!({}), "hedge.x");
    assert_eq!(message, "x is unknown: known are provider, model, after_ms, limit, window");
}

#[test]
fn every_fault_is_found_at_once() {
    let model = json!({"shadow": {"provider": "none", "model": 1}, "breaker": {"window": -1}});
    let faults = read(&json!({"sticky": "user"}), &model).unwrap_err();
    let paths: Vec<String> = faults.iter().map(|fault| fault.path.join(".")).collect();
    assert_eq!(
        paths,
        [
            "1.properties.weir.sticky",
            "2.properties.weir.shadow.provider",
            "2.properties.weir.shadow.model",
            "2.properties.weir.breaker.window",
        ]
    );
}

#[test]
fn additions_belong_to_kinds() {
    for kind in ["start", "end"] {
        let mut route = elements(&json!({}), &json!({}));
        let element = route
            .as_array_mut()
            .unwrap()
            .iter_mut()
            .find(|element| element["type"] == kind)
            .unwrap();
        element["properties"] = json!({"weir": {"sticky": "metadata.a"}});
        let faults = RouteGraph::read(&route, &providers()).unwrap_err();
        assert!(faults[0].message.contains("have no additions"), "{faults:?}");
    }
    let faults = read(&json!({"breaker": {}}), &json!({})).unwrap_err();
    assert_eq!(faults[0].message, "breaker is unknown: known are sticky");
}

#[test]
fn a_provider_that_is_gone_does_not_take_a_stored_route_along() {
    let mut model = everything();
    model["shadow"]["provider"] = json!("custom-gone");
    let mut route = elements(&json!({}), &model);
    route[2]["properties"]["provider"] = json!("custom-gone");
    RouteGraph::read(&route, &providers()).unwrap_err();
    let graph = RouteGraph::read_stored(&route).unwrap();
    let Some(Element::Model(call)) = graph.get("m") else { panic!() };
    assert_eq!(call.provider.as_str(), "custom-gone");
    assert_eq!(call.plan.shadow.as_ref().unwrap().target.provider.as_str(), "custom-gone");
}

proptest! {
    #[test]
    fn additions_are_kept_as_they_were_sent(
        weight in 1..=1000_u32,
        percent in 1..=1_000_000_u32,
        after in prop::option::of(1..=86_400_000_u64),
        limit in 1e-9..1e6,
        failures in 1..=1000_u32,
        targets in prop::collection::vec(prop::sample::select(vec!["openai", "groq"]), 1..=8),
    ) {
        let percent_shown = f64::from(percent) / 10_000.0;
        let targets: Vec<Value> = targets
            .into_iter()
            .map(|provider| json!({"weight": weight, "model": "interval", "provider": provider}))
            .collect();
        let model = json!({
            "hedge": {"window": 9, "limit": limit, "after_ms": after, "model": "m", "provider": "groq"},
            "balance": {"targets": targets, "strategy": "weights"},
            "breaker": {"failures": failures},
            "shadow": {"percent": percent_shown, "provider": "groq", "model": "condition"}
        });
        let (_, plan) = read(&json!({"sticky": "headers.X-Condition"}), &model).unwrap();
        prop_assert_eq!(plan.shadow.unwrap().parts, percent);
        prop_assert_eq!(plan.hedge.unwrap().after_ms, after);
        prop_assert_eq!(plan.breaker.unwrap().failures, failures);
        let sent = elements(&json!({"sticky": "headers.X-Condition"}), &model);
        let text = sent.to_string();
        prop_assert_eq!(official(sent).to_string(), text);
    }
}
