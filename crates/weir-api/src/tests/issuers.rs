//! Issuers of JSON web tokens.

use serde_json::{Value, json};
use weir_core::access::Issuer;

use super::fake_logs::FakeLogs;
use super::{GATEWAYS, TestApi};
use crate::Options;

const ISSUERS: &str = "/client/v4/accounts/acc1/ai-gateway/issuers";
const DOMAINS: &str = "/client/v4/accounts/acc1/ai-gateway/custom-domains";

fn team(more: &Value) -> Value {
    let mut body = json!({
        "name": "Team", "issuer": "https://team.example", "audiences": ["aud-1"]
    });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

async fn create(test: &TestApi, more: &Value) -> Value {
    test.post(ISSUERS, &team(more)).await.ok()["result"].clone()
}

fn one(issuer: &Value) -> String {
    format!("{ISSUERS}/{}", issuer["id"].as_str().unwrap())
}

#[tokio::test]
async fn an_issuer_is_shown_whole_and_can_be_written_back() {
    let test = TestApi::new();
    let made = create(&test, &json!({})).await;
    let claims =
        json!({"user_id": "sub", "email": "email", "groups": "groups", "country": "country"});
    assert_eq!((&made["claims"], &made["enabled"]), (&claims, &json!(true)));
    assert_eq!((&made["gateways"], &made["required"]), (&Value::Null, &json!({})));
    let full = json!({
        "name": "Full", "jwks_url": "https://team.example/keys", "gateways": ["shop"],
        "claims": {"groups": "realm.roles"}, "required": {"role": "dev"}, "enabled": false
    });
    let full = create(&test, &full).await;
    assert_eq!(full["claims"]["groups"], "realm.roles");
    assert_eq!(full["claims"]["user_id"], "sub");
    for made in [made, full] {
        let again = test.put(&one(&made), &made).await.ok();
        let mut written = again["result"].clone();
        written["modified_at"] = made["modified_at"].clone();
        assert_eq!((&written, &again["messages"]), (&made, &json!([])));
    }
    let snapshot = test.api().configuration.snapshot();
    assert_eq!(snapshot.issuers(&"acc1".into()).count(), 2);
}

#[tokio::test]
async fn a_change_keeps_the_rest_and_a_replacement_does_not() {
    let test = TestApi::new();
    let made = create(&test, &json!({"required": {"role": "dev"}})).await;
    let patched = test.patch(&one(&made), &json!({"enabled": false})).await.ok()["result"].clone();
    assert_eq!((&patched["enabled"], &patched["required"]), (&json!(false), &made["required"]));
    let put = test.put(&one(&made), &team(&json!({}))).await.ok()["result"].clone();
    assert_eq!((&put["enabled"], &put["required"]), (&json!(true), &json!({})));
}

#[tokio::test]
async fn every_bound_is_kept() {
    let test = TestApi::new();
    create(&test, &json!({"name": "taken"})).await;
    for (more, path) in [
        (json!({"name": "taken"}), json!(["body", "name"])),
        (json!({"issuer": "team.example"}), json!(["body", "issuer"])),
        (json!({"issuer": "http://team.example"}), json!(["body", "issuer"])),
        (json!({"issuer": "https://u:p@team.example"}), json!(["body", "issuer"])),
        (json!({"jwks_url": "http://team.example/keys"}), json!(["body", "jwks_url"])),
        (json!({"audiences": []}), json!(["body", "audiences"])),
        (json!({"audiences": [""]}), json!(["body", "audiences", "0"])),
        (json!({"gateways": []}), json!(["body", "gateways"])),
        (json!({"gateways": ["shop", "none"]}), json!(["body", "gateways", "1"])),
        (json!({"claims": {"user_id": ""}}), json!(["body", "claims", "user_id"])),
        (json!({"required": {"role": 1}}), json!(["body", "required", "role"])),
    ] {
        let error = test.post(ISSUERS, &team(&more)).await.error(400, 7001);
        assert_eq!(error["path"], path, "{more}");
    }
}

#[tokio::test]
async fn plain_http_is_for_operators_who_asked_for_it() {
    let options = Options { allow_http_providers: true, ..Options::default() };
    let test = TestApi::with_options(Vec::new(), FakeLogs::default(), options);
    let local = json!({"issuer": "http://127.0.0.1:9/", "jwks_url": "http://127.0.0.1:9/keys"});
    create(&test, &local).await;
}

#[tokio::test]
async fn an_issuer_that_a_domain_asks_for_stays() {
    let test = TestApi::new();
    let made = create(&test, &json!({})).await;
    let domain =
        json!({"hostname": "ai.example.com", "gateway_id": "shop", "issuer_id": made["id"]});
    let domain = test.post(DOMAINS, &domain).await.ok()["result"].clone();
    let error = test.delete(&one(&made)).await.error(400, 7001);
    assert!(error["message"].as_str().unwrap().contains("ai.example.com"), "{error}");
    test.delete(&format!("{DOMAINS}/{}", domain["id"].as_str().unwrap())).await.ok();
    test.delete(&one(&made)).await.ok();
    test.delete(&one(&made)).await.error(404, 7002);
    let snapshot = test.api().configuration.snapshot();
    assert_eq!(snapshot.configuration().of::<Issuer>(&"acc1".into()).count(), 0);
    test.delete(&format!("{GATEWAYS}/shop")).await.ok();
}
