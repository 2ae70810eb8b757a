//! Pictures at an address, for providers that take bytes only.

use anyhow::{Context as _, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use weir_e2e::http::Response;
use weir_e2e::upstream::{Answer, Upstream};
use weir_e2e::weir::{Config, Weir};

use super::rig::compat;
use crate::rig::Rig;

const GEMINI: &str = "google-ai-studio/gemini-2.5-flash";
const NOVA: &str = "aws-bedrock/us.amazon.nova-lite-v1:0";
const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\n picture";

/// A gateway that may fetch from these addresses.
async fn rig(allow_media: Value) -> Result<Rig> {
    let upstream = Upstream::start().await?;
    let config = Config::new(&upstream).set(&["egress", "allow_media"], allow_media);
    Ok(Rig { weir: Weir::start(&config).await?, upstream })
}

async fn shown(rig: &Rig, model: &str, url: &str) -> Result<Response> {
    let content = json!([{"type": "text", "text": "What is it?"},
        {"type": "image_url", "image_url": {"url": url}}]);
    let body = json!({"model": model, "messages": [{"role": "user", "content": content}]});
    rig.weir.send(&compat("chat/completions", &body)).await
}

#[tokio::test]
async fn a_picture_is_fetched_and_sent_as_bytes() -> Result<()> {
    let pictures = Upstream::start().await?;
    pictures.script("img", [Answer::bytes(200, "image/png; x=y", PICTURE.to_vec())]);
    let rig = rig(json!(["127.0.0.1"])).await?;
    let url = format!("{}/img/a.png?size=1", pictures.base());
    let encoded = STANDARD.encode(PICTURE);
    shown(&rig, GEMINI, &url).await?;
    shown(&rig, NOVA, &url).await?;
    shown(&rig, "openai/gpt-4o-mini", &url).await?;
    let calls = rig.upstream.calls();
    let part = &calls[0].json()["contents"][0]["parts"][1]["inlineData"];
    assert_eq!(part, &json!({"mimeType": "image/png", "data": encoded}));
    let part = &calls[1].json()["messages"][0]["content"][1]["image"];
    assert_eq!(part, &json!({"format": "png", "source": {"bytes": encoded}}));
    let part = &calls[2].json()["messages"][0]["content"][1]["image_url"]["url"];
    assert_eq!(part, &Value::from(url), "the others fetch it themselves");
    let fetched = pictures.calls();
    assert_eq!(fetched.len(), 2);
    for call in &fetched {
        assert_eq!((call.method.as_str(), call.target.as_str()), ("GET", "/a.png?size=1"));
        assert!(!call.mentions("sk-client") && !call.mentions("tok-run"), "{call:#?}");
    }
    Ok(())
}

#[tokio::test]
async fn what_cannot_be_fetched_is_the_clients_fault() -> Result<()> {
    let pictures = Upstream::start().await?;
    let target = format!("{}/img/b.png", pictures.base());
    pictures.script("moved", [Answer::empty(302).header("location", &target)]);
    pictures.script("gone", [Answer::bytes(404, "image/png", PICTURE.to_vec())]);
    pictures.script("huge", [Answer::filled(21 * 1024 * 1024).header("content-type", "image/png")]);
    pictures.script("cut", [Answer::refused()]);
    let rig = rig(json!(["127.0.0.1"])).await?;
    for (provider, status) in [("moved", 400), ("gone", 400), ("huge", 413), ("cut", 400)] {
        for model in [GEMINI, NOVA] {
            let answer = shown(&rig, model, &format!("{}/{provider}/a", pictures.base())).await?;
            assert_eq!(answer.status, status, "{provider}: {}", answer.text());
            assert_eq!(answer.json()?["error"]["param"], "messages", "{}", answer.text());
        }
    }
    for url in ["nonsense", "ftp://127.0.0.1/a", "http://user@127.0.0.1/a", "file:///etc/passwd"] {
        let answer = shown(&rig, GEMINI, url).await?;
        assert_eq!(answer.status, 400, "{url}: {}", answer.text());
        assert!(!answer.text().contains("root:"));
    }
    assert!(pictures.calls().iter().all(|call| call.provider != "img"), "a redirect was followed");
    assert!(rig.upstream.calls().is_empty(), "sent all the same");
    Ok(())
}

#[tokio::test]
async fn private_addresses_are_fetched_only_when_listed() -> Result<()> {
    let pictures = Upstream::start().await?;
    // What is listed for providers does not hold for addresses of callers.
    let rig = rig(json!(["127.0.0.1:1"])).await?;
    let port = pictures.address().port();
    for host in ["127.0.0.1", "localhost", "127.1", "2130706433", "0.0.0.0", "[::ffff:127.0.0.1]"] {
        for model in [GEMINI, NOVA] {
            let answer = shown(&rig, model, &format!("http://{host}:{port}/img/a.png")).await?;
            assert_eq!(answer.status, 400, "{host}: {}", answer.text());
        }
    }
    for url in
        ["http://169.254.169.254/latest/meta-data", "http://10.0.0.1/a", "https://192.168.0.1/a"]
    {
        let answer = shown(&rig, GEMINI, url).await?;
        assert_eq!(answer.status, 400, "{url}: {}", answer.text());
    }
    assert!(pictures.calls().is_empty() && rig.upstream.calls().is_empty());
    let row = rig.weir.wait_for_rows(1).await?.pop().context("a row")?;
    assert_eq!((&row["status_code"], &row["success"]), (&json!(400), &json!(false)));
    Ok(())
}
