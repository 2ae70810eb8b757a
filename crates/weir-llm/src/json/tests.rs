use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Edits, Object, TextOr, compact};

fn edited(body: &str, change: impl FnOnce(&mut Edits)) -> String {
    let mut edits = Edits::default();
    change(&mut edits);
    String::from_utf8(edits.apply(body.as_bytes()).unwrap()).unwrap()
}

#[test]
fn replacing_a_value_moves_no_other_byte() {
    let body = "{ \"a\" : 1.50,\n\t\"model\": \"x\\u0041\" ,\"z\":[ 1 ]}  ";
    let got = edited(body, |edits| edits.set_text("model", "new \"name\""));
    assert_eq!(got, body.replace("\"x\\u0041\"", r#""new \"name\"""#));
}

#[test]
fn members_are_added_and_removed() {
    assert_eq!(edited("{}", |edits| edits.set("n", "1")), r#"{"n":1}"#);
    assert_eq!(edited(r#"{"a":1}"#, |edits| edits.set("n", "1")), r#"{"a":1,"n":1}"#);
    let both = edited(r#"{"a": 1, "b": 2.0, "c": 3}"#, |edits| {
        edits.remove("a");
        edits.set("b", "7");
        edits.set("d", "4");
    });
    assert_eq!(both, r#"{"b":7,"c":3,"d":4}"#);
}

#[test]
fn faults_name_their_member() {
    let mut object = Object::read(br#"{"n": "x", "m": null}"#).unwrap();
    let fault = object.take::<u32>("n").unwrap_err();
    assert_eq!(fault.param(), Some("n"));
    assert_eq!(object.take::<u32>("m").unwrap(), None);
    assert!(Object::read(b"[1]").is_err());
    assert!(Object::read(br#"{"a":1"#).is_err());
}

#[test]
fn content_is_a_text_or_a_list() {
    let read = |text: &str| serde_json::from_str::<TextOr<u32>>(text);
    assert_eq!(read("\"a\"").unwrap(), TextOr::Text("a".to_owned()));
    assert_eq!(read("[1,2]").unwrap(), TextOr::List(vec![1, 2]));
    assert!(read("{}").is_err());
}

#[test]
fn white_space_goes_but_not_inside_of_strings() {
    let text = "{ \"a b\\\" \": [1,\n 2],\t\"c\": \"x  y\" }";
    assert_eq!(compact(text), r#"{"a b\" ":[1,2],"c":"x  y"}"#);
    assert!(matches!(compact("{}"), std::borrow::Cow::Borrowed("{}")));
}

proptest! {
    #[test]
    fn an_edited_document_says_what_it_should(
        members in proptest::collection::btree_map("[a-c]", any::<i32>(), 0..4),
        name in "[a-d]",
        value in proptest::option::of(any::<u16>()),
    ) {
        let mut expected = json!(members);
        let body = serde_json::to_string_pretty(&expected).unwrap();
        let table = expected.as_object_mut().unwrap();
        let got = edited(&body, |edits| match value {
            Some(value) => {
                table.insert(name.clone(), json!(value));
                edits.set(name.clone(), value.to_string());
            }
            None => {
                table.remove(&name);
                edits.remove(name.clone());
            }
        });
        prop_assert_eq!(serde_json::from_str::<Value>(&got).unwrap(), expected);
    }
}
