//! Routes, and calls of them.

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use weir_e2e::http::{Request, Response};
use weir_e2e::weir::Weir;

use crate::rig::Rig;
use crate::traffic;
use crate::unified::rig::store;

/// A gateway with stored keys of the providers that the routes here name.
pub(crate) async fn world(settings: &Value) -> Result<Rig> {
    let rig = traffic::rig::start(settings).await?;
    for slug in ["openai", "groq", "mistral"] {
        store(&rig.weir, slug, "default", &format!("sk-{slug}")).await?;
    }
    Ok(rig)
}

fn outputs(ways: &[(&str, &str)]) -> Value {
    ways.iter().map(|(name, next)| ((*name).to_owned(), json!({"elementId": next}))).collect()
}

/// An element of any kind.
pub(crate) fn element(id: &str, kind: &str, properties: &Value, ways: &[(&str, &str)]) -> Value {
    json!({"id": id, "type": kind, "properties": properties, "outputs": outputs(ways)})
}

/// The start, which leads to `next`.
pub(crate) fn start(next: &str) -> Value {
    json!({"id": "start", "type": "start", "outputs": outputs(&[("next", next)])})
}

/// The end.
pub(crate) fn end() -> Value {
    json!({"id": "end", "type": "end", "outputs": {}})
}

/// `provider/model`, with a time that no test reaches and no further tries.
pub(crate) fn model(id: &str, name: &str, next: &str, fallback: Option<&str>) -> Value {
    patient_model(id, name, next, fallback, (60_000, 0))
}

/// The same with its time in milliseconds and its further tries.
pub(crate) fn patient_model(
    id: &str,
    name: &str,
    next: &str,
    fallback: Option<&str>,
    (timeout, retries): (u64, u64),
) -> Value {
    let (provider, model) = name.split_once('/').unwrap_or((name, ""));
    let properties =
        json!({"provider": provider, "model": model, "timeout": timeout, "retries": retries});
    let ways = [("success", next)].into_iter().chain(fallback.map(|next| ("fallback", next)));
    element(id, "model", &properties, &ways.collect::<Vec<_>>())
}

/// Makes a route, which is deployed by that; gives its id.
pub(crate) async fn deploy(weir: &Weir, name: &str, elements: &[Value]) -> Result<String> {
    let body = json!({"name": name, "elements": elements});
    let route = weir.result("POST", "/gateways/gw1/routes", Some(&body)).await?;
    Ok(route["id"].as_str().context("id of the route")?.to_owned())
}

/// Makes and deploys another version of a route; gives the version's id.
pub(crate) async fn redeploy(weir: &Weir, route: &str, elements: &[Value]) -> Result<String> {
    let path = format!("/gateways/gw1/routes/{route}/versions");
    let version = weir.result("POST", &path, Some(&json!({"elements": elements}))).await?;
    let version = version["version_id"].as_str().context("id of the version")?.to_owned();
    deploy_version(weir, route, &version).await?;
    Ok(version)
}

/// Deploys a version that there is.
pub(crate) async fn deploy_version(weir: &Weir, route: &str, version: &str) -> Result<()> {
    let path = format!("/gateways/gw1/routes/{route}/deployments");
    let body = json!({"version_id": version});
    weir.result("POST", &path, Some(&body)).await?;
    Ok(())
}

/// The body of a chat with a route.
pub(crate) fn chat(route: &str) -> Value {
    json!({"model": format!("dynamic/{route}"), "temperature": 0.3,
        "messages": [{"role": "user", "content": "hi"}]})
}

/// A chat with a route at `/compat`, with the gateway's token alone.
pub(crate) fn call(route: &str) -> Request {
    call_with(&chat(route))
}

/// The same with another body.
pub(crate) fn call_with(body: &Value) -> Request {
    Request::post("/v1/acc1/gw1/compat/chat/completions")
        .header("cf-aig-authorization", "Bearer tok-run")
        .json(body)
}

/// Who answered: `provider/model`.
pub(crate) fn answered(answer: &Response) -> String {
    let header = |name: &str| answer.header(name).unwrap_or("-").to_owned();
    format!("{}/{}", header("cf-aig-provider"), header("cf-aig-model"))
}

/// Sends, and gives status and who answered.
pub(crate) async fn told(rig: &Rig, request: &Request) -> Result<(u16, String)> {
    let answer = rig.weir.send(request).await?;
    Ok((answer.status, answered(&answer)))
}
