//! The audit trail: what is in it, and who may read it.

use std::collections::BTreeSet;

use http::Method;
use serde_json::{Value, json};
use weir_core::Permission;

use super::{GATEWAYS, TestApi};
use crate::operation::Access;
use crate::routes::{METHODS, Route};

const AUDIT: &str = "/client/v4/accounts/acc1/ai-gateway/audit";
/// A credential that is put wherever one can be.
const CANARY: &str = "hunter2-canary";

/// A write, the path of the object it is about, and its body.
type Write = (&'static str, String, Value);

fn elements() -> Value {
    json!([
        {"id": "s", "type": "start", "outputs": {"next": {"elementId": "e"}}},
        {"id": "e", "type": "end", "outputs": {}}
    ])
}

fn gateway() -> Value {
    json!({
        "id": "new", "cache_invalidate_on_update": true, "cache_ttl": 300, "collect_logs": true,
        "rate_limiting_interval": null, "rate_limiting_limit": 0,
        "stripe": {"authorization": CANARY, "usage_events": []},
        "otel": [{"url": "https://otel.example", "headers": {"x-key": CANARY}}]
    })
}

fn policy() -> Value {
    json!({"name": "p", "actor": "all", "resource": "*", "action": {"type": "no-limit"}})
}

/// One write of each kind of [`writes_of_this_test`], on objects that are there.
async fn every_write(test: &TestApi) -> Vec<Write> {
    let shop = format!("{GATEWAYS}/shop");
    let (routes, policies) = (format!("{shop}/routes"), format!("{shop}/policies"));
    let tokens = "/client/v4/accounts/acc1/tokens".to_owned();
    let make = async |uri: &str, body: Value| {
        let made = test.post(uri, &body).await.ok()["result"].clone();
        (format!("{uri}/{}", made["id"].as_str().unwrap()), made)
    };
    let (route, made) = make(&routes, json!({"name": "a", "elements": elements()})).await;
    let version = made["version"]["version_id"].clone();
    let (token, _) = make(&tokens, json!({"name": "t", "permissions": ["*"]})).await;
    let (policy_path, _) = make(&format!("{policies}?commit=true"), policy()).await;
    let policy_path = policy_path.replace("?commit=true", "");
    make(&policies, policy()).await;
    let mut changed = gateway();
    changed["cache_ttl"] = json!(1);
    vec![
        ("createGateway", GATEWAYS.to_owned(), gateway()),
        ("replaceGateway", format!("{GATEWAYS}/new"), changed),
        ("deleteGateway", format!("{GATEWAYS}/new"), Value::Null),
        ("createRoute", routes, json!({"name": "b", "elements": elements()})),
        ("renameRoute", route.clone(), json!({"name": "c"})),
        ("createRouteVersion", format!("{route}/versions"), json!({"elements": elements()})),
        ("deployRouteVersion", format!("{route}/deployments"), json!({"version_id": version})),
        ("deleteRoute", route, Value::Null),
        ("createPolicy", policies.clone(), policy()),
        ("replacePolicy", policy_path.clone(), json!({"name": "q"})),
        ("deletePolicy", policy_path, Value::Null),
        ("createToken", tokens, json!({"name": "u", "permissions": ["AI Gateway Run"]})),
        ("replaceToken", token.clone(), json!({"name": "v"})),
        ("rollTokenValue", format!("{token}/value"), json!({})),
        ("revokeToken", token, Value::Null),
    ]
}

/// Ids of the routes that write gateways, routes, policies or tokens. Other resources show in
/// their own tests what they leave behind.
fn writes_of_this_test(routes: &[Route]) -> BTreeSet<&'static str> {
    let writes = routes.iter().filter(|route| {
        let (_, name) = METHODS.into_iter().find(|(method, _)| *method == route.method).unwrap();
        let shown = ["routes", "policies", "tokens"];
        let about = |part: &str| shown.contains(&part);
        let is_gateway = route.path.ends_with("/gateways") || route.path.ends_with("/{gateway_id}");
        let changes = matches!(route.access, Access::Holds(Permission::Write | Permission::All));
        name != "get" && changes && (is_gateway || route.path.split('/').any(about))
    });
    writes.map(|route| route.operation.id).collect()
}

async fn total(test: &TestApi) -> u64 {
    test.get(AUDIT).await.ok()["result_info"]["total_count"].as_u64().unwrap()
}

#[tokio::test]
async fn every_write_leaves_one_record_and_no_secret() {
    let test = TestApi::new();
    let writes = every_write(&test).await;
    // The commit of drafts is one write of several objects; policies show that for themselves.
    let mut shown: BTreeSet<&str> = writes.iter().map(|(id, ..)| *id).collect();
    shown.insert("commitPolicies");
    assert_eq!(shown, writes_of_this_test(&test.routes));
    let mut values = vec![CANARY.to_owned()];
    for (id, uri, body) in writes {
        let before = total(&test).await;
        let route = test.routes.iter().find(|route| route.operation.id == id).unwrap();
        let (_, name) = METHODS.into_iter().find(|(method, _)| *method == route.method).unwrap();
        let method: Method = name.to_uppercase().parse().unwrap();
        let answer = if body.is_null() {
            test.delete(&uri).await
        } else {
            test.call(method, &uri, &body).await
        };
        let answer = answer.ok();
        for value in [&answer["result"], &answer["result"]["value"]] {
            values
                .extend(value.as_str().filter(|text| text.starts_with("weir_")).map(str::to_owned));
        }
        assert_eq!(total(&test).await, before + 1, "{id}");
        let newest = test.get(&format!("{AUDIT}?per_page=1")).await.ok()["result"][0].clone();
        assert_eq!(newest["actor"]["id"], "tok-*", "{id}");
        let changed = newest["before"] != newest["after"];
        assert!(changed, "{id}: {newest}");
    }
    assert_eq!(values.len(), 3);
    let trail = String::from_utf8(test.get(&format!("{AUDIT}?per_page=100")).await.body).unwrap();
    for value in values {
        assert!(!trail.contains(&value), "a secret is on record");
    }
    let hashes = trail.matches("\"hash\":").count();
    assert!(hashes > 0 && hashes == trail.matches("\"hash\":\"********\"").count());
}

#[tokio::test]
async fn a_refused_write_leaves_nothing() {
    let test = TestApi::new();
    assert_eq!(test.post(GATEWAYS, &json!({"id": "x"})).await.status, 400);
    test.delete(&format!("{GATEWAYS}/none")).await.error(404, 7002);
    assert_eq!(total(&test).await, 0);
}

#[tokio::test]
async fn records_are_found_by_what_they_say() {
    let test = TestApi::new();
    let body = json!({"name": "a", "elements": elements()});
    let route = test.post(&format!("{GATEWAYS}/shop/routes"), &body).await.ok();
    let id = route["result"]["id"].as_str().unwrap().to_owned();
    test.delete(&format!("{GATEWAYS}/shop/routes/{id}")).await.ok();
    test.post(GATEWAYS, &gateway()).await.ok();

    let all = test.get(AUDIT).await.ok();
    let rows = all["result"].as_array().unwrap();
    let deeds: Vec<(&str, &str)> = rows
        .iter()
        .map(|row| (row["action"].as_str().unwrap(), row["resource_type"].as_str().unwrap()))
        .collect();
    assert_eq!(deeds, [("create", "gateway"), ("delete", "route"), ("create", "route")]);
    assert_eq!((&rows[1]["after"], &rows[2]["before"]), (&Value::Null, &Value::Null));
    assert_eq!(rows[1]["before"]["name"], "a");
    assert_eq!((&rows[1]["gateway_id"], &rows[0]["gateway_id"]), (&json!("shop"), &json!("new")));
    let actor = json!({"type": "token", "id": "tok-*", "name": "tok-*", "ip": null});
    assert_eq!(rows[0]["actor"], actor);

    let time = rows[0]["time"].as_str().unwrap();
    let cases = [
        ("action=delete".to_owned(), 1),
        ("resource_type=route".to_owned(), 2),
        (format!("resource_id={id}"), 2),
        ("resource_id=none".to_owned(), 0),
        ("actor_id=tok-*".to_owned(), 3),
        ("actor_id=other".to_owned(), 0),
        ("until=2020-01-01T00:00:00Z".to_owned(), 0),
        ("since=2020-01-01T00:00:00Z".to_owned(), 3),
        (format!("until={time}"), 3),
        ("since=2999-01-01T00:00:00Z".to_owned(), 0),
        ("page=2&per_page=2".to_owned(), 1),
        ("page=9".to_owned(), 0),
        ("resource_type=route&action=create".to_owned(), 1),
    ];
    for (query, count) in cases {
        let page = test.get(&format!("{AUDIT}?{query}")).await.ok();
        assert_eq!(page["result"].as_array().unwrap().len(), count, "{query}");
    }
    for bad in ["action=rename", "since=today", "per_page=101", "page=0", "until="] {
        let answer = test.get(&format!("{AUDIT}?{bad}")).await;
        // An empty parameter counts as not given.
        if bad == "until=" { drop(answer.ok()) } else { drop(answer.error(400, 7001)) }
    }
    let same = test.get("/client/v4/accounts/acc1/audit_logs").await.ok();
    assert_eq!(same["result"], all["result"]);
    let shop = test.get(&format!("{GATEWAYS}/shop/audit")).await.ok();
    assert_eq!(shop["result"].as_array().unwrap(), &rows[1..]);
    test.get(&format!("{GATEWAYS}/none/audit")).await.error(404, 7002);
}

#[tokio::test]
async fn records_need_the_permission_to_read() {
    let test = TestApi::new();
    test.get_as(Permission::Read, AUDIT).await.ok();
    test.get_as(Permission::MetadataRead, AUDIT).await.error(403, 10000);
    test.get_as(Permission::Run, AUDIT).await.error(403, 10000);
}
