//! Testing a stored key.

use anyhow::Result;
use serde_json::{Value, json};
use weir_e2e::upstream::Answer;

use super::rig::{CONFIGS, shown, start, store};

#[tokio::test]
async fn a_key_is_tried_and_nothing_of_it_told() -> Result<()> {
    let rig = start(|config| config).await?;
    let id = store(&rig, "default", &json!({})).await?;
    let path = format!("{CONFIGS}/{id}/test");
    let echo = json!({"error": {"message": "bad key sk-default-0123456789"}});
    for (answer, ok, state) in [
        (Answer::new(200), json!(true), "ok"),
        (Answer::json(401, &echo), json!(false), "cooling"),
        (Answer::new(429), json!(true), "cooling"),
        (Answer::new(503), Value::Null, "cooling"),
        (Answer::new(200), json!(true), "ok"),
    ] {
        rig.upstream.script("openai", [answer]);
        let told = rig.weir.result("POST", &path, None).await?;
        assert_eq!(told["ok"], ok, "{told}");
        assert!(told["status"].is_u64() && told["latency_ms"].is_u64(), "{told}");
        assert!(!told.to_string().contains("0123456789"), "{told}");
        assert_eq!(shown(&rig, "default").await?["status"]["state"], state);
    }
    let call = rig.upstream.calls().pop().expect("a call");
    assert_eq!((call.method.as_str(), call.target.as_str()), ("GET", "/v1/models"));
    assert!(call.mentions("sk-default-0123456789"));
    // It is on record, asks for a permission, and is not for hammering.
    let began = std::time::Instant::now();
    loop {
        // Records are written beside the answers.
        let audit = rig.weir.result("GET", "/audit?action=test_key", None).await?;
        if audit.to_string().contains(&id) {
            break;
        }
        assert!(began.elapsed() < std::time::Duration::from_secs(3), "no record: {audit}");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let request =
        weir_e2e::http::Request::post(&format!("/client/v4/accounts/acc1/ai-gateway{path}"))
            .header("authorization", "Bearer tok-run");
    assert_eq!(rig.weir.send(&request).await?.status, 403);
    let mut statuses = Vec::new();
    for _ in 0..8 {
        statuses.push(rig.weir.manage("POST", &path, None).await?.status);
    }
    assert_eq!(statuses.iter().filter(|status| **status == 429).count(), 3, "{statuses:?}");
    Ok(())
}

#[tokio::test]
async fn what_cannot_be_tried_says_so() -> Result<()> {
    let rig = start(|config| config).await?;
    let id = store(&rig, "default", &json!({"provider_slug": "perplexity-ai"})).await?;
    let answer = rig.weir.manage("POST", &format!("{CONFIGS}/{id}/test"), None).await?;
    assert_eq!(answer.status, 400, "{}", answer.text());
    assert!(rig.upstream.calls().is_empty());
    let answer = rig.weir.manage("POST", &format!("{CONFIGS}/none/test"), None).await?;
    assert_eq!(answer.status, 404);
    Ok(())
}
