//! What operators of an account enter: custom providers, issuers, key files. They may be other
//! people than those who run the machine.

use anyhow::Result;
use serde_json::{Value, json};
use weir_e2e::http::Request;
use weir_e2e::issuer::SigningKey;
use weir_e2e::upstream::Upstream;
use weir_e2e::weir::{Config, Weir};

use super::canary::Canary;
use super::corpus;
use crate::rig::chat_body;
use crate::unified::rig::{service_account, store};

/// A binary that may call none of the canary's addresses: once with nothing listed, once with
/// something else listed, so that plain http may be entered.
async fn weirs() -> Result<Vec<(Weir, Upstream)>> {
    let mut all = Vec::new();
    for allow in [json!([]), json!(["192.0.2.1"])] {
        let upstream = Upstream::start().await?;
        let config = Config::bare().gateway("gw1", &json!({})).set(&["egress", "allow"], allow);
        all.push((Weir::start(&config).await?, upstream));
    }
    Ok(all)
}

#[tokio::test]
async fn a_custom_provider_leads_nowhere_inside() -> Result<()> {
    let canary = Canary::start().await?;
    for (weir, _upstream) in weirs().await? {
        let mut entered = 0;
        for (number, url) in corpus::urls(canary.port).into_iter().enumerate() {
            let slug = format!("p{number}");
            let body = json!({"name": slug, "slug": slug, "base_url": url, "enable": true});
            let made = weir.manage("POST", "/custom-providers", Some(&body)).await?;
            if made.status != 200 {
                assert_eq!(made.status, 400, "{url}: {}", made.text());
                continue;
            }
            entered += 1;
            let native = Request::call(&format!("custom-{slug}/x"), &chat_body());
            let unified = json!({"model": format!("custom-{slug}/m"), "messages": []});
            let unified = Request::call("compat/chat/completions", &unified);
            for request in [native, unified] {
                let answer = weir.send(&request).await?;
                assert_eq!((answer.status, answer.code()), (502, Some(2005)), "{url}");
            }
        }
        assert!(entered > 20, "only {entered} could be tried");
    }
    canary.assert_silent().await
}

#[tokio::test]
async fn an_issuers_keys_are_fetched_from_nowhere_inside() -> Result<()> {
    let canary = Canary::start().await?;
    let key = SigningKey::es256("k1")?;
    for (weir, _upstream) in weirs().await? {
        let mut entered = 0;
        for (number, url) in corpus::urls(canary.port).into_iter().enumerate() {
            let name = format!("https://issuer-{number}.example");
            let forms = [
                json!({"name": format!("a{number}"), "issuer": name, "jwks_url": url}),
                json!({"name": format!("b{number}"), "issuer": url}),
            ];
            for mut body in forms {
                body["audiences"] = json!(["weir"]);
                let made = weir.manage("POST", "/issuers", Some(&body)).await?;
                if made.status != 200 {
                    assert_eq!(made.status, 400, "{url}: {}", made.text());
                    continue;
                }
                entered += 1;
                let claims = json!({"iss": body["issuer"], "aud": "weir", "sub": "u",
                    "exp": 4_000_000_000_u64});
                let token = key.sign(&claims)?;
                let request = Request::post("/v1/acc1/gw1/openai/chat/completions")
                    .header("cf-aig-authorization", format!("Bearer {token}"))
                    .json(&chat_body());
                let answer = weir.send(&request).await?;
                assert_eq!(answer.status, 503, "{url}: {}", answer.text());
                // There is a bound on how many an account may have.
                let id = made.json()?["result"]["id"].as_str().unwrap_or_default().to_owned();
                weir.result("DELETE", &format!("/issuers/{id}"), None).await?;
            }
        }
        assert!(entered > 20, "only {entered} could be tried");
    }
    canary.assert_silent().await
}

#[tokio::test]
async fn a_key_file_is_exchanged_at_nowhere_inside() -> Result<()> {
    let canary = Canary::start().await?;
    let path = "google-vertex-ai/v1/projects/p/locations/europe-west4/publishers/google/models/m:x";
    let template = service_account("https://oauth2.googleapis.com", Some("europe-west4"))?;
    let mut weirs = weirs().await?;
    // Even where the operator vouches for what key files say, addresses are judged.
    let config = Config::bare()
        .gateway("gw1", &json!({}))
        .set(&["egress", "allow"], json!([]))
        .set(&["providers", "google-vertex-ai", "any_token_uri"], json!(true));
    weirs.push((Weir::start(&config).await?, Upstream::start().await?));
    for (number, (weir, _upstream)) in weirs.iter().enumerate() {
        for (at, url) in corpus::urls(canary.port).into_iter().enumerate() {
            let file = Value::Object(
                template
                    .as_object()
                    .into_iter()
                    .flatten()
                    .map(|(name, value)| {
                        let value = if name == "token_uri" { json!(url) } else { value.clone() };
                        (name.clone(), value)
                    })
                    .collect(),
            );
            let sent = base64(&file.to_string());
            let request = Request::post(&format!("/v1/acc1/gw1/{path}"))
                .header("cf-aig-authorization", "Bearer tok-run")
                .header("authorization", format!("Bearer {sent}"))
                .json(&json!({"contents": []}));
            let answer = weir.send(&request).await?;
            assert!(matches!(answer.status, 400 | 502), "{url}: {}", answer.text());
            // A stored one takes the same way; a few show it.
            if at < 3 {
                let alias = format!("a{number}-{at}");
                let stored = store(weir, "google-vertex-ai", &alias, &file.to_string()).await;
                let request = Request::post(&format!("/v1/acc1/gw1/{path}"))
                    .header("cf-aig-authorization", "Bearer tok-run")
                    .header("cf-aig-byok-alias", &alias)
                    .json(&json!({"contents": []}));
                let answer = weir.send(&request).await?;
                assert!(matches!(answer.status, 400 | 502), "{stored:?}: {}", answer.text());
            }
        }
    }
    canary.assert_silent().await
}

fn base64(text: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(text)
}
