//! Policies: drafts, commits and simulations.

use http::Method;
use serde_json::{Value, json};
use weir_core::audit::Actor;
use weir_core::policy::{Policy, PolicyBody};
use weir_core::{Permission, Timestamp};

use super::TestApi;

const POLICIES: &str = "/client/v4/accounts/acc1/ai-gateway/gateways/shop/policies";

fn cap(amount: f64) -> Value {
    json!({
        "name": "cap", "actor": "user:{cf.user.id}", "resource": {"model": "openai/*"},
        "condition": "'eng' in cf.user.groups",
        "action": {"type": "limit", "amount": amount, "period": "monthly", "technique": "named-interval"}
    })
}

async fn commit(test: &TestApi, body: &Value) -> String {
    let made = test.post(&format!("{POLICIES}?commit=true"), body).await.ok();
    assert_eq!(made["committed"], true);
    made["result"]["id"].as_str().unwrap().to_owned()
}

async fn list(test: &TestApi, query: &str) -> Vec<Value> {
    test.get(&format!("{POLICIES}{query}")).await.ok()["result"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_committed_policy_reads_back_as_written() {
    let test = TestApi::new();
    let id = commit(&test, &cap(12.5)).await;
    let shown = test.get(&format!("{POLICIES}/{id}")).await.ok()["result"].clone();
    for (name, value) in cap(12.5).as_object().unwrap() {
        assert_eq!(&shown[name], value);
    }
    let now = Timestamp::now().as_millis() / 1000;
    assert!((now - shown["created_at"].as_i64().unwrap()).abs() < 600);
    assert_eq!(shown.get("staging"), None);
    assert_eq!(list(&test, "").await, [shown]);
    let mut always = cap(1.0);
    always["condition"] = Value::Null;
    let id = commit(&test, &always).await;
    assert_eq!(test.get(&format!("{POLICIES}/{id}")).await.ok()["result"]["condition"], "true");
}

#[tokio::test]
async fn drafts_are_seen_by_those_who_ask_and_come_into_force_together() {
    let test = TestApi::new();
    let id = commit(&test, &cap(1.0)).await;
    let uri = format!("{POLICIES}/{id}");
    let made = test.post(POLICIES, &cap(2.0)).await.ok();
    assert_eq!((&made["committed"], &made["result"]["staging"]), (&json!(false), &json!(true)));
    let draft = format!("{POLICIES}/{}", made["result"]["id"].as_str().unwrap());

    assert_eq!(list(&test, "").await.len(), 1);
    test.get(&draft).await.error(404, 7002);
    let seen = test.get(&format!("{draft}?includeStaging=true")).await.ok()["result"].clone();
    assert_eq!((&seen["staging"], &seen["uncommitted"]), (&json!(true), &json!(true)));
    let error = test.put(&draft, &json!({"name": "x"})).await.error(400, 7001);
    assert_eq!(error["path"], json!(["path", "policy_id"]));

    // Changes add up in the draft; what is in force stays.
    for change in [json!({"name": "renamed"}), json!({"actor": "company:all"})] {
        assert_eq!(test.put(&uri, &change).await.ok()["committed"], false);
    }
    assert_eq!(test.get(&uri).await.ok()["result"]["name"], "cap");
    let staged = list(&test, "?includeStaging=true").await;
    assert_eq!(staged.len(), 2);
    assert_eq!(
        (&staged[0]["name"], &staged[0]["actor"]),
        (&json!("renamed"), &json!("company:all"))
    );

    let report = test.post(&format!("{POLICIES}/commit"), &json!({})).await.ok()["result"].clone();
    assert_eq!((&report["committed"], &report["failed"]), (&json!(2), &json!(0)));
    assert_eq!(report["policies"].as_array().unwrap(), &list(&test, "").await);
    assert_eq!(list(&test, "").await, list(&test, "?includeStaging=true").await);
    let again = test.post(&format!("{POLICIES}/commit"), &json!({})).await.ok();
    assert_eq!(again["result"]["committed"], 0);
}

#[tokio::test]
async fn a_change_that_is_committed_takes_the_draft_with_it() {
    let test = TestApi::new();
    let uri = format!("{POLICIES}/{}", commit(&test, &cap(1.0)).await);
    test.put(&uri, &json!({"name": "draft"})).await.ok();
    let change = json!({"condition": null});
    assert_eq!(test.put(&format!("{uri}?commit=true"), &change).await.ok()["committed"], true);
    let shown = test.get(&uri).await.ok()["result"].clone();
    assert_eq!((&shown["name"], &shown["condition"]), (&json!("draft"), &json!("true")));
    assert_eq!(list(&test, "?includeStaging=true").await, [shown]);
}

#[tokio::test]
async fn a_deleted_policy_goes_with_its_draft() {
    let test = TestApi::new();
    let uri = format!("{POLICIES}/{}", commit(&test, &cap(1.0)).await);
    test.put(&uri, &json!({"name": "draft"})).await.ok();
    assert_eq!(test.delete(&uri).await.ok()["result"]["name"], "cap");
    test.get(&format!("{uri}?includeStaging=true")).await.error(404, 7002);
    test.delete(&uri).await.error(404, 7002);
    test.put(&uri, &json!({})).await.error(404, 7002);
    let draft = test.post(POLICIES, &cap(1.0)).await.ok()["result"]["id"].clone();
    let uri = format!("{POLICIES}/{}", draft.as_str().unwrap());
    test.delete(&uri.replace("/shop/", "/default/")).await.error(404, 7002);
    assert_eq!(test.delete(&uri).await.ok()["result"]["staging"], true);
}

#[tokio::test]
async fn what_makes_no_policy_is_refused_where_it_stands() {
    let test = TestApi::new();
    let uri = format!("{POLICIES}/{}", commit(&test, &cap(1.0)).await);
    let cases = [
        ("name", json!(""), "body.name"),
        ("name", json!(5), "body.name"),
        ("actor", json!("user:{nobody}"), "body.actor"),
        ("actor", json!(""), "body.actor"),
        ("resource", json!("openai"), "body.resource"),
        ("resource", Value::Null, "body.resource"),
        ("resource", json!({"model": []}), "body.resource.model"),
        ("condition", json!("cf.user.id =="), "body.condition"),
        ("condition", json!(true), "body.condition"),
        ("action", json!("block"), "body.action"),
        ("action", json!({"type": "deny"}), "body.action.type"),
        ("action", json!({"type": "limit", "amount": 0, "period": "daily"}), "body.action.amount"),
        ("action", json!({"type": "limit", "amount": 1, "period": "yearly"}), "body.action.period"),
    ];
    for (field, value, path) in cases {
        let mut body = cap(1.0);
        body[field] = value.clone();
        let error = test.post(POLICIES, &body).await.error(400, 7001);
        let found: Vec<&str> =
            error["path"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        assert_eq!(found.join("."), path, "{value}");
        let change = json!({ field: value });
        assert_eq!(
            test.put(&uri, &change).await.error(400, 7001)["path"],
            error["path"],
            "{change}"
        );
    }
    let mut body = cap(1.0);
    body["condition"] = json!("cf.user.id == 'a' &&& true");
    let error = test.post(POLICIES, &body).await.error(400, 7001);
    assert!(error["message"].as_str().unwrap().ends_with("(at character 21)"), "{error}");
    for name in ["name", "actor", "resource", "action"] {
        let mut body = cap(1.0);
        body.as_object_mut().unwrap().remove(name);
        assert_eq!(
            test.post(POLICIES, &body).await.error(400, 7001)["path"],
            json!(["body", name])
        );
    }
    test.post(&format!("{POLICIES}?commit=yes"), &cap(1.0)).await.error(400, 7001);
    assert_eq!(list(&test, "?includeStaging=true").await.len(), 1);
}

#[tokio::test]
async fn unknown_fields_are_noted() {
    let test = TestApi::new();
    let mut body = cap(1.0);
    body["conditions"] = json!("true");
    let messages = test.post(POLICIES, &body).await.ok()["messages"].clone();
    assert_eq!(messages[0]["message"], "conditions is unknown and was ignored; condition is known");
    let uri = format!("{POLICIES}/{}", commit(&test, &cap(1.0)).await);
    let shown = test.get(&uri).await.ok()["result"].clone();
    assert_eq!(test.put(&uri, &shown).await.ok()["messages"], json!([]));
    assert_eq!(
        test.put(&uri, &json!({"nmae": "x"})).await.ok()["messages"].as_array().unwrap().len(),
        1
    );
}

#[tokio::test]
async fn a_draft_that_this_version_does_not_accept_stays_one() {
    let test = TestApi::new();
    let draft = PolicyBody {
        name: "old".to_owned(),
        actor: "all".to_owned(),
        resource: json!("*"),
        condition: Some("size(x)".to_owned()),
        action: json!({"type": "block"}),
    };
    let at = Timestamp::from_millis(0);
    let old = Policy {
        id: "old".into(),
        account_id: "acc1".into(),
        gateway_id: "shop".into(),
        committed: None,
        draft: Some(draft),
        created_at: at,
        updated_at: at,
    };
    let api = test.api();
    let actor = Actor::system("test");
    let made = api.configuration.change(&actor, |_, changes| {
        changes.put(old.clone());
        Ok::<_, ()>(())
    });
    made.await.unwrap();
    test.post(POLICIES, &cap(1.0)).await.ok();
    let report = test.post(&format!("{POLICIES}/commit"), &json!({})).await.ok()["result"].clone();
    assert_eq!((&report["committed"], &report["failed"]), (&json!(1), &json!(1)));
    assert_eq!(report["errors"][0]["policyId"], "old");
    assert!(report["errors"][0]["message"].as_str().unwrap().contains("size"), "{report}");
    assert_eq!(list(&test, "").await.len(), 1);
}

#[tokio::test]
async fn a_call_can_be_tried_out() {
    let test = TestApi::new();
    let simulate = async |query: &str, more: Value| {
        let mut call = json!({
            "identity": {"cf": {"user": {"id": "ann", "email": null, "groups": ["eng"]}}, "metadata": {}},
            "model": "openai/gpt-4o", "provider": "openai"
        });
        call.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        test.post(&format!("{POLICIES}/simulate{query}"), &call).await.ok()["result"].clone()
    };
    let free = simulate("", json!({})).await;
    assert_eq!(free["evaluation"], json!({"decision": "no-limit", "buckets": []}));
    assert_eq!(
        (&free["enforcement"]["allowed"], &free["policiesEvaluated"]),
        (&json!(true), &json!(0))
    );

    let id = commit(&test, &cap(1000.0)).await;
    let checked = simulate("", json!({})).await;
    assert_eq!(checked["evaluation"]["decision"], "check_limits");
    let bucket = &checked["evaluation"]["buckets"][0];
    assert_eq!(
        (&bucket["actor"], &bucket["resource"]),
        (&json!("user:ann"), &json!("model=openai/*"))
    );
    assert_eq!(
        (&bucket["limits"][0]["policyId"], &bucket["limits"][0]["amount"]),
        (&json!(id), &json!(1000.0))
    );
    assert_eq!(checked["enforcement"]["allowed"], true);
    let over =
        simulate("", json!({"bucketUsage": {"cap": {"spent": 1000.42}, "other": {"spent": 5}}}))
            .await;
    assert_eq!(
        over["enforcement"],
        json!({
            "allowed": false, "reason": "limit_exceeded", "bucket": bucket["id"], "spent": 1000.42,
            "limit": 1000.0, "policyName": "cap"
        })
    );
    let foreign = simulate("", json!({"identity": {}})).await;
    assert_eq!(
        (&foreign["evaluation"]["decision"], &foreign["enforcement"]["reason"]),
        (&json!("block"), &json!("blocked"))
    );
    assert_eq!(foreign["enforcement"]["policyName"], Value::Null);

    let block =
        json!({"name": "stop", "actor": "all", "resource": "*", "action": {"type": "block"}});
    test.post(POLICIES, &block).await.ok();
    assert_eq!(simulate("", json!({})).await["enforcement"]["allowed"], true);
    let staged = simulate("?includeStaging=true", json!({})).await;
    assert_eq!(
        (&staged["enforcement"]["policyName"], &staged["policiesEvaluated"]),
        (&json!("stop"), &json!(2))
    );
}

#[tokio::test]
async fn a_call_to_try_out_is_checked() {
    let test = TestApi::new();
    let uri = format!("{POLICIES}/simulate");
    for bad in [
        json!({}),
        json!({"model": "m"}),
        json!({"model": "m", "provider": 1}),
        json!({"model": "m", "provider": "p", "identity": {"cf": {"user": {"groups": "a"}}}}),
        json!({"model": "m", "provider": "p", "bucketUsage": {"a": {"spent": -1}}}),
        json!({"model": "m", "provider": "p", "bucketUsage": {"a": 1}}),
    ] {
        let answer = test.post(&uri, &bad).await;
        assert_eq!(answer.status, 400, "{bad}");
        assert_eq!(answer.json()["errors"][0]["code"], 7001);
    }
    let read =
        [("authorization", "Bearer tok-ai-gateway-read"), ("content-type", "application/json")];
    let call = json!({"model": "m", "provider": "p"}).to_string();
    test.send_body(Method::POST, &uri, &read, call.into()).await.ok();
    test.get_as(Permission::MetadataRead, POLICIES).await.error(403, 10000);
}

#[tokio::test]
async fn a_gateway_has_so_many_policies_and_the_list_ends() {
    let test = TestApi::new();
    let body = cap(1.0);
    let calls = (0..201).map(|_| test.post(POLICIES, &body));
    let answers = futures_util::future::join_all(calls).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 400).count(), 1);
    assert_eq!(list(&test, "?includeStaging=true").await.len(), 200);
    assert_eq!(list(&test, "?includeStaging=true&page=2").await.len(), 0);
    assert_eq!(list(&test, "?includeStaging=true&per_page=150&page=2").await.len(), 50);
    test.get(&format!("{POLICIES}?per_page=201")).await.error(400, 7001);
}
