//! Queries that cannot be answered, and who may ask.

use serde_json::{Value, json};
use weir_core::{LogRecord, Permission};

use super::fake_logs::{FakeLogs, full_row};
use super::graphql::{GRAPHQL, ask, test_api};
use super::{TestApi, secret};

/// The only error of an answer without data.
fn fault(answer: &Value) -> (String, String, Value) {
    assert_eq!(answer["data"], Value::Null, "{answer}");
    let errors = answer["errors"].as_array().unwrap();
    assert_eq!(errors.len(), 1);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let error = &errors[0];
    assert!(error["extensions"]["timestamp"].is_string());
    (text(&error["extensions"]["code"]), text(&error["message"]), error["path"].clone())
}

fn dataset(arguments: &str, fields: &str) -> String {
    format!(
        "{{ viewer {{ accounts {{ aiGatewayRequestsAdaptiveGroups{arguments} {{ {fields} }} }} }} }}"
    )
}

#[tokio::test]
async fn what_a_query_gets_wrong_is_told() {
    let test = test_api();
    let deep = "{a".repeat(41) + &"}".repeat(41);
    let wide = dataset("", &(0..201).map(|n| format!("c{n}: count ")).collect::<String>());
    let many: String =
        (0..21).map(|n| format!("d{n}: aiGatewayErrorsAdaptiveGroups {{ count }} ")).collect();
    let many = format!("{{ viewer {{ accounts {{ {many} }} }} }}");
    let bomb: String = (0..20)
        .map(|n| format!("fragment F{n} on viewer {{ ...F{} ...F{} }} ", n + 1, n + 1))
        .collect();
    let bomb = format!("{{ viewer {{ ...F0 }} }} {bomb} fragment F20 on viewer {{ __typename }}");
    let conditions = format!("(filter: {{statusCode_in: [{}]}})", "200,".repeat(501));
    let intervals = format!("(filter: {{AND: [{}]}})", "{statusCode_geq: 0}".repeat(6));
    let nested = format!("(filter: {}{})", "{AND: ".repeat(12) + "{}", "}".repeat(12));
    let cases: Vec<(String, &str, &str)> = vec![
        (String::new(), "syntax", "cannot be read"),
        ("{".into(), "syntax", "line 1, column 2: expected"),
        ("{ viewer { accounts { count ".into(), "syntax", "cannot be read"),
        ("mutation { viewer { __typename } }".into(), "validation", "queries only"),
        ("{ viwer { accounts { accountTag } } }".into(), "validation", "'viewer' is known"),
        ("{ viewer }".into(), "validation", "say which"),
        ("{ viewer { accounts { accountTag { x } } } }".into(), "validation", "has no fields"),
        ("{ viewer { zones { x } } }".into(), "validation", "no field 'zones'"),
        ("{ viewer { ...Nope } }".into(), "validation", "no fragment 'Nope'"),
        ("{ viewer { ... on account { accountTag } } }".into(), "validation", "cannot stand in"),
        (
            "{ viewer { ...F } } fragment F on viewer { ...F }".into(),
            "validation",
            "spreads itself",
        ),
        ("{ viewer { __typename @only(if: true) } }".into(), "validation", "no directive @only"),
        ("{ viewer { __typename @skip } }".into(), "validation", "@skip needs if"),
        ("query Q($x: string!) { viewer { __typename } }".into(), "validation", "$x has no value"),
        (dataset("(limit: $n)", "count"), "validation", "$n is not declared"),
        (dataset("(first: 1)", "count"), "validation", "no argument 'first'"),
        (dataset("(limit: 0)", "count"), "validation", "from 1 to 10000"),
        (dataset("(limit: 10001)", "count"), "validation", "from 1 to 10000"),
        (dataset("(limit: \"1\")", "count"), "validation", "from 1 to 10000"),
        (dataset("(filter: 1)", "count"), "validation", "is an object"),
        (dataset("(filter: {provder: \"x\"})", "count"), "validation", "'provider' is known"),
        (dataset("(filter: {provider: 1})", "count"), "validation", "no value of provider"),
        (dataset("(filter: {cached: 2})", "count"), "validation", "no value of cached"),
        (dataset("(filter: {datetime_geq: \"x\"})", "count"), "validation", "no value of"),
        (dataset("(filter: {datetime_in: []})", "count"), "validation", "no filter"),
        (dataset("(filter: {model_like: \"a%b\"})", "count"), "validation", "no pattern"),
        (
            "{ viewer { accounts { aiGatewaySizeAdaptiveGroups(filter: {logManagement_gt: \
             9223372036854775807}) { max { rows } } } } }"
                .into(),
            "validation",
            "no filter 'logManagement_gt'",
        ),
        (
            dataset("(filter: {OR: [{date: \"2026-01-01\"}, {cached: 1}]})", "count"),
            "validation",
            "cannot stand in OR",
        ),
        (dataset("(orderBy: provider)", "count"), "validation", "_ASC or _DESC"),
        (dataset("(orderBy: [prvider_ASC])", "count"), "validation", "'provider' is known"),
        (dataset("(orderBy: [provider_ASC])", "count"), "validation", "among the dimensions"),
        (dataset("", "sum { costs }"), "validation", "'cost' is known"),
        (dataset("", "c: count c: __typename"), "validation", "give one an alias"),
        (dataset("", "max { rows }"), "validation", "no field 'max'"),
        (
            "{ viewer { accounts(filter: {name: 1}) { accountTag } } }".into(),
            "validation",
            "'name'",
        ),
        ("{ __type { name } }".into(), "validation", "needs the argument 'name'"),
        (deep, "limit", "40 brackets"),
        ("#".repeat(64 * 1024 + 1), "limit", "65536 bytes"),
        (wide, "limit", "200 fields"),
        (many, "limit", "20 datasets"),
        (bomb, "limit", "200 fields"),
        (dataset(&intervals, "count"), "limit", "too many intervals"),
        (dataset(&conditions, "count"), "limit", "500 conditions"),
        (dataset(&nested, "count"), "limit", "10 AND and OR"),
    ];
    for (query, code, part) in cases {
        let (found, message, _) = fault(&ask(&test, &query, json!({})).await);
        let start: String = query.chars().take(120).collect();
        assert_eq!(found, code, "{start}: {message}");
        assert!(message.contains(part), "{start}: {message}");
    }
}

#[tokio::test]
async fn variables_are_bounded_for_every_field_may_repeat_them() {
    let test = test_api();
    let query = "query Q($f: [string!]) { viewer { accounts {
        a: aiGatewayRequestsAdaptiveGroups(filter: {model_in: $f}) { count } } } }";
    let (code, message, _) = fault(&ask(&test, query, json!({"f": ["x".repeat(65_536)]})).await);
    assert_eq!(code, "limit", "{message}");
    let answer =
        ask(&test, query, json!({"f": ["x".repeat(60_000)], "g": "x".repeat(70_000)})).await;
    assert_eq!(answer["errors"], Value::Null, "what is not declared does not count");
}

#[tokio::test]
async fn one_answer_tells_the_schema_a_few_times_only() {
    let part: String =
        (0..10).map(|n| format!("i{n}: inputFields {{ name type {{ kind name }} }} ")).collect();
    let asked = |times: usize| {
        let one = |n| format!("s{n}: __schema {{ types {{ {part} }} }} ");
        format!("{{ {} }}", (0..times).map(one).collect::<String>())
    };
    let once = ask(&test_api(), &asked(1), json!({})).await;
    assert!(once["errors"].is_null());
    let often = ask(&test_api(), &asked(90), json!({})).await;
    assert_eq!(often["errors"][0]["extensions"]["code"], "limit");
}

/// A store with more groups of one account than an answer may have.
fn crowded() -> TestApi {
    let row = |n: usize| LogRecord {
        metadata: Some(format!("{{\"n\":\"{n}{}\"}}", "x".repeat(20_000)).into()),
        ..full_row(1)
    };
    TestApi::with_logs(FakeLogs::of((0..6_000).map(row).collect()))
}

#[tokio::test]
async fn too_many_groups_are_refused_in_plain_words() {
    let test = crowded();
    let query = dataset("", "count dimensions { metadataRaw }");
    let (code, message, path) = fault(&ask(&test, &query, json!({})).await);
    assert_eq!(code, "limit");
    assert!(message.contains("too many groups"), "{message}");
    assert_eq!(path[3], "aiGatewayRequestsAdaptiveGroups");
}

#[tokio::test]
async fn the_texts_of_an_answer_are_bounded_over_all_its_datasets() {
    let row = |n: usize| LogRecord {
        metadata: Some(format!("{{\"n\":\"{n}{}\"}}", "x".repeat(16_000)).into()),
        ..full_row(1)
    };
    let test = TestApi::with_logs(FakeLogs::of((0..100).map(row).collect()));
    let asked = |sets: usize, fields: usize| {
        let fields: String = (0..fields).map(|n| format!("m{n}: metadataRaw ")).collect();
        let part = format!("aiGatewayRequestsAdaptiveGroups {{ dimensions {{ {fields} }} }} ");
        let sets: String = (0..sets).map(|n| format!("d{n}: {part}")).collect();
        format!("{{ viewer {{ accounts {{ {sets} }} }} }}")
    };
    assert_eq!(ask(&test, &asked(1, 10), json!({})).await["errors"], Value::Null);
    for query in [asked(1, 22), asked(11, 2)] {
        let (code, message, _) = fault(&ask(&test, &query, json!({})).await);
        assert_eq!(code, "limit");
        assert!(message.contains("too large"), "{message}");
    }
}

#[tokio::test]
async fn the_place_of_a_fault_is_told() {
    let test = test_api();
    let query = dataset("", "sum { costs }");
    let (_, _, path) = fault(&ask(&test, &query, Value::Null).await);
    let place = ["viewer", "accounts", "aiGatewayRequestsAdaptiveGroups", "sum", "costs"];
    assert_eq!(path, json!(place));
}

#[tokio::test]
async fn another_account_is_out_of_reach_whether_it_is_there_or_not() {
    let test = test_api();
    for filter in [
        r#"{accountTag: "acc2"}"#,
        r#"{accountTag: "nowhere"}"#,
        r#"{accountTag_in: ["acc1", "acc2"]}"#,
        r#"{accountTag: ""}"#,
    ] {
        let query = format!("{{ viewer {{ accounts(filter: {filter}) {{ accountTag }} }} }}");
        let (code, message, path) = fault(&ask(&test, &query, Value::Null).await);
        assert_eq!(code, "authz");
        assert_eq!(message, "the token does not have access to this account");
        assert_eq!(path, json!(["viewer", "accounts"]));
    }
}

#[tokio::test]
async fn the_call_itself_is_refused_in_the_envelope() {
    let test = test_api();
    test.send(http::Method::POST, GRAPHQL, &[]).await.error(400, 9106);
    for permission in Permission::EVERY {
        let value = format!("Bearer {}", secret(permission));
        let headers = [("authorization", value.as_str())];
        let body = axum::body::Body::from(r#"{"query": "{ __typename }"}"#);
        let answer = test.send_body(http::Method::POST, GRAPHQL, &headers, body).await;
        if permission.grants(Permission::AnalyticsRead) {
            assert_eq!(answer.json(), json!({"data": {"__typename": "Query"}, "errors": null}));
        } else {
            answer.error(403, 10000);
        }
    }
    for body in [json!({}), json!({"query": 1}), json!({"query": "{a}", "variables": []})] {
        test.post(GRAPHQL, &body).await.error(400, 7001);
    }
}

#[tokio::test]
async fn operations_are_chosen_by_name() {
    let test = test_api();
    let query = "query A { __typename } query B { viewer { __typename } }";
    let body = |name: Value| json!({"query": query, "operationName": name});
    let answer = test.post(GRAPHQL, &body(json!("B"))).await.json();
    assert_eq!(answer["data"], json!({"viewer": {"__typename": "viewer"}}));
    for name in [Value::Null, json!(""), json!("C")] {
        let answer = test.post(GRAPHQL, &body(name)).await.json();
        assert_eq!(fault(&answer).0, "validation");
    }
}

#[tokio::test]
async fn a_store_that_fails_is_told_without_its_reasons() {
    let test = TestApi::with_logs(FakeLogs::broken());
    let (code, message, path) = fault(&ask(&test, &dataset("", "count"), Value::Null).await);
    assert_eq!(
        (code.as_str(), message.as_str()),
        ("unavailable", "The store is not available now")
    );
    assert_eq!(path, json!(["viewer", "accounts", "0", "aiGatewayRequestsAdaptiveGroups"]));
}

proptest::proptest! {
    #[test]
    fn no_query_is_too_strange(
        words in proptest::collection::vec(
            proptest::sample::select(vec![
                "{", "}", "(", ")", "[", "]", ":", "$x", "...", "on", "fragment F", "query Q", "viewer",
                "accounts", "aiGatewayRequestsAdaptiveGroups", "filter", "limit", "orderBy", "count",
                "dimensions", "sum", "cost", "provider", "\"a\"", "\"\"\"", "\"", "#", "\n", "1",
                "-1.5e9", "1e999", "\"\\ud800\"", "\"\\u0041\"", "\"\\", "null", "true", "@include(if: true)", "__schema", "__type", "_ASC", "AND",
            ]),
            0..40,
        ),
    ) {
        let answering = ask_now(&words.join(" "));
        proptest::prop_assert!(answering["data"].is_null() != answering["errors"].is_null());
    }
}

/// Nothing here waits for anything.
fn ask_now(query: &str) -> Value {
    let test = test_api();
    let asking = Box::pin(ask(&test, query, json!({"x": 1})));
    futures_util::FutureExt::now_or_never(asking).unwrap()
}
