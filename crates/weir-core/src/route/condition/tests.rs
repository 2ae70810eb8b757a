use serde_json::json;

use super::*;
use crate::fault::Fault;

fn read(value: &Value) -> Result<Condition, Vec<Fault>> {
    let mut faults = Faults::new("conditions");
    let condition = Condition::read(value, &mut faults);
    faults.into_result(condition)
}

#[test]
fn operators_and_logic_are_read() {
    let value = json!({
        "metadata.plan": {"$eq": "free"},
        "metadata.cf.user_id": {"$exists": true},
        "body.messages.0.role": "user",
        "headers.X-Team": {"$in": ["a", "b"], "$ne": "c"},
        "$or": [{"body.n": {"$gt": 1, "$lte": 5}}, {"body.s": {"$regex": "^a.*z$"}}],
        "$nor": [{"body.s": {"$contains": "x"}}],
        "$not": {"body.b": false},
        "body.t": {"$not": {"$nin": [1]}}
    });
    let Condition::All(conditions) = read(&value).unwrap() else { panic!() };
    assert_eq!(conditions.len(), 8);
    let Condition::Test(FieldPath::Metadata(key), Test::Exists(true)) = &conditions[1] else {
        panic!()
    };
    assert_eq!(key, "cf.user_id");
    let Condition::Test(FieldPath::Body(steps), Test::Eq(_)) = &conditions[2] else { panic!() };
    assert_eq!(steps, &["messages", "0", "role"]);
    let Condition::All(both) = &conditions[3] else { panic!() };
    let Condition::Test(FieldPath::Header(name), Test::In(_)) = &both[0] else { panic!() };
    assert_eq!(name, "x-team");
    assert!(
        matches!(&conditions[5], Condition::Not(inner) if matches!(**inner, Condition::Any(_)))
    );
    assert!(matches!(&conditions[7], Condition::Not(_)));
    assert!(matches!(read(&json!({})).unwrap(), Condition::All(all) if all.is_empty()));
}

#[test]
fn what_means_nothing_is_refused_where_it_stands() {
    let cases = [
        (json!([]), ""),
        (json!({"plan": "free"}), "plan"),
        (json!({"metadata.": "free"}), "metadata."),
        (json!({"body.a..b": 1}), "body.a..b"),
        (json!({"cookies.a": 1}), "cookies.a"),
        (json!({"body.a": [1]}), "body.a"),
        (json!({"body.a": {}}), "body.a"),
        (json!({"body.a": {"$equals": 1}}), "body.a.$equals"),
        (json!({"body.a": {"eq": 1}}), "body.a.eq"),
        (json!({"body.a": {"$gt": true}}), "body.a.$gt"),
        (json!({"body.a": {"$in": 1}}), "body.a.$in"),
        (json!({"body.a": {"$exists": 1}}), "body.a.$exists"),
        (json!({"body.a": {"$regex": "("}}), "body.a.$regex"),
        (json!({"body.a": {"$regex": "a{1000}{1000}"}}), "body.a.$regex"),
        (json!({"body.a": {"$not": 1}}), "body.a.$not"),
        (json!({"$and": []}), "$and"),
        (json!({"$or": [1]}), "$or.0"),
        (json!({"$xor": [{}]}), "$xor"),
        (json!({"$or": [{"body.a": 1}, {"body.b": {"$gte": null}}]}), "$or.1.body.b.$gte"),
    ];
    for (value, path) in cases {
        let faults = read(&value).unwrap_err();
        assert_eq!(faults.len(), 1, "{value}: {faults:?}");
        assert_eq!(faults[0].path.join("."), path, "{value}");
    }
    let message = read(&json!({"body.a": {"$gtee": 1}})).unwrap_err().remove(0).message;
    assert!(message.ends_with("did you mean $gte?"), "{message}");
}

#[test]
fn depth_is_bounded() {
    let nested =
        |levels| (0..levels).fold(json!({"body.a": 1}), |inner, _| json!({ "$not": inner }));
    read(&nested(MAX_DEPTH - 1)).unwrap();
    read(&nested(MAX_DEPTH + 1)).unwrap_err();
    let field = (0..100).fold(json!({"$eq": 1}), |inner, _| json!({ "$not": inner }));
    read(&json!({ "body.a": field })).unwrap_err();
}
