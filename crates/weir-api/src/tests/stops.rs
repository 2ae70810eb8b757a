//! The kill switch.

use http::Method;
use serde_json::{Value, json};
use weir_core::stop::{Stop, Stopped};
use weir_core::{Permission, Timestamp};

use super::TestApi;

const STOPS: &str = "/client/v4/accounts/acc1/ai-gateway/stops";

fn is_stopped(test: &TestApi, what: Stopped, value: &str) -> bool {
    let snapshot = test.api().configuration.snapshot();
    snapshot.stop(&"acc1".into(), what, value).is_some_and(|stop| stop.holds(Timestamp::now()))
}

#[tokio::test]
async fn a_stop_holds_at_once_and_until_it_is_lifted() {
    let test = TestApi::new();
    let body = json!({"what": "session", "value": "run/7", "reason": "runs wild"});
    let made = test.post(STOPS, &body).await.ok()["result"].clone();
    assert_eq!((&made["id"], &made["active"]), (&json!("session:run/7"), &json!(true)));
    assert!(is_stopped(&test, Stopped::Session, "run/7"));
    let one = format!("{STOPS}/session:run%2F7");
    assert_eq!(test.get(&one).await.ok()["result"], made);
    assert_eq!(test.delete(&one).await.ok()["result"]["value"], "run/7");
    assert!(!is_stopped(&test, Stopped::Session, "run/7"));
    test.delete(&one).await.error(404, 7002);
}

#[tokio::test]
async fn the_same_stop_twice_is_one() {
    let test = TestApi::new();
    let body = json!({"what": "user", "value": "u1"});
    let first = test.post(STOPS, &body).await.ok()["result"].clone();
    let generation = test.api().configuration.snapshot().generation();
    assert_eq!(test.post(STOPS, &body).await.ok()["result"], first);
    assert_eq!(test.api().configuration.snapshot().generation(), generation);
    let longer = json!({"what": "user", "value": "u1", "expires_at": "2999-01-01T00:00:00Z"});
    let second = test.post(STOPS, &longer).await.ok()["result"].clone();
    assert_eq!(second["created_at"], first["created_at"]);
    assert_eq!(test.get(STOPS).await.ok()["result"], json!([second]));
}

#[tokio::test]
async fn stops_that_have_ended_are_cleared_away() {
    let test = TestApi::new();
    let ended = Stop {
        id: "user:old".into(),
        account_id: "acc1".into(),
        what: Stopped::User,
        value: "old".to_owned(),
        reason: None,
        created_at: Timestamp::from_millis(1),
        expires_at: Some(Timestamp::from_millis(2)),
    };
    let put = |_: &weir_core::config::Configuration, changes: &mut weir_core::config::Changes| {
        changes.put(ended.clone());
        Ok::<_, std::convert::Infallible>(())
    };
    let actor = weir_core::audit::Actor::system("test");
    test.api().configuration.change(&actor, put).await.unwrap();
    assert_eq!(test.get(STOPS).await.ok()["result"][0]["active"], false);
    test.post(STOPS, &json!({"what": "user", "value": "new"})).await.ok();
    let list = test.get(STOPS).await.ok()["result"].clone();
    assert_eq!((list.as_array().unwrap().len(), &list[0]["value"]), (1, &json!("new")));
}

#[tokio::test]
async fn only_what_can_be_stopped_is() {
    let test = TestApi::new();
    for (body, path) in [
        (json!({"what": "model", "value": "x"}), "what"),
        (json!({"what": "user", "value": ""}), "value"),
        (json!({"what": "token", "value": "nobody"}), "value"),
        (json!({"what": "user", "value": "x", "expires_at": "2020-01-01T00:00:00Z"}), "expires_at"),
        (json!({"what": "user", "value": "x", "reason": ""}), "reason"),
    ] {
        let error = test.post(STOPS, &body).await.error(400, 7001);
        assert_eq!(error["path"], json!(["body", path]), "{body}");
    }
    test.post(STOPS, &json!({"what": "token", "value": "tok-*"})).await.ok();
    let body = json!({"what": "user", "value": "x"});
    test.call_as(Permission::Read, Method::POST, STOPS, &body).await.error(403, 10000);
    test.post(STOPS, &body).await.ok();
    let count = |list: Value| list["result"].as_array().unwrap().len();
    assert_eq!(count(test.get(&format!("{STOPS}?what=token")).await.ok()), 1);
    assert_eq!(count(test.get(&format!("{STOPS}?search=tok")).await.ok()), 1);
    let audit = "/client/v4/accounts/acc1/ai-gateway/audit?resource_type=stop";
    assert_eq!(count(test.get(audit).await.ok()), 2);
}
