//! All rows at once.

use serde_json::Value;
use weir_core::{LogId, LogRecord, Timestamp};

use super::fake_logs::{FakeLogs, bare_row, full_row, log_id};
use super::{LOGS, TestApi};

fn text(body: Vec<u8>) -> String {
    String::from_utf8(body).unwrap()
}

#[tokio::test]
async fn every_row_comes_once_however_many_share_a_moment() {
    // More rows than a page has, of few moments.
    let rows = (0..1207_u32).map(|n| {
        let mut id = [0; 16];
        id[..4].copy_from_slice(&n.to_be_bytes());
        let at = Timestamp::from_millis(1_795_000_000_000 + i64::from(n / 300));
        LogRecord { id: LogId::from_bytes(id), created_at: at, ..bare_row(1) }
    });
    let rows: Vec<LogRecord> = rows.collect();
    let ids: Vec<String> = rows.iter().map(|row| row.id.to_string()).collect();
    let test = TestApi::with_logs(FakeLogs::of(rows));
    let answer = test.get(&format!("{LOGS}/export")).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.headers["content-type"], "application/x-ndjson");
    let lines = text(answer.body);
    let found: Vec<String> = lines
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .map(|row| row["id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(found, ids);
}

#[tokio::test]
async fn an_export_is_filtered_like_the_list_and_may_be_csv() {
    let metadata = Some(r#"{"team":"=a,b"}"#.into());
    let rows = vec![full_row(1), bare_row(2), LogRecord { metadata, ..full_row(3) }];
    let test = TestApi::with_logs(FakeLogs::of(rows));
    let uri = format!("{LOGS}/export?format=csv&filters.key=success&filters.operator=eq");
    let answer = test.get(&format!("{uri}&filters.value=true")).await;
    assert_eq!(answer.headers["content-type"], "text/csv; charset=utf-8");
    let csv = text(answer.body);
    let lines: Vec<&str> = csv.split("\r\n").collect();
    assert_eq!(lines.len(), 4);
    assert!(lines[0].starts_with("id,created_at,event_id"));
    assert!(lines[1].starts_with(&log_id(1).to_string()));
    assert!(lines[2].contains(r#""{""team"":""=a,b""}""#), "{}", lines[2]);
    test.get(&format!("{LOGS}/export?format=xml")).await.error(400, 7001);
    test.get(&format!("{LOGS}/export?filters=x")).await.error(400, 7001);
}

#[tokio::test]
async fn a_store_that_fails_is_an_error_and_no_broken_answer() {
    let test = TestApi::with_logs(FakeLogs::broken());
    test.get(&format!("{LOGS}/export")).await.error(503, 2005);
}
