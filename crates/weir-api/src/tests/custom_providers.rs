//! Providers that an account defines itself.

use futures_util::future::join_all;
use http::Method;
use serde_json::{Value, json};
use weir_core::Permission;
use weir_core::audit::AuditQuery;

use super::fake_logs::FakeLogs;
use super::{TestApi, gateway};
use crate::Options;

pub(super) const PROVIDERS: &str = "/client/v4/accounts/acc1/ai-gateway/custom-providers";
const CANARY: &str = "canary-7f3a";

pub(super) fn least(slug: &str) -> Value {
    json!({"name": slug.to_uppercase(), "slug": slug, "base_url": "https://h.example/api"})
}

/// Makes a provider; gives its address.
pub(super) async fn made(test: &TestApi, body: &Value) -> String {
    let made = test.post(PROVIDERS, body).await.ok();
    format!("{PROVIDERS}/{}", made["result"]["id"].as_str().unwrap())
}

fn slugs(answer: &Value) -> Vec<&str> {
    let rows = answer["result"].as_array().unwrap();
    rows.iter().map(|row| row["slug"].as_str().unwrap()).collect()
}

/// The audit trail as text.
pub(super) async fn trail(test: &TestApi) -> String {
    let query = AuditQuery {
        account: "acc1".into(),
        gateway: None,
        action: None,
        resource_type: None,
        resource_id: None,
        actor_id: None,
        since: None,
        until: None,
        offset: 0,
        limit: 1000,
    };
    let page = test.api().configuration.store().audit(&query).await.unwrap();
    serde_json::to_string(&page.records).unwrap()
}

#[tokio::test]
async fn a_new_provider_is_in_force_when_the_answer_comes() {
    let test = TestApi::new();
    let mut body = least("mine");
    let made = test.post(PROVIDERS, &body).await.ok()["result"].clone();
    assert_eq!((&made["enable"], &made["beta"]), (&json!(false), &json!(false)));
    assert_eq!((&made["headers"], &made["position"]), (&Value::Null, &json!(0)));
    let present = |slug: &str| {
        let snapshot = test.api().configuration.snapshot();
        snapshot.custom_provider("acc1", slug).map(|provider| provider.enable)
    };
    assert_eq!(present("mine"), Some(false));
    let uri = format!("{PROVIDERS}/{}", made["id"].as_str().unwrap());
    test.patch(&uri, &json!({"enable": true})).await.ok();
    assert_eq!(present("mine"), Some(true));
    test.patch(&uri, &json!({"slug": "other"})).await.ok();
    assert_eq!((present("mine"), present("other")), (None, Some(true)));
    body["slug"] = json!("other");
    let error = test.post(PROVIDERS, &body).await.error(400, 7001);
    assert_eq!(error["message"], "custom provider with slug other already exists");
    let gone = test.delete(&uri).await.ok();
    assert_eq!(gone["result"]["slug"], "other");
    assert_eq!(present("other"), None);
    test.get(&uri).await.error(404, 7002);
    test.patch(&uri, &json!({})).await.error(404, 7002);
    test.delete(&uri).await.error(404, 7002);
}

#[tokio::test]
async fn what_is_read_can_be_written_back_and_null_clears() {
    let test = TestApi::new();
    let mut body = least("mine");
    let more = json!({
        "enable": true, "beta": true, "position": -3, "description": "d", "link": "l",
        "logo": "g", "curl_example": "c", "js_example": "j", "headers": "{\"X-Key\":\"k\"}"
    });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let uri = made(&test, &body).await;
    let read = test.get(&uri).await.ok()["result"].clone();
    assert_eq!(read["headers"], r#"{"x-key":"********"}"#);
    let mut written = test.patch(&uri, &read).await.ok();
    assert_eq!(written["messages"], json!([]));
    assert!(written["result"]["modified_at"].as_str() > read["modified_at"].as_str());
    written["result"]["modified_at"] = read["modified_at"].clone();
    assert_eq!(written["result"], read);
    let cleared = ["position", "description", "link", "logo", "curl_example", "js_example"];
    let mut nulls: serde_json::Map<_, _> =
        cleared.iter().map(|name| ((*name).to_owned(), Value::Null)).collect();
    nulls.insert("headers".to_owned(), Value::Null);
    let result = test.patch(&uri, &nulls.into()).await.ok()["result"].clone();
    assert_eq!((&result["position"], &result["headers"]), (&json!(0), &Value::Null));
    assert!(cleared[1..].iter().all(|name| result[name].is_null()), "{result}");
    assert_eq!(result["enable"], true);
}

#[tokio::test]
async fn headers_are_never_shown_and_a_mask_means_as_it_is() {
    let test = TestApi::new();
    let mut body = least("mine");
    body["headers"] = json!(format!("{{\"X-Key\":\"{CANARY}\",\"x-n\":\"1\"}}"));
    let answer = test.post(PROVIDERS, &body).await;
    let id = answer.ok()["result"]["id"].as_str().unwrap().to_owned();
    let uri = format!("{PROVIDERS}/{id}");
    let mixed = json!({"headers": r#"{"x-key":"********","x-new":"2"}"#});
    let answers =
        [answer, test.get(&uri).await, test.get(PROVIDERS).await, test.patch(&uri, &mixed).await];
    for answer in answers {
        assert!(!String::from_utf8(answer.body).unwrap().contains(CANARY));
    }
    assert!(!trail(&test).await.contains(CANARY));
    let snapshot = test.api().configuration.snapshot();
    let headers = &snapshot.custom_provider("acc1", "mine").unwrap().headers;
    assert_eq!(headers["x-key"].0, CANARY);
    assert_eq!(headers.keys().collect::<Vec<_>>(), ["x-key", "x-new"]);
    // To another host they go only when they are sent anew.
    let away = "https://evil.example/api";
    for body in
        [json!({"base_url": away}), json!({"base_url": away, "headers": r#"{"x-key":"********"}"#})]
    {
        let error = test.patch(&uri, &body).await.error(400, 7001);
        assert_eq!(error["path"], json!(["body", "headers"]));
    }
    test.patch(&uri, &json!({"base_url": "https://h.example:443/v2"})).await.ok();
    let anew = json!({"base_url": away, "headers": r#"{"x-key":"new"}"#});
    test.patch(&uri, &anew).await.ok();
}

#[tokio::test]
async fn every_bound_is_kept() {
    let test = TestApi::new();
    let cases = [
        ("name", json!("")),
        ("name", json!("x".repeat(256))),
        ("name", Value::Null),
        ("slug", json!("")),
        ("slug", json!("UPPER")),
        ("slug", json!("a_b")),
        ("slug", json!("-a")),
        ("slug", json!("a--b")),
        ("slug", json!("x".repeat(65))),
        ("base_url", json!("")),
        ("base_url", json!("h.example/api")),
        ("base_url", json!("ftp://h.example")),
        ("base_url", json!("http://h.example")),
        ("base_url", json!("https://user:pw@h.example")),
        ("base_url", json!("https://h.example?x=1")),
        ("base_url", json!("https://h.example/#x")),
        ("base_url", json!("https://h.example:99999")),
        ("base_url", json!("https://h.example:0")),
        ("base_url", json!("https://localhost/v1")),
        ("base_url", json!("https://a.localhost./v1")),
        ("base_url", json!("https://127.0.0.1")),
        ("base_url", json!("https://[::1]:8443")),
        ("base_url", json!("https://[::ffff:127.0.0.1]")),
        ("base_url", json!(format!("https://h.example/{}", "x".repeat(2048)))),
        ("enable", json!("true")),
        ("beta", json!(1)),
        ("position", json!(1.5)),
        ("position", json!(1_000_001)),
        ("description", json!(7)),
        ("headers", json!({"x-key": "k"})),
        ("headers", json!("[]")),
        ("headers", json!("{")),
        ("headers", json!(r#"{"x":1}"#)),
        ("headers", json!(r#"{"a b":"1"}"#)),
        ("headers", json!(r#"{"x":"line\nbreak"}"#)),
        ("headers", json!(r#"{"x":"1","x":"2"}"#)),
        ("headers", json!(r#"{"x":"1","X":"2"}"#)),
        ("headers", json!(r#"{"x":"********"}"#)),
        ("headers", json!(r#"{"Host":"x"}"#)),
        ("headers", json!(r#"{"content-length":"1"}"#)),
        ("headers", json!(r#"{"connection":"close"}"#)),
        ("headers", json!(r#"{"transfer-encoding":"chunked"}"#)),
        ("headers", json!(format!("{{\"x\":\"{}\"}}", "v".repeat(8192)))),
    ];
    for (name, value) in cases {
        let mut body = least("mine");
        body[name] = value.clone();
        let error = test.post(PROVIDERS, &body).await.error(400, 7001);
        assert_eq!(error["path"], json!(["body", name]), "{value}");
    }
    for name in ["name", "slug", "base_url"] {
        let mut body = least("mine");
        body.as_object_mut().unwrap().remove(name);
        let error = test.post(PROVIDERS, &body).await.error(400, 7001);
        assert_eq!(error["message"], format!("{name} is required"));
    }
    assert_eq!(test.get(PROVIDERS).await.ok()["result_info"]["total_count"], 0);
}

#[tokio::test]
async fn plain_http_is_for_operators_who_asked_for_it() {
    let options = Options { allow_http_providers: true, ..Options::default() };
    let gateways = vec![gateway("acc1", "shop", 1)];
    let test = TestApi::with_options(gateways, FakeLogs::default(), options);
    let mut body = least("local");
    body["base_url"] = json!("http://127.0.0.1:8080/v1");
    test.post(PROVIDERS, &body).await.ok();
    body["base_url"] = json!("http://u@127.0.0.1");
    test.post(PROVIDERS, &body).await.error(400, 7001);
}

#[tokio::test]
async fn the_list_is_ordered_filtered_and_paged() {
    let test = TestApi::new();
    for (slug, name, position, enable, beta) in [
        ("c", "Gamma", 0, true, false),
        ("a", "beta", 1, true, true),
        ("b", "Alpha", 0, false, true),
    ] {
        let mut body = least(slug);
        body["name"] = json!(name);
        body["position"] = json!(position);
        body["enable"] = json!(enable);
        body["beta"] = json!(beta);
        made(&test, &body).await;
    }
    for (query, expected) in [
        ("", vec!["b", "c", "a"]),
        ("order_by=slug", vec!["a", "b", "c"]),
        ("enable=true", vec!["c", "a"]),
        ("beta=true&enable=false", vec!["b"]),
        ("search=ALPHA", vec!["b"]),
        ("search=%25", vec![]),
        ("per_page=2&page=2", vec!["a"]),
        ("page=9", vec![]),
    ] {
        let answer = test.get(&format!("{PROVIDERS}?{query}")).await.ok();
        assert_eq!(slugs(&answer), expected, "{query}");
    }
    for query in ["order_by=price", "enable=1", "per_page=101", "page=0"] {
        test.get(&format!("{PROVIDERS}?{query}")).await.error(400, 7001);
    }
}

#[tokio::test]
async fn of_many_at_once_one_gets_the_slug_and_no_change_is_lost() {
    let test = TestApi::new();
    let body = least("mine");
    let answers = join_all((0..50).map(|_| test.post(PROVIDERS, &body))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    let id =
        answers.iter().find(|answer| answer.status == 200).unwrap().ok()["result"]["id"].clone();
    let uri = format!("{PROVIDERS}/{}", id.as_str().unwrap());
    let bodies: Vec<Value> = (0..50)
        .map(|n| if n % 2 == 0 { json!({"position": n}) } else { json!({"description": "d"}) })
        .collect();
    join_all(bodies.iter().map(|body| test.patch(&uri, body))).await;
    let result = test.get(&uri).await.ok()["result"].clone();
    assert_eq!((&result["position"], &result["description"]), (&json!(48), &json!("d")));
}

#[tokio::test]
async fn reading_needs_read_and_changing_needs_write() {
    let test = TestApi::new();
    let uri = made(&test, &least("mine")).await;
    test.get_as(Permission::Read, &uri).await.ok();
    test.get_as(Permission::MetadataRead, &uri).await.error(403, 10000);
    let headers = [("authorization", "Bearer tok-ai-gateway-read")];
    test.send(Method::DELETE, &uri, &headers).await.error(403, 10000);
    test.get(&uri.replace("acc1", "acc2")).await.error(403, 10000);
}
