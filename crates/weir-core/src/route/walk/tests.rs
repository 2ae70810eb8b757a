use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::route::facts::tests::Call;
use crate::route::graph::tests::{providers, sound};
use crate::route::{Share, official};

fn graph(elements: &Value) -> Arc<RouteGraph> {
    Arc::new(RouteGraph::read(elements, &providers()).unwrap().graph)
}

fn to(id: &str) -> Value {
    json!({ "elementId": id })
}

fn nobody() -> Call {
    Call(json!({}))
}

/// Always the same number.
fn fixed(number: u32) -> impl FnMut(u32) -> u32 {
    move |_| number
}

/// A generator whose numbers are the same in every run.
fn seeded(mut state: u64) -> impl FnMut(u32) -> u32 {
    move |below| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u32::try_from((state >> 33) % u64::from(below)).unwrap()
    }
}

/// Two models behind a limit behind a condition.
fn usual() -> Arc<RouteGraph> {
    let model = |id: &str, outputs: &Value| {
        json!({"id": id, "type": "model", "outputs": outputs, "properties":
            {"provider": "openai", "model": id, "timeout": 1, "retries": 0}})
    };
    graph(&json!([
        {"id": "s", "type": "start", "outputs": {"next": to("c")}},
        {"id": "c", "type": "conditional", "properties": {"conditions": {"metadata.plan": "free"}},
         "outputs": {"true": to("r"), "false": to("m")}},
        {"id": "r", "type": "rate", "properties":
            {"limitType": "count", "key": "metadata.user", "limit": 1, "window": 60},
         "outputs": {"success": to("m"), "fallback": to("e")}},
        model("m", &json!({"success": to("e"), "fallback": to("m2")})),
        model("m2", &json!({"success": to("r2")})),
        {"id": "r2", "type": "rate", "properties":
            {"limitType": "cost", "key": "body.user", "limit": 1, "window": 60},
         "outputs": {"success": to("e")}},
        {"id": "e", "type": "end"}
    ]))
}

/// Walks on and says where it stopped.
fn stop(walk: &mut Walk, call: &Call) -> String {
    match walk.advance(call, &mut fixed(0)) {
        Stop::Model { id, call } => format!("{id} asks {}", call.model),
        Stop::Gate { id, key, .. } => format!("{id} counts {key:?}"),
        Stop::End(ending) => format!("{ending:?}"),
    }
}

#[test]
fn a_walk_stops_where_others_must_act_and_keeps_its_reasons() {
    let call = Call(json!({"metadata": {"plan": "free", "user": "u1"}}));
    let mut walk = Walk::new(usual());
    assert_eq!(stop(&mut walk, &call), "r counts \"u1\"");
    // Nothing moves until the outcome was told, and not by another's outcome.
    walk.model_answered(true, "");
    assert_eq!(stop(&mut walk, &call), "r counts \"u1\"");
    walk.gate_passed(true, "0 of 1 used");
    assert_eq!(stop(&mut walk, &call), "m asks m");
    walk.gate_passed(false, "");
    walk.model_answered(false, "timed out");
    assert_eq!(stop(&mut walk, &call), "m2 asks m2");
    walk.model_answered(true, "200");
    assert_eq!(stop(&mut walk, &call), "r2 counts \"\"");
    walk.gate_passed(true, "");
    assert_eq!(stop(&mut walk, &call), "Answered");
    assert_eq!(stop(&mut walk, &call), "Answered");
    let way: Vec<_> = walk
        .path()
        .iter()
        .map(|visit| (&*visit.element, &*visit.kind, visit.output.as_deref(), &*visit.because))
        .map(|(id, kind, output, because)| (id, kind, output, because.first().map(|line| &**line)))
        .collect();
    assert_eq!(
        way,
        [
            ("s", "start", Some("next"), None),
            (
                "c",
                "conditional",
                Some("true"),
                Some("metadata.plan = \"free\": $eq \"free\" holds")
            ),
            ("r", "rate", Some("success"), Some("0 of 1 used")),
            ("m", "model", Some("fallback"), Some("timed out")),
            ("m2", "model", Some("success"), Some("200")),
            ("r2", "rate", Some("success"), Some("")),
            ("e", "end", None, None),
        ]
    );
}

#[test]
fn the_best_that_happened_is_how_a_route_ends() {
    let free = Call(json!({"metadata": {"plan": "free"}}));
    let mut limited = Walk::new(usual());
    stop(&mut limited, &free);
    limited.gate_passed(false, "full");
    assert_eq!(stop(&mut limited, &free), "RateLimited");

    // Where an output is missing, what happened there counts, whatever came before.
    let mut failed = Walk::new(usual());
    stop(&mut failed, &nobody());
    failed.model_answered(false, "");
    stop(&mut failed, &nobody());
    failed.model_answered(false, "");
    assert_eq!(stop(&mut failed, &nobody()), "ModelFailed");
    assert_eq!(failed.path().last().unwrap().output, None);
    let mut late = Walk::new(usual());
    stop(&mut late, &nobody());
    late.model_answered(false, "");
    stop(&mut late, &nobody());
    late.model_answered(true, "");
    stop(&mut late, &nobody());
    late.gate_passed(false, "");
    assert_eq!(stop(&mut late, &nobody()), "RateLimited");

    let empty = graph(&json!([
        {"id": "s", "type": "start", "outputs": {"next": to("e")}}, {"id": "e", "type": "end"}
    ]));
    assert_eq!(stop(&mut Walk::new(empty), &nobody()), "NoModel");
}

#[test]
fn a_failure_after_an_answer_leaves_the_answer() {
    let model = |id: &str, next: &str| {
        json!({"id": id, "type": "model", "outputs": {"success": to(next), "fallback": to("e")},
            "properties": {"provider": "openai", "model": id, "timeout": 1, "retries": 0}})
    };
    let graph = graph(&json!([
        {"id": "s", "type": "start", "outputs": {"next": to("a")}},
        model("a", "b"), model("b", "e"), {"id": "e", "type": "end"}
    ]));
    for second in [true, false] {
        let mut walk = Walk::new(Arc::clone(&graph));
        stop(&mut walk, &nobody());
        walk.model_answered(true, "");
        assert_eq!(stop(&mut walk, &nobody()), "b asks b");
        walk.model_answered(second, "");
        assert_eq!(stop(&mut walk, &nobody()), "Answered");
    }
}

/// Ways of 10 %, 25.5 % and the rest, each to an end of its own.
fn split(properties: &Value) -> Arc<RouteGraph> {
    graph(&json!([
        {"id": "s", "type": "start", "outputs": {"next": to("p")}},
        {"id": "p", "type": "percentage", "properties": properties,
         "outputs": {"10%": to("a"), "25.5%": to("b"), "else": to("c")}},
        {"id": "a", "type": "end"}, {"id": "b", "type": "end"}, {"id": "c", "type": "end"}
    ]))
}

/// The end that was reached, and why.
fn reached(
    graph: &Arc<RouteGraph>,
    call: &Call,
    draw: &mut dyn FnMut(u32) -> u32,
) -> (String, String) {
    let mut walk = Walk::new(Arc::clone(graph));
    walk.advance(call, draw);
    let because = walk.path()[1].because.join("; ");
    (walk.path().last().unwrap().element.to_string(), because)
}

#[test]
fn shares_take_their_part_of_the_numbers() {
    let graph = split(&json!({}));
    let cases = [
        (0, "a", "drew 0%"),
        (99_999, "a", "drew 9.9999%"),
        (100_000, "b", "drew 10%"),
        (354_999, "b", "drew 35.4999%"),
        (355_000, "c", "drew 35.5%"),
        // More than was asked for.
        (u32::MAX, "c", "drew 99.9999%"),
    ];
    for (number, end, because) in cases {
        let found = reached(&graph, &nobody(), &mut fixed(number));
        assert_eq!(found, (end.to_owned(), because.to_owned()));
    }
}

#[test]
fn draws_come_out_as_the_shares_say() {
    let (graph, mut draw) = (split(&json!({})), seeded(1));
    let mut counts = std::collections::BTreeMap::<String, i32>::new();
    for _ in 0..20_000 {
        *counts.entry(reached(&graph, &nobody(), &mut draw).0).or_default() += 1;
    }
    // Expected 2000, 5100 and 12900, with standard deviations below 70.
    for (end, expected) in [("a", 2000), ("b", 5100), ("c", 12_900)] {
        assert!((counts[end] - expected).abs() < 350, "{counts:?}");
    }
}

proptest! {
    #[test]
    fn every_walk_ends_on_existing_ways(
        elements in sound(),
        n in 0..40_u32,
        seed in any::<u64>(),
        outcomes in prop::collection::vec(any::<bool>(), 100),
    ) {
        let elements = Value::from(elements);
        let graph = graph(&elements);
        let call = Call(json!({"body": {"n": n, "user": "u"}}));
        let (mut walk, mut draw) = (Walk::new(Arc::clone(&graph)), seeded(seed));
        let mut outcomes = outcomes.into_iter();
        let (mut asked, mut answered, mut steps) = (0, 0, 0);
        let ending = loop {
            steps += 1;
            prop_assert!(steps <= graph.iter().count());
            match walk.advance(&call, &mut draw) {
                Stop::End(ending) => break ending,
                Stop::Gate { key, .. } => {
                    prop_assert_eq!(key, "u");
                    walk.gate_passed(outcomes.next().unwrap(), "");
                }
                Stop::Model { .. } => {
                    let answers = outcomes.next().unwrap();
                    asked += 1;
                    answered += u32::from(answers);
                    walk.model_answered(answers, "");
                }
            }
        };
        let path = walk.path();
        let visited: BTreeSet<_> = path.iter().map(|visit| &visit.element).collect();
        prop_assert_eq!(visited.len(), path.len());
        prop_assert_eq!(&path[0].element, graph.start());
        for pair in path.windows(2) {
            let output = pair[0].output.as_deref().unwrap();
            let sent = elements.as_array().unwrap().iter()
                .find(|element| element["id"] == *pair[0].element).unwrap();
            prop_assert_eq!(&sent["outputs"][output]["elementId"], &*pair[1].element);
        }
        let last = path.last().unwrap();
        prop_assert_eq!(&last.output, &None);
        let at_the_end = &*last.kind == "end";
        match ending {
            Ending::Answered => prop_assert!(answered > 0),
            Ending::ModelFailed => prop_assert!(asked > 0 && (answered == 0 || !at_the_end)),
            Ending::RateLimited => prop_assert!(asked == 0 || !at_the_end),
            Ending::NoModel => prop_assert_eq!(asked, 0),
        }
        // Walking changes nothing of what was sent.
        let text = elements.to_string();
        prop_assert_eq!(official(elements).to_string(), text);
    }

    #[test]
    fn numbers_fall_on_exactly_one_way(number in 0..Share::WHOLE) {
        let (end, _) = reached(&split(&json!({})), &nobody(), &mut fixed(number));
        let expected = if number < 100_000 { "a" } else if number < 355_000 { "b" } else { "c" };
        prop_assert_eq!(end, expected);
    }
}

#[test]
fn a_sticky_share_sends_the_same_value_the_same_way() {
    let graph = split(&json!({"weir": {"sticky": "metadata.user"}}));
    let mut counts = std::collections::BTreeMap::<String, i32>::new();
    for user in 0..20_000 {
        let call = Call(json!({"metadata": {"user": user}}));
        let (end, because) = reached(&graph, &call, &mut fixed(0));
        if user % 100 == 0 {
            let other = (end.clone(), because.clone());
            assert_eq!(reached(&graph, &call, &mut fixed(999_999)), other);
            assert!(because.starts_with(&format!("metadata.user = {user} always draws ")));
            // However the value is written, and through a graph read anew.
            let text = Call(json!({"metadata": {"user": user.to_string()}}));
            let anew = split(&json!({"weir": {"sticky": "metadata.user"}}));
            assert_eq!(reached(&anew, &text, &mut fixed(0)).0, end);
        }
        *counts.entry(end).or_default() += 1;
    }
    for (end, expected) in [("a", 2000), ("b", 5100), ("c", 12_900)] {
        assert!((counts[end] - expected).abs() < 350, "{counts:?}");
    }
    let (end, because) = reached(&graph, &nobody(), &mut fixed(999_999));
    assert_eq!((&*end, &*because), ("c", "metadata.user is missing: drew 99.9999%"));
}
