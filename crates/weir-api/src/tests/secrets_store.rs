//! Stores, and secrets that go in and never come out.

use futures_util::future::join_all;
use http::Method;
use serde_json::{Value, json};
use weir_core::Permission;
use weir_core::secrets::StoredSecret;

use super::custom_providers::trail;
use super::{GATEWAYS, TestApi};

const STORES: &str = "/client/v4/accounts/acc1/secrets_store/stores";
const QUOTA: &str = "/client/v4/accounts/acc1/secrets_store/quota";
const CANARY: &str = "sk-canary-0123456789";

/// Makes a store; gives the address of its secrets.
pub(super) async fn store(test: &TestApi, name: &str) -> String {
    let made = test.post(STORES, &json!({"name": name})).await.ok();
    format!("{STORES}/{}/secrets", made["result"]["id"].as_str().unwrap())
}

pub(super) fn new_secret(name: &str) -> Value {
    json!({"name": name, "value": CANARY, "scopes": ["ai_gateway"]})
}

/// Makes a secret; gives its id.
pub(super) async fn secret(test: &TestApi, secrets: &str, name: &str) -> String {
    let made = test.post(secrets, &json!([new_secret(name)])).await.ok();
    made["result"][0]["id"].as_str().unwrap().to_owned()
}

/// The value that a vault would open.
pub(super) async fn opened(test: &TestApi, id: &str) -> String {
    let api = test.api();
    let snapshot = api.configuration.snapshot();
    let account = "acc1".into();
    let secret = snapshot.configuration().get::<StoredSecret>(&account, id).unwrap();
    let purpose = StoredSecret::purpose(id);
    let clear = api.vault.open(&account, &purpose, &secret.sealed).await.unwrap();
    String::from_utf8(clear.expose().clone()).unwrap()
}

fn names(answer: &Value) -> Vec<&str> {
    let rows = answer["result"].as_array().unwrap();
    rows.iter().map(|row| row["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_store_lives_and_dies() {
    let test = TestApi::new();
    let made = test.post(STORES, &json!({"name": "keys"})).await.ok()["result"].clone();
    assert_eq!(made["id"].as_str().unwrap().len(), 32);
    let error = test.post(STORES, &json!({"name": "keys"})).await.error(400, 7001);
    assert_eq!(error["message"], "a store named keys already exists");
    for bad in [json!({}), json!({"name": ""}), json!({"name": 1}), json!([])] {
        test.post(STORES, &bad).await.error(400, 7001);
    }
    let uri = format!("{STORES}/{}", made["id"].as_str().unwrap());
    assert_eq!(test.get(&uri).await.ok()["result"], made);
    test.delete(&uri).await.ok();
    test.get(&uri).await.error(404, 7002);
    test.delete(&uri).await.error(404, 7002);
    test.get(&format!("{uri}/secrets")).await.error(404, 7002);
    test.post(&format!("{uri}/secrets"), &json!([new_secret("x")])).await.error(404, 7002);
}

#[tokio::test]
async fn a_store_with_secrets_goes_by_force_only() {
    let test = TestApi::new();
    let secrets = store(&test, "keys").await;
    secret(&test, &secrets, "one").await;
    let uri = secrets.strip_suffix("/secrets").unwrap();
    let error = test.delete(uri).await.error(409, 7001);
    assert!(error["message"].as_str().unwrap().contains("force=true"), "{error}");
    test.delete(&format!("{uri}?force=false")).await.error(409, 7001);
    test.delete(&format!("{uri}?force=1")).await.error(400, 7001);
    test.delete(&format!("{uri}?force=true")).await.ok();
    assert_eq!(test.get(QUOTA).await.ok()["result"]["secrets"]["usage"], 0);
}

#[tokio::test]
async fn a_store_that_a_gateway_names_stays() {
    let test = TestApi::new();
    let secrets = store(&test, "keys").await;
    let uri = secrets.strip_suffix("/secrets").unwrap();
    let gateway = json!({
        "cache_invalidate_on_update": true, "cache_ttl": 0, "collect_logs": true,
        "rate_limiting_interval": 0, "rate_limiting_limit": 0,
        "store_id": uri.rsplit_once('/').unwrap().1
    });
    test.put(&format!("{GATEWAYS}/shop"), &gateway).await.ok();
    let error = test.delete(&format!("{uri}?force=true")).await.error(400, 7001);
    assert!(error["message"].as_str().unwrap().contains("gateway shop"), "{error}");
}

#[tokio::test]
async fn a_value_is_sealed_and_never_shown() {
    let test = TestApi::new();
    let secrets = store(&test, "keys").await;
    let made = test.post(&secrets, &json!([new_secret("one")])).await;
    let shown = made.ok()["result"][0].clone();
    assert_eq!((&shown["status"], &shown["comment"]), (&json!("active"), &Value::Null));
    let id = shown["id"].as_str().unwrap().to_owned();
    let uri = format!("{secrets}/{id}");
    assert_eq!(opened(&test, &id).await, CANARY);
    let copy = json!({"name": "two", "scopes": [], "comment": "a copy"});
    let copied = test.post(&format!("{uri}/duplicate"), &copy).await;
    let copy_id = copied.ok()["result"]["id"].as_str().unwrap().to_owned();
    assert_eq!(opened(&test, &copy_id).await, CANARY);
    let changed = json!({"value": format!("{CANARY}-2"), "comment": "c"});
    let answers = [
        made,
        copied,
        test.get(&uri).await,
        test.get(&secrets).await,
        test.patch(&uri, &changed).await,
        test.patch(&uri, &json!({"value": 7})).await,
        test.post(&secrets, &json!([new_secret("one")])).await,
        test.delete(&uri).await,
    ];
    for answer in answers {
        assert!(!String::from_utf8(answer.body).unwrap().contains("canary"));
    }
    assert!(!trail(&test).await.contains("canary"));
    assert_eq!(opened(&test, &copy_id).await, CANARY);
}

#[tokio::test]
async fn a_secret_is_changed_in_part_and_written_back_as_read() {
    let test = TestApi::new();
    let secrets = store(&test, "keys").await;
    let id = secret(&test, &secrets, "one").await;
    let uri = format!("{secrets}/{id}");
    let result = test.patch(&uri, &json!({"comment": "c"})).await.ok()["result"].clone();
    assert_eq!((&result["comment"], &result["scopes"]), (&json!("c"), &json!(["ai_gateway"])));
    let written = test.patch(&uri, &result).await.ok();
    assert_eq!(written["messages"], json!([]));
    assert_eq!(opened(&test, &id).await, CANARY);
    let changed = json!({"comment": null, "scopes": ["workers"], "value": "new"});
    let result = test.patch(&uri, &changed).await.ok()["result"].clone();
    assert_eq!((&result["comment"], &result["scopes"]), (&Value::Null, &json!(["workers"])));
    assert_eq!(opened(&test, &id).await, "new");
}

#[tokio::test]
async fn every_bound_is_kept_and_a_batch_is_made_whole_or_not_at_all() {
    let test = TestApi::new();
    let secrets = store(&test, "keys").await;
    let cases = [
        ("name", json!("")),
        ("name", json!("x".repeat(256))),
        ("name", Value::Null),
        ("value", json!("")),
        ("value", json!(1)),
        ("value", json!("x".repeat(65_537))),
        ("value", json!("ä".repeat(32_769))),
        ("scopes", json!(["nothing"])),
        ("scopes", json!("ai_gateway")),
        ("scopes", Value::Null),
        ("comment", json!(1)),
    ];
    for (name, value) in cases {
        let mut bad = new_secret("bad");
        bad[name] = value;
        let error = test.post(&secrets, &json!([new_secret("good"), bad])).await.error(400, 7001);
        assert_eq!(
            error["path"].as_array().unwrap()[..3],
            [json!("body"), json!("1"), json!(name)]
        );
    }
    let mut without = new_secret("x");
    without.as_object_mut().unwrap().remove("value");
    let twice = json!([new_secret("a"), new_secret("a")]);
    for bad in [json!([]), new_secret("x"), json!([without]), twice] {
        test.post(&secrets, &bad).await.error(400, 7001);
    }
    let many: Vec<Value> = (0..101).map(|n| new_secret(&n.to_string())).collect();
    test.post(&secrets, &json!(many)).await.error(400, 7001);
    assert_eq!(test.get(&secrets).await.ok()["result"], json!([]));
    let mut most = new_secret("most");
    most["value"] = json!("x".repeat(65_536));
    test.post(&secrets, &json!([most])).await.ok();
    test.post(&secrets, &json!([new_secret("most")])).await.error(400, 7001);
    assert_eq!(test.get(QUOTA).await.ok()["result"]["secrets"]["usage"], 1);
}

#[tokio::test]
async fn lists_are_ordered_searched_and_paged() {
    let test = TestApi::new();
    let secrets = store(&test, "keys").await;
    store(&test, "another").await;
    let mut both = new_secret("b");
    both["comment"] = json!("Production");
    both["scopes"] = json!(["workers", "ai_gateway"]);
    let mut dex = new_secret("c");
    dex["scopes"] = json!(["dex"]);
    test.post(&secrets, &json!([new_secret("a"), both, dex])).await.ok();
    for (query, expected) in [
        ("order=name&direction=asc", vec!["a", "b", "c"]),
        ("order=name", vec!["c", "b", "a"]),
        ("order=comment&per_page=1", vec!["b"]),
        ("search=PROD", vec!["b"]),
        ("scopes=workers", vec!["b"]),
        ("scopes=workers&scopes=dex&order=name", vec!["c", "b"]),
        ("page=2&per_page=2&order=name", vec!["a"]),
        ("page=9", vec![]),
    ] {
        let answer = test.get(&format!("{secrets}?{query}")).await.ok();
        assert_eq!(names(&answer), expected, "{query}");
    }
    let stores = test.get(&format!("{STORES}?order=name&direction=asc")).await.ok();
    assert_eq!(names(&stores), ["another", "keys"]);
    for bad in ["order=value", "direction=up", "scopes=nothing", "per_page=101"] {
        test.get(&format!("{secrets}?{bad}")).await.error(400, 7001);
    }
    for order in ["created", "modified", "status"] {
        assert_eq!(names(&test.get(&format!("{secrets}?order={order}")).await.ok()).len(), 3);
    }
}

#[tokio::test]
async fn several_are_deleted_together_or_not_at_all() {
    let test = TestApi::new();
    let secrets = store(&test, "keys").await;
    let (a, b) = (secret(&test, &secrets, "a").await, secret(&test, &secrets, "b").await);
    let elsewhere = store(&test, "other").await;
    let c = secret(&test, &elsewhere, "c").await;
    for unknown in ["nowhere", &c] {
        let body = json!([{"id": a}, {"id": unknown}]);
        let error = test.call(Method::DELETE, &secrets, &body).await.error(400, 7001);
        assert_eq!(error["path"], json!(["body", "1", "id"]));
    }
    let nothing = test.delete(&secrets).await.ok();
    assert_eq!(nothing["result"], json!([]));
    assert!(nothing["messages"][0]["message"].as_str().unwrap().starts_with("no secret was named"));
    test.call(Method::DELETE, &secrets, &json!([{}])).await.error(400, 7001);
    assert_eq!(names(&test.get(&secrets).await.ok()).len(), 2);
    let gone = test.call(Method::DELETE, &secrets, &json!([{"id": a}, {"id": b}])).await.ok();
    assert_eq!(gone["result"][0]["status"], "deleted");
    assert_eq!(names(&test.get(&secrets).await.ok()).len(), 0);
    // A secret is found in its own store only.
    test.get(&format!("{secrets}/{c}")).await.error(404, 7002);
    test.patch(&format!("{secrets}/{c}"), &json!({})).await.error(404, 7002);
    test.delete(&format!("{secrets}/{c}")).await.error(404, 7002);
    test.delete(&format!("{elsewhere}/{c}")).await.ok();
}

#[tokio::test]
async fn of_many_at_once_one_gets_the_name() {
    let test = TestApi::new();
    let secrets = store(&test, "keys").await;
    let body = json!([new_secret("one")]);
    let answers = join_all((0..50).map(|_| test.post(&secrets, &body))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    let id = test.get(&secrets).await.ok()["result"][0]["id"].as_str().unwrap().to_owned();
    let uri = format!("{secrets}/{id}");
    let bodies: Vec<Value> = (0..50)
        .map(|n| if n % 2 == 0 { json!({"value": "v"}) } else { json!({"comment": "c"}) })
        .collect();
    join_all(bodies.iter().map(|body| test.patch(&uri, body))).await;
    assert_eq!(opened(&test, &id).await, "v");
    assert_eq!(test.get(&uri).await.ok()["result"]["comment"], "c");
}

#[tokio::test]
async fn gateway_permissions_open_no_secrets() {
    let test = TestApi::new();
    let secrets = store(&test, "keys").await;
    for permission in [Permission::Read, Permission::Write] {
        test.get_as(permission, &secrets).await.error(403, 10000);
        let body = json!([new_secret("x")]);
        test.call_as(permission, Method::POST, &secrets, &body).await.error(403, 10000);
    }
    test.get_as(Permission::SecretsRead, &secrets).await.ok();
    test.get_as(Permission::SecretsWrite, &secrets).await.ok();
    let body = json!([new_secret("x")]);
    test.call_as(Permission::SecretsRead, Method::POST, &secrets, &body).await.error(403, 10000);
}
