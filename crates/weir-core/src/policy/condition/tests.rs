use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::*;
use crate::policy::Claims;

fn ann() -> Identity {
    let fields = |value: Value| -> Map<String, Value> { value.as_object().unwrap().clone() };
    let claims = Claims {
        user_id: Some("ann".to_owned()),
        user_email: Some("ann@corp.example".to_owned()),
        user_groups: Some(vec!["eng".to_owned(), "ops".to_owned()]),
        custom: fields(json!({"level": 7, "staff": true, "roles": ["a", 1], "odd": {"x": 1}})),
        country: None,
    };
    let metadata = json!({"team": "ML", "n": 2.5, "on": false, "a.b": "c", "x-y": "z"});
    Identity::new(claims, fields(metadata))
}

#[test]
fn conditions_hold_or_do_not() {
    let cases = [
        ("true", true),
        (" false ", false),
        ("cf.user.id == \"ann\"", true),
        ("cf.user.id != 'ann'", false),
        ("'ann' == cf.user.id", true),
        ("cf.user.email.endsWith(\"@corp.example\")", true),
        ("cf.user.email.startsWith('bob')", false),
        ("cf.user.email.contains('@')", true),
        ("\"abc\".contains('b')", true),
        ("'eng' in cf.user.groups", true),
        ("\"hr\" in cf.user.groups", false),
        ("cf.user.id in ['bob', 'ann']", true),
        ("cf.custom.level in [1, 7]", true),
        ("cf.custom.level in []", false),
        ("1 in cf.custom.roles", true),
        ("cf.custom.level >= 7 && cf.custom.level < 7.5", true),
        ("cf.custom.level > -1", true),
        ("cf.custom.staff", true),
        ("!cf.custom.staff || metadata.on", false),
        ("metadata.n == 2.5", true),
        ("metadata.team == 5", false),
        ("metadata.team != 5", true),
        ("metadata.team < 'Z'", true),
        ("metadata.a.b == 'c'", true),
        ("metadata[\"x-y\"] == 'z' && metadata['a.b'] == 'c'", true),
        ("has(cf.user.id) && !has(cf.country)", true),
        ("has(metadata.team)", true),
        ("!(false || true) == false", true),
        ("false || true && false", false),
        ("(false || true) && true", true),
        ("!!true", true),
        ("false && cf.country == 'DE'", false),
        ("cf.country == 'DE' && false", false),
        ("cf.country == 'DE' || true", true),
        (r#""\"\\\t" == '"\\	'"#, true),
        ("'ü' == \"ü\"", true),
    ];
    for (text, expected) in cases {
        let condition = Condition::parse(text).expect(text);
        assert_eq!(condition.holds(&ann()), Ok(expected), "{text}");
    }
}

#[test]
fn what_is_not_known_is_not_decided() {
    let missing = |name: &str| Err(Undecided::Missing(Field::parse(name).unwrap()));
    let cases = [
        ("cf.country == 'DE'", missing("cf.country")),
        ("!(cf.country == 'DE')", missing("cf.country")),
        ("true && cf.country == 'DE'", missing("cf.country")),
        ("cf.country == 'DE' || false", missing("cf.country")),
        ("metadata.other == metadata.team", missing("metadata.other")),
        ("cf.custom.odd == 1", missing("cf.custom.odd")),
        ("metadata.team", Err(Undecided::WrongKind)),
        ("!metadata.team", Err(Undecided::WrongKind)),
        ("metadata.team < 5", Err(Undecided::WrongKind)),
        ("metadata.on < metadata.n || metadata.n > 'a'", Err(Undecided::WrongKind)),
        ("metadata.n.contains('2')", Err(Undecided::WrongKind)),
        ("'a' in metadata.team", Err(Undecided::WrongKind)),
    ];
    for (text, expected) in cases {
        let condition = Condition::parse(text).expect(text);
        assert_eq!(condition.holds(&ann()), expected, "{text}");
    }
}

#[test]
fn what_is_no_condition_is_refused_at_its_character() {
    let cases = [
        ("", 1),
        ("  ", 3),
        ("5", 1),
        ("'a'", 1),
        ("[1]", 1),
        ("cf.user.id", 1),
        ("cf.user.groups", 1),
        ("cf.user.ids == 'a'", 1),
        ("true && user == 1", 9),
        ("metadata == 1", 1),
        ("metadata. == 1", 1),
        ("true true", 6),
        ("true &&", 8),
        ("true & true", 6),
        ("a = 1", 3),
        ("(true", 6),
        ("true)", 5),
        ("1 + 1 == 2", 3),
        ("metadata.n == 5x", 15),
        ("metadata.n == .5", 15),
        ("metadata.n == 5.", 17),
        ("metadata.n == - 'a'", 17),
        ("'a", 1),
        ("'a\nb' == 'c'", 1),
        (r"'\q' == 'q'", 2),
        ("'ü' == 5", 1),
        ("1 == 1 == true", 8),
        ("1 < 2 < 3", 7),
        ("true < false", 1),
        ("1 && true", 1),
        ("true || 'a'", 9),
        ("!5", 2),
        ("'a' in 'abc'", 8),
        ("'a' in cf.user.id", 8),
        ("size(cf.user.groups) == 1", 1),
        ("cf.user.id.matches('a')", 12),
        ("cf.user.id.endsWith(5)", 21),
        ("cf.user.groups.contains('a')", 1),
        ("cf.user.id.contains('a').contains('b')", 12),
        ("has('a')", 5),
        ("metadata.a ? true : false", 12),
        ("metadata.a == null", 15),
        ("cf.user.id in ['a' 'b']", 20),
        ("cf.user.id in [cf.user.email]", 16),
        ("metadata.a == b'x'", 15),
    ];
    for (text, at) in cases {
        let error = Condition::parse(text).expect_err(text);
        assert_eq!(error.at, at, "{text}: {error}");
    }
    let near = Condition::parse("cf.user.emial == 'a'").unwrap_err();
    assert!(near.to_string().contains("did you mean cf.user.email?"), "{near}");
}

#[test]
fn length_and_depth_are_bounded() {
    let nested = |open: &str, close: &str, levels| {
        format!("{}true{}", open.repeat(levels), close.repeat(levels))
    };
    assert!(Condition::parse(&nested("(", ")", Condition::MAX_DEPTH)).is_ok());
    for (open, close) in [("(", ")"), ("!", ""), ("!(", ")")] {
        assert!(Condition::parse(&nested(open, close, Condition::MAX_DEPTH + 1)).is_err());
        assert!(Condition::parse(&nested(open, close, 1300)).is_err());
    }
    assert!(Condition::parse(&format!("true in {}", "[".repeat(4000))).is_err());
    let chain = |parts| vec!["true"; parts].join("&&");
    assert_eq!(Condition::parse(&chain(600)).unwrap().holds(&ann()), Ok(true));
    assert!(Condition::parse(&chain(700)).is_err());
}

/// Conditions written from a tree, with the value that the tree has.
fn tree() -> impl Strategy<Value = (String, bool)> {
    let leaf = prop::sample::select(vec![
        ("true".to_owned(), true),
        ("false".to_owned(), false),
        ("cf.user.id == 'ann'".to_owned(), true),
        ("'hr' in cf.user.groups".to_owned(), false),
        ("metadata.n >= 2.5".to_owned(), true),
        ("has(cf.country)".to_owned(), false),
    ]);
    leaf.prop_recursive(6, 40, 4, |inner| {
        let all = prop::collection::vec(inner.clone(), 1..4);
        let text = |parts: &[(String, bool)], sign: &str| {
            let parts: Vec<String> = parts.iter().map(|(text, _)| format!("({text})")).collect();
            parts.join(sign)
        };
        prop_oneof![
            all.clone().prop_map(move |parts| {
                (text(&parts, " && "), parts.iter().all(|(_, holds)| *holds))
            }),
            all.prop_map(move |parts| {
                (text(&parts, "||"), parts.iter().any(|(_, holds)| *holds))
            }),
            inner.prop_map(|(text, holds)| (format!("!({text})"), !holds)),
        ]
    })
}

proptest! {
    #[test]
    fn a_condition_has_the_value_of_its_tree((text, expected) in tree()) {
        let condition = Condition::parse(&text);
        prop_assert_eq!(condition.unwrap().holds(&ann()), Ok(expected), "{}", text);
    }

    #[test]
    fn no_text_is_too_strange(text in "\\PC{0,60}") {
        if let Ok(condition) = Condition::parse(&text) {
            drop(condition.holds(&ann()));
        }
    }

    #[test]
    fn no_words_are_too_strange(words in prop::collection::vec(prop::sample::select(vec![
        "cf.user.id", "cf.user.groups", "metadata", ".", "x", "[", "]", "(", ")", "!", "&&", "||",
        "==", "<", "in", "true", "5", "-", "'a'", "\"", "has", "endsWith", ",", "\\", " ",
    ]), 0..30)) {
        let text = words.concat();
        match Condition::parse(&text) {
            Ok(condition) => drop(condition.holds(&ann())),
            Err(error) => prop_assert!(error.at <= text.chars().count() + 1),
        }
    }
}
