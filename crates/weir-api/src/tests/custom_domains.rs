//! Hosts under which gateways answer.

use http::Method;
use serde_json::{Value, json};

use super::fake_logs::FakeLogs;
use super::{GATEWAYS, TestApi, gateway};
use crate::Options;

const DOMAINS: &str = "/client/v4/accounts/acc1/ai-gateway/custom-domains";
const ISSUERS: &str = "/client/v4/accounts/acc1/ai-gateway/issuers";

async fn create(test: &TestApi, body: &Value) -> Value {
    test.post(DOMAINS, body).await.ok()["result"].clone()
}

fn one(domain: &Value) -> String {
    format!("{DOMAINS}/{}", domain["id"].as_str().unwrap())
}

#[tokio::test]
async fn a_domain_answers_when_it_is_active() {
    let test = TestApi::new();
    let made = create(&test, &json!({"hostname": "ai.example.com", "gateway_id": "shop"})).await;
    assert_eq!((&made["status"], &made["issuer_id"]), (&json!("pending_dcv"), &Value::Null));
    let found = |test: &TestApi| {
        let snapshot = test.api().configuration.snapshot();
        snapshot.domain("ai.example.com").map(|it| it.gateway_id.as_str().to_owned())
    };
    assert_eq!(found(&test), None);
    test.patch(&one(&made), &json!({"status": "active"})).await.ok();
    assert_eq!(found(&test).as_deref(), Some("shop"));
    test.patch(&one(&made), &json!({"gateway_id": "default"})).await.ok();
    assert_eq!(found(&test).as_deref(), Some("default"));
    let read = test.get(&one(&made)).await.ok()["result"].clone();
    let again = test.put(&one(&made), &read).await.ok();
    assert_eq!((&again["result"]["status"], &again["messages"]), (&json!("active"), &json!([])));
    let put = json!({"hostname": "ai.example.com", "gateway_id": "shop"});
    assert_eq!(test.put(&one(&made), &put).await.ok()["result"]["status"], "pending_dcv");
    assert_eq!(found(&test), None);
    test.delete(&one(&made)).await.ok();
    test.get(&one(&made)).await.error(404, 7002);
}

#[tokio::test]
async fn a_host_leads_to_one_gateway_of_one_account() {
    let gateways = [("acc1", "shop"), ("acc1", "two"), ("acc2", "other")];
    let gateways = gateways.map(|(account, id)| gateway(account, id, 1)).into();
    let test = TestApi::with(gateways, FakeLogs::default());
    create(&test, &json!({"hostname": "a.example", "gateway_id": "shop"})).await;
    let again = json!({"hostname": "a.example", "gateway_id": "two"});
    assert_eq!(
        test.post(DOMAINS, &again).await.error(400, 7001)["path"],
        json!(["body", "hostname"])
    );
    // Of another account, as its own API would make it.
    let taken = weir_core::access::CustomDomain {
        id: "d".into(),
        account_id: "acc2".into(),
        gateway_id: "other".into(),
        hostname: "b.example".to_owned(),
        status: weir_core::access::DomainStatus::PendingDcv,
        issuer_id: None,
        created_at: weir_core::Timestamp::now(),
        modified_at: weir_core::Timestamp::now(),
    };
    let put = |_: &weir_core::config::Configuration, changes: &mut weir_core::config::Changes| {
        changes.put(taken.clone());
        Ok::<_, std::convert::Infallible>(())
    };
    let actor = weir_core::audit::Actor::system("test");
    test.api().configuration.change(&actor, put).await.unwrap();
    let error = test.post(DOMAINS, &json!({"hostname": "b.example", "gateway_id": "two"})).await;
    let message = error.error(400, 7001)["message"].to_string();
    assert!(message.contains("taken") && !message.contains("acc2"), "{message}");
    let list = test.get(&format!("{DOMAINS}?gateway_id=shop&search=example")).await.ok();
    assert_eq!(list["result_info"]["total_count"], 1);
}

#[tokio::test]
async fn every_bound_is_kept() {
    let options =
        Options { public_url: Some("https://weir.example:8443".into()), ..Options::default() };
    let gateways = [gateway("acc1", "shop", 1), gateway("acc1", "two", 1)].into();
    let test = TestApi::with_options(gateways, FakeLogs::default(), options);
    let issuer = json!({
        "name": "n", "issuer": "https://i.example", "audiences": ["a"], "gateways": ["two"]
    });
    let issuer = test.post(ISSUERS, &issuer).await.ok()["result"]["id"].clone();
    for (body, path) in [
        (json!({"hostname": "AI.example.com", "gateway_id": "shop"}), "hostname"),
        (json!({"hostname": "ai.example.com:443", "gateway_id": "shop"}), "hostname"),
        (json!({"hostname": "localhost", "gateway_id": "shop"}), "hostname"),
        (json!({"hostname": "10.0.0.1", "gateway_id": "shop"}), "hostname"),
        (json!({"hostname": "weir.example", "gateway_id": "shop"}), "hostname"),
        (json!({"hostname": "a.example", "gateway_id": "none"}), "gateway_id"),
        (json!({"hostname": "a.example", "gateway_id": "shop", "status": "live"}), "status"),
        (json!({"hostname": "a.example", "gateway_id": "shop", "issuer_id": "none"}), "issuer_id"),
        (json!({"hostname": "a.example", "gateway_id": "shop", "issuer_id": issuer}), "issuer_id"),
        (json!({"hostname": "a.example"}), "gateway_id"),
        (json!({"gateway_id": "shop"}), "hostname"),
    ] {
        let error = test.post(DOMAINS, &body).await.error(400, 7001);
        assert_eq!(error["path"], json!(["body", path]), "{body}");
    }
    // The host that this very call names is the server's own, too.
    let headers = [("authorization", "Bearer tok-*"), ("host", "here.example:8080")];
    let body = json!({"hostname": "here.example", "gateway_id": "shop"}).to_string();
    let answer = test.send_body(Method::POST, DOMAINS, &headers, body.into()).await;
    assert_eq!(answer.error(400, 7001)["path"], json!(["body", "hostname"]));
    let made = create(&test, &json!({"hostname": "a.example", "gateway_id": "shop"})).await;
    let moved = test.patch(&one(&made), &json!({"hostname": "b.example"})).await;
    assert_eq!(moved.error(400, 7001)["path"], json!(["body", "hostname"]));
}

#[tokio::test]
async fn domains_go_away_with_their_gateway() {
    let test = TestApi::new();
    let body = json!({"hostname": "a.example", "gateway_id": "shop", "status": "active"});
    let made = create(&test, &body).await;
    test.delete(&format!("{GATEWAYS}/shop")).await.ok();
    test.get(&one(&made)).await.error(404, 7002);
    assert!(test.api().configuration.snapshot().domain("a.example").is_none());
}
