use serde_json::{Value, json};

use super::super::failure;
use crate::canonical::Failure;

#[test]
fn types_follow_the_status() {
    let check = |status: u16, expected: &str| {
        let body: Value = serde_json::from_slice(&failure(&Failure::new(status, "m\"m"))).unwrap();
        let error = json!({"type": expected, "message": "m\"m"});
        assert_eq!(body, json!({"type": "error", "error": error}));
    };
    check(400, "invalid_request_error");
    check(401, "authentication_error");
    check(402, "billing_error");
    check(403, "permission_error");
    check(404, "not_found_error");
    check(413, "request_too_large");
    check(422, "invalid_request_error");
    check(429, "rate_limit_error");
    check(500, "api_error");
    check(502, "api_error");
    check(503, "overloaded_error");
    check(504, "timeout_error");
    check(529, "overloaded_error");
}

#[test]
fn a_client_learns_that_nobody_holds_its_thread() {
    let refused = Failure { param: Some("thread".to_owned()), ..Failure::new(400, "m") };
    let body: Value = serde_json::from_slice(&failure(&refused)).unwrap();
    let details = json!({"error_code": "thread_unsupported_request", "unsupported": ["thread"]});
    assert_eq!(body["error"]["details"], details);
    assert_eq!(body["error"]["message"], "m");
}
