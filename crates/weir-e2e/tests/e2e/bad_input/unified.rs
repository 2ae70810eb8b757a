//! What goes wrong at the endpoints that read a body before they know where it goes.

use anyhow::Result;
use serde_json::{Value, json};
use weir_e2e::http::{Request, Response};

use crate::rig::{Rig, chat_body};

async fn post(rig: &Rig, rest: &str, body: &Value) -> Result<Response> {
    let request = Request::post(&format!("/v1/acc1/gw1/{rest}")).with_keys();
    rig.weir.send(&request.json(body)).await
}

fn naming(model: &str) -> Value {
    let mut body = chat_body();
    body["model"] = json!(model);
    body
}

#[tokio::test]
async fn no_name_of_a_model_leads_elsewhere() -> Result<()> {
    let rig = Rig::start().await?;
    let long = format!("openai/{}", "m".repeat(5000));
    for model in ["workers-ai/@cf/../../x", "openai/a\r\nb: c", "azure-openai/r/../d", &long] {
        let response = post(&rig, "compat/chat/completions", &naming(model)).await?;
        assert_eq!(response.status, 400, "{model:?}: {}", response.text());
    }
    for path in ["..%2F..%2Fx:generateContent", "google-ai-studio%2F..%2Fx:generateContent"] {
        let response = post(&rig, &format!("compat/v1beta/models/{path}"), &json!({})).await?;
        assert_eq!(response.status, 400, "{path}: {}", response.text());
    }
    for rest in ["workers-ai/../../../../user/tokens", "workers-ai/run/..%2F..%2f../x"] {
        let response = post(&rig, rest, &chat_body()).await?;
        assert_eq!(response.status, 400, "{rest}: {}", response.text());
    }
    assert_eq!(rig.upstream.calls().len(), 0);
    let path = "compat/v1beta/models/google-ai-studio%2Fm%3Fx=1%23y:generateContent?alt=json";
    post(&rig, path, &json!({"contents": []})).await?;
    let target = rig.upstream.calls().pop().map(|call| call.target);
    assert_eq!(target.as_deref(), Some("/v1beta/models/m%3Fx%3D1%23y:generateContent?alt=json"));
    rig.assert_alive().await
}

#[tokio::test]
async fn a_body_means_one_thing() -> Result<()> {
    let rig = Rig::start().await?;
    let chat = || Request::post("/v1/acc1/gw1/compat/chat/completions").with_keys();
    let gzip = chat().header("content-encoding", "gzip").json(&naming("openai/m"));
    assert_eq!(rig.weir.send(&gzip).await?.status, 400);
    assert_eq!(rig.upstream.calls().len(), 0);
    let request = Request::post("/v1/acc1/gw1/compat/v1/messages").with_keys();
    let twice = r#"{"model":"claude-opus","model":"claude-haiku","max_tokens":1,"messages":[]}"#;
    rig.weir.send(&request.header("content-type", "application/json").body(twice)).await?;
    let call = rig.upstream.calls().pop();
    assert!(call.as_ref().is_some_and(|call| !call.mentions("claude-opus")), "{call:#?}");
    Ok(())
}

#[tokio::test]
async fn what_is_deep_long_or_not_text_is_refused() -> Result<()> {
    let rig = Rig::start().await?;
    let deep = ["[".repeat(100_000), "]".repeat(100_000)].concat();
    let objects = ["{\"a\":".repeat(50_000), "1".to_owned(), "}".repeat(50_000)].concat();
    let many: Vec<String> = (0..40_000).map(|n| format!(r#""x-{n}":"v""#)).collect();
    let step = format!(
        r#"{{"provider":"openai","endpoint":"x","query":1,"headers":{{{}}}}}"#,
        many.join(",")
    );
    let bodies: Vec<(&str, Vec<u8>)> = vec![
        ("compat/chat/completions", format!(r#"{{"model":"anthropic/m","messages":{deep}}}"#).into()),
        ("compat/chat/completions", format!(r#"{{"model":"anthropic/m","messages":[{{"role":"user","content":"x"}}],"tools":{deep}}}"#).into()),
        ("compat/v1/responses", format!(r#"{{"model":"anthropic/m","input":{deep}}}"#).into()),
        ("compat/v1/messages", format!(r#"{{"model":"openai/m","max_tokens":1,"messages":{deep}}}"#).into()),
        ("compat/v1beta/models/openai%2Fm:generateContent", format!(r#"{{"contents":{deep}}}"#).into()),
        ("compat/embeddings", format!(r#"{{"model":"cohere/m","input":{deep}}}"#).into()),
        ("compat/chat/completions", b"{\"model\":\"openai/\xff\"}".to_vec()),
        ("compat/chat/completions", b"\xef\xbb\xbf{\"model\":\"openai/m\"}".to_vec()),
        ("", deep.into_bytes()),
        ("", objects.into_bytes()),
        ("", step.into_bytes()),
        ("", format!("[{}]", vec!["1"; 100_000].join(",")).into_bytes()),
    ];
    for (rest, body) in bodies {
        let shown = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
        let request = Request::post(&format!("/v1/acc1/gw1/{rest}")).with_keys();
        let request = request.header("content-type", "application/json").body(body);
        let response = rig.weir.send(&request).await?;
        assert_eq!(response.status, 400, "{rest} {shown}: {}", response.text());
    }
    assert_eq!(rig.upstream.calls().len(), 0);
    rig.assert_alive().await
}
