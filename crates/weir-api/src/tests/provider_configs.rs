//! Stored provider keys.

use futures_util::future::join_all;
use http::Method;
use serde_json::{Value, json};
use weir_core::Permission;
use weir_core::secrets::{ProviderConfig, SecretsStore, StoredSecret};

use super::custom_providers::{least, made, trail};
use super::secrets_store::{opened, secret, store};
use super::{GATEWAYS, TestApi};

const CONFIGS: &str = "/client/v4/accounts/acc1/ai-gateway/gateways/shop/provider_configs";
const CANARY: &str = "sk-canary-0123456789";

fn key(provider: &str, alias: &str) -> Value {
    json!({"provider_slug": provider, "alias": alias, "default_config": false, "secret": CANARY})
}

/// Provider configs, secrets and stores that there are.
fn counts(test: &TestApi) -> (usize, usize, usize) {
    let snapshot = test.api().configuration.snapshot();
    let (now, account) = (snapshot.configuration(), "acc1".into());
    (
        now.of::<ProviderConfig>(&account).count(),
        now.of::<StoredSecret>(&account).count(),
        now.of::<SecretsStore>(&account).count(),
    )
}

fn id(answer: &Value) -> String {
    answer["result"]["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_key_goes_into_the_default_store_and_leaves_with_its_config() {
    let test = TestApi::new();
    let made = test.post(CONFIGS, &key("openai", "default")).await;
    let shown = made.ok();
    assert_eq!(shown["messages"], json!([]));
    assert_eq!(shown["result"]["secret_preview"], "sk-…6789");
    assert_eq!(shown["result"]["rate_limit"], Value::Null);
    assert_eq!(shown["result"]["gateway_id"], "shop");
    let secret_id = shown["result"]["secret_id"].as_str().unwrap().to_owned();
    assert_eq!(opened(&test, &secret_id).await, CANARY);
    let snapshot = test.api().configuration.snapshot();
    let account = "acc1".into();
    let secret = snapshot.configuration().get::<StoredSecret>(&account, &secret_id).unwrap();
    assert_eq!(
        (secret.name.as_str(), &secret.scopes[..]),
        ("shop_openai_default", &["ai_gateway".to_owned()][..])
    );
    let stores = snapshot.configuration().of::<SecretsStore>(&account);
    assert_eq!(
        stores.map(|store| store.name.as_str()).collect::<Vec<_>>(),
        ["default_secrets_store"]
    );

    let uri = format!("{CONFIGS}/{}", id(&shown));
    test.post(CONFIGS, &key("openai", "second")).await.ok();
    assert_eq!(counts(&test), (2, 2, 1));
    let rotated = test.put(&uri, &json!({"secret": "sk-canary-rotated-zzzz"})).await;
    assert_eq!(rotated.ok()["result"]["secret_preview"], "sk-…zzzz");
    assert_eq!(opened(&test, &secret_id).await, "sk-canary-rotated-zzzz");
    let list = test.get(CONFIGS).await;
    let taken = test.post(CONFIGS, &key("openai", "default")).await;
    let gone = test.delete(&uri).await;
    assert_eq!(id(&gone.ok()), id(&shown));
    assert_eq!(counts(&test), (1, 1, 1));
    for answer in [made, rotated, list, taken, gone] {
        assert!(!String::from_utf8(answer.body).unwrap().contains("canary"));
    }
    assert!(!trail(&test).await.contains("canary"));
    test.delete(&uri).await.error(404, 7002);
    test.put(&uri, &json!({"secret": "x"})).await.error(404, 7002);
}

#[tokio::test]
async fn a_key_goes_into_the_store_that_the_gateway_names() {
    let test = TestApi::new();
    let secrets = store(&test, "keys").await;
    let store_id = secrets.rsplit('/').nth(1).unwrap();
    let gateway = json!({
        "cache_invalidate_on_update": true, "cache_ttl": 0, "collect_logs": true,
        "rate_limiting_interval": 0, "rate_limiting_limit": 0, "store_id": store_id
    });
    test.put(&format!("{GATEWAYS}/shop"), &gateway).await.ok();
    test.post(CONFIGS, &key("anthropic", "a b")).await.ok();
    let inside = test.get(&secrets).await.ok();
    assert_eq!(inside["result"][0]["name"], "shop_anthropic_a b");
    let uri = format!("{secrets}/{}", inside["result"][0]["id"].as_str().unwrap());
    let error = test.delete(&uri).await.error(400, 7001);
    assert!(error["message"].as_str().unwrap().contains("alias a b"), "{error}");
}

#[tokio::test]
async fn a_stored_secret_is_used_rotated_and_kept() {
    let test = TestApi::new();
    let secrets = store(&test, "keys").await;
    let secret_id = secret(&test, &secrets, "shop_openai_default").await;
    let mut body = key("openai", "default");
    body.as_object_mut().unwrap().remove("secret");
    body["secret_id"] = json!(secret_id);
    let made = test.post(CONFIGS, &body).await.ok();
    assert_eq!(made["messages"], json!([]));
    body["alias"] = json!("other");
    let other = test.post(CONFIGS, &body).await.ok();
    assert!(other["messages"][0]["message"].as_str().unwrap().contains("shop_openai_other"));
    let uri = format!("{secrets}/{secret_id}");
    let of_store = secrets.strip_suffix("/secrets").unwrap();
    for (refused, path) in [
        (test.delete(&uri).await, json!(["path", "secret_id"])),
        (test.patch(&uri, &json!({"scopes": ["workers"]})).await, json!(["body", "scopes"])),
        (
            test.call(Method::DELETE, &secrets, &json!([{"id": secret_id}])).await,
            json!(["body", "0", "id"]),
        ),
        (test.delete(&format!("{of_store}?force=true")).await, json!(["path", "store_id"])),
    ] {
        let error = refused.error(400, 7001);
        assert_eq!(error["path"], path);
        assert!(error["message"].as_str().unwrap().contains("gateway shop"), "{error}");
    }
    test.put(&format!("{CONFIGS}/{}", id(&made)), &json!({"secret": "rotated"})).await.ok();
    assert_eq!(opened(&test, &secret_id).await, "rotated");
    test.delete(&format!("{CONFIGS}/{}", id(&made))).await.ok();
    test.delete(&format!("{CONFIGS}/{}", id(&other))).await.ok();
    assert_eq!(counts(&test), (0, 1, 1));
    test.delete(&uri).await.ok();
}

#[tokio::test]
async fn a_secret_that_another_config_uses_outlives_the_one_it_was_made_for() {
    let test = TestApi::new();
    let first = test.post(CONFIGS, &key("openai", "one")).await.ok();
    let mut body = key("openai", "two");
    body.as_object_mut().unwrap().remove("secret");
    body["secret_id"] = first["result"]["secret_id"].clone();
    test.post(CONFIGS, &body).await.ok();
    test.delete(&format!("{CONFIGS}/{}", id(&first))).await.ok();
    assert_eq!(counts(&test), (1, 1, 1));
    // With the gateway go its configs and the secrets that were made for them.
    test.post(CONFIGS, &key("openai", "three")).await.ok();
    test.delete(&format!("{GATEWAYS}/shop")).await.ok();
    assert_eq!(counts(&test), (0, 1, 1));
}

#[tokio::test]
async fn one_key_of_a_provider_is_the_default() {
    let test = TestApi::new();
    let mut body = key("openai", "one");
    body["default_config"] = json!(true);
    let first = test.post(CONFIGS, &body).await.ok();
    body["alias"] = json!("two");
    test.post(CONFIGS, &body).await.ok();
    body["provider_slug"] = json!("anthropic");
    test.post(CONFIGS, &body).await.ok();
    test.post(CONFIGS, &key("openai", "three")).await.ok();
    let list = test.get(CONFIGS).await.ok();
    let mut defaults: Vec<(&str, &str)> = list["result"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|config| config["default_config"] == true)
        .map(|config| {
            (config["provider_slug"].as_str().unwrap(), config["alias"].as_str().unwrap())
        })
        .collect();
    defaults.sort_unstable();
    assert_eq!(defaults, [("anthropic", "two"), ("openai", "two")]);
    let former =
        list["result"].as_array().unwrap().iter().find(|config| config["id"] == id(&first));
    assert!(former.unwrap()["modified_at"].as_str() > first["result"]["modified_at"].as_str());
}

#[tokio::test]
async fn every_bound_is_kept() {
    let test = TestApi::new();
    made(&test, &least("mine")).await;
    let cases = [
        ("provider_slug", json!("opneai"), Some("openai is known")),
        ("provider_slug", json!("bedrock"), Some("aws-bedrock is known")),
        ("provider_slug", json!("custom-mime"), Some("custom-mine is known")),
        ("provider_slug", json!("zzzzzzzz"), None),
        ("provider_slug", json!(""), None),
        ("alias", json!(""), None),
        ("alias", json!("x".repeat(65)), None),
        ("alias", json!(" a"), None),
        ("alias", json!("a\nb"), None),
        ("alias", json!("ü"), None),
        ("alias", Value::Null, None),
        ("default_config", json!("yes"), None),
        ("default_config", Value::Null, None),
        ("secret", json!(""), None),
        ("secret", json!("sk-x\n"), Some("white space")),
        ("secret", json!("x".repeat(65_537)), None),
        ("secret", json!("ä".repeat(40_000)), Some("bytes")),
        ("secret_id", json!("both"), Some("exclude each other")),
        ("rate_limit", json!(-1), None),
        ("rate_limit", json!("1"), None),
        ("rate_limit_period", json!(0), None),
    ];
    for (name, value, hint) in cases {
        let mut body = key("openai", "default");
        body[name] = value.clone();
        let error = test.post(CONFIGS, &body).await.error(400, 7001);
        assert_eq!(error["path"], json!(["body", name]), "{value}");
        let message = error["message"].as_str().unwrap();
        assert!(hint.is_none_or(|hint| message.contains(hint)), "{message}");
    }
    let mut body = key("openai", "default");
    body.as_object_mut().unwrap().remove("secret");
    assert_eq!(test.post(CONFIGS, &body).await.error(400, 7001)["path"][1], "secret");
    let secrets = store(&test, "keys").await;
    let workers = json!([{"name": "w", "value": "v", "scopes": ["workers"]}]);
    let workers = test.post(&secrets, &workers).await.ok()["result"][0]["id"].clone();
    for unknown in [json!("nowhere"), workers] {
        body["secret_id"] = unknown;
        let error = test.post(CONFIGS, &body).await.error(400, 7001);
        assert!(error["message"].as_str().unwrap().contains("was not found"), "{error}");
    }
    for name in ["provider_slug", "alias", "default_config"] {
        let mut body = key("openai", "default");
        body.as_object_mut().unwrap().remove(name);
        test.post(CONFIGS, &body).await.error(400, 7001);
    }
    assert_eq!(counts(&test).0, 0);
    let made = test.post(CONFIGS, &key("custom-mine", "default")).await.ok();
    let uri = format!("{CONFIGS}/{}", id(&made));
    for bad in [json!({}), json!({"secret": ""}), json!({"secret": " x"}), json!({"secret": 1})] {
        assert_eq!(test.put(&uri, &bad).await.error(400, 7001)["path"][1], "secret");
    }
    test.put(&uri.replace("/shop/", "/default/"), &json!({"secret": "x"})).await.error(404, 7002);
    test.post(&CONFIGS.replace("/shop/", "/nowhere/"), &body).await.error(404, 7002);
}

#[tokio::test]
async fn a_limit_has_a_period() {
    let test = TestApi::new();
    let mut body = key("openai", "default");
    body["rate_limit"] = json!(100);
    let result = test.post(CONFIGS, &body).await.ok()["result"].clone();
    assert_eq!((&result["rate_limit"], &result["rate_limit_period"]), (&json!(100), &json!(60)));
}

#[tokio::test]
async fn the_list_is_paged_and_of_one_gateway() {
    let test = TestApi::new();
    for alias in ["a", "b", "c"] {
        test.post(CONFIGS, &key("openai", alias)).await.ok();
    }
    let page = test.get(&format!("{CONFIGS}?per_page=2&page=2")).await.ok();
    assert_eq!(
        (&page["result_info"]["count"], &page["result_info"]["total_count"]),
        (&json!(1), &json!(3))
    );
    assert_eq!(test.get(&format!("{CONFIGS}?page=5")).await.ok()["result"], json!([]));
    let other = CONFIGS.replace("/shop/", "/default/");
    assert_eq!(test.get(&other).await.ok()["result"], json!([]));
    test.delete(&format!("{other}/{}", page["result"][0]["id"].as_str().unwrap()))
        .await
        .error(404, 7002);
    test.get(&format!("{CONFIGS}?per_page=101")).await.error(400, 7001);
}

#[tokio::test]
async fn of_many_at_once_one_gets_the_alias_and_nothing_is_left_of_the_others() {
    let test = TestApi::new();
    let body = key("openai", "default");
    let answers = join_all((0..50).map(|_| test.post(CONFIGS, &body))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    assert_eq!(counts(&test), (1, 1, 1));
}

#[tokio::test]
async fn writing_keys_needs_its_own_permission() {
    let test = TestApi::new();
    let body = key("openai", "default");
    for permission in [Permission::Write, Permission::SecretsRead] {
        test.call_as(permission, Method::POST, CONFIGS, &body).await.error(403, 10000);
    }
    let made = test.call_as(Permission::SecretsWrite, Method::POST, CONFIGS, &body).await.ok();
    let uri = format!("{CONFIGS}/{}", id(&made));
    let rotated = json!({"secret": "new"});
    test.call_as(Permission::Write, Method::PUT, &uri, &rotated).await.error(403, 10000);
    test.call_as(Permission::Write, Method::DELETE, &uri, &rotated).await.error(403, 10000);
    test.get_as(Permission::Read, CONFIGS).await.ok();
    test.get_as(Permission::SecretsWrite, CONFIGS).await.error(403, 10000);
}

#[tokio::test]
async fn keys_of_a_custom_provider_stay_where_it_was() {
    let test = TestApi::new();
    let provider = made(&test, &least("mine")).await;
    test.post(CONFIGS, &key("custom-mine", "default")).await.ok();
    let error = test.patch(&provider, &json!({"slug": "yours"})).await.error(400, 7001);
    assert!(error["message"].as_str().unwrap().contains("gateway shop"), "{error}");
    let moved = json!({"base_url": "https://evil.example"});
    let answer = test.call_as(Permission::Write, Method::PATCH, &provider, &moved).await;
    assert!(answer.error(403, 10000)["message"].as_str().unwrap().contains("Secrets Store Write"));
    test.patch(&provider, &moved).await.ok();
    test.delete(&provider).await.ok();
    assert_eq!(counts(&test), (0, 0, 1));
}

#[tokio::test]
async fn a_token_for_some_gateways_does_not_reach_into_others_by_their_secrets() {
    let test = TestApi::new();
    let elsewhere = CONFIGS.replace("shop", "default");
    let own = test.post(CONFIGS, &key("openai", "own")).await.ok();
    let foreign = test.post(&elsewhere, &key("openai", "theirs")).await.ok();
    let point = |alias: &str, secret: &Value| {
        json!({"provider_slug": "openai", "alias": alias, "default_config": false,
               "secret_id": secret["result"]["secret_id"]})
    };
    let shared = test.post(CONFIGS, &point("shared", &foreign)).await.ok();
    let token =
        json!({"name": "shop", "permissions": ["Secrets Store Write"], "gateways": ["shop"]});
    let token = test.post("/client/v4/accounts/acc1/tokens", &token).await.ok();
    let token = format!("Bearer {}", token["result"]["value"].as_str().unwrap());
    let call = async |method: Method, uri: &str, body: &Value| {
        let headers = [("authorization", token.as_str())];
        test.send_body(method, uri, &headers, body.to_string().into()).await
    };
    let rotated = json!({"secret": "sk-another-0123456789"});
    let one = |config: &Value| format!("{CONFIGS}/{}", id(config));
    call(Method::POST, CONFIGS, &point("taken", &foreign)).await.error(403, 10000);
    call(Method::PUT, &one(&shared), &rotated).await.error(403, 10000);
    assert_eq!(opened(&test, foreign["result"]["secret_id"].as_str().unwrap()).await, CANARY);
    // What is its gateway's own stays in reach.
    call(Method::PUT, &one(&own), &rotated).await.ok();
    call(Method::POST, CONFIGS, &point("twice", &own)).await.ok();
}

fn with_places() -> TestApi {
    use weir_core::secrets::SecretPlaces;
    let secret_places =
        SecretPlaces { environment: vec!["WEIR_KEY_*".to_owned()], ..SecretPlaces::default() };
    let options = crate::Options { secret_places, ..crate::Options::default() };
    let gateways = vec![super::gateway("acc1", "shop", 1)];
    TestApi::with_options(gateways, super::FakeLogs::default(), options)
}

#[tokio::test]
async fn a_key_may_lie_elsewhere() {
    let test = with_places();
    let mut body = key("openai", "default");
    body.as_object_mut().unwrap().remove("secret");
    body["secret_ref"] = json!("env:WEIR_KEY_OPENAI");
    let made = test.post(CONFIGS, &body).await.ok();
    assert_eq!(made["result"]["secret_ref"], "env:WEIR_KEY_OPENAI");
    assert_eq!(made["result"]["secret_preview"], "env:WEIR_KEY_OPENAI");
    let uri = format!("{CONFIGS}/{}", id(&made));
    for (reference, named) in [
        ("env:PATH", "secrets.environment"),
        ("file:/etc/passwd", "secrets.files"),
        ("vault:secret/x#key", "secrets.vault.address"),
        ("http://h.example", "must be env:NAME"),
    ] {
        body["alias"] = json!("other");
        body["secret_ref"] = json!(reference);
        let refused = [
            test.post(CONFIGS, &body).await,
            test.put(&uri, &json!({"secret_ref": reference})).await,
        ];
        for answer in refused {
            let error = answer.error(400, 7001);
            assert_eq!(error["path"], json!(["body", "secret_ref"]));
            assert!(error["message"].as_str().unwrap().contains(named), "{error}");
        }
    }
    let both = json!({"secret": "sk", "secret_ref": "env:WEIR_KEY_A"});
    test.put(&uri, &both).await.error(400, 7001);
    // Back to a value, and to another place.
    let valued = test.put(&uri, &json!({"secret": CANARY})).await.ok();
    assert_eq!(valued["result"]["secret_ref"], Value::Null);
    let moved = test.put(&uri, &json!({"secret_ref": "env:WEIR_KEY_B"})).await.ok();
    assert_eq!(moved["result"]["secret_ref"], "env:WEIR_KEY_B");

    let secrets = store(&test, "keys").await;
    let new = json!([{"name": "a", "secret_ref": "env:WEIR_KEY_C", "scopes": ["ai_gateway"]}]);
    let made = test.post(&secrets, &new).await.ok();
    assert_eq!(made["result"][0]["secret_ref"], "env:WEIR_KEY_C");
    let new = json!([{"name": "b", "secret_ref": "env:HOME", "scopes": ["ai_gateway"]}]);
    let error = test.post(&secrets, &new).await.error(400, 7001);
    assert_eq!(error["path"], json!(["body", "0", "secret_ref"]));
}

#[tokio::test]
async fn keys_stand_in_pools_and_change_without_being_stored_anew() {
    let test = with_places();
    let mut body = key("openai", "spare");
    body["pool"] = json!("default");
    body["weight"] = json!(3);
    let made = test.post(CONFIGS, &body).await.ok();
    assert_eq!(
        (&made["result"]["pool"], &made["result"]["weight"]),
        (&json!("default"), &json!(3))
    );
    assert_eq!(made["result"]["status"], json!({"state": "ok", "until": null, "reason": null}));
    let secret_id = made["result"]["secret_id"].as_str().unwrap().to_owned();
    let uri = format!("{CONFIGS}/{}", id(&made));
    let change = json!({"weight": 0, "rate_limit": 5});
    let changed = test.put(&uri, &change).await.ok()["result"].clone();
    assert_eq!((&changed["weight"], &changed["pool"]), (&json!(0), &json!("default")));
    assert_eq!(changed["rate_limit_period"], 60);
    assert_eq!(opened(&test, &secret_id).await, CANARY);
    let changed = test.put(&uri, &json!({"pool": null})).await.ok();
    assert_eq!(changed["result"]["pool"], Value::Null);
    test.put(&uri, &json!({})).await.error(400, 7001);
    test.put(&uri, &json!({"weight": 1001})).await.error(400, 7001);
}

#[tokio::test]
async fn a_key_is_typed_with_its_origin() {
    let test = with_places();
    let made = test.post(CONFIGS, &key("openai", "default")).await.ok();
    assert_eq!(made["result"]["origin"], "https://api.openai.com");
    let azure = test.post(CONFIGS, &key("azure-openai", "default")).await.ok();
    assert_eq!(azure["result"]["origin"], Value::Null);
    let mut pinned = key("azure-openai", "pinned");
    pinned["origin"] = json!("https://RES.openai.azure.com/");
    let made_pinned = test.post(CONFIGS, &pinned).await.ok();
    assert_eq!(made_pinned["result"]["origin"], "https://res.openai.azure.com");
    for (slug, origin) in [
        ("azure-openai", "https://evil.example"),
        ("azure-openai", "http://res.openai.azure.com"),
        ("azure-openai", "https://res.openai.azure.com/path"),
        ("azure-openai", "res.openai.azure.com"),
        ("openai", "https://evil.example"),
    ] {
        let mut body = key(slug, "bad");
        body["origin"] = json!(origin);
        let error = test.post(CONFIGS, &body).await.error(400, 7001);
        assert_eq!(error["path"], json!(["body", "origin"]), "{slug} {origin}");
    }
    // A rotated key keeps the place that was chosen for it.
    let uri = format!("{CONFIGS}/{}", id(&made_pinned));
    let rotated = test.put(&uri, &json!({"secret": CANARY})).await.ok();
    assert_eq!(rotated["result"]["origin"], "https://res.openai.azure.com");
    test.put(&uri, &json!({"origin": null})).await.error(400, 7001);
    let freed = test.put(&uri, &json!({"origin": null, "secret": CANARY})).await.ok();
    assert_eq!(freed["result"]["origin"], Value::Null);
    // A secret that is a key for one place is none for another.
    let mut other = key("anthropic", "default");
    other.as_object_mut().unwrap().remove("secret");
    other["secret_id"] = made["result"]["secret_id"].clone();
    let error = test.post(CONFIGS, &other).await.error(400, 7001);
    assert!(error["message"].as_str().unwrap().contains("api.openai.com"), "{error}");
    // One whose host calls name is no key of another provider either.
    other["secret_id"] = azure["result"]["secret_id"].clone();
    let error = test.post(CONFIGS, &other).await.error(400, 7001);
    assert!(error["message"].as_str().unwrap().contains("azure-openai"), "{error}");
}
