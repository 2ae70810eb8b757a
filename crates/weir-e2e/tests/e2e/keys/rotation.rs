//! Rotation and deletion count at once.

use anyhow::{Context as _, Result};
use serde_json::json;
use weir_e2e::upstream::Answer;

use super::rig::{CONFIGS, sent, shown, start, store, surfaces};

#[tokio::test]
async fn a_rotated_key_is_used_at_once_and_begins_anew() -> Result<()> {
    for (surface, request) in surfaces() {
        let rig = start(|config| config).await?;
        let id = store(&rig, "default", &json!({})).await?;
        rig.upstream.script("openai", [Answer::new(401)]);
        assert_eq!(sent(&rig, &request).await?.0.status, 401, "{surface}");
        assert_eq!(shown(&rig, "default").await?["status"]["state"], "cooling");
        let path = format!("{CONFIGS}/{id}");
        let rotated =
            rig.weir.result("PUT", &path, Some(&json!({"secret": "sk-rotated-1"}))).await?;
        assert_eq!(rotated["status"]["state"], "ok", "{surface}");
        assert_eq!(sent(&rig, &request).await?.1, ["sk-rotated-1"], "{surface}");
        // A secret of the store may be rotated there, too.
        let secret = rotated["secret_id"].as_str().context("secret_id")?;
        let stores = "/client/v4/accounts/acc1/secrets_store/stores";
        let admin =
            |request: weir_e2e::http::Request| request.header("authorization", "Bearer tok-admin");
        let listed = rig.weir.send(&admin(weir_e2e::http::Request::get(stores))).await?.json()?;
        let store_id = listed["result"][0]["id"].as_str().context("a store")?;
        let uri = format!("{stores}/{store_id}/secrets/{secret}");
        let change = weir_e2e::http::Request::new("PATCH", &uri);
        let change = admin(change).json(&json!({"value": "sk-rotated-2"}));
        assert_eq!(rig.weir.send(&change).await?.status, 200);
        assert_eq!(sent(&rig, &request).await?.1, ["sk-rotated-2"], "{surface}");
        rig.weir.result("DELETE", &path, None).await?;
        assert_eq!(sent(&rig, &request).await?.1, [""], "{surface}: nothing is left to send");
    }
    Ok(())
}

#[tokio::test]
async fn a_deleted_key_leaves_its_pool_at_once() -> Result<()> {
    let rig = start(|config| config).await?;
    store(&rig, "default", &json!({})).await?;
    let id = store(&rig, "two", &json!({"pool": "default", "weight": 1000})).await?;
    let (_, request) = surfaces()[0].clone();
    assert_eq!(sent(&rig, &request).await?.1, ["sk-two-0123456789"]);
    rig.weir.result("DELETE", &format!("{CONFIGS}/{id}"), None).await?;
    for _ in 0..10 {
        assert_eq!(sent(&rig, &request).await?.1, ["sk-default-0123456789"]);
    }
    Ok(())
}
