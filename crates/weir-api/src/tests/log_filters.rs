//! The log list, filtered, searched and sorted.

use serde_json::{Value, json};
use weir_core::{Cost, LogRecord, Timestamp, Usage};

use super::fake_logs::{FakeLogs, bare_row, full_row, log_id};
use super::{LOGS, TestApi};

/// Rows that differ in everything the list can tell apart.
fn test_api() -> TestApi {
    let usage = |input, output| Some(Usage { input, output, ..Usage::default() });
    let rows = vec![
        full_row(1),
        LogRecord {
            provider: "anthropic".into(),
            model: "claude".into(),
            cost: Some(Cost::from_pico(3 * Cost::SCALE)),
            duration_ms: 50,
            usage: usage(100, 7),
            cached: true,
            metadata: Some(r#"{"team":"ops","a+b%":true}"#.into()),
            ..full_row(2)
        },
        LogRecord {
            success: false,
            model_type: Some("text-embeddings"),
            duration_ms: 9000,
            usage: usage(3, 0),
            request_content_type: Some("text/plain".into()),
            ..full_row(3)
        },
        bare_row(4),
    ];
    TestApi::with_logs(FakeLogs::of(rows))
}

async fn listed(test: &TestApi, query: &str) -> Vec<u8> {
    let answer = test.get(&format!("{LOGS}?order_by_direction=asc&{query}")).await.ok();
    let rows = answer["result"].as_array().unwrap();
    let place = |row: &Value| (1..=9).find(|n| row["id"] == json!(log_id(*n))).unwrap();
    rows.iter().map(place).collect()
}

#[tokio::test]
async fn filters_choose_rows_and_all_of_them_must_hold() {
    let test = test_api();
    let cases: &[(&str, &[u8])] = &[
        ("filters.key=provider&filters.operator=eq&filters.value=anthropic", &[2]),
        ("filters.key=success&filters.operator=eq&filters.value=false", &[3, 4]),
        ("filters.key=cost&filters.operator=gt&filters.value=1", &[2]),
        ("filters.key=cost&filters.operator=eq&filters.value=", &[4]),
        ("filters.key=metadata.key&filters.operator=eq&filters.value=a%2Bb%25", &[2]),
        ("filters.key=metadata.team&filters.operator=neq&filters.value=ops", &[1, 3, 4]),
        (
            "filters.key=provider&filters.operator=eq&filters.value=openai&filters.value=anthropic\
             &filters.key=duration&filters.operator=lt&filters.value=1200",
            &[2],
        ),
        (
            "filters.key=provider&filters.key=duration&filters.operator=eq&filters.operator=gt\
             &filters.value=openai&filters.value=1000",
            &[1, 3, 4],
        ),
        ("search=%22ops%22", &[2]),
        ("search=ai&filters.key=cached&filters.operator=eq&filters.value=false", &[1, 3]),
    ];
    for (query, expected) in cases {
        assert_eq!(listed(&test, query).await, *expected, "{query}");
    }
    let error = test.get(&format!("{LOGS}?filters.key=x")).await.error(400, 7001);
    assert_eq!(error["path"], json!(["query", "filters"]));
}

#[tokio::test]
async fn older_parameters_still_choose_rows() {
    let test = test_api();
    let at = Timestamp::from_millis(1_795_206_896_040 + 2);
    let (start, end) = (format!("start_date={at}"), format!("end_date={at}"));
    let cases: &[(&str, &[u8])] = &[
        ("min_cost=3", &[2]),
        ("max_cost=0.00002", &[1, 3]),
        ("min_duration=1200&max_duration=1200", &[1, 4]),
        ("min_tokens_in=10&max_tokens_in=10", &[1]),
        ("min_tokens_out=7", &[2]),
        ("max_tokens_out=0", &[3]),
        ("min_total_tokens=15&max_total_tokens=15", &[1]),
        (&start, &[2, 3, 4]),
        (&end, &[1, 2]),
        ("success=true", &[1, 2]),
        ("cached=true", &[2]),
        ("model=claude", &[2]),
        ("model_type=text-embeddings", &[3]),
        ("provider=openai&success=true", &[1]),
        ("request_content_type=text/plain", &[3]),
        ("response_content_type=text/event-stream;%20charset=utf-8&cached=false", &[1, 3]),
        ("provider=openai&filters.key=success&filters.operator=eq&filters.value=true", &[1]),
        // Seen in the wild, and meaning nothing.
        ("limit=1&id=x&order=desc", &[1, 2, 3, 4]),
    ];
    for (query, expected) in cases {
        assert_eq!(listed(&test, query).await, *expected, "{query}");
    }
    let bad = [
        "min_cost=x",
        "max_tokens_in=",
        "start_date=yesterday",
        "feedback=2",
        "success=1",
        "meta_info=yes",
        "order_by=path",
        "order_by_direction=up",
        "min_cost=1&min_cost=2",
    ];
    for query in bad {
        let answer = test.get(&format!("{LOGS}?{query}")).await;
        // An empty one counts as not given.
        if query.ends_with('=') {
            answer.ok()
        } else {
            answer.error(400, 7001)
        };
    }
}

#[tokio::test]
async fn feedback_is_asked_for_as_it_once_was() {
    let test = test_api();
    for (n, verdict) in [(1, 1), (2, -1)] {
        let uri = format!("{LOGS}/{}", log_id(n));
        test.patch(&uri, &json!({ "feedback": verdict })).await.ok();
    }
    assert_eq!(listed(&test, "feedback=1").await, [1]);
    assert_eq!(listed(&test, "feedback=0").await, [2]);
    assert_eq!(listed(&test, "feedback=-1").await, [2]);
    let none = "filters.key=feedback&filters.operator=eq&filters.value=";
    assert_eq!(listed(&test, none).await, [3, 4]);
}

#[tokio::test]
async fn rows_are_sorted_by_any_of_eleven_keys() {
    let test = test_api();
    let uri = format!("{LOGS}/{}", log_id(3));
    test.patch(&uri, &json!({"feedback": -0.5})).await.ok();
    let cases: &[(&str, [u8; 4])] = &[
        ("created_at", [1, 2, 3, 4]),
        ("provider", [2, 1, 3, 4]),
        ("model", [4, 2, 1, 3]),
        ("model_type", [4, 3, 1, 2]),
        ("success", [3, 4, 1, 2]),
        ("cached", [1, 3, 4, 2]),
        ("cost", [4, 1, 3, 2]),
        ("tokens_in", [4, 3, 1, 2]),
        ("tokens_out", [4, 3, 1, 2]),
        ("duration", [2, 1, 4, 3]),
    ];
    for (key, expected) in cases {
        assert_eq!(listed(&test, &format!("order_by={key}")).await, expected, "{key}");
        let answer = test.get(&format!("{LOGS}?order_by={key}")).await.ok();
        assert_eq!(answer["result"][0]["id"], json!(log_id(expected[3])), "{key}");
    }
    let worst = test.get(&format!("{LOGS}?order_by=feedback")).await.ok();
    assert_eq!(worst["result"][0]["id"], json!(log_id(3)));
}

#[tokio::test]
async fn meta_info_tells_where_the_figures_begin_and_end() {
    let test = test_api();
    let info = |answer: Value| answer["result_info"].clone();
    let found = info(test.get(&format!("{LOGS}?meta_info=true&per_page=1")).await.ok());
    let expected = json!({
        "page": 1, "per_page": 1, "count": 1, "total_count": 4, "total_pages": 4,
        "min_cost": 0.00002, "max_cost": 3.0, "min_duration": 50, "max_duration": 9000,
        "min_tokens_in": 3, "max_tokens_in": 100, "min_tokens_out": 0, "max_tokens_out": 7,
        "min_total_tokens": 3, "max_total_tokens": 107
    });
    assert_eq!(found, expected);
    let chosen = info(test.get(&format!("{LOGS}?meta_info=true&provider=anthropic")).await.ok());
    assert_eq!((&chosen["min_cost"], &chosen["total_count"]), (&json!(3.0), &json!(1)));
    let nothing = info(test.get(&format!("{LOGS}?meta_info=true&provider=none")).await.ok());
    for name in expected.as_object().unwrap().keys().filter(|name| name.contains('_')) {
        if name.starts_with("min_") || name.starts_with("max_") {
            assert_eq!(nothing[name].as_f64(), Some(0.0), "{name}");
        }
    }
    let plain = info(test.get(LOGS).await.ok());
    assert_eq!(plain.get("min_cost"), None);
}
