use serde_json::json;

use super::*;

/// A call for tests: `{"metadata": {}, "body": {}, "headers": {}}`.
pub(in crate::route) struct Call(pub(in crate::route) Value);

impl CallFacts for Call {
    fn metadata(&self, key: &str) -> Option<Cow<'_, Value>> {
        self.0["metadata"].get(key).map(Cow::Borrowed)
    }

    fn body(&self, path: &[String]) -> Option<Cow<'_, Value>> {
        value_at(self.0.get("body")?, path).map(Cow::Borrowed)
    }

    fn header(&self, name: &str) -> Option<Cow<'_, str>> {
        self.0["headers"].get(name)?.as_str().map(Cow::Borrowed)
    }
}

#[test]
fn values_are_found_by_names_and_places() {
    let call = Call(json!({
        "metadata": {"cf.user_id": 7},
        "headers": {"x-team": "a"},
        "body": {"messages": [{"role": "user"}], "0": {"a": null}}
    }));
    let found = |path: &str| FieldPath::parse(path).unwrap().of(&call).map(Cow::into_owned);
    assert_eq!(found("metadata.cf.user_id"), Some(json!(7)));
    assert_eq!(found("metadata.cf"), None);
    assert_eq!(found("headers.X-Team"), Some(json!("a")));
    assert_eq!(found("body.messages.0.role"), Some(json!("user")));
    assert_eq!(found("body.messages.1.role"), None);
    assert_eq!(found("body.messages.-1"), None);
    assert_eq!(found("body.messages.0.role.0"), None);
    assert_eq!(found("body.0.a"), Some(Value::Null));
    let key = |path: &str| FieldPath::parse(path).unwrap().key_of(&call);
    assert_eq!((key("metadata.cf.user_id"), key("headers.x-team")), ("7".into(), "a".into()));
    assert_eq!(key("metadata.none"), "");
}

#[test]
fn credentials_and_prompts_are_not_shown() {
    let shown = |path: &str, value: Value| FieldPath::parse(path).unwrap().show(&value);
    for name in ["Authorization", "x-api-key", "api-key", "Cookie", "set-cookie", "x-auth-token"] {
        assert_eq!(shown(&format!("headers.{name}"), json!("sk-1")), "(hidden)", "{name}");
    }
    assert_eq!(shown("headers.x-team", json!("a")), "\"a\"");
    assert_eq!(shown("body.messages.0.content", json!("secret")), "(6 characters)");
    assert_eq!(shown("body.prompt", json!("secret")), "(6 characters)");
    assert_eq!(shown("body.messages", json!(["secret"])), "(a list of 1)");
    assert_eq!(shown("body.metadata", json!({"a": 1})), "(an object)");
    assert_eq!(shown("body.model", json!("gpt")), "\"gpt\"");
    assert_eq!(shown("body.options.n", json!(3)), "3");
    let long = shown("metadata.a", json!("ü".repeat(100)));
    assert_eq!(long.chars().count(), SHOWN + 3, "{long}");
}
