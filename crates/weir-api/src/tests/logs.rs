//! Log rows and bodies, as listed and as read.

use serde_json::{Value, json};
use weir_core::LogRecord;
use weir_core::log::Payload;

use super::fake_logs::{FakeLogs, bare_row, full_row, log_id};
use super::{LOGS, TestApi};

fn with(rows: Vec<LogRecord>) -> TestApi {
    TestApi::with_logs(FakeLogs::of(rows))
}

/// What list and detail share, of `full_row(1)`.
fn full_json() -> Value {
    // Text, because a literal of this many keys is too deep for the macro.
    let text = r#"{
        "id": "00000000-0000-7000-8000-000000000001",
        "created_at": "2026-11-20T20:34:56.041Z",
        "event_id": "my-event",
        "request_id": "00000000-0000-7000-8000-000000000001",
        "gateway_id": "shop",
        "provider": "openai",
        "model": "gpt-4o-mini",
        "model_type": "text-generation",
        "path": "chat/completions",
        "method": "POST",
        "request_type": "http",
        "request_content_type": "application/json",
        "response_content_type": "text/event-stream; charset=utf-8",
        "status_code": 200,
        "upstream_status_code": 200,
        "success": true,
        "cached": false,
        "duration": 1200,
        "timings": {"total": 1200, "latency": 300},
        "ttft_ms": 320,
        "gateway_overhead_ms": 0.25,
        "tokens_in": 10,
        "tokens_out": 5,
        "usage_metadata": {
            "input_tokens": 10,
            "output_tokens": 5,
            "total_tokens": 15,
            "output_reasoning_tokens": 0,
            "input_cached_tokens": 4
        },
        "cost": 0.00002,
        "custom_cost": false,
        "price_id": "openai/gpt-4o-mini@2026-11-20",
        "provider_reported_cost": null,
        "metadata": "{\"team\":\"ai\",\"n\":1}",
        "step": 0,
        "attempt_index": 1,
        "feedback": null,
        "score": null,
        "location": null,
        "authentication": true,
        "key_id": "key-1",
        "wholesale": false,
        "byok": false,
        "compatibilityMode": false,
        "user_agent": "curl/8",
        "dlp_action": null,
        "dlp_profiles": [],
        "guardrails": null,
        "stream": true,
        "finish_reason": "stop",
        "error": null,
        "payload_stored": true,
        "payload_reason": null
    }"#;
    serde_json::from_str(text).unwrap()
}

fn plus(mut row: Value, more: Value) -> Value {
    let more: serde_json::Map<String, Value> = serde_json::from_value(more).unwrap();
    row.as_object_mut().unwrap().extend(more);
    row
}

#[tokio::test]
async fn a_listed_row_has_every_key_and_no_body() {
    let answer = with(vec![full_row(1)]).get(LOGS).await.ok();
    let listed = plus(full_json(), json!({"request": "", "response": ""}));
    assert_eq!(answer["result"], json!([listed]));
    let info = json!({"page": 1, "per_page": 20, "count": 1, "total_count": 1, "total_pages": 1});
    assert_eq!(answer["result_info"], info);
}

#[tokio::test]
async fn a_detail_adds_heads_and_sizes() {
    let test = with(vec![full_row(1)]);
    let answer = test.get(&format!("{LOGS}/{}", log_id(1))).await.ok();
    let detail = json!({
        "request_head": "{\"model\":\"gpt\"}",
        "request_head_complete": true,
        "request_size": 17,
        "response_head": "x".repeat(8192),
        "response_head_complete": false,
        "response_size": 9000,
        "cost_by": null,
        "cost_breakdown": [],
        "computed_cost": null,
        "cost_history": [],
    });
    assert_eq!(answer["result"], plus(full_json(), detail));
}

#[tokio::test]
async fn what_is_unknown_is_null_and_never_zero() {
    let test = with(vec![bare_row(1)]);
    let answer = test.get(&format!("{LOGS}/{}", log_id(1))).await.ok();
    let nulls = [
        "model_type",
        "request_content_type",
        "response_content_type",
        "status_code",
        "upstream_status_code",
        "ttft_ms",
        "tokens_in",
        "tokens_out",
        "usage_metadata",
        "cost",
        "price_id",
        "metadata",
        "key_id",
        "user_agent",
        "finish_reason",
    ];
    let mut expected = full_json();
    for key in nulls {
        expected[key] = Value::Null;
    }
    let rest = json!({
        "event_id": log_id(1),
        "model": "",
        "request_type": "compat",
        "compatibilityMode": true,
        "success": false,
        "timings": {"total": 1200, "latency": null},
        "authentication": false,
        "stream": false,
        "error": {"code": "timeout", "message": "no answer in time"},
        "payload_stored": false,
        "payload_reason": "too_large",
        "request_head": null,
        "request_head_complete": false,
        "request_size": 17,
        "response_head": null,
        "response_head_complete": false,
        "response_size": 0,
        "cost_by": null,
        "cost_breakdown": [],
        "computed_cost": null,
        "cost_history": [],
    });
    assert_eq!(answer["result"], plus(expected, rest));
}

#[tokio::test]
async fn pages_run_newest_first_or_oldest_first_to_an_empty_one() {
    let test = with((1..=5).map(full_row).collect());
    let cases = [
        ("per_page=2", &[5, 4][..]),
        ("per_page=2&page=3", &[1]),
        ("per_page=2&page=4", &[]),
        ("page=18446744073709551615", &[]),
        ("per_page=2&order_by=created_at&order_by_direction=asc", &[1, 2]),
        ("per_page=2&direction=asc", &[1, 2]),
        ("per_page=2&direction=asc&order_by_direction=desc", &[5, 4]),
        ("per_page=2&search=&meta_info=false&limit=1", &[5, 4]),
    ];
    for (query, expected) in cases {
        let answer = test.get(&format!("{LOGS}?{query}")).await.ok();
        let ids: Vec<&Value> =
            answer["result"].as_array().unwrap().iter().map(|row| &row["id"]).collect();
        let expected: Vec<Value> = expected.iter().map(|n| json!(log_id(*n))).collect();
        assert_eq!(ids, expected.iter().collect::<Vec<_>>(), "{query}");
        assert_eq!(answer["result_info"]["total_count"], 5);
    }
}

#[tokio::test]
async fn bodies_come_raw_with_their_own_type() {
    let test = with(vec![full_row(1)]);
    let request = test.get(&format!("{LOGS}/{}/request", log_id(1))).await;
    assert_eq!(request.status, 200);
    assert_eq!(request.headers["content-type"], "application/json");
    assert_eq!(request.body, br#"{"model":"gpt"}"#);

    let response = test.get(&format!("{LOGS}/{}/response", log_id(1))).await;
    assert_eq!(response.headers["content-type"], "text/event-stream; charset=utf-8");
    assert_eq!(response.headers["x-content-type-options"], "nosniff");
    assert_eq!(response.body.len(), 9000);
}

#[tokio::test]
async fn a_body_without_a_usable_type_is_plain_bytes() {
    let payload = Payload::Stored { request: vec![0xff], response: Vec::new() };
    let row = LogRecord {
        request_content_type: Some("text/plain\r\nx: y".into()),
        response_content_type: None,
        payload,
        ..full_row(1)
    };
    let test = with(vec![row]);
    for (side, length) in [("request", 1), ("response", 0)] {
        let answer = test.get(&format!("{LOGS}/{}/{side}", log_id(1))).await;
        assert_eq!((answer.status.as_u16(), answer.body.len()), (200, length));
        assert_eq!(answer.headers["content-type"], "application/octet-stream");
    }
}

#[tokio::test]
async fn a_body_that_is_not_kept_is_not_found() {
    let test = with(vec![bare_row(1)]);
    for side in ["request", "response"] {
        let error = test.get(&format!("{LOGS}/{}/{side}", log_id(1))).await.error(404, 7002);
        let message = format!("the {side} body of this log is not kept (too_large)");
        assert_eq!(error["message"], message);
    }
}

#[tokio::test]
async fn a_log_is_found_in_its_own_gateway_only() {
    let foreign = LogRecord { gateway: "default".into(), ..full_row(2) };
    let test = with(vec![full_row(1), foreign]);
    assert_eq!(test.get(LOGS).await.ok()["result_info"]["total_count"], 1);
    for id in [log_id(2).to_string(), "01ARZ3NDEKTSV4RRFFQ69G5FAV".into(), "x".into()] {
        for tail in ["", "/request", "/response"] {
            test.get(&format!("{LOGS}/{id}{tail}")).await.error(404, 7002);
        }
    }
    test.get(&LOGS.replace("shop", "nope")).await.error(404, 7002);
}

#[tokio::test]
async fn a_broken_store_is_reported_without_its_reasons() {
    let test = TestApi::with_logs(FakeLogs::broken());
    for uri in [LOGS, &format!("{LOGS}/{}", log_id(1))] {
        let error = test.get(uri).await.error(503, 2005);
        assert_eq!(error["message"], "The store is not available now");
    }
}
