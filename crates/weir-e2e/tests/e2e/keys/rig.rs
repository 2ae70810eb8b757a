//! Stored keys, and calls that bring none.

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use weir_e2e::http::{Request, Response};
use weir_e2e::weir::Config;

use crate::rig::Rig;
use crate::traffic::rig::start_with;

/// Starts with gateway `gw1`, a clock that the test moves and draws that can be foretold.
pub(super) async fn start(change: impl FnOnce(Config) -> Config) -> Result<Rig> {
    start_with(&json!({}), |config| change(config.set(&["testing", "seed"], json!(7)))).await
}

/// Stores a key of OpenAI's under an alias; gives its id.
pub(super) async fn store(rig: &Rig, alias: &str, more: &Value) -> Result<String> {
    let mut body = json!({"alias": alias, "default_config": alias == "default",
        "provider_slug": "openai", "secret": format!("sk-{alias}-0123456789")});
    for (name, value) in more.as_object().into_iter().flatten() {
        body[name] = value.clone();
    }
    if body["secret_ref"].is_string() || body["secret_id"].is_string() {
        body.as_object_mut().context("body")?.remove("secret");
    }
    let stored = rig.weir.result("POST", CONFIGS, Some(&body)).await?;
    Ok(stored["id"].as_str().context("id of the stored key")?.to_owned())
}

/// The stored keys of gateway `gw1`.
pub(super) const CONFIGS: &str = "/gateways/gw1/provider_configs";

/// A stored key as the management API shows it.
pub(super) async fn shown(rig: &Rig, alias: &str) -> Result<Value> {
    let all = rig.weir.result("GET", CONFIGS, None).await?;
    let mut all = all.as_array().cloned().unwrap_or_default().into_iter();
    all.find(|config| config["alias"] == alias).context("no such key")
}

fn with_token(request: Request) -> Request {
    request.header("cf-aig-authorization", "Bearer tok-run")
}

/// A chat on OpenAI's own path, without a key.
pub(super) fn ask() -> Request {
    let body = json!({"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "hi"}]});
    with_token(Request::post("/v1/acc1/gw1/openai/chat/completions")).json(&body)
}

/// The same on every surface.
pub(super) fn surfaces() -> [(&'static str, Request); 4] {
    let body = json!({"model": "openai/gpt-4o-mini",
        "messages": [{"role": "user", "content": "hi"}]});
    let mut own = body.clone();
    own["model"] = json!("gpt-4o-mini");
    let steps = json!([{"provider": "openai", "endpoint": "chat/completions", "query": own}]);
    let rest = Request::post("/client/v4/accounts/acc1/ai/v1/chat/completions")
        .header("authorization", "Bearer tok-run")
        .header("cf-aig-gateway-id", "gw1");
    let mut of_rest = body.clone();
    of_rest["model"] = json!("openai/gpt-4.1");
    [
        ("native", ask()),
        ("universal", with_token(Request::post("/v1/acc1/gw1")).json(&steps)),
        ("compat", with_token(Request::post("/v1/acc1/gw1/compat/chat/completions")).json(&body)),
        ("rest", rest.json(&of_rest)),
    ]
}

/// Sends, and gives the status and the keys that the provider got meanwhile.
pub(super) async fn sent(rig: &Rig, request: &Request) -> Result<(Response, Vec<String>)> {
    let before = rig.upstream.calls().len();
    let answer = rig.weir.send(request).await?;
    let calls = rig.upstream.calls().into_iter().skip(before);
    let key = |header: Option<&str>| header.unwrap_or_default().replace("Bearer ", "");
    Ok((answer, calls.map(|call| key(call.header("authorization"))).collect()))
}
