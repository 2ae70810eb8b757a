use serde_json::{Value, json};

use super::*;
use crate::fault::Faults;
use crate::route::facts::tests::Call;

fn call() -> Call {
    Call(json!({
        "metadata": {"plan": "free", "age": "42", "score": 3, "vip": true, "word": "12 apes"},
        "headers": {"x-team": "search", "x-count": "7", "authorization": "Bearer sk-1"},
        "body": {
            "model": "gpt-4o", "n": 2, "temperature": 1.0, "stream": true, "user": null,
            "big": 9_007_199_254_740_993_u64, "tags": ["a", 1], "stop": {"a": [1]},
            "messages": [{"role": "user", "content": "my secret"}], "size": "7"
        }
    }))
}

fn evaluate(condition: &Value) -> (bool, Vec<String>) {
    let mut faults = Faults::new("conditions");
    let read = Condition::read(condition, &mut faults).unwrap();
    let mut because = Vec::new();
    let holds = read.holds(&call(), &mut because);
    (holds, because.into_iter().map(String::from).collect())
}

#[track_caller]
fn check(condition: &Value, expected: bool) {
    let (holds, because) = evaluate(condition);
    assert_eq!(holds, expected, "{condition}: {because:?}");
}

#[test]
fn each_operator_says_what_it_says() {
    check(&json!({"metadata.plan": "free"}), true);
    check(&json!({"metadata.plan": {"$eq": "Free"}}), false);
    check(&json!({"metadata.plan": {"$ne": "paid"}}), true);
    check(&json!({"body.n": {"$gt": 1}}), true);
    check(&json!({"body.n": {"$gt": 2}}), false);
    check(&json!({"body.n": {"$gte": 2, "$lte": 2.0}}), true);
    check(&json!({"body.n": {"$lt": 2}}), false);
    check(&json!({"body.model": {"$gt": "gpt-3"}}), true);
    check(&json!({"headers.X-Team": {"$in": ["ads", "search"]}}), true);
    check(&json!({"headers.x-team": {"$nin": ["ads", "search"]}}), false);
    check(&json!({"body.stream": {"$exists": true}}), true);
    check(&json!({"body.stream": {"$exists": false}}), false);
    check(&json!({"body.model": {"$regex": "^gpt-[0-9]"}}), true);
    check(&json!({"body.model": {"$contains": "-4"}}), true);
    check(&json!({"body.tags": {"$contains": 1.0}}), true);
    check(&json!({"body.tags": {"$contains": "1"}}), false);
    check(&json!({"body.stop": {"$eq": {"a": [1.0]}}}), true);
    check(&json!({"body.user": null}), true);
    check(&json!({}), true);
}

#[test]
fn types_must_agree_but_metadata_may_write_numbers_as_text() {
    check(&json!({"metadata.age": 42}), true);
    check(&json!({"metadata.age": 42.0}), true);
    check(&json!({"metadata.age": {"$gt": 9}}), true);
    check(&json!({"metadata.age": {"$in": [41, 42]}}), true);
    check(&json!({"metadata.score": "3"}), true);
    check(&json!({"metadata.score": {"$lt": "10"}}), true);
    check(&json!({"metadata.vip": "true"}), false);
    check(&json!({"metadata.word": {"$gt": 1}}), false);
    // Two texts are texts.
    check(&json!({"metadata.age": {"$lt": "9"}}), true);
    // Elsewhere a text is no number.
    check(&json!({"body.size": 7}), false);
    check(&json!({"body.size": {"$ne": 7}}), true);
    check(&json!({"headers.x-count": 7}), false);
    check(&json!({"headers.x-count": {"$gt": 1}}), false);
    check(&json!({"body.stream": 1}), false);
    check(&json!({"body.n": {"$contains": 2}}), false);
    check(&json!({"body.n": {"$regex": "2"}}), false);
    // Beyond what a floating number can tell apart.
    check(&json!({"body.big": 9_007_199_254_740_992_u64}), false);
}

#[test]
fn what_is_missing_passes_only_the_tests_that_say_so() {
    for test in [
        json!({"$eq": null}),
        json!({"$gt": 0}),
        json!({"$gte": ""}),
        json!({"$lt": 1}),
        json!({"$lte": 1}),
        json!({"$in": [null]}),
        json!({"$exists": true}),
        json!({"$regex": ""}),
        json!({"$contains": ""}),
    ] {
        check(&json!({ "body.none": test }), false);
        check(&json!({"body.none": {"$not": test}}), true);
    }
    check(&json!({"body.none": {"$ne": 1}}), true);
    check(&json!({"body.none": {"$nin": [1]}}), true);
    check(&json!({"body.none": {"$exists": false}}), true);
}

#[test]
fn logic_joins_and_turns() {
    let (yes, no) = (json!({"body.n": 2}), json!({"body.n": 3}));
    check(&json!({"$and": [yes, yes]}), true);
    check(&json!({"$and": [yes, no]}), false);
    check(&json!({"$or": [no, yes]}), true);
    check(&json!({"$or": [no, no]}), false);
    check(&json!({"$nor": [no, no]}), true);
    check(&json!({"$nor": [no, yes]}), false);
    check(&json!({"$not": no}), true);
    check(&json!({"body.n": 2, "metadata.plan": "paid"}), false);
}

#[test]
fn each_test_that_was_looked_at_is_told() {
    let (_, because) = evaluate(&json!({
        "metadata.plan": "free", "body.none": {"$gt": 1}, "body.n": 2
    }));
    assert_eq!(
        because,
        [
            r#"metadata.plan = "free": $eq "free" holds"#,
            "body.none is missing: $gt 1 does not hold",
        ]
    );
}

#[test]
fn reasons_hold_no_credential_and_no_prompt() {
    let (holds, because) = evaluate(&json!({
        "headers.authorization": {"$in": ["Bearer sk-1"]},
        "body.messages.0.content": {"$contains": "secret"}
    }));
    assert!(holds);
    assert_eq!(because[0], "headers.authorization = (hidden): $in (hidden) holds");
    assert_eq!(
        because[1],
        "body.messages.0.content = (9 characters): $contains (6 characters) holds"
    );
}
