//! Servers that may be called, and send their callers inside.

use anyhow::Result;
use serde_json::json;
use weir_e2e::http::Request;
use weir_e2e::issuer::{Issuer, SigningKey};
use weir_e2e::upstream::{Answer, Upstream};
use weir_e2e::weir::{Config, Weir};

use super::canary::Canary;
use crate::rig::{chat, chat_body};

/// Every way to say that something is elsewhere.
fn redirects(port: u16) -> Vec<Answer> {
    let to = format!("http://127.0.0.1:{port}/latest/meta-data");
    let mut answers: Vec<Answer> = [301, 302, 303, 307, 308]
        .into_iter()
        .map(|status| Answer::empty(status).header("location", &to))
        .collect();
    answers.push(Answer::empty(200).header("refresh", &format!("0; url={to}")));
    answers.push(Answer::empty(201).header("content-location", &to));
    answers.push(Answer::empty(200).header("alt-svc", &format!("h2=\"127.0.0.1:{port}\"")));
    answers.push(Answer::empty(305).header("location", &to));
    answers
}

/// A mock that may be called by its own port alone.
async fn start() -> Result<(Weir, Upstream)> {
    let upstream = Upstream::start().await?;
    let only = json!([upstream.address().to_string()]);
    let config = Config::new(&upstream)
        .set(&["egress", "allow"], only.clone())
        .set(&["egress", "allow_media"], only);
    Ok((Weir::start(&config).await?, upstream))
}

#[tokio::test]
async fn what_a_provider_says_about_elsewhere_is_the_clients_to_follow() -> Result<()> {
    let canary = Canary::start().await?;
    let (weir, upstream) = start().await?;
    for answer in redirects(canary.port) {
        upstream.script("openai", [answer.clone()]);
        upstream.script("custom-mine", [answer]);
        let native = weir.send(&chat()).await?;
        let unified = json!({"model": "openai/m", "messages": []});
        weir.send(&Request::call("compat/chat/completions", &unified)).await?;
        assert!(native.status < 400, "{}", native.status);
        if native.status >= 300 {
            assert!(native.header("location").is_some(), "a redirect passes as it is");
        }
    }
    canary.assert_silent().await
}

#[tokio::test]
async fn what_weir_fetches_itself_it_fetches_where_it_was_told() -> Result<()> {
    let canary = Canary::start().await?;
    for answer in redirects(canary.port) {
        let (weir, upstream) = start().await?;
        upstream.script("img", [answer.clone()]);
        let url = format!("{}/img/a.png", upstream.base());
        let content = json!([{"type": "image_url", "image_url": {"url": url}}]);
        let body = json!({"model": "google-ai-studio/gemini-2.5-flash",
            "messages": [{"role": "user", "content": content}]});
        weir.send(&Request::call("compat/chat/completions", &body)).await?;

        let issuer = Issuer::at(&upstream, SigningKey::es256("k1")?);
        issuer.answers(&upstream, answer);
        issuer.enter(&weir, &json!({})).await?;
        let request = Request::post("/v1/acc1/gw1/openai/chat/completions")
            .header("cf-aig-authorization", issuer.token(&json!({}))?)
            .json(&chat_body());
        assert_eq!(weir.send(&request).await?.status, 503);
    }
    canary.assert_silent().await
}

#[tokio::test]
async fn a_discovery_document_may_not_lead_inside() -> Result<()> {
    let canary = Canary::start().await?;
    let (weir, upstream) = start().await?;
    let issuer = Issuer::at(&upstream, SigningKey::es256("k1")?);
    for (number, host) in ["127.0.0.1", "localhost", "[::1]", "0x7f.1"].into_iter().enumerate() {
        let keys = format!("http://{host}:{}/jwks", canary.port);
        // A path of its own, so that none is asked too soon.
        let name = format!("{}/issuer/{number}", upstream.base());
        let document = json!({"issuer": name, "jwks_uri": keys});
        upstream.script("issuer", [Answer::json(200, &document)]);
        issuer.enter(&weir, &json!({"name": format!("i{number}"), "issuer": name})).await?;
        let token = issuer.token(&json!({"iss": name}))?;
        let request = Request::post("/v1/acc1/gw1/openai/chat/completions")
            .header("cf-aig-authorization", token)
            .json(&chat_body());
        assert_eq!(weir.send(&request).await?.status, 503, "{host}");
    }
    canary.assert_silent().await
}
