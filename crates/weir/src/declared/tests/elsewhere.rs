//! Reading an account out of a server that is not this version, nor this program.

use std::collections::HashMap;

use async_trait::async_trait;
use http::Method;
use serde_json::{Value, json};

use super::api::{Api, CallError};
use super::*;

/// Answers by path; whatever it does not know is refused.
struct Elsewhere(HashMap<&'static str, Value>);

#[async_trait]
impl Api for Elsewhere {
    async fn call(
        &self,
        method: Method,
        path: &str,
        _: Option<&Value>,
    ) -> Result<Value, CallError> {
        assert_eq!(method, Method::GET, "nothing is changed there");
        let path = path.split('?').next().unwrap().strip_prefix("/accounts/them").unwrap();
        self.0.get(path).cloned().ok_or_else(|| {
            CallError::refused(403, &json!({ "errors": [{ "code": 1, "message": "no access" }] }))
        })
    }
}

fn elements(id: &str) -> Value {
    json!([{ "id": id, "type": "end" }])
}

fn account() -> Elsewhere {
    let result = |rows: Value| json!({ "success": true, "result": rows });
    let gateway = json!({
        "id": "g", "cache_ttl": 9, "store_id": "s1", "internal_id": "i", "is_default": false,
        "future_setting": 5, "unused_setting": null
    });
    let config = json!({ "id": "c1", "provider_slug": "openai", "alias": "a", "default_config": 1,
        "secret_id": "k1", "secret_preview": "sk-…" });
    let route = json!({
        "id": 12345678, "name": "r", "elements": elements("newest"),
        "deployment": { "version_id": "v1" },
        "version": { "version_id": "v2", "data": elements("newest").to_string() }
    });
    let version = json!({ "version_id": "v1", "data": elements("deployed").to_string() });
    Elsewhere(HashMap::from([
        ("/secrets_store/stores", result(json!([{ "id": "s1", "name": "keys" }]))),
        ("/secrets_store/stores/s1/secrets", result(json!([{ "id": "k1", "name": "openai" }]))),
        ("/ai-gateway/gateways", result(json!([gateway]))),
        ("/ai-gateway/gateways/g/provider_configs", result(json!([config]))),
        (
            "/ai-gateway/gateways/g/routes",
            json!({ "success": true, "data": { "routes": [route] } }),
        ),
        ("/ai-gateway/gateways/g/routes/12345678/versions/v1", result(version)),
        ("/ai-gateway/gateways/g/datasets", result(json!([]))),
    ]))
}

#[tokio::test]
async fn what_is_there_is_read_and_what_is_not_told_is_named() {
    let (_, vocabulary) = Installation::empty().rehearse().await;
    let found = observe(&account(), "them", &vocabulary, true).await.unwrap();
    let text = write(&found.document);
    let tables = text.split_once("account = \"them\"\n").unwrap().1;
    assert_eq!(
        tables,
        "\n[secrets_stores.keys]\n\
         \n[gateways.g]\nauthentication = false\ncache_ttl = 9\nsecrets_store = \"keys\"\n\
         \n[gateways.g.provider_configs.\"openai/a\"]\n\
         default_config = true\nsecret_name = \"keys/openai\"\n\
         \n[gateways.g.routes.r]\nelements = [\n    { id = \"deployed\", type = \"end\" },\n]\n"
    );
    assert_eq!(
        found.left,
        [
            "costs of custom providers: the other side answered 403: no access",
            "custom providers: the other side answered 403: no access",
            "gateways.g.future_setting = 5: there is no such setting here",
            "policies of gateway g: the other side answered 403: no access",
            "prices: the other side answered 403: no access",
            "secret keys/openai: its value is not told",
        ]
    );
}

/// The gateways are what it is all about: without them there is nothing to import.
#[tokio::test]
async fn an_account_that_may_not_be_read_is_an_error() {
    let (_, vocabulary) = Installation::empty().rehearse().await;
    let refused = observe(&Elsewhere(HashMap::new()), "them", &vocabulary, true).await;
    assert!(matches!(refused, Err(CallError::Refused { status: 403, .. })), "{refused:?}");
    // Here, everything must be told.
    let mut partly = account();
    partly.0.remove("/ai-gateway/gateways/g/datasets");
    assert!(observe(&partly, "them", &vocabulary, false).await.is_err());
}
