//! Credentials that are no plain keys: AWS signatures and Google's service accounts.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use futures_util::future::join_all;
use serde_json::{Value, json};
use weir_e2e::http::Request;
use weir_e2e::upstream::{Answer, Call};

use super::rig::{self, Simulated, base64, compat, is_done, service_account, store};
use crate::rig::Rig;

const CLAUDE: &str = "anthropic.claude-haiku-4-5-20251001-v1:0";
const GEMINI: &str = "google-vertex-ai/google/gemini-2.5-flash";

fn aws(secret: &str) -> String {
    json!({"accessKeyId": "AKIASIMULATOR", "secretAccessKey": secret, "region": "eu-central-1"})
        .to_string()
}

fn chat(model: &str) -> Value {
    json!({"model": model, "messages": [{"role": "user", "content": "hi"}]})
}

fn post(path: &str, body: &Value) -> Request {
    Request::post(&format!("/v1/acc1/gw1/{path}"))
        .header("cf-aig-authorization", "Bearer tok-run")
        .json(body)
}

/// Calls of Bedrock, each signed by the gateway: path and body.
fn bedrock() -> Vec<(String, Value)> {
    let native = |model: &str, verb: &str| {
        format!("aws-bedrock/bedrock-runtime/eu-central-1/model/{model}/{verb}")
    };
    let invoke = json!({"anthropic_version": "bedrock-2023-05-31", "max_tokens": 20,
        "messages": [{"role": "user", "content": "hi \u{e9}"}]});
    let converse = json!({"messages": [{"role": "user", "content": [{"text": "hi"}]}]});
    let model = format!("aws-bedrock/{CLAUDE}");
    let mut streamed = chat(&model);
    streamed["stream"] = json!(true);
    vec![
        (native(CLAUDE, "invoke"), invoke.clone()),
        (native(&CLAUDE.replace(':', "%3A"), "invoke"), invoke.clone()),
        (native(CLAUDE, "invoke-with-response-stream"), invoke),
        (native(CLAUDE, "converse"), converse.clone()),
        (native(CLAUDE, "converse-stream"), converse),
        ("compat/chat/completions".to_owned(), chat(&model)),
        ("compat/chat/completions".to_owned(), streamed),
    ]
}

#[tokio::test]
async fn aws_takes_our_signature() -> Result<()> {
    let world = Simulated::start().await?;
    let id = store(&world.weir, "aws-bedrock", "default", &aws("simulator-secret")).await?;
    for (path, body) in bedrock() {
        let answer = world.weir.send(&post(&path, &body)).await?;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        assert_eq!(is_done(&answer), body["stream"] == true, "{path}");
        let row = rig::row(&world.weir, &answer).await?;
        assert_eq!((&row["success"], &row["byok"]), (&json!(true), &json!(true)), "{path}");
    }
    // The simulator does check it.
    let wrong = json!({"secret": aws("another-secret")});
    let path = format!("/gateways/gw1/provider_configs/{id}");
    world.weir.result("PUT", &path, Some(&wrong)).await?;
    for (path, body) in bedrock() {
        let answer = world.weir.send(&post(&path, &body)).await?;
        assert_eq!(answer.status, 403, "{path}: {}", answer.text());
        assert!(!answer.text().contains("another-secret"), "{}", answer.text());
    }
    Ok(())
}

#[tokio::test]
async fn the_region_is_that_of_the_stored_key() -> Result<()> {
    let rig = Rig::start().await?;
    let model = "aws-bedrock/us.amazon.nova-lite-v1:0";
    rig.weir.send(&compat("chat/completions", &chat(model))).await?;
    store(&rig.weir, "aws-bedrock", "default", &aws("simulator-secret")).await?;
    rig.weir.send(&post("compat/chat/completions", &chat(model))).await?;
    let regions = ["/us-east-1/model/", "/eu-central-1/model/"];
    for (call, region) in rig.upstream.calls().iter().zip(regions) {
        assert!(call.target.starts_with(region), "{call:#?}");
        assert!(call.target.ends_with("/us.amazon.nova-lite-v1%3A0/converse"), "{call:#?}");
    }
    assert_eq!(rig.upstream.calls().len(), 2);
    Ok(())
}

#[tokio::test]
async fn a_clients_signature_is_left_alone_until_there_is_a_key() -> Result<()> {
    let rig = Rig::start().await?;
    let signed = "AWS4-HMAC-SHA256 Credential=AKIACLIENT/20261121/us-east-1/bedrock/aws4_request, \
        SignedHeaders=host;x-amz-date, Signature=0123";
    let body = "{ \"messages\" : [ ] }\n";
    let path = "/v1/acc1/gw1/aws-bedrock/bedrock-runtime/us-east-1/model/a%3Ab/converse?x=%2F";
    let request = Request::post(path)
        .header("cf-aig-authorization", "Bearer tok-run")
        .header("authorization", signed)
        .header("x-amz-date", "20261121T000000Z")
        .header("x-amz-security-token", "session")
        .header("content-type", "application/json")
        .body(body);
    rig.weir.send(&request).await?;
    let calls = rig.upstream.calls();
    assert_eq!(calls[0].header("authorization"), Some(signed));
    assert_eq!(calls[0].header("x-amz-date"), Some("20261121T000000Z"));
    assert_eq!(calls[0].header("x-amz-security-token"), Some("session"));
    assert_eq!(calls[0].target, "/us-east-1/model/a%3Ab/converse?x=%2F");
    assert_eq!(calls[0].body, body.as_bytes());
    store(&rig.weir, "aws-bedrock", "default", &aws("simulator-secret")).await?;
    rig.weir.send(&request).await?;
    let calls = rig.upstream.calls();
    let ours = calls[1].headers.all("authorization");
    assert!(ours.len() == 1 && ours[0].contains("Credential=AKIASIMULATOR/"), "{ours:?}");
    assert_eq!(
        (calls[1].headers.all("x-amz-date").len(), calls[1].header("x-amz-security-token")),
        (1, None)
    );
    Ok(())
}

/// A scripted Google whose tokens come from `/oauth/token`.
async fn google(tokens: Vec<Answer>) -> Result<(Rig, Value)> {
    let rig = Rig::start_with(|config| {
        config.set(&["providers", "google-vertex-ai", "any_token_uri"], json!(true))
    })
    .await?;
    rig.upstream.script("oauth", tokens);
    let account = service_account(&format!("{}/oauth", rig.upstream.base()), Some("europe-west4"))?;
    Ok((rig, account))
}

fn token(text: &str, expires_in: u64) -> Answer {
    let body = json!({"access_token": text, "expires_in": expires_in, "token_type": "Bearer"});
    Answer::json(200, &body).after(Duration::from_millis(100))
}

fn with_account(model: &str, account: &Value, scheme: &str) -> Request {
    post("compat/chat/completions", &chat(model))
        .header("authorization", format!("{scheme}{}", base64(account)))
}

fn of<'a>(calls: &'a [Call], provider: &str) -> Vec<&'a Call> {
    calls.iter().filter(|call| call.provider == provider).collect()
}

#[tokio::test]
async fn many_calls_share_one_token() -> Result<()> {
    let (rig, account) = google(vec![token("ya29.one", 3600)]).await?;
    store(&rig.weir, "google-vertex-ai", "default", &account.to_string()).await?;
    let stored = post("compat/chat/completions", &chat(GEMINI));
    let native =
        "google-vertex-ai/v1/projects/p/locations/us-central1/publishers/google/models/m:x";
    let requests = [
        stored,
        with_account(GEMINI, &account, "Bearer "),
        with_account(GEMINI, &account, ""),
        post(native, &json!({})),
        post(native, &json!({})).header("authorization", base64(&account)),
    ];
    let all = requests.iter().cycle().take(20);
    for answer in join_all(all.map(|request| rig.weir.send(request))).await {
        let answer = answer?;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    let calls = rig.upstream.calls();
    assert_eq!(of(&calls, "oauth").len(), 1, "{calls:#?}");
    let vertex = of(&calls, "google-vertex-ai");
    assert_eq!(vertex.len(), 20);
    for call in vertex {
        assert_eq!(call.headers.all("authorization"), ["Bearer ya29.one"]);
        let place = "/europe-west4/v1beta1/projects/proj1/locations/europe-west4/";
        let at = call.target.starts_with(place) || call.target.starts_with("/us-central1/");
        assert!(at, "{call:#?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_token_is_replaced_before_it_ends_and_shared_with_nobody() -> Result<()> {
    let tokens = ["ya29.one", "ya29.two", "ya29.three"];
    let (rig, account) = google(tokens.map(|text| token(text, 301)).to_vec()).await?;
    let request = with_account(GEMINI, &account, "Bearer ");
    rig.weir.send(&request).await?;
    rig.weir.send(&request).await?;
    tokio::time::sleep(Duration::from_millis(1100)).await;
    rig.weir.send(&request).await?;
    // Another key of the same name.
    let other = service_account(&format!("{}/oauth", rig.upstream.base()), Some("europe-west4"))?;
    rig.weir.send(&with_account(GEMINI, &other, "Bearer ")).await?;
    let calls = rig.upstream.calls();
    let sent = of(&calls, "google-vertex-ai").into_iter();
    let sent: Vec<_> = sent.filter_map(|call| call.header("authorization")).collect();
    let expected = [tokens[0], tokens[0], tokens[1], tokens[2]].map(|it| format!("Bearer {it}"));
    assert_eq!(sent, expected);
    Ok(())
}

#[tokio::test]
async fn what_vertex_cannot_be_called_with_is_refused() -> Result<()> {
    let denied = json!({"error": "invalid_grant", "error_description": "Invalid JWT Signature."});
    let (rig, account) = google(vec![Answer::json(400, &denied)]).await?;
    let plain = compat("chat/completions", &chat(GEMINI));
    let mut nowhere = account.clone();
    nowhere.as_object_mut().context("a table")?.remove("region");
    for (what, request, status) in [
        ("a plain token", plain, 400),
        ("no region", with_account(GEMINI, &nowhere, "Bearer "), 400),
        ("a refused account", with_account(GEMINI, &account, "Bearer "), 401),
    ] {
        let answer = rig.weir.send(&request).await?;
        let shown = format!("{what}: {} {} {:?}", answer.status, answer.text(), answer.head);
        ensure!(answer.status == status, "{shown}");
        ensure!(!shown.contains("PRIVATE KEY"), "{shown}");
    }
    ensure!(of(&rig.upstream.calls(), "google-vertex-ai").is_empty(), "sent all the same");
    // On the native path a plain token is as good as any.
    let native =
        "google-vertex-ai/v1/projects/p/locations/us-central1/publishers/google/models/m:x";
    let native = post(native, &json!({})).header("authorization", "Bearer ya29.own");
    ensure!(rig.weir.send(&native).await?.status == 200);
    let calls = rig.upstream.calls();
    let last = calls.last().context("a call")?;
    ensure!(last.header("authorization") == Some("Bearer ya29.own"), "{last:#?}");
    Ok(())
}
