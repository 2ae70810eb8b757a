//! Wherever a call comes in.

use super::*;

use weir_e2e::upstream::Answer;

use crate::traffic::rig::{cache_status, completion, start_with, streamed};
use crate::traffic::universal::rig::{request, step};
use crate::unified::rig::{compat, rest};

const PLATFORM: &str = "sk-platform";

#[tokio::test]
async fn every_door_shares() -> Result<()> {
    let model = |name: &str| {
        let mut body = asking("a");
        body["model"] = json!(name);
        body
    };
    let streamed_one = |name: &str| {
        let mut body = model(name);
        body["stream"] = json!(true);
        body
    };
    for (what, provider, request) in [
        ("native", "openai", ask("a")),
        ("compat", "openai", compat("chat/completions", &model("openai/gpt-4o-mini"))),
        ("compat, streamed", "openai", compat("chat/completions", &streamed_one("openai/gpt-4o"))),
        (
            "compat, translated",
            "anthropic",
            compat("chat/completions", &model("anthropic/claude-haiku-4-5")),
        ),
        (
            "REST",
            "openai",
            rest("v1/chat/completions", &model("openai/gpt-4.1"))
                .header("cf-aig-gateway-id", "gw1"),
        ),
        ("universal", "openai", request(&[step("openai"), step("groq")])),
    ] {
        let rig = start_with(&settings(), |config| {
            config.set(&["providers", "openai", "platform_key"], json!(PLATFORM))
        })
        .await?;
        rig.weir.result("POST", "/billing/topup", Some(&json!({"amount": 10_000}))).await?;
        let answer = match what {
            "compat, streamed" => streamed("pong"),
            "compat, translated" => Answer::json(
                200,
                &json!({
                "id": "msg_1", "type": "message", "role": "assistant",
                "model": "claude-haiku-4-5", "stop_reason": "end_turn", "stop_sequence": null,
                "content": [{"type": "text", "text": "pong"}],
                "usage": {"input_tokens": 10, "output_tokens": 5}}),
            ),
            _ => Answer::json(200, &completion("pong")),
        };
        rig.upstream.script(provider, [answer.after(SLOW)]);
        let answers = all_at_once(&rig, &request, 4).await?;
        for answer in &answers {
            assert_eq!(answer.status, 200, "{what}: {}", answer.text());
            assert!(answer.complete && answer.text().contains("pong"), "{what}");
            assert_eq!(answer.body, answers[0].body, "{what}");
            assert_eq!(answer.header("cf-aig-step"), Some("0"), "{what}");
        }
        let hits = answers.iter().filter(|answer| cache_status(answer) == "HIT").count();
        assert_eq!((hits, called(&rig).len()), (3, 1), "{what}");
    }
    Ok(())
}
