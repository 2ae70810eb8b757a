//! Dynamic routes, their versions and deployments.

use http::Method;
use serde_json::{Value, json};
use weir_core::Permission;

use super::TestApi;

const ROUTES: &str = "/client/v4/accounts/acc1/ai-gateway/gateways/shop/routes";

/// The smallest route that asks a model.
fn elements(model: &str) -> Value {
    json!([
        {"id": "s", "type": "start", "outputs": {"next": {"elementId": "m"}}, "position": {"x": 1.0}},
        {"id": "m", "type": "model", "outputs": {"success": {"elementId": "e"}},
         "properties": {"provider": "openai", "model": model, "timeout": 5000, "retries": 0}},
        {"id": "e", "type": "end", "outputs": {}}
    ])
}

async fn create(test: &TestApi, name: &str) -> Value {
    let body = json!({"name": name, "elements": elements("first")});
    test.post(ROUTES, &body).await.ok()["result"].clone()
}

fn one(route: &Value) -> String {
    format!("{ROUTES}/{}", route["id"].as_str().unwrap())
}

#[tokio::test]
async fn a_new_route_is_deployed_in_its_first_version() {
    let test = TestApi::new();
    let made = create(&test, "support").await;
    assert_eq!(made["elements"], elements("first"));
    assert_eq!(made["id"].as_str().unwrap().len(), 8);
    assert_eq!((&made["gateway_id"], &made["account_tag"]), (&json!("shop"), &json!("acc1")));
    assert_eq!(made["version"]["active"], "true");
    assert_eq!(made["version"]["is_valid"], true);
    assert_eq!(made["deployment"]["version_id"], made["version"]["version_id"]);
    let data: Value = serde_json::from_str(made["version"]["data"].as_str().unwrap()).unwrap();
    assert_eq!(data, elements("first"));
    assert_eq!(test.get(&one(&made)).await.ok()["result"], made);
    let list = test.get(ROUTES).await.ok();
    assert_eq!(list["data"]["routes"], json!([made]));
    assert_eq!(list.get("result"), None);
    let stored = test.api().configuration.snapshot();
    let routes: Vec<_> = stored.configuration().routes.iter().collect();
    assert_eq!(*routes[0].deployed().unwrap().elements, elements("first"));
}

#[tokio::test]
async fn the_spelling_of_the_documentation_comes_back_as_the_clients() {
    let test = TestApi::new();
    let mut body = json!({"name": "limits", "elements": elements("m")});
    let rate = json!({"id": "r", "type": "rate_limit", "outputs": {"success": {"elementId": "m"}},
        "properties": {"limitType": "count", "key": "metadata.user", "limit": 5, "interval": 60,
                       "technique": "sliding"}});
    body["elements"][0]["outputs"]["next"]["elementId"] = json!("r");
    body["elements"].as_array_mut().unwrap().push(rate);
    let made = test.post(ROUTES, &body).await.ok();
    assert_eq!(made["messages"], json!([]));
    let rate = &made["result"]["elements"][3];
    assert_eq!(rate["type"], "rate");
    assert_eq!(
        rate["properties"].to_string(),
        concat!(
            r#"{"limitType":"count","key":"metadata.user","limit":5,"window":60,"#,
            r#""technique":"sliding"}"#
        )
    );
}

#[tokio::test]
async fn versions_wait_until_they_are_deployed_and_older_ones_come_back() {
    let test = TestApi::new();
    let made = create(&test, "support").await;
    let (route, first) = (one(&made), made["version"]["version_id"].clone());
    let (versions, deployments) = (format!("{route}/versions"), format!("{route}/deployments"));

    let body = json!({"elements": elements("second"), "comment": "try"});
    let brief = test.post(&versions, &body).await.ok()["result"].clone();
    let second = brief["version_id"].clone();
    assert_eq!(brief["elements"], elements("second"));
    assert_ne!(second, first);
    let present = test.get(&route).await.ok()["result"].clone();
    assert_eq!(present["elements"], elements("first"));
    assert_ne!(present["modified_at"], made["modified_at"]);

    let list = test.get(&versions).await.ok()["data"]["versions"].clone();
    let states: Vec<_> =
        list.as_array().unwrap().iter().map(|v| (&v["version_id"], &v["active"])).collect();
    assert_eq!(states, [(&second, &json!("false")), (&first, &json!("true"))]);
    let detail = test.get(&format!("{versions}/{}", second.as_str().unwrap())).await.ok();
    assert_eq!(detail["result"]["comment"], "try");
    assert_eq!(detail["result"]["active"], "false");
    assert_eq!(detail["result"]["elements"], elements("second"));

    for version in [&second, &first] {
        let body = json!({"version_id": version, "comment": null});
        let brief = test.post(&deployments, &body).await.ok()["result"].clone();
        assert_eq!(&brief["version_id"], version);
    }
    let present = test.get(&route).await.ok()["result"].clone();
    assert_eq!(
        (&present["version"]["version_id"], &present["elements"]),
        (&first, &elements("first"))
    );
    let uri = format!("{deployments}?order_by=created_at&order_by_direction=asc");
    let data = test.get(&uri).await.ok()["data"].clone();
    let rows = data["deployments"].as_array().unwrap();
    let order: Vec<_> = rows.iter().map(|row| row["version_id"].clone()).collect();
    assert_eq!(order, [first.clone(), second, first]);
    assert_eq!(present["deployment"], rows[2]);
    assert_eq!(data["order_by_direction"], "asc");
}

#[tokio::test]
async fn a_route_is_renamed_and_deleted() {
    let test = TestApi::new();
    let (made, other) = (create(&test, "a").await, create(&test, "b").await);
    let renamed = test.patch(&one(&made), &json!({"name": "c"})).await.ok();
    assert_eq!(renamed["route"]["name"], "c");
    assert_eq!(renamed["route"]["created_at"], made["created_at"]);
    assert_eq!(renamed.get("result"), None);
    let error = test.patch(&one(&made), &json!({"name": "b"})).await.error(400, 7005);
    assert_eq!(error["path"], json!(["body", "name"]));
    test.patch(&one(&made), &json!({"name": "c"})).await.ok();
    test.patch(&one(&made), &json!({"name": "C"})).await.ok();

    let gone = test.delete(&one(&other)).await.ok();
    assert_eq!(gone["result"]["id"], other["id"]);
    assert_eq!(gone["result"]["elements"], elements("first"));
    test.get(&one(&other)).await.error(404, 7005);
    test.delete(&one(&other)).await.error(404, 7005);
}

#[tokio::test]
async fn names_belong_to_a_gateway() {
    let test = TestApi::new();
    let made = create(&test, "same").await;
    let body = json!({"name": "same", "elements": elements("m")});
    let error = test.post(ROUTES, &body).await.error(400, 7005);
    assert!(error["message"].as_str().unwrap().contains("already exists"));
    let elsewhere = ROUTES.replace("/shop/", "/default/");
    let other = test.post(&elsewhere, &body).await.ok()["result"].clone();
    // Nor does one gateway reach the routes of another.
    test.get(&one(&other)).await.error(404, 7005);
    test.delete(&one(&made).replace("/shop/", "/default/")).await.error(404, 7005);
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let test = TestApi::new();
    let route = one(&create(&test, "r").await);
    let body = json!({"elements": elements("m")});
    let nowhere = format!("{ROUTES}/1");
    test.get(&nowhere).await.error(404, 7005);
    test.get(&format!("{nowhere}/versions")).await.error(404, 7005);
    test.get(&format!("{nowhere}/deployments")).await.error(404, 7005);
    test.patch(&nowhere, &json!({"name": "x"})).await.error(404, 7005);
    test.post(&format!("{nowhere}/versions"), &body).await.error(404, 7005);
    test.get(&format!("{route}/versions/x")).await.error(404, 7002);
    let deploy = json!({"version_id": "x"});
    test.post(&format!("{route}/deployments"), &deploy).await.error(404, 7002);
    test.get(&ROUTES.replace("shop", "none")).await.error(404, 7002);
}

#[tokio::test]
async fn a_faulty_graph_is_refused_with_the_place_of_the_fault() {
    let test = TestApi::new();
    let version = format!("{}/versions", one(&create(&test, "r").await));
    let mut body = json!({"name": "bad", "elements": elements("m")});
    body["elements"][0]["outputs"]["next"]["elementId"] = json!("nowhere");
    for uri in [ROUTES, &version] {
        let error = test.post(uri, &body).await.error(400, 7001);
        assert_eq!(error["path"], json!(["body", "elements", "0", "outputs", "next", "elementId"]));
    }
    let provider = json!("custom-mine");
    body = json!({"name": "own", "elements": elements("m")});
    body["elements"][1]["properties"]["provider"] = provider;
    let error = test.post(ROUTES, &body).await.error(400, 7001);
    assert_eq!(error["path"], json!(["body", "elements", "1", "properties", "provider"]));
    let own = json!({"name": "Mine", "slug": "mine", "base_url": "https://mine.example"});
    test.post("/client/v4/accounts/acc1/ai-gateway/custom-providers", &own).await.ok();
    test.post(ROUTES, &body).await.ok();
    let mut large = elements("m");
    large[0]["note"] = json!("x".repeat(256 * 1024));
    for (field, value) in [
        ("name", json!("")),
        ("name", json!("-x")),
        ("name", json!("a b")),
        ("name", json!("x".repeat(65))),
        ("name", Value::Null),
        ("elements", json!([])),
        ("elements", json!("x")),
        ("elements", json!([1])),
        ("elements", json!(vec![elements("m")[2].clone(); 101])),
        ("elements", large),
        ("comment", json!("x".repeat(1025))),
    ] {
        let mut body = json!({"name": "x", "elements": elements("m")});
        body[field] = value.clone();
        let error = test.post(ROUTES, &body).await.error(400, 7001);
        assert_eq!(
            (&error["path"][0], &error["path"][1]),
            (&json!("body"), &json!(field)),
            "{value}"
        );
    }
}

#[tokio::test]
async fn a_version_says_when_its_provider_is_gone() {
    let test = TestApi::new();
    let own = "/client/v4/accounts/acc1/ai-gateway/custom-providers";
    let provider = json!({"name": "Mine", "slug": "mine", "base_url": "https://mine.example"});
    let provider = test.post(own, &provider).await.ok()["result"]["id"].clone();
    let mut body = json!({"name": "own", "elements": elements("m")});
    body["elements"][1]["properties"]["provider"] = json!("custom-mine");
    let made = test.post(ROUTES, &body).await.ok()["result"].clone();
    assert_eq!(made["version"]["is_valid"], true);
    test.delete(&format!("{own}/{}", provider.as_str().unwrap())).await.ok();
    assert_eq!(test.get(&one(&made)).await.ok()["result"]["version"]["is_valid"], false);
}

#[tokio::test]
async fn what_has_no_effect_is_noted_and_kept() {
    let test = TestApi::new();
    let mut body = json!({"name": "r", "elements": elements("m"), "colour": 1});
    body["elements"][1]["properties"]["weight"] = json!(1);
    let made = test.post(ROUTES, &body).await.ok();
    assert_eq!(made["result"]["elements"], body["elements"]);
    let notes: Vec<_> =
        made["messages"].as_array().unwrap().iter().map(|m| &m["message"]).collect();
    assert_eq!(notes.len(), 2, "{notes:?}");
    assert_eq!(notes[0], "colour is unknown and was ignored");
    assert!(notes[1].as_str().unwrap().starts_with("elements.1.properties.weight"));
}

#[tokio::test]
async fn lists_are_ordered_and_end() {
    let test = TestApi::new();
    for name in ["b", "c", "a"] {
        create(&test, name).await;
    }
    let names = async |query: &str| {
        let data = test.get(&format!("{ROUTES}?{query}")).await.ok()["data"].clone();
        let rows = data["routes"].as_array().unwrap().clone();
        rows.iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect::<String>()
    };
    assert_eq!(names("order_by=name&order_by_direction=asc").await, "abc");
    assert_eq!(names("order_by=name").await, "cba");
    assert_eq!(names("order_by=name&per_page=2&page=2").await, "a");
    assert_eq!(names("page=9").await, "");
    for bad in ["page=0", "per_page=101", "order_by=id", "order_by_direction=up"] {
        test.get(&format!("{ROUTES}?{bad}")).await.error(400, 7001);
    }
}

#[tokio::test]
async fn readers_change_nothing() {
    let test = TestApi::new();
    let made = create(&test, "r").await;
    test.get_as(Permission::Read, &one(&made)).await.ok();
    test.get_as(Permission::MetadataRead, ROUTES).await.error(403, 10000);
    let read = [("authorization", "Bearer tok-ai-gateway-read")];
    test.send(Method::DELETE, &one(&made), &read).await.error(403, 10000);
}

#[tokio::test]
async fn fifty_versions_at_once_are_all_there() {
    let test = TestApi::new();
    let versions = format!("{}/versions", one(&create(&test, "r").await));
    let body = json!({"elements": elements("m")});
    let calls = (0..50).map(|_| test.post(&versions, &body));
    for answer in futures_util::future::join_all(calls).await {
        answer.ok();
    }
    let data = test.get(&format!("{versions}?per_page=100")).await.ok();
    assert_eq!(data["data"]["versions"].as_array().unwrap().len(), 51);
}
