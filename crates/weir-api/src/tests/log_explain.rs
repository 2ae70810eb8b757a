//! Why a request went the way it went.

use serde_json::json;
use weir_core::trail::{
    AttemptTrail, CredentialTrail, LimitTrail, Phases, PriceLine, PriceTrail, RouteTrail, Trail,
    Visit,
};
use weir_core::{Cost, LogRecord, Permission, Timestamp};

use super::fake_logs::{FakeLogs, full_row, log_id};
use super::{LOGS, TestApi};

fn limit() -> LimitTrail {
    LimitTrail {
        name: "gateway".into(),
        unit: "requests".into(),
        limit: 50,
        window: Some(60),
        before: 1,
        after: 2,
        passed: true,
        ..LimitTrail::default()
    }
}

fn route(elements: usize) -> RouteTrail {
    let visit = Visit { element: "e".into(), kind: "model".into(), ..Visit::default() };
    RouteTrail {
        id: "r".into(),
        name: "best".into(),
        version_id: "v".into(),
        path: vec![visit; elements],
    }
}

fn first() -> LogRecord {
    let trail = Trail {
        route: Some(route(1)),
        limits: vec![limit()],
        attempt: Some(AttemptTrail { of: 2, kind: "first".into(), ..AttemptTrail::default() }),
        ..Trail::default()
    };
    LogRecord {
        status_code: Some(503),
        upstream_status_code: Some(503),
        success: false,
        finish_reason: None,
        attempt_index: 0,
        duration_ms: 120,
        cost: Some(Cost::ZERO),
        trail: Some(Box::new(trail)),
        ..full_row(1)
    }
}

fn second() -> LogRecord {
    let line = PriceLine { unit: "input".into(), quantity: 10, cost: Cost::from_pico(20_000_000) };
    let trail = Trail {
        route: Some(route(2)),
        limits: vec![limit()],
        attempt: Some(AttemptTrail {
            index: 1,
            of: 2,
            kind: "retry".into(),
            after: Some("503".into()),
            waited_ms: Some(100),
            ..AttemptTrail::default()
        }),
        credential: Some(CredentialTrail {
            source: "request".into(),
            ..CredentialTrail::default()
        }),
        phases: Some(Phases { sent_us: Some(9), ended_us: 99, ..Phases::default() }),
        price: Some(PriceTrail {
            by: "list".into(),
            id: Some("p".into()),
            lines: vec![line],
            ..PriceTrail::default()
        }),
        ..Trail::default()
    };
    LogRecord { request_id: log_id(1), trail: Some(Box::new(trail)), ..full_row(2) }
}

fn explain(id: u8) -> String {
    format!("{LOGS}/{}/explain", log_id(id))
}

#[tokio::test]
async fn every_row_of_a_request_explains_the_whole_of_it() {
    let other = full_row(3);
    let test = TestApi::with_logs(FakeLogs::of(vec![second(), other, first()]));
    let answer = test.get(&explain(1)).await.ok();
    assert_eq!(test.get(&explain(2)).await.ok(), answer);
    let told = &answer["result"];
    assert_eq!(told["request"]["request_id"], log_id(1).to_string());
    assert_eq!((&told["request"]["status_code"], &told["recorded"]), (&json!(200), &json!(true)));
    assert_eq!(told["route"]["path"].as_array().unwrap().len(), 2, "the longer way");
    assert_eq!(told["limits"].as_array().unwrap().len(), 1, "asked once");
    assert_eq!((&told["cost"], &told["attempt_count"]), (&json!(0.00002), &json!(2)));
    let attempts = told["attempts"].as_array().unwrap();
    let shown = |key: &str| attempts.iter().map(|one| one[key].clone()).collect::<Vec<_>>();
    assert_eq!(shown("log_id"), [log_id(1).to_string(), log_id(2).to_string()]);
    assert_eq!(shown("kind"), ["first", "retry"]);
    assert_eq!(shown("ended"), ["failed", "answered"]);
    assert_eq!(shown("waited_ms"), [json!(null), json!(100)]);
    assert_eq!(attempts[1]["credential"], json!({"source": "request"}));
    assert_eq!(
        attempts[1]["timing"]["phases"],
        json!({"body_us": 0, "sent_us": 9, "ended_us": 99})
    );
    let lines = json!([{"unit": "input", "quantity": 10, "cost": "0.00002"}]);
    assert_eq!(attempts[1]["price"], json!({"by": "list", "id": "p", "lines": lines}));
    assert_eq!(
        told["summary"][2],
        "The first try at openai/gpt-4o-mini failed with 503 after 120 ms; a second try 100 ms \
         later succeeded after 1.2 s."
    );
}

#[tokio::test]
async fn a_row_without_decisions_says_so() {
    let test = TestApi::with_logs(FakeLogs::of(vec![full_row(1)]));
    let told = test.get(&explain(1)).await.ok();
    assert_eq!(told["result"]["recorded"], false);
    assert!(told["result"]["summary"][0].as_str().unwrap().contains("not recorded"));
    assert_eq!(told["result"]["attempts"][0]["price"], json!(null));
    test.get(&explain(9)).await.error(404, 7002);
}

#[tokio::test]
async fn the_search_for_other_rows_is_bounded() {
    let created_at = Timestamp::from_millis(second().created_at.as_millis() - 4_000_000);
    let long_ago = LogRecord { created_at, ..first() };
    let many = (10..80).map(|n| LogRecord { request_id: log_id(1), ..full_row(n) });
    let rows = [long_ago, second()].into_iter().chain(many).collect();
    let test = TestApi::with_logs(FakeLogs::of(rows));
    let told = test.get(&explain(2)).await.ok()["result"].clone();
    assert_eq!(told["attempt_count"], 71);
    assert_eq!(told["attempts"].as_array().unwrap().len(), 50);
    // A row that is asked for is shown, however many others there are.
    let last = test.get(&explain(79)).await.ok()["result"]["attempts"].clone();
    let of_79 = |one: &serde_json::Value| one["log_id"] == log_id(79).to_string();
    assert!(last.as_array().unwrap().iter().any(of_79));
}

#[tokio::test]
async fn whoever_may_see_the_row_may_see_why() {
    let test = TestApi::with_logs(FakeLogs::of(vec![first()]));
    test.get_as(Permission::MetadataRead, &explain(1)).await.ok();
    assert_eq!(test.get_as(Permission::Run, &explain(1)).await.status, 403);
}
