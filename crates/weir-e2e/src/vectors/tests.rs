#![expect(clippy::needless_pass_by_value, reason = "literals read better without `&`")]

use serde_json::{Value, json};

use super::matching::{self, Mismatch};
use super::*;
use crate::environment;

fn subset(expected: Value, got: Value) -> Vec<Mismatch> {
    let mut out = Vec::new();
    matching::subset("body", &expected, Some(&got), &mut out);
    out
}

fn text(expected: Value, got: Option<&str>) -> bool {
    let mut out = Vec::new();
    matching::text("header", &expected, got, &mut out);
    out.is_empty()
}

fn vector(request: Value, given: Value, expect: Value) -> Vector {
    let whole = json!({"id": "x", "area": "url", "given": given, "request": request,
        "expect": expect});
    Vector::from_json(&whole).unwrap()
}

#[test]
fn subsets_match_and_differences_name_their_place() {
    assert!(subset(json!({"a": 1}), json!({"a": 1, "b": 2})).is_empty());
    assert!(subset(json!({"a": "*"}), json!({"a": {"x": 1}})).is_empty());
    assert!(subset(json!({"a": null}), json!({})).is_empty());
    assert!(subset(json!({"a": 2e-05}), json!({"a": 0.000_020_000_000_000_1})).is_empty());
    assert!(!subset(json!({"a": "*"}), json!({"a": null})).is_empty());
    assert!(!subset(json!({"a": []}), json!({"a": [1]})).is_empty());
    let found = subset(json!({"error": [{"code": 2008}]}), json!({"error": [{"code": 2001}]}));
    assert_eq!(found[0].to_string(), "body.error[0].code: expected 2008, got 2001");
}

#[test]
fn texts_match_exactly_by_pattern_by_presence_or_by_absence() {
    assert!(text(json!("a"), Some("a")) && !text(json!("a"), Some("ab")));
    assert!(text(json!("/^a.$/"), Some("ab")) && !text(json!("/^a.$/"), None));
    assert!(text(json!("/\\/ai\\/run\\/@cf$/"), Some("https://x/ai/run/@cf")));
    assert!(text(json!("*"), Some("")) && !text(json!("*"), None));
    assert!(text(json!(null), None) && !text(json!(null), Some("a")));
    assert!(text(json!(200), Some("200")) && text(json!("/40[13]|302/"), Some("403")));
}

#[test]
fn unknown_keys_and_empty_expectations_are_faults() {
    let plain = json!({"path": "/"});
    let fault = |given: Value, request: Value, expect: Value| {
        vector(request, given, expect).faults().join("; ")
    };
    let ok = json!({"status": 200});
    assert_eq!(fault(json!({}), plain.clone(), ok.clone()), "");
    assert!(fault(json!({"moon": 1}), plain.clone(), ok.clone()).contains("given.moon"));
    assert!(fault(json!({}), json!({"path": "/", "trailers": {}}), ok).contains("trailers"));
    let strange = json!({"status": 200, "upstream": [{"query": "x"}]});
    assert!(fault(json!({}), plain.clone(), strange).contains("expect.upstream.query"));
    let nested = json!({"steps": [{"stats": 200}]});
    assert!(fault(json!({}), plain.clone(), nested).contains("expect.steps.stats"));
    assert!(fault(json!({}), plain, json!({"basis": "doc"})).contains("neither"));
}

#[test]
fn pending_is_told_by_area_world_setting_and_item() {
    let reason = |request: Value, given: Value| {
        pending::reason(&vector(request, given, json!({"status": 200})))
    };
    let plain = json!({"path": "/", "headers": {"auth": "tok-run"}});
    assert_eq!(reason(plain.clone(), json!({})), None);
    assert_eq!(reason(plain.clone(), json!({"gateway": {"guardrails": null}})), None);
    assert!(reason(plain.clone(), json!({"gateway": {"guardrails": {}}})).is_some());
    assert!(reason(plain.clone(), json!({"guard_scanner": []})).is_some());
    assert!(reason(json!({"sequence": [plain, {"ws": {"url": "/"}}]}), json!({})).is_some());
}

#[test]
fn every_vector_of_the_project_is_understood() {
    let vectors = load(&environment::workspace().join("crates/weir-e2e/vectors/data-plane.json"));
    let vectors = vectors.unwrap();
    assert_eq!(vectors.len(), 162);
    for vector in &vectors {
        assert_eq!(vector.faults(), Vec::<String>::new(), "{}", vector.id);
    }
    let runnable = vectors.iter().filter(|vector| pending::reason(vector).is_none()).count();
    assert!(runnable >= 90, "only {runnable} vectors are not pending");
}

#[test]
fn the_report_ends_with_the_count() {
    let result = |id: &str, outcome| (id.to_owned(), "url".to_owned(), outcome);
    let report = Report {
        results: vec![
            result("a", Outcome::Passed),
            result("b", Outcome::Failed(vec!["status: expected 200, got 500".to_owned()])),
            result("c", Outcome::Pending("caching is not built".to_owned())),
        ],
    };
    let expected = "FAIL b (url): status: expected 200, got 500\n\
        PENDING 1 because caching is not built: c\n1 passed, 1 failed";
    assert_eq!(report.to_string(), expected);
}
