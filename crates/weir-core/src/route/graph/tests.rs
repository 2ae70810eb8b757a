use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::json;

use super::*;
use crate::route::official;

pub(in crate::route) fn providers() -> BTreeSet<String> {
    ["openai", "groq", "custom-mine"].map(str::to_owned).into()
}

fn read_all(elements: &Value) -> Result<Reading, Vec<Fault>> {
    RouteGraph::read(elements, &providers())
}

fn to(id: &str) -> Value {
    json!({ "elementId": id })
}

fn start(next: &str) -> Value {
    json!({"id": "s", "type": "start", "outputs": {"next": to(next)}})
}

fn model(id: &str, outputs: &Value) -> Value {
    let properties = json!({"provider": "openai", "model": "m", "timeout": 5000, "retries": 0});
    json!({"id": id, "type": "model", "properties": properties, "outputs": outputs})
}

fn end() -> Value {
    json!({"id": "e", "type": "end", "outputs": {}})
}

/// One of each kind, in the clients' spelling.
fn every_kind() -> Value {
    json!([
        start("c"),
        {"id": "c", "type": "conditional", "properties": {"conditions": {"metadata.plan": "free"}},
         "outputs": {"true": to("p"), "false": to("r")}},
        {"id": "p", "type": "percentage", "outputs": {"10%": to("m"), "2.5%": to("e"), "else": to("m")}},
        {"id": "r", "type": "rate", "outputs": {"success": to("m"), "fallback": to("e")},
         "properties": {"limitType": "cost", "key": "metadata.user_id", "limit": 0.5, "window": 3600}},
        model("m", &json!({"success": to("e"), "fallback": to("m2")})),
        model("m2", &json!({"success": to("e")})),
        end()
    ])
}

#[test]
fn every_kind_of_element_is_read() {
    let reading = read_all(&every_kind()).unwrap();
    let graph = reading.graph;
    assert_eq!(reading.notes, Vec::<String>::new());
    assert_eq!((&**graph.start(), graph.iter().count()), ("s", 7));
    let Some(Element::Percentage { shares, otherwise, .. }) = graph.get("p") else { panic!() };
    assert_eq!(shares[0], Share { output: "10%".into(), parts: 100_000, next: "m".into() });
    assert_eq!(shares[1].parts, 25_000);
    assert_eq!(otherwise.as_deref(), Some("m"));
    let Some(Element::Rate(gate)) = graph.get("r") else { panic!() };
    assert_eq!((gate.unit, gate.window, gate.technique), (RateUnit::Cost, 3600, Technique::Fixed));
    assert_eq!(gate.key.to_string(), "metadata.user_id");
    let Some(Element::Model(call)) = graph.get("m2") else { panic!() };
    assert_eq!((call.timeout_ms, call.fallback.as_ref()), (5000, None));
    assert!(matches!(graph.get("e"), Some(Element::End)));
}

#[test]
fn the_spelling_of_the_documentation_means_the_same() {
    let documented = json!([
        start("c"),
        {"id": "c", "type": "conditional", "properties": {"condition": {"metadata.plan": "free"}},
         "outputs": {"true": to("r"), "false": to("r")}},
        {"id": "r", "type": "rate_limit", "outputs": {"success": to("e")}, "properties":
            {"limitType": "count", "key": "headers.X-Team", "limit": 1, "interval": 60,
             "technique": "sliding"}},
        {"id": "e", "type": "end"}
    ]);
    for elements in [documented.clone(), official(documented)] {
        let graph = read_all(&elements).unwrap().graph;
        let Some(Element::Rate(gate)) = graph.get("r") else { panic!() };
        assert_eq!((gate.window, gate.technique), (60, Technique::Sliding));
        assert_eq!(gate.key, FieldPath::Header("x-team".to_owned()));
    }
}

/// Changes one thing of [`every_kind`] and expects one fault there.
fn refused(pointer: &str, value: Value, path: &str) {
    let mut elements = every_kind();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = elements.pointer_mut(parent).unwrap();
    match (value, parent) {
        (Value::String(text), Value::Object(fields)) if text == "remove" => {
            fields.remove(name).unwrap();
        }
        (value, Value::Object(fields)) => {
            fields.insert(name.to_owned(), value);
        }
        (value, parent) => parent[name.parse::<usize>().unwrap()] = value,
    }
    let faults = read_all(&elements).unwrap_err();
    let paths: Vec<String> = faults.iter().map(|fault| fault.path.join(".")).collect();
    assert!(paths.iter().any(|found| found == path), "{pointer}: {faults:?}");
    assert!(faults.iter().all(|fault| !fault.message.is_empty()));
}

#[test]
fn each_rule_has_a_place_and_a_reason() {
    let gone = || json!("remove");
    let cases = [
        ("/0", json!(1), "0"),
        ("/0/type", json!("begin"), "0.type"),
        ("/0/type", json!("end"), ""),
        ("/6/type", json!("start"), "6.type"),
        ("/0/id", json!(""), "0.id"),
        ("/0/id", json!("x".repeat(129)), "0.id"),
        ("/1/id", json!("m"), "4.id"),
        ("/0/outputs", gone(), "0.outputs"),
        ("/0/outputs/next", gone(), "0.outputs.next"),
        ("/0/outputs/other", to("e"), "0.outputs.other"),
        ("/0/outputs/next", json!("c"), "0.outputs.next.elementId"),
        ("/0/outputs/next/elementId", json!("nowhere"), "0.outputs.next.elementId"),
        ("/4/outputs/fallback/elementId", json!("c"), "4.outputs.fallback.elementId"),
        ("/5/outputs/success/elementId", json!("m2"), "5.outputs.success.elementId"),
        ("/1/properties", gone(), "1.properties.conditions"),
        ("/1/properties", json!([]), "1.properties"),
        ("/1/properties/condition", json!({}), "1.properties.condition"),
        ("/1/properties/conditions", json!({"plan": 1}), "1.properties.conditions.plan"),
        ("/1/outputs/true", gone(), "1.outputs.true"),
        ("/2/outputs/else", gone(), "2.outputs"),
        ("/2/outputs/88%", to("e"), "2.outputs"),
        ("/2/outputs/0%", to("e"), "2.outputs.0%"),
        ("/2/outputs/100.1%", to("e"), "2.outputs.100.1%"),
        ("/2/outputs/ten", to("e"), "2.outputs.ten"),
        ("/2/outputs/-1%", to("e"), "2.outputs.-1%"),
        ("/3/properties/limitType", json!("tokens"), "3.properties.limitType"),
        ("/3/properties/limit", json!(0), "3.properties.limit"),
        ("/3/properties/limit", json!("1"), "3.properties.limit"),
        ("/3/properties/window", json!(0.5), "3.properties.window"),
        ("/3/properties/interval", json!(60), "3.properties.interval"),
        ("/3/properties/technique", json!("random"), "3.properties.technique"),
        ("/3/properties/key", json!("user"), "3.properties.key"),
        ("/3/properties/key", json!("body..a"), "3.properties.key"),
        ("/3/outputs/success", gone(), "3.outputs.success"),
        ("/4/properties/provider", json!("opneai"), "4.properties.provider"),
        ("/4/properties/model", json!(""), "4.properties.model"),
        ("/4/properties/timeout", json!(0), "4.properties.timeout"),
        ("/4/properties/retries", json!(6), "4.properties.retries"),
        ("/4/properties/retries", gone(), "4.properties.retries"),
        ("/6/outputs/next", to("m"), "6.outputs.next"),
    ];
    for (pointer, value, path) in cases {
        refused(pointer, value, path);
    }
    let six = json!({"1%": to("e"), "2%": to("e"), "3%": to("e"), "4%": to("e"), "5%": to("e"),
                     "6%": to("e"), "else": to("e")});
    refused("/2/outputs", six, "2.outputs");
    let message = &read_all(&json!([model("m", &json!({}))])).unwrap_err();
    assert!(message.iter().any(|fault| fault.message.contains("one element of the type start")));
}

#[test]
fn a_route_has_one_to_a_hundred_elements() {
    let chain = |models: usize| {
        let mut elements = vec![start("0"), end()];
        for place in 0..models {
            let next = if place + 1 == models { "e".to_owned() } else { (place + 1).to_string() };
            elements.push(model(&place.to_string(), &json!({"success": to(&next)})));
        }
        Value::from(elements)
    };
    assert_eq!(read_all(&chain(98)).unwrap().graph.iter().count(), 100);
    for bad in [chain(99), json!([]), json!({}), Value::Null] {
        assert_eq!(read_all(&bad).unwrap_err().len(), 1, "{bad}");
    }
}

#[test]
fn whole_shares_need_no_else_and_whole_numbers_may_be_floating() {
    let mut elements = json!([
        start("p"),
        {"id": "p", "type": "percentage", "outputs":
            {"33.3%": to("e"), "33.4%": to("e"), "33.30%": to("m")}},
        model("m", &json!({"success": to("e")})),
        end()
    ]);
    elements[2]["properties"]["timeout"] = json!(5000.0);
    read_all(&elements).unwrap();
}

#[test]
fn what_has_no_effect_is_noted() {
    let mut elements = every_kind();
    elements[4]["properties"]["retires"] = json!(2);
    elements[4]["position"] = json!({"x": 1});
    let notes = read_all(&elements).unwrap().notes;
    assert_eq!(notes.len(), 1);
    assert!(notes[0].starts_with("elements.4.properties.retires is unknown"), "{notes:?}");
}

/// A graph in which ways lead only forward, with its elements in any order.
pub(in crate::route) fn sound() -> impl Strategy<Value = Vec<Value>> {
    let station = (0..4_usize, any::<[Index; 3]>(), 1..=33_u32, any::<bool>());
    prop::collection::vec(station, 0..30)
        .prop_map(|stations| {
            let last = stations.len();
            let name = |place: usize| if place == last { "e".to_owned() } else { format!("n{place}") };
            let mut elements = vec![start(&name(0)), end()];
            for (place, (kind, targets, share, more)) in stations.into_iter().enumerate() {
                let later = targets.map(|target| to(&name(place + 1 + target.index(last - place))));
                let [first, second, third] = later;
                let mut element = match kind {
                    0 => json!({"type": "conditional", "outputs": {"true": first, "false": second},
                                "properties": {"conditions": {"body.n": {"$gt": share}}}}),
                    1 => json!({"type": "percentage", "outputs":
                        {format!("{share}%"): first, format!("{share}.5%"): second, "else": third}}),
                    2 => json!({"type": "rate", "outputs": {"success": first}, "properties":
                        {"limitType": "count", "key": "body.user", "limit": share, "window": 60}}),
                    _ => model("", &json!({"success": first})),
                };
                element["id"] = name(place).into();
                if more && kind >= 2 {
                    element["outputs"]["fallback"] = second;
                }
                elements.push(element);
            }
            elements
        })
        .prop_shuffle()
}

/// Breaks a sound route in one place.
fn broken(mut elements: Vec<Value>, how: usize, at: Index) -> Vec<Value> {
    let first = |elements: &[Value], kind: &str| {
        elements.iter().position(|element| element["type"] == kind).unwrap()
    };
    let begin = first(&elements, "start");
    let some = at.index(elements.len());
    match how {
        0 => elements[begin]["outputs"]["next"]["elementId"] = json!("nowhere"),
        1 => elements[begin]["outputs"]["next"]["elementId"] = json!("s"),
        2 => elements.push(elements[some].clone()),
        3 => {
            elements.remove(begin);
        }
        4 => elements.push(json!({"id": "s2", "type": "start", "outputs": {"next": to("e")}})),
        5 => {
            let end = first(&elements, "end");
            elements.remove(end);
        }
        6 => elements[some]["type"] = json!("loop"),
        7 => elements[some]["id"] = json!(7),
        8 => elements[some]["outputs"] = json!([]),
        9 => elements[some]["outputs"]["sideways"] = to("e"),
        10 => elements.push(model("lone", &json!({"success": to("lone")}))),
        _ => elements.extend((0..100).map(|n| json!({"id": format!("x{n}"), "type": "end"}))),
    }
    elements
}

fn any_json() -> impl Strategy<Value = Value> {
    let words = prop::sample::select(vec![
        "start",
        "end",
        "model",
        "rate",
        "percentage",
        "conditional",
        "id",
        "type",
        "outputs",
        "next",
        "else",
        "50%",
        "elementId",
        "properties",
        "conditions",
        "$and",
        "$not",
        "$regex",
        "metadata.a",
        "(",
        "a",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        words.clone().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 60, 6, move |inner| {
        let pairs = prop::collection::vec((words.clone(), inner.clone()), 0..6);
        prop_oneof![
            prop::collection::vec(inner, 0..6).prop_map(Value::from),
            pairs.prop_map(|pairs| {
                Value::Object(
                    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
                )
            }),
        ]
    })
}

proptest! {
    #[test]
    fn sound_routes_are_read_whole_and_kept_as_they_are(elements in sound()) {
        let count = elements.len();
        let elements = Value::from(elements);
        let graph = read_all(&elements).unwrap().graph;
        prop_assert_eq!(graph.iter().count(), count);
        for (_, element) in graph.iter() {
            for target in element.outputs() {
                prop_assert!(graph.get(target).is_some());
            }
        }
        let text = elements.to_string();
        prop_assert_eq!(official(elements).to_string(), text);
    }

    #[test]
    fn every_way_ends(elements in sound(), turns in prop::collection::vec(any::<Index>(), 100)) {
        let graph = read_all(&Value::from(elements)).unwrap().graph;
        let mut here = graph.start();
        for turn in turns {
            let outputs = graph.get(here).unwrap().outputs();
            if outputs.is_empty() {
                break;
            }
            here = outputs[turn.index(outputs.len())];
        }
        prop_assert!(matches!(graph.get(here), Some(Element::End)));
    }

    #[test]
    fn one_broken_place_is_enough(elements in sound(), how in 0..12_usize, at in any::<Index>()) {
        let elements = Value::from(broken(elements, how, at));
        prop_assert!(read_all(&elements).is_err(), "{}: {}", how, elements);
    }

    #[test]
    fn no_document_is_too_strange(elements in any_json()) {
        drop(read_all(&elements));
        let text = official(elements.clone());
        prop_assert_eq!(official(text.clone()), text);
        drop(read_all(&json!([start("c"), {"id": "c", "type": "conditional",
            "outputs": {"true": to("e"), "false": to("e")},
            "properties": {"conditions": elements}}, end()])));
    }
}
