//! However many ask at once, no limit is passed.

use anyhow::Result;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::rig::chat;
use crate::traffic::rig::{called, start};

#[tokio::test]
async fn parallel_clients_never_exceed_a_limit() -> Result<()> {
    let rule = |unit: &str, interval: Value| {
        json!({"rate_limits": [{"id": "r", "by": "gateway", "unit": unit, "limit": 10,
            "interval": interval}]})
    };
    for settings in [
        json!({"rate_limiting_limit": 10, "rate_limiting_interval": 3600}),
        json!({"rate_limiting_limit": 10, "rate_limiting_interval": 3600,
            "rate_limiting_technique": "sliding"}),
        rule("requests", json!(3600)),
    ] {
        let rig = start(&settings).await?;
        let request = chat();
        let answers = join_all((0..60).map(|_| rig.weir.send(&request))).await;
        let mut passed = 0;
        for answer in answers {
            let answer = answer?;
            assert!(matches!(answer.status, 200 | 429), "{}", answer.text());
            passed += usize::from(answer.status == 200);
        }
        assert_eq!((passed, called(&rig).len()), (10, 10), "{settings}");
    }
    Ok(())
}
