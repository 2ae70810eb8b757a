//! Analytics by GraphQL: what dashboards ask.

use serde_json::{Value, json};
use weir_core::{Cost, LogRecord, Timestamp, Usage};

use super::TestApi;
use super::fake_logs::{FakeLogs, full_row};

pub(super) const GRAPHQL: &str = "/client/v4/graphql";

/// Calls of two hours, two gateways, three providers. Minutes count from 2026-11-20T20:00Z.
pub(super) fn test_api() -> TestApi {
    let call = |n: u8, minute: i64, provider: &str| LogRecord {
        created_at: Timestamp::from_millis(1_795_204_800_000 + minute * 60_000 + i64::from(n)),
        provider: provider.into(),
        usage: Some(Usage { input: 10, output: 1, cache_read: 4, ..Usage::default() }),
        cost: Some(Cost::from_pico(Cost::SCALE / 2)),
        metadata: None,
        ..full_row(n)
    };
    TestApi::with_logs(FakeLogs::of(vec![
        LogRecord { metadata: Some(r#"{"team":"ops","n":1}"#.into()), ..call(1, 0, "openai") },
        LogRecord { cached: true, cost: Some(Cost::ZERO), ..call(2, 1, "openai") },
        LogRecord { success: false, status_code: Some(500), ..call(3, 7, "anthropic") },
        LogRecord {
            success: false,
            status_code: Some(429),
            cost: None,
            metadata: Some(r#"{"team":"n:1,"}"#.into()),
            ..call(4, 64, "openai")
        },
        LogRecord { gateway: "default".into(), model: "big".into(), ..call(5, 65, "groq") },
        LogRecord { account: "acc2".into(), ..call(6, 0, "openai") },
    ]))
}

pub(super) async fn ask(test: &TestApi, query: &str, variables: Value) -> Value {
    let body = json!({"query": query, "variables": variables});
    let answer = test.post(GRAPHQL, &body).await;
    assert_eq!(answer.status, 200);
    answer.json()
}

/// The groups of a dataset.
async fn groups(test: &TestApi, dataset: &str, arguments: &str, fields: &str) -> Value {
    let query = format!(
        "{{ viewer {{ accounts(filter: {{accountTag: \"acc1\"}}) {{ \
         {dataset}{arguments} {{ {fields} }} }} }} }}"
    );
    let answer = ask(test, &query, Value::Null).await;
    assert_eq!(answer["errors"], Value::Null, "{query}: {answer}");
    answer["data"]["viewer"]["accounts"][0][dataset].clone()
}

const REQUESTS: &str = "aiGatewayRequestsAdaptiveGroups";

#[tokio::test]
async fn the_query_of_the_dashboard_is_answered() {
    // With variables of the published types, an unused one, an alias, fragments and a directive.
    let query = r"
        query GetAnalytics($accountTag: string!, $start: Time, $end: Time!, $gateway: string,
                           $limit: uint64 = 50, $unused: string, $withModel: Boolean = false) {
          viewer {
            scope: accounts(filter: {accountTag: $accountTag}) {
              perHour: aiGatewayRequestsAdaptiveGroups(
                limit: $limit
                filter: {datetimeHour_geq: $start, datetimeHour_leq: $end, gateway: $gateway}
                orderBy: [datetimeHour_ASC]
              ) {
                ...Figures
                ... on AccountAiGatewayRequestsAdaptiveGroups {
                  dimensions { ts: datetimeHour model @include(if: $withModel) }
                }
              }
              errors: aiGatewayErrorsAdaptiveGroups(limit: 10) { count }
              __typename
            }
          }
        }
        fragment Figures on AccountAiGatewayRequestsAdaptiveGroups {
          count
          sum { cost cachedRequests erroredRequests ...Tokens }
        }
        fragment Tokens on AccountAiGatewayRequestsAdaptiveGroupsSum {
          uncachedTokensIn uncachedTokensOut cachedTokensIn cachedTokensOut
        }";
    let variables = json!({
        "accountTag": "acc1", "start": "2026-11-20T20:00:00Z", "end": "2026-11-20T21:59:59Z",
        "gateway": "shop", "more": 1
    });
    let answer = ask(&test_api(), query, variables).await;
    let hour = |ts: &str, count: u64, sum: Value| json!({"count": count, "sum": sum, "dimensions": {"ts": ts}});
    let expected = json!({
        "data": {"viewer": {"scope": [{
            "perHour": [
                hour("2026-11-20T20:00:00Z", 3, json!({
                    "cost": 1.0, "cachedRequests": 1, "erroredRequests": 1, "uncachedTokensIn": 20,
                    "uncachedTokensOut": 2, "cachedTokensIn": 10, "cachedTokensOut": 1
                })),
                hour("2026-11-20T21:00:00Z", 1, json!({
                    "cost": 0.0, "cachedRequests": 0, "erroredRequests": 1, "uncachedTokensIn": 10,
                    "uncachedTokensOut": 1, "cachedTokensIn": 0, "cachedTokensOut": 0
                })),
            ],
            "errors": [{"count": 2}],
            "__typename": "account"
        }]}},
        "errors": null
    });
    assert_eq!(answer, expected);
}

#[tokio::test]
async fn each_dimension_tells_calls_apart() {
    let test = test_api();
    let cases = [
        ("gateway", json!([["default", 1], ["shop", 4]])),
        ("provider", json!([["anthropic", 1], ["groq", 1], ["openai", 3]])),
        ("model", json!([["big", 1], ["gpt-4o-mini", 4]])),
        ("statusCode", json!([[200, 3], [429, 1], [500, 1]])),
        ("error", json!([[0, 3], [1, 2]])),
        ("cached", json!([[0, 4], [1, 1]])),
        ("rateLimited", json!([[0, 4], [1, 1]])),
        ("wholesale", json!([[0, 5]])),
        ("keyId", json!([["key-1", 5]])),
        ("userAgent", json!([["curl/8", 5]])),
        (
            "metadataRaw",
            json!([["", 3], [r#"{"team":"n:1,"}"#, 1], [r#"{"team":"ops","n":1}"#, 1]]),
        ),
        ("metadataKeys", json!([[[], 3], [["team"], 1], [["team", "n"], 1]])),
        ("metadataValues", json!([[[], 3], [["n:1,"], 1], [["ops", "1"], 1]])),
        ("date", json!([["2026-11-20", 5]])),
        ("datetimeHour", json!([["2026-11-20T20:00:00Z", 3], ["2026-11-20T21:00:00Z", 2]])),
        (
            "datetimeFifteenMinutes",
            json!([["2026-11-20T20:00:00Z", 3], ["2026-11-20T21:00:00Z", 2]]),
        ),
        (
            "datetimeFiveMinutes",
            json!([
                ["2026-11-20T20:00:00Z", 2],
                ["2026-11-20T20:05:00Z", 1],
                ["2026-11-20T21:00:00Z", 1],
                ["2026-11-20T21:05:00Z", 1]
            ]),
        ),
    ];
    for (name, expected) in cases {
        let found =
            groups(&test, REQUESTS, "", &format!("dimensions {{ it: {name} }} count")).await;
        let each = found.as_array().unwrap().iter();
        let shown: Vec<Value> =
            each.map(|group| json!([group["dimensions"]["it"], group["count"]])).collect();
        assert_eq!(Value::from(shown), expected, "{name}");
    }
    for name in ["datetime", "datetimeMinute"] {
        let found =
            groups(&test, REQUESTS, "(limit: 1)", &format!("dimensions {{ {name} }}")).await;
        assert_eq!(found, json!([{"dimensions": {name: "2026-11-20T20:00:00Z"}}]));
    }
}

#[tokio::test]
async fn pieces_of_time_can_be_asked_for_together() {
    let test = test_api();
    let fields = "dimensions { date datetimeHour datetimeFiveMinutes } count";
    let found =
        groups(&test, REQUESTS, "(orderBy: datetimeFiveMinutes_DESC, limit: 1)", fields).await;
    let dimensions = json!({
        "date": "2026-11-20",
        "datetimeHour": "2026-11-20T21:00:00Z",
        "datetimeFiveMinutes": "2026-11-20T21:05:00Z"
    });
    assert_eq!(found, json!([{"dimensions": dimensions, "count": 1}]));
}

#[tokio::test]
async fn filters_choose_calls() {
    let test = test_api();
    let cases = [
        (r#"{provider: "openai"}"#, 3),
        (r#"{provider_neq: "openai"}"#, 2),
        (r#"{provider_in: ["openai", "groq"]}"#, 4),
        (r#"{provider_in: "groq"}"#, 1),
        (r"{provider_in: []}", 0),
        (r#"{provider_notin: ["openai", "groq"]}"#, 1),
        (r#"{model_like: "%4o%"}"#, 4),
        (r#"{model_like: "big"}"#, 1),
        (r#"{model_like: "%"}"#, 5),
        (r"{statusCode_geq: 400}", 2),
        (r"{statusCode_gt: 429}", 1),
        (r"{statusCode_leq: 429}", 4),
        (r"{statusCode_lt: 200}", 0),
        (r"{statusCode: 429}", 1),
        (r"{statusCode_in: [429, 500]}", 2),
        (r"{cached: 1}", 1),
        (r"{cached: false}", 4),
        (r"{error_neq: 0}", 2),
        (r"{rateLimited: 1}", 1),
        (r#"{gateway: "shop", provider: "groq"}"#, 0),
        (r#"{OR: [{provider: "groq"}, {statusCode: 429}]}"#, 2),
        (r#"{AND: [{provider: "openai"}, {OR: [{cached: 1}, {error: 1}]}]}"#, 2),
        (r"{OR: []}", 0),
        (r"{AND: []}", 5),
        (r#"{OR: [{gateway: "shop"}, {provider_in: []}], provider: null}"#, 4),
        (r#"{metadataKeys_has: "team"}"#, 2),
        (r#"{metadataKeys_has: "n"}"#, 1),
        (r#"{metadataKeys_has: ["team", "n"]}"#, 1),
        (r#"{metadataValues_has: "ops"}"#, 1),
        (r#"{metadataValues_has: "n:1,"}"#, 1),
        (r#"{metadataValues_has: "1"}"#, 1),
        (r#"{metadataRaw_like: "%ops%"}"#, 1),
        (r#"{datetime_geq: "2026-11-20T20:07:30Z"}"#, 3),
        (r#"{datetime_lt: "2026-11-20T20:07:00Z"}"#, 2),
        (r#"{datetime_leq: "2026-11-20T20:07:00Z"}"#, 3),
        (r#"{datetimeMinute_geq: "2026-11-20T20:07:30Z"}"#, 2),
        (r#"{datetimeMinute: "2026-11-20T20:01:00Z"}"#, 1),
        (r#"{datetimeHour_gt: "2026-11-20T20:00:00Z"}"#, 2),
        (r#"{datetimeHour: "2026-11-20T20:00:00Z"}"#, 3),
        (r#"{datetimeFiveMinutes_lt: "2026-11-20T20:05:00Z"}"#, 2),
        (r#"{date_geq: "2026-11-20", date_leq: "2026-11-20"}"#, 5),
        (r#"{date_gt: "2026-11-20"}"#, 0),
        (r#"{AND: [{date: "2026-11-20"}, {datetime_geq: "2026-11-20T21:00:00Z"}]}"#, 2),
        (r#"{datetime_geq: "2026-11-21T00:00:00Z", datetime_leq: "2026-11-20T00:00:00Z"}"#, 0),
    ];
    for (filter, expected) in cases {
        let found = groups(&test, REQUESTS, &format!("(filter: {filter})"), "count").await;
        let count = found[0]["count"].as_u64().unwrap_or(0);
        assert_eq!(count, expected, "{filter}");
        // No calls make no group.
        assert_eq!(found.as_array().unwrap().is_empty(), expected == 0, "{filter}");
    }
}

#[tokio::test]
async fn groups_are_sorted_and_limited() {
    let test = test_api();
    let cases = [
        ("", json!(["anthropic", "groq", "openai"])),
        ("(orderBy: [provider_DESC])", json!(["openai", "groq", "anthropic"])),
        ("(orderBy: count_DESC)", json!(["openai", "anthropic", "groq"])),
        ("(orderBy: [count_ASC, provider_DESC])", json!(["groq", "anthropic", "openai"])),
        ("(orderBy: [sum_cost_ASC, count_DESC])", json!(["openai", "anthropic", "groq"])),
        ("(orderBy: [sum_erroredRequests_DESC])", json!(["anthropic", "openai", "groq"])),
        ("(orderBy: [\"avg_cost_ASC\"], limit: 1)", json!(["openai"])),
        ("(limit: 2)", json!(["anthropic", "groq"])),
    ];
    for (arguments, expected) in cases {
        let found = groups(&test, REQUESTS, arguments, "dimensions { provider }").await;
        let each = found.as_array().unwrap().iter();
        let names: Vec<Value> = each.map(|group| group["dimensions"]["provider"].clone()).collect();
        assert_eq!(Value::from(names), expected, "{arguments}");
    }
}

#[tokio::test]
async fn sums_and_averages_are_those_of_the_calls() {
    let fields = "count sum { cost tokensIn tokensOut cacheReadTokens cacheWriteTokens durationMs } \
                  avg { cost durationMs latencyMs sampleInterval } __typename";
    let found = groups(&test_api(), REQUESTS, "", fields).await;
    let expected = json!([{
        "count": 5,
        "sum": {
            "cost": 1.5, "tokensIn": 50, "tokensOut": 5, "cacheReadTokens": 20,
            "cacheWriteTokens": 0, "durationMs": 6000
        },
        "avg": {"cost": 0.375, "durationMs": 1200.0, "latencyMs": 300.0, "sampleInterval": 1.0},
        "__typename": "AccountAiGatewayRequestsAdaptiveGroups"
    }]);
    assert_eq!(found, expected);
}

#[tokio::test]
async fn the_sibling_datasets_are_there() {
    let test = test_api();
    let fields = "count dimensions { gateway provider model }";
    let errors = groups(&test, "aiGatewayErrorsAdaptiveGroups", "", fields).await;
    let dimensions =
        |provider: &str| json!({"gateway": "shop", "provider": provider, "model": "gpt-4o-mini"});
    let expected = json!([
        {"count": 1, "dimensions": dimensions("anthropic")},
        {"count": 1, "dimensions": dimensions("openai")}
    ]);
    assert_eq!(errors, expected);

    let hits = "aiGatewayCacheAdaptiveGroups";
    let found = groups(&test, hits, "", "count dimensions { cacheOp provider }").await;
    let expected = json!([{"count": 1, "dimensions": {"cacheOp": "hit", "provider": "openai"}}]);
    assert_eq!(found, expected);
    let none = groups(&test, hits, "(filter: {cacheOp: \"miss\"})", "count").await;
    assert_eq!(none, json!([]));

    let sizes = "aiGatewaySizeAdaptiveGroups";
    let fields = "max { rows } dimensions { gateway logManagement }";
    let found = groups(&test, sizes, "(orderBy: max_rows_DESC)", fields).await;
    let of = |gateway: &str, rows: u64, found: &Value| {
        assert_eq!(found["dimensions"]["gateway"], gateway);
        assert_eq!(found["max"]["rows"], rows);
        assert!(found["dimensions"].get("logManagement").is_some());
    };
    of("shop", 4, &found[0]);
    of("default", 1, &found[1]);
    let all = groups(&test, sizes, "", "max { rows }").await;
    assert_eq!(all, json!([{"max": {"rows": 4}}]));
    let one = groups(&test, sizes, "(filter: {gateway: \"default\"})", "max { rows }").await;
    assert_eq!(one, json!([{"max": {"rows": 1}}]));
    let other = "(filter: {logManagement_neq: 1, logManagement_notin: [9223372036854775807]})";
    assert_eq!(groups(&test, sizes, other, "max { rows }").await, all);
    let past = "(filter: {datetimeMinute_leq: \"2026-01-01T00:00:00Z\"})";
    assert_eq!(groups(&test, sizes, past, "max { rows }").await, json!([]));
}

#[tokio::test]
async fn one_query_asks_for_several_datasets_and_settings() {
    let query = "{ viewer { accounts { accountTag \
                 a: aiGatewayRequestsAdaptiveGroups { count } \
                 b: aiGatewayRequestsAdaptiveGroups(filter: {cached: 1}) { count } \
                 settings { aiGatewayRequestsAdaptiveGroups { enabled maxDuration maxPageSize \
                 notOlderThan availableFields } } } } }";
    let answer = ask(&test_api(), query, Value::Null).await;
    let account = &answer["data"]["viewer"]["accounts"][0];
    assert_eq!(account["accountTag"], "acc1");
    assert_eq!((&account["a"][0]["count"], &account["b"][0]["count"]), (&json!(5), &json!(1)));
    let settings = &account["settings"]["aiGatewayRequestsAdaptiveGroups"];
    assert_eq!((&settings["enabled"], &settings["maxPageSize"]), (&json!(true), &json!(10_000)));
    assert_eq!(settings["maxDuration"], Value::Null);
    let fields = settings["availableFields"].as_array().unwrap();
    for field in ["count", "sum_cost", "dimensions_datetimeMinute"] {
        assert!(fields.contains(&json!(field)), "{field}");
    }
}
