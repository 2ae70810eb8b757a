//! Values to choose from in a filter bar.

use serde_json::{Value, json};
use weir_core::LogRecord;

use super::fake_logs::{FakeLogs, bare_row, full_row};
use super::{LOGS, TestApi};

#[tokio::test]
async fn values_are_counted_as_filters_take_them() {
    let elsewhere = LogRecord { gateway: "default".into(), ..full_row(4) };
    let rows = vec![full_row(1), full_row(2), bare_row(3), elsewhere];
    let test = TestApi::with_logs(FakeLogs::of(rows));
    let of = |value: Value, count: u64| json!({"value": value, "count": count});
    let cases = [
        ("provider", json!([of(json!("openai"), 3)])),
        ("model", json!([of(json!("gpt-4o-mini"), 2), of(json!(""), 1)])),
        ("status_code", json!([of(json!(200), 2), of(Value::Null, 1)])),
        ("success", json!([of(json!(true), 2), of(json!(false), 1)])),
        ("cached", json!([of(json!(false), 3)])),
        ("key_id", json!([of(json!("key-1"), 2), of(Value::Null, 1)])),
        ("model&limit=1", json!([of(json!("gpt-4o-mini"), 2)])),
        ("model&end_date=2026-01-01T00:00:00Z", json!([])),
    ];
    for (query, expected) in cases {
        let answer = test.get(&format!("{LOGS}/facets?key={query}")).await.ok();
        assert_eq!(answer["result"], expected, "{query}");
    }
    for bad in ["", "key=", "key=cost", "key=model&limit=0", "key=model&limit=1001"] {
        test.get(&format!("{LOGS}/facets?{bad}")).await.error(400, 7001);
    }
}

#[tokio::test]
async fn more_values_than_fit_are_an_error_of_the_question() {
    let agent = |n: usize| LogRecord {
        user_agent: Some(format!("{n}{}", "x".repeat(20_000)).into()),
        ..full_row(1)
    };
    let test = TestApi::with_logs(FakeLogs::of((0..6_000).map(agent).collect()));
    test.get(&format!("{LOGS}/facets?key=user_agent")).await.error(400, 7001);
    test.get(&format!("{LOGS}/facets?key=model")).await.ok();
}
