//! Datasets made, listed, replaced and deleted.

use futures_util::future::join_all;
use http::Method;
use serde_json::{Value, json};

use super::TestApi;

fn input(name: &str) -> Value {
    json!({
        "name": name, "enable": true,
        "filters": [
            {"key": "provider", "operator": "eq", "value": ["openai", "anthropic"]},
            {"key": "cost", "operator": "gt", "value": [0.5]},
            {"key": "success", "operator": "eq", "value": [true]}
        ]
    })
}

const DATASETS: &str = "/client/v4/accounts/acc1/ai-gateway/gateways/shop/datasets";

async fn made(test: &TestApi, name: &str) -> Value {
    test.post(DATASETS, &input(name)).await.ok()["result"].clone()
}

#[tokio::test]
async fn a_dataset_is_there_as_it_was_sent_until_it_is_deleted() {
    let test = TestApi::new();
    let made = made(&test, "dear").await;
    for (name, value) in input("dear").as_object().unwrap() {
        assert_eq!(made[name], *value, "{name}");
    }
    assert_eq!((&made["gateway_id"], made["id"].as_str().unwrap().len()), (&json!("shop"), 36));
    let one = format!("{DATASETS}/{}", made["id"].as_str().unwrap());
    assert_eq!(test.get(&one).await.ok()["result"], made);

    let other = json!({"name": "cheap", "enable": false, "filters": []});
    let changed = test.put(&one, &other).await.ok()["result"].clone();
    assert_eq!((&changed["name"], &changed["filters"]), (&json!("cheap"), &json!([])));
    assert_eq!(changed["created_at"], made["created_at"]);
    assert!(changed["modified_at"].as_str() > made["modified_at"].as_str());
    // Its own name does not stand in its way.
    test.put(&one, &other).await.ok();

    let gone = test.delete(&one).await.ok()["result"].clone();
    assert_eq!(gone["name"], "cheap");
    for method in [Method::GET, Method::DELETE] {
        test.call(method, &one, &json!({})).await.error(404, 7002);
    }
    test.put(&one, &other).await.error(404, 7002);
}

#[tokio::test]
async fn a_name_is_taken_once_in_a_gateway_even_by_fifty_at_once() {
    let test = TestApi::new();
    let body = input("one");
    let answers = join_all((0..50).map(|_| test.post(DATASETS, &body))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    for refused in answers.iter().filter(|answer| answer.status != 200) {
        assert_eq!(refused.error(400, 7001)["message"], "dataset one already exists");
    }
    let second = made(&test, "two").await;
    let one = format!("{DATASETS}/{}", second["id"].as_str().unwrap());
    let error = test.put(&one, &body).await.error(400, 7001);
    assert_eq!(error["path"], json!(["body", "name"]));
    let elsewhere = DATASETS.replace("shop", "default");
    test.post(&elsewhere, &body).await.ok();
    test.get(&one.replace("shop", "default")).await.error(404, 7002);
}

#[tokio::test]
async fn lists_are_narrowed_and_paged() {
    let test = TestApi::new();
    for name in ["north", "north-west", "west"] {
        made(&test, name).await;
    }
    let off = json!({"name": "off", "enable": false, "filters":
        [{"key": "model", "operator": "contains", "value": ["gpt"]}]});
    let off = test.post(DATASETS, &off).await.ok()["result"].clone();
    let id = off["id"].as_str().unwrap();
    for (query, expected) in [
        ("", &["off", "west", "north-west", "north"][..]),
        ("name=north", &["north"]),
        ("name=nor", &[]),
        ("enable=false", &["off"]),
        ("search=west", &["west", "north-west"]),
        ("search=gpt", &["off"]),
        (&format!("search={id}"), &["off"]),
        ("search=openai&enable=true&per_page=2", &["west", "north-west"]),
        ("per_page=2&page=2", &["north-west", "north"]),
        ("per_page=2&page=3", &[]),
    ] {
        let answer = test.get(&format!("{DATASETS}?{query}")).await.ok();
        let rows = answer["result"].as_array().unwrap();
        let names: Vec<_> = rows.iter().map(|row| row["name"].as_str().unwrap()).collect();
        assert_eq!(names, expected, "{query}");
    }
    test.get(&format!("{DATASETS}?enable=maybe")).await.error(400, 7001);
    test.get(&format!("{DATASETS}?per_page=101")).await.error(400, 7001);
}

#[tokio::test]
async fn only_the_published_filters_are_taken() {
    let test = TestApi::new();
    let with = |key: &str, operator: &str, value: Value| {
        let mut body = input("bad");
        body["filters"] = json!([{"key": key, "operator": operator, "value": value}]);
        body
    };
    for body in [
        with("event_id", "eq", json!(["x"])),
        with("metadata.key", "eq", json!(["x"])),
        with("provider", "neq", json!(["x"])),
        with("cost", "gte", json!([1])),
        with("cost", "gt", json!(["dear"])),
        with("cost", "gt", json!([null])),
        with("cost", "gt", json!([])),
        with("cost", "gt", json!([""])),
        with("cost", "gt", json!(1)),
        with("provider", "eq", json!([7])),
        with("success", "gt", json!([true])),
        with("created_at", "gt", json!(["today"])),
    ] {
        let error = test.post(DATASETS, &body).await.error(400, 7001);
        assert_eq!(error["path"][1], "filters", "{body}");
    }
    let mut many = input("many");
    many["filters"] = json!(vec![many["filters"][0].clone(); 51]);
    test.post(DATASETS, &many).await.error(400, 7001);
    for name in ["name", "enable", "filters"] {
        let mut body = input("bad");
        body.as_object_mut().unwrap().remove(name);
        let error = test.post(DATASETS, &body).await.error(400, 7001);
        assert_eq!(error["path"], json!(["body", name]));
    }
    for (name, value) in
        [("name", json!("")), ("name", json!("x".repeat(257))), ("enable", json!(1))]
    {
        let mut body = input("bad");
        body[name] = value;
        test.post(DATASETS, &body).await.error(400, 7001);
    }
    assert_eq!(test.get(DATASETS).await.ok()["result"], json!([]));
    test.post(&DATASETS.replace("shop", "nope"), &input("x")).await.error(404, 7002);
}
