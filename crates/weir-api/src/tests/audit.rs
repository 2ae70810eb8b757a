//! The audit trail: what is in it, and who may read it.

use std::collections::BTreeSet;

use axum::routing::MethodFilter;
use http::Method;
use serde_json::{Value, json};
use weir_core::Permission;

use super::fake_logs::{FakeLogs, full_row, log_id};
use super::{GATEWAYS, LOGS, TestApi};
use crate::operation::Access;
use crate::routes::{METHODS, Route};

const AUDIT: &str = "/client/v4/accounts/acc1/ai-gateway/audit";
/// A credential that is put wherever one can be.
const CANARY: &str = "hunter2-canary";

/// A write of an object that is there, or of a new one.
struct Write {
    operation: &'static str,
    uri: String,
    body: Value,
    /// Objects that change, each of which leaves a record.
    objects: u64,
}

fn write(operation: &'static str, uri: impl Into<String>, body: Value) -> Write {
    Write { operation, uri: uri.into(), body, objects: 1 }
}

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

/// Makes an object by a write; gives its address and itself.
async fn make(test: &TestApi, uri: &str, body: Value) -> (String, Value) {
    let made = test.post(uri, &body).await.ok()["result"].clone();
    let made = if made.is_array() { made[0].clone() } else { made };
    let list = uri.split('?').next().unwrap();
    (format!("{list}/{}", made["id"].as_str().unwrap()), made)
}

/// One write of each kind, in an order in which all of them succeed.
async fn every_write(test: &TestApi) -> Vec<Write> {
    let mut writes = Vec::new();
    for some in [
        account_writes(test).await,
        access_writes(test).await,
        budget_writes(test).await,
        secret_writes(test).await,
        gateway_writes(test).await,
        log_writes(),
    ] {
        writes.extend(some);
    }
    writes
}

async fn account_writes(test: &TestApi) -> Vec<Write> {
    let ai_gateway = "/client/v4/accounts/acc1/ai-gateway";
    let topup = format!("{ai_gateway}/billing/topup");
    let providers = format!("{ai_gateway}/custom-providers");
    let costs = format!("{providers}/costs");
    let tokens = "/client/v4/accounts/acc1/tokens";
    let own_pricing = format!("{}/pricing", LOGS.trim_end_matches("/logs"));
    let pricing = format!("{ai_gateway}/pricing");
    let row = json!({"provider": "openai", "model": "m", "per_million_tokens": {"input": "1"}});
    let provider = |slug: &str| {
        json!({"name": slug, "slug": slug, "base_url": "https://h.example",
               "headers": json!({"x-key": CANARY}).to_string()})
    };
    let (one, made) = make(test, &providers, provider("one")).await;
    let cost = |model: &str| json!({"account_provider_id": made["id"], "model": model, "cost_in": 1, "cost_out": 2});
    let (price, _) = make(test, &costs, cost("a")).await;
    let (token, _) = make(test, tokens, json!({"name": "t", "permissions": ["*"]})).await;
    vec![
        write("createTopup", topup.clone(), json!({"amount": 1000})),
        write(
            "createAdjustment",
            format!("{ai_gateway}/billing/adjustments"),
            json!({"amount": -1, "note": "x"}),
        ),
        write(
            "setTopupConfig",
            format!("{topup}/config"),
            json!({"amount": 1000, "threshold": 500}),
        ),
        write("deleteTopupConfig", format!("{topup}/config"), Value::Null),
        write("createCustomProvider", providers, provider("two")),
        write("editCustomProvider", one.clone(), json!({"name": "renamed"})),
        write("createProviderCost", costs, cost("b")),
        write("editProviderCost", price.clone(), json!({"cost_in": 3})),
        write("deleteProviderCost", price, Value::Null),
        // With the price that is left.
        Write { objects: 2, ..write("deleteCustomProvider", one, Value::Null) },
        write("putPricing", pricing.clone(), json!({"models": [row]})),
        write("deletePricing", pricing, Value::Null),
        write("putGatewayPricing", own_pricing.clone(), json!({"models": [row]})),
        write("deleteGatewayPricing", own_pricing, Value::Null),
        write("createToken", tokens, json!({"name": "u", "permissions": ["AI Gateway Run"]})),
        write("replaceToken", token.clone(), json!({"name": "v"})),
        Write { objects: 2, ..write("rollTokenValue", format!("{token}/value"), json!({})) },
        write("revokeToken", token, Value::Null),
    ]
}

async fn access_writes(test: &TestApi) -> Vec<Write> {
    let ai_gateway = "/client/v4/accounts/acc1/ai-gateway";
    let (issuers, domains) =
        (format!("{ai_gateway}/issuers"), format!("{ai_gateway}/custom-domains"));
    let issuer =
        |name: &str| json!({"name": name, "issuer": "https://i.example", "audiences": ["a"]});
    let domain = |host: &str| json!({"hostname": host, "gateway_id": "shop"});
    let (one_issuer, _) = make(test, &issuers, issuer("a")).await;
    let (one_domain, _) = make(test, &domains, domain("a.example")).await;
    vec![
        write("createIssuer", issuers, issuer("b")),
        write("replaceIssuer", one_issuer.clone(), issuer("c")),
        write("changeIssuer", one_issuer.clone(), json!({"enabled": false})),
        write("deleteIssuer", one_issuer, Value::Null),
        write("createCustomDomain", domains, domain("b.example")),
        write("replaceCustomDomain", one_domain.clone(), domain("a.example")),
        write("changeCustomDomain", one_domain.clone(), json!({"status": "active"})),
        write("deleteCustomDomain", one_domain, Value::Null),
    ]
}

async fn budget_writes(test: &TestApi) -> Vec<Write> {
    let ai_gateway = "/client/v4/accounts/acc1/ai-gateway";
    let (budgets, stops) = (format!("{ai_gateway}/budgets"), format!("{ai_gateway}/stops"));
    let budget = |name: &str| json!({"name": name, "by": "account", "unit": "requests", "limit": 1, "period": "daily"});
    let (one_budget, _) = make(test, &budgets, budget("a")).await;
    let (one_stop, _) = make(test, &stops, json!({"what": "user", "value": "a"})).await;
    vec![
        write("createBudget", budgets, budget("b")),
        write("replaceBudget", one_budget.clone(), budget("c")),
        write("changeBudget", one_budget.clone(), json!({"limit": 2})),
        write("resetBudget", format!("{one_budget}/reset"), json!({"reason": "x"})),
        write("deleteBudget", one_budget, Value::Null),
        write("createStop", stops, json!({"what": "user", "value": "b"})),
        write("deleteStop", one_stop, Value::Null),
    ]
}

async fn secret_writes(test: &TestApi) -> Vec<Write> {
    let stores = "/client/v4/accounts/acc1/secrets_store/stores";
    let configs = format!("{GATEWAYS}/shop/provider_configs");
    let (store, _) = make(test, stores, json!({"name": "keys"})).await;
    let (empty, _) = make(test, stores, json!({"name": "empty"})).await;
    let secrets = format!("{store}/secrets");
    let secret = |name: &str| json!([{"name": name, "value": CANARY, "scopes": ["ai_gateway"]}]);
    let (first, _) = make(test, &secrets, secret("first")).await;
    let (_, second) = make(test, &secrets, secret("second")).await;
    let key = |alias: &str| json!({"provider_slug": "openai", "alias": alias, "default_config": false, "secret": CANARY});
    let (config, _) = make(test, &configs, key("a")).await;
    vec![
        write("createStore", stores, json!({"name": "more"})),
        write("deleteStore", empty, Value::Null),
        write("createSecrets", secrets.clone(), secret("third")),
        write("editSecret", first.clone(), json!({"comment": "new"})),
        write(
            "copySecret",
            format!("{first}/duplicate"),
            json!({"name": "copy", "scopes": ["ai_gateway"]}),
        ),
        write("deleteSecret", first, Value::Null),
        write("deleteSecrets", secrets, json!([{"id": second["id"]}])),
        // A key is a configuration and the secret it owns.
        Write { objects: 2, ..write("createProviderConfig", configs, key("b")) },
        Write {
            objects: 2,
            ..write("rotateProviderConfig", config.clone(), json!({"secret": CANARY}))
        },
        write("testProviderConfig", format!("{config}/test"), json!({})),
        Write { objects: 2, ..write("deleteProviderConfig", config, Value::Null) },
    ]
}

async fn gateway_writes(test: &TestApi) -> Vec<Write> {
    let shop = format!("{GATEWAYS}/shop");
    let list = |name: &str| format!("{shop}/{name}");
    let (routes, policies) = (list("routes"), list("policies"));
    let dataset = |name: &str| json!({"name": name, "enable": true, "filters": []});
    let (route, made) = make(test, &routes, json!({"name": "a", "elements": elements()})).await;
    let version = made["version"]["version_id"].clone();
    let (in_force, _) = make(test, &format!("{policies}?commit=true"), policy()).await;
    make(test, &policies, policy()).await;
    let (one_dataset, made) = make(test, &list("datasets"), dataset("a")).await;
    let evaluation = |name: &str| json!({"name": name, "dataset_ids": [made["id"]], "evaluation_type_ids": ["cost"]});
    let (one_evaluation, _) = make(test, &list("evaluations"), evaluation("a")).await;
    let mut changed = gateway();
    changed["cache_ttl"] = json!(1);
    vec![
        write("createGateway", GATEWAYS, gateway()),
        write("replaceGateway", format!("{GATEWAYS}/new"), changed),
        write("deleteGateway", format!("{GATEWAYS}/new"), Value::Null),
        write("createRoute", routes, json!({"name": "b", "elements": elements()})),
        write("renameRoute", route.clone(), json!({"name": "c"})),
        write("createRouteVersion", format!("{route}/versions"), json!({"elements": elements()})),
        write("deployRouteVersion", format!("{route}/deployments"), json!({"version_id": version})),
        write("deleteRoute", route, Value::Null),
        write("createPolicy", policies.clone(), policy()),
        // The draft that was made before, and the one just now.
        Write { objects: 2, ..write("commitPolicies", format!("{policies}/commit"), json!({})) },
        write("replacePolicy", in_force.clone(), json!({"name": "q"})),
        write("deletePolicy", in_force, Value::Null),
        write("createEvaluation", list("evaluations"), evaluation("b")),
        write("deleteEvaluation", one_evaluation, Value::Null),
        write("createDataset", list("datasets"), dataset("b")),
        write("replaceDataset", one_dataset.clone(), dataset("c")),
        write("deleteDataset", one_dataset, Value::Null),
    ]
}

fn log_writes() -> Vec<Write> {
    vec![
        write("editLog", format!("{LOGS}/{}", log_id(1)), json!({"score": 1})),
        write("recomputeCosts", format!("{LOGS}/recompute"), json!({})),
        write("deleteLogs", LOGS, Value::Null),
    ]
}

/// Ids of the routes that write.
fn all_writes(routes: &[Route]) -> BTreeSet<&'static str> {
    let writes = routes.iter().filter(|route| {
        let reads = [Permission::Read, Permission::MetadataRead, Permission::AnalyticsRead];
        let changes = matches!(route.access, Access::Holds(held) if !reads.contains(&held));
        changes && route.method != MethodFilter::GET
    });
    writes.map(|route| route.operation.id).collect()
}

async fn total(test: &TestApi) -> u64 {
    test.get(AUDIT).await.ok()["result_info"]["total_count"].as_u64().unwrap()
}

#[tokio::test]
async fn every_write_leaves_a_record_of_each_object_and_no_secret() {
    let test = TestApi::with_logs(FakeLogs::of(vec![full_row(1)]));
    let writes = every_write(&test).await;
    let mut shown: BTreeSet<&str> = writes.iter().map(|write| write.operation).collect();
    // These two never change anything.
    shown.extend(["createSpendingLimit", "deleteSpendingLimit"]);
    assert_eq!(shown, all_writes(&test.routes));
    let mut values = vec![CANARY.to_owned()];
    for Write { operation, uri, body, objects } in writes {
        let before = total(&test).await;
        let route = test.routes.iter().find(|route| route.operation.id == operation).unwrap();
        let (_, name) = METHODS.into_iter().find(|(method, _)| *method == route.method).unwrap();
        let method: Method = name.to_uppercase().parse().unwrap();
        let answer = match body {
            Value::Null => test.delete(&uri).await,
            body => test.call(method, &uri, &body).await,
        };
        let answer = answer.ok();
        for value in [&answer["result"], &answer["result"]["value"]] {
            let made = value.as_str().filter(|text| text.starts_with("weir_"));
            values.extend(made.map(str::to_owned));
        }
        // Records of log rows come after the answer.
        for _ in 0..1000 {
            if total(&test).await >= before + objects {
                break;
            }
            tokio::task::yield_now().await;
        }
        assert_eq!(total(&test).await, before + objects, "{operation}");
        let newest = test.get(&format!("{AUDIT}?per_page=2")).await.ok()["result"].clone();
        for record in newest.as_array().unwrap().iter().take(usize::try_from(objects).unwrap()) {
            assert_eq!(record["actor"]["id"], "tok-*", "{operation}");
            assert_ne!(record["before"], record["after"], "{operation}");
        }
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
