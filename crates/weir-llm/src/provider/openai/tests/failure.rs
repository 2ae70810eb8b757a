use serde_json::{Value, json};

use crate::canonical::Failure;
use crate::provider::Wire;

fn read(body: &Value) -> Failure {
    Wire::OpenAi.failure(400, &serde_json::to_vec(body).unwrap())
}

fn check(body: &Value, message: &str, kind: Option<&str>, code: Option<&str>, param: Option<&str>) {
    let own = |word: Option<&str>| word.map(str::to_owned);
    let (kind, code, param) = (own(kind), own(code), own(param));
    assert_eq!(read(body), Failure { status: 400, kind, code, param, message: message.to_owned() });
}

#[test]
fn every_shape_of_an_error() {
    let usual = json!({"error": {"message": "m", "type": "t", "param": "p", "code": "c"}});
    check(&usual, "m", Some("t"), Some("c"), Some("p"));
    check(&json!({"code": "c", "error": "m"}), "m", None, Some("c"), None);
    let mistral = json!({"object": "error", "message": "m", "type": "t", "param": null, "code": 3});
    check(&mistral, "m", Some("t"), Some("3"), None);
    let detail = json!({"detail": [{"loc": ["body", "messages", 0], "msg": "bad", "type": "x"}]});
    check(&detail, "messages.0: bad", None, None, Some("messages.0"));
    let nested = json!({"object": "error", "message": detail, "type": "t"});
    check(&nested, "messages.0: bad", Some("t"), None, Some("messages.0"));
    check(&json!({"detail": "m"}), "m", None, None, None);
    let workers =
        json!({"success": false, "errors": [{"code": 5, "message": "m"}], "result": null});
    check(&workers, "m", None, Some("5"), None);
    let google = json!([{"error": {"code": 400, "message": "m", "status": "INVALID_ARGUMENT"}}]);
    check(&google, "m", Some("INVALID_ARGUMENT"), Some("400"), None);
    check(&json!("m"), "m", None, None, None);
}

#[test]
fn bodies_that_are_no_json() {
    let message = |body: &str| Wire::OpenAi.failure(502, body.as_bytes()).message;
    assert_eq!(message(""), "the provider gave no reason");
    assert_eq!(message("upstream connect error"), "upstream connect error");
    let page = "<html><head><title> 502 Bad Gateway </title></head></html>";
    assert!(message(page).ends_with("a web page: 502 Bad Gateway"));
    assert_eq!(message(&"x".repeat(5000)).len(), 1003);
}
