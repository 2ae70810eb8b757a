use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::*;
use crate::declared::{Document, Fields, Kind, Place};

fn fields(value: Value) -> Fields {
    match value {
        Value::Object(fields) => fields,
        other => panic!("{other}"),
    }
}

fn problems(text: &str) -> Vec<String> {
    read(text).unwrap_err().iter().map(ToString::to_string).collect()
}

#[test]
fn a_document_is_laid_out_for_people() {
    let mut document = Document { account: Some("acc1".to_owned()), ..Document::default() };
    document.remarks.push("a draft\nof a policy".to_owned());
    let elements = json!([{"id": "s", "type": "start", "outputs": {"next": {"elementId": "e"}}}]);
    for (place, object) in [
        (Place::top(Kind::Gateway, "support"), json!({"cache_ttl": 300, "authentication": true})),
        (Place::within("support", Kind::Route, "smart one"), json!({"elements": elements})),
        (Place::top(Kind::Gateway, "zero"), json!({"cache_ttl": null})),
    ] {
        document.objects.insert(place, fields(object));
    }
    let text = write(&document);
    let body = text.split_once("already.\n").unwrap().1;
    assert_eq!(
        body,
        "# Not in this file: a draft of a policy\n\
         \n\
         account = \"acc1\"\n\
         \n\
         [gateways.support]\n\
         authentication = true\n\
         cache_ttl = 300\n\
         \n\
         [gateways.support.routes.\"smart one\"]\n\
         elements = [\n    \
             { id = \"s\", type = \"start\", outputs = { next = { elementId = \"e\" } } },\n\
         ]\n\
         \n\
         [gateways.zero]\n\
         cache_ttl = { null = true }\n"
    );
}

#[test]
fn every_problem_of_form_names_its_place() {
    let found = problems(
        "acount = 'x'\n\
         gateways.g = 5\n\
         [custom_providers.p]\n\
         link = 2026-01-01\n\
         costs = []\n\
         [custom_provider.q]\n\
         [secrets_stores]\n\
         s = {x = nan}\n",
    );
    for part in [
        "acount: unknown key; did you mean `account`?",
        "gateways.g: must be a table",
        "custom_providers.p.link: is a date",
        "custom_providers.p.costs: must be tables with names",
        "custom_provider: unknown key; did you mean `custom_providers`?",
        "secrets_stores.s.x: must be a finite number",
    ] {
        assert!(found.iter().any(|problem| problem.starts_with(part)), "{part} {found:#?}");
    }
    let broken = problems("account = 'a'\n[gateways.g]\nstripe = 'sk-canary' oops\n");
    assert!(broken[0].starts_with("line 3: is not valid TOML"), "{broken:?}");
    assert!(!broken[0].contains("canary"), "{broken:?}");
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_filter("finite", |float| float.is_finite()).prop_map(Value::from),
        ".*".prop_map(Value::from),
        "[\\s\"'\\\\#=a]*".prop_map(Value::from),
    ];
    let name = prop_oneof![".*", "null!*", "[a-z]{1,3}"];
    leaf.prop_recursive(4, 24, 5, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            proptest::collection::vec((name.clone(), inner), 0..4)
                .prop_map(|pairs| Value::Object(pairs.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

proptest! {
    /// What is written reads back as it was, whatever a name or a value holds.
    #[test]
    fn text_is_lossless(name in ".*", parent in ".*", field in "f.*", value in any_json()) {
        let mut document = Document { account: Some(name.clone()), ..Document::default() };
        let object = Fields::from_iter([(field, value)]);
        document.objects.insert(Place::top(Kind::Gateway, &parent), Fields::new());
        document.objects.insert(Place::within(&parent, Kind::Dataset, &name), object.clone());
        document.objects.insert(Place::top(Kind::CustomProvider, &name), object);
        prop_assert_eq!(read(&write(&document)).unwrap(), document);
    }

    #[test]
    fn reading_never_panics(text in ".*") {
        let _ = read(&text);
    }
}
