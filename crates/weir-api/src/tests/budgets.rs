//! Budgets made, changed, looked at and set back.

use http::Method;
use serde_json::{Value, json};
use weir_core::budget::Budget;
use weir_core::ledger::Standing;
use weir_core::{Permission, Timestamp};

use super::{SHOP, TestApi};

const BUDGETS: &str = "/client/v4/accounts/acc1/ai-gateway/budgets";

fn monthly(more: &Value) -> Value {
    let mut body = json!({
        "name": "Team A", "by": "team", "unit": "dollars", "limit": 25.5, "period": "monthly",
        "soft": 0.8
    });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

async fn create(test: &TestApi, more: &Value) -> Value {
    let made = test.post(BUDGETS, &monthly(more)).await.ok();
    assert_eq!(made["messages"], json!([]));
    made["result"].clone()
}

fn one(budget: &Value) -> String {
    format!("{BUDGETS}/{}", budget["id"].as_str().unwrap())
}

fn stored(test: &TestApi, budget: &Value) -> Budget {
    let snapshot = test.api().configuration.snapshot();
    let id = budget["id"].as_str().unwrap();
    (**snapshot.configuration().get::<Budget>(&"acc1".into(), id).unwrap()).clone()
}

#[tokio::test]
async fn a_budget_shows_every_field_and_is_in_force_at_once() {
    let test = TestApi::new();
    let made = create(&test, &json!({})).await;
    for (name, value) in [
        ("gateway_id", Value::Null),
        ("values", json!([])),
        ("period", json!("monthly")),
        ("window", Value::Null),
        ("technique", json!("fixed")),
        ("hard", json!(true)),
        ("enabled", json!(true)),
        ("soft", json!(0.8)),
    ] {
        assert_eq!(made[name], value, "{name}");
    }
    let gateway = test.api().configuration.snapshot().gateway("acc1", "shop").unwrap().clone();
    let controls = test.api().configuration.snapshot().controls(&gateway).cloned().unwrap();
    assert_eq!(&*controls.budgets[0].id, made["id"].as_str().unwrap());
    assert_eq!(test.get(&one(&made)).await.ok()["result"], made);
}

#[tokio::test]
async fn what_is_read_can_be_written_back() {
    let test = TestApi::new();
    let sliding = json!({
        "name": "Burst", "by": "metadata.app", "unit": "tokens", "limit": 5, "period": null,
        "window": 3600, "technique": "sliding", "gateway_id": "shop", "values": ["a", "b"],
        "hard": false, "enabled": false, "soft": null
    });
    for more in [json!({}), sliding] {
        let made = create(&test, &more).await;
        let again = test.put(&one(&made), &made).await.ok();
        let mut written = again["result"].clone();
        assert_ne!(written["modified_at"], made["modified_at"]);
        written["modified_at"] = made["modified_at"].clone();
        assert_eq!((&written, &again["messages"]), (&made, &json!([])));
    }
}

#[tokio::test]
async fn patch_keeps_what_it_does_not_name_and_put_does_not() {
    let test = TestApi::new();
    let made = create(&test, &json!({"values": ["x"], "hard": false})).await;
    let patched = test.patch(&one(&made), &json!({"limit": 30, "soft": null})).await.ok();
    let patched = &patched["result"];
    assert_eq!((&patched["limit"], &patched["soft"]), (&json!(30.0), &Value::Null));
    assert_eq!((&patched["values"], &patched["hard"]), (&json!(["x"]), &json!(false)));
    let put = test.put(&one(&made), &monthly(&json!({}))).await.ok()["result"].clone();
    assert_eq!((&put["values"], &put["hard"]), (&json!([]), &json!(true)));
    assert_eq!((&put["id"], &put["created_at"]), (&made["id"], &made["created_at"]));
}

#[tokio::test]
async fn every_bound_is_kept() {
    let test = TestApi::new();
    let made = create(&test, &json!({"name": "first"})).await;
    let other = create(&test, &json!({"name": "second"})).await;
    for (more, path) in [
        (json!({"name": ""}), "name"),
        (json!({"name": "caf\u{e9}"}), "name"),
        (json!({"name": "first"}), "name"),
        (json!({"by": "nobody"}), "by"),
        (json!({"by": "metadata."}), "by"),
        (json!({"by": "account", "values": ["x"]}), "values"),
        (json!({"unit": "euros"}), "unit"),
        (json!({"limit": 0}), "limit"),
        (json!({"limit": -1}), "limit"),
        (json!({"limit": 10_000_000}), "limit"),
        (json!({"period": "yearly"}), "period"),
        (json!({"period": null}), "period"),
        (json!({"window": 60}), "window"),
        (json!({"technique": "sliding"}), "technique"),
        (json!({"soft": 0}), "soft"),
        (json!({"soft": 1.5}), "soft"),
        (json!({"gateway_id": "none"}), "gateway_id"),
        (json!({"hard": "yes"}), "hard"),
    ] {
        let error = test.post(BUDGETS, &monthly(&more)).await.error(400, 7001);
        assert_eq!(error["path"], json!(["body", path]), "{more}");
        let error = test.patch(&one(&other), &more).await.error(400, 7001);
        assert_eq!(error["path"], json!(["body", path]), "{more}");
    }
    for name in ["name", "by", "unit", "limit"] {
        let mut body = monthly(&json!({"name": "third"}));
        body.as_object_mut().unwrap().remove(name);
        assert_eq!(test.post(BUDGETS, &body).await.error(400, 7001)["path"], json!(["body", name]));
        assert_eq!(test.put(&one(&made), &body).await.error(400, 7001)["path"][1], name);
    }
    let noted = test.post(BUDGETS, &monthly(&json!({"limmit": 1}))).await.ok()["messages"].clone();
    assert!(noted[0]["message"].as_str().unwrap().contains("limit is known"), "{noted}");
}

#[tokio::test]
async fn lists_are_filtered_and_paged() {
    let test = TestApi::new();
    create(&test, &json!({})).await;
    create(&test, &json!({"name": "Users", "by": "user", "gateway_id": "shop"})).await;
    let names = |query: &str| {
        let uri = format!("{BUDGETS}?{query}");
        let test = &test;
        async move {
            let list = test.get(&uri).await.ok();
            let rows = list["result"].as_array().unwrap().clone();
            rows.iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        }
    };
    assert_eq!(names("").await.len(), 2);
    assert_eq!(names("by=user").await, ["Users"]);
    assert_eq!(names("gateway_id=shop").await, ["Users"]);
    assert_eq!(names("gateway_id=other").await, [""; 0]);
    assert_eq!(names("search=team").await, ["Team A"]);
    assert_eq!(names("page=3").await, [""; 0]);
}

#[tokio::test]
async fn usage_is_told_in_the_unit_of_the_budget() {
    let test = TestApi::new();
    let made = create(&test, &json!({"values": ["a", "b"]})).await;
    let budget = stored(&test, &made);
    let resets_at = Timestamp::parse("2999-01-01T00:00:00Z");
    let standing = Standing { spent: 20_000_000_000_000, reserved: 1_000_000_000_000, resets_at };
    test.ledger().set(&budget.claim("b", 0), standing);
    let list = test.get(&format!("{}/usage", one(&made))).await.ok();
    let rows = list["result"].as_array().unwrap();
    assert_eq!((&rows[0]["value"], &rows[0]["spent"]), (&json!("a"), &json!(0.0)));
    let expected = json!({
        "value": "b", "spent": 20.0, "reserved": 1.0, "limit": 25.5, "unit": "dollars",
        "resets_at": "2999-01-01T00:00:00.000Z", "soft_reached": true, "exhausted": false
    });
    assert_eq!(rows[1], expected);
    let named = test.get(&format!("{}/usage?value=b&value=c", one(&made))).await.ok();
    assert_eq!(named["result_info"]["total_count"], 2);
    assert_eq!(
        (&named["result"][0]["spent"], &named["result"][1]["spent"]),
        (&json!(20.0), &json!(0.0))
    );
    test.get(&format!("{BUDGETS}/none/usage")).await.error(404, 7002);
}

#[tokio::test]
async fn known_values_need_no_naming_and_others_do() {
    let test = TestApi::new();
    for (by, values) in [("account", 1), ("gateway", 2), ("token", 12)] {
        let made = create(&test, &json!({"name": by, "by": by})).await;
        let list = test.get(&format!("{}/usage", one(&made))).await.ok();
        assert_eq!(list["result_info"]["total_count"], values, "{by}");
    }
    for by in ["user", "team", "session", "provider", "model", "metadata.x"] {
        let made = create(&test, &json!({"name": by, "by": by})).await;
        let error = test.get(&format!("{}/usage", one(&made))).await.error(400, 7001);
        assert_eq!(error["path"], json!(["query", "value"]));
    }
}

#[tokio::test]
async fn a_reset_is_on_record_with_its_reason() {
    let test = TestApi::new();
    let made = create(&test, &json!({})).await;
    let budget = stored(&test, &made);
    let spent = Standing { spent: 3_000_000_000_000, ..Standing::default() };
    test.ledger().set(&budget.claim("eng", 0), spent);
    let uri = format!("{}/reset", one(&made));
    let body = json!({"value": "eng", "reason": "billed twice"});
    let after = test.post(&uri, &body).await.ok()["result"].clone();
    assert_eq!((&after["value"], &after["spent"]), (&json!("eng"), &json!(0.0)));
    let audit = "/client/v4/accounts/acc1/ai-gateway/audit?action=reset";
    let record = test.get(audit).await.ok()["result"][0].clone();
    assert_eq!(record["resource_id"], made["id"]);
    assert_eq!(
        (&record["before"]["spent"], &record["after"]["reason"]),
        (&json!(3.0), &json!("billed twice"))
    );
    for (body, path) in [(json!({"value": "eng"}), "reason"), (json!({"reason": "x"}), "value")] {
        assert_eq!(test.post(&uri, &body).await.error(400, 7001)["path"], json!(["body", path]));
    }
    let whole = create(&test, &json!({"name": "all", "by": "account"})).await;
    let uri = format!("{}/reset", one(&whole));
    test.post(&uri, &json!({"value": "x", "reason": "x"})).await.error(400, 7001);
    test.post(&uri, &json!({"reason": "x"})).await.ok();
    test.call_as(Permission::Read, Method::POST, &uri, &body).await.error(403, 10000);
}

#[tokio::test]
async fn deleted_budgets_are_gone_and_those_of_a_gateway_go_with_it() {
    let test = TestApi::new();
    let made = create(&test, &json!({})).await;
    let of_shop = create(&test, &json!({"name": "shop", "gateway_id": "shop"})).await;
    assert_eq!(test.delete(&one(&made)).await.ok()["result"], made);
    test.get(&one(&made)).await.error(404, 7002);
    test.delete(&one(&made)).await.error(404, 7002);
    test.delete(SHOP).await.ok();
    test.get(&one(&of_shop)).await.error(404, 7002);
}
