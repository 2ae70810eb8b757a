//! What the log and the caller are told.

use super::*;

fn headers(admission: &Admission, place: &Place, is_refusal: bool) -> Vec<(String, String)> {
    let mut headers = HeaderMap::new();
    admission.tell(&place.gateway, is_refusal, &mut headers);
    let text = |value: &http::HeaderValue| value.to_str().unwrap().to_owned();
    headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect()
}

fn told(limit: &str, remaining: &str, reset: &str) -> Vec<(String, String)> {
    [
        ("x-ratelimit-limit", limit),
        ("x-ratelimit-remaining", remaining),
        ("x-ratelimit-reset", reset),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec()
}

#[tokio::test]
async fn the_tightest_limit_is_told_to_those_who_want_it() {
    let mut place = Place::with_rules(&[
        r#"{"id":"wide","by":"gateway","unit":"requests","limit":100,"interval":3600}"#,
        r#"{"id":"tight","by":"token","unit":"requests","limit":2,"interval":60}"#,
        r#"{"id":"at-once","by":"token","unit":"concurrent","limit":1}"#,
    ]);
    place.wait(Duration::from_millis(20_500));
    let admission = place.request().await.unwrap();
    assert_eq!(headers(&admission, &place, false), [], "not unless the gateway says so");
    place.gateway.settings.rate_limit_headers = true;
    assert_eq!(headers(&admission, &place, false), told("2", "1", "40"), "rounded up");

    let waiting = place.admission();
    waiting.pass(&place.who()).await.unwrap_err();
    let mut at_once = told("1", "0", "0");
    at_once.push(("retry-after".to_owned(), "1".to_owned()));
    assert_eq!(headers(&waiting, &place, true), at_once);

    drop(admission);
    place.request().await.unwrap();
    let refused = place.admission();
    refused.pass(&place.who()).await.unwrap_err();
    let mut full = told("2", "0", "40");
    full.push(("retry-after".to_owned(), "40".to_owned()));
    assert_eq!(headers(&refused, &place, true), full);
}

#[tokio::test]
async fn the_trail_says_what_every_limit_stood_at() {
    let mut place = Place::with_rules(&[
        r#"{"id":"spent","by":"token","unit":"tokens","limit":500,"interval":10}"#,
    ]);
    place.gateway.settings.rate_limiting_limit = Some(5);
    place.gateway.settings.rate_limiting_interval = Some(60);
    place.request().await.unwrap();
    let admission = place.admission();
    admission.pass(&Applicant { estimated_tokens: 501, ..place.who() }).await.unwrap_err();
    let gateway = LimitTrail {
        name: "gateway".into(),
        unit: "requests".into(),
        of: None,
        limit: 5,
        window: Some(60),
        before: 1,
        after: 2,
        passed: true,
    };
    let spent = LimitTrail {
        name: "spent".into(),
        unit: "tokens".into(),
        of: Some("t1".into()),
        limit: 500,
        window: Some(10),
        before: 0,
        after: 0,
        passed: false,
    };
    assert_eq!(admission.trail(), [gateway, spent]);
}
