//! What callers name: pictures, parts of providers' hosts, targets in headers, the request's own
//! line.

use anyhow::Result;
use futures_util::stream::{self, StreamExt as _};
use serde_json::json;
use weir_e2e::http::Request;
use weir_e2e::upstream::Upstream;
use weir_e2e::weir::{Config, Weir};

use super::canary::Canary;
use super::corpus;
use crate::rig::{Rig, chat_body};

#[tokio::test]
async fn a_picture_is_fetched_from_nowhere_inside() -> Result<()> {
    let canary = Canary::start().await?;
    // What is listed for providers does not hold for callers.
    let rig = Rig::start().await?;
    let shown = |url: String| {
        let content = json!([{"type": "image_url", "image_url": {"url": &url}}]);
        let body = json!({"model": "google-ai-studio/gemini-2.5-flash",
            "messages": [{"role": "user", "content": content}]});
        let weir = &rig.weir;
        async move {
            let answer = weir.send(&Request::call("compat/chat/completions", &body)).await?;
            assert_eq!(answer.status, 400, "{url}: {}", answer.text());
            anyhow::Ok(())
        }
    };
    let answers: Vec<Result<()>> =
        stream::iter(corpus::urls(canary.port)).map(shown).buffer_unordered(8).collect().await;
    answers.into_iter().collect::<Result<()>>()?;
    assert!(rig.upstream.calls().is_empty());
    canary.assert_silent().await
}

#[tokio::test]
async fn no_part_of_a_providers_host_leads_elsewhere() -> Result<()> {
    let canary = Canary::start().await?;
    // Providers at their own places: what is refused is refused before any name is looked up.
    let weir = Weir::start(&Config::bare().gateway("gw1", &json!({}))).await?;
    for part in corpus::host_parts(canary.port) {
        for path in [
            format!("azure-openai/{part}/dep/chat/completions?api-version=1"),
            format!("aws-bedrock/bedrock-runtime/{part}/model/m/converse"),
            format!("aws-bedrock/bedrock-mantle/{part}/v1/chat/completions"),
            format!("google-vertex-ai/v1/projects/p/locations/{part}/publishers/google/models/m:x"),
            format!("baseten/model/{part}/production/predict"),
        ] {
            let answer = weir.send(&Request::call(&path, &chat_body())).await?;
            assert_eq!(answer.status, 400, "{path}: {}", answer.text());
        }
    }
    for url in corpus::urls(canary.port) {
        let request =
            Request::call("fal/fal-ai/m", &chat_body()).header("x-fal-target-url", url.as_bytes());
        let answer = weir.send(&request).await?;
        assert_eq!(answer.status, 400, "{url}: {}", answer.text());
    }
    canary.assert_silent().await
}

#[tokio::test]
async fn the_request_line_and_its_host_make_no_proxy_of_it() -> Result<()> {
    let canary = Canary::start().await?;
    let upstream = Upstream::start().await?;
    let weir = Weir::start(&Config::new(&upstream)).await?;
    let inside = format!("127.0.0.1:{}", canary.port);
    let absolute = format!("http://{inside}/v1/acc1/gw1/openai/chat/completions");
    let answer = weir.send(&Request::post(&absolute).with_keys().json(&chat_body())).await?;
    assert_eq!(answer.status, 200, "its path is what counts: {}", answer.text());
    let other = Request::get(&format!("http://{inside}/secret"));
    assert_eq!(weir.send(&other).await?.status, 404);
    let host = Request::call("openai/chat/completions", &chat_body()).header("host", &inside);
    assert_eq!(weir.send(&host).await?.status, 200);
    let connect = weir.send(&Request::new("CONNECT", &inside)).await;
    assert!(connect.is_err() || connect.is_ok_and(|answer| answer.status >= 400));
    assert_eq!(upstream.calls().len(), 2);
    canary.assert_silent().await
}
