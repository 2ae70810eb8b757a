//! Identical calls at the same time share one call of the provider, where the gateway wants that.

use std::time::Duration;

use anyhow::Result;
use futures_util::future::join_all;
use serde_json::json;
use weir_e2e::http::Client;
use weir_e2e::upstream::Answer;

use crate::traffic::rig::{ask, called, completion, start};

const SLOW: Duration = Duration::from_millis(400);

#[tokio::test]
async fn many_wait_for_one() -> Result<()> {
    let rig = start(&json!({"cache_ttl": 3600, "cache_coalesce": true})).await?;
    rig.upstream.script("openai", [Answer::json(200, &completion("pong")).after(SLOW)]);
    let request = ask("a");
    for answer in join_all((0..8).map(|_| rig.weir.send(&request))).await {
        let answer = answer?;
        assert_eq!((answer.status, answer.json()?), (200, completion("pong")));
    }
    assert_eq!(called(&rig).len(), 1);
    let mut cached = 0;
    for row in rig.weir.wait_for_rows(8).await? {
        cached += usize::from(row["cached"] == true);
    }
    assert_eq!(cached, 7);
    Ok(())
}

#[tokio::test]
async fn who_asks_something_else_waits_for_nobody() -> Result<()> {
    let rig = start(&json!({"cache_ttl": 3600, "cache_coalesce": true})).await?;
    rig.upstream.script("openai", [Answer::json(200, &completion("pong")).after(SLOW)]);
    let skip = ask("a").header("cf-aig-skip-cache", "true");
    let requests = [ask("a"), ask("b"), skip];
    for answer in join_all(requests.iter().map(|request| rig.weir.send(request))).await {
        assert_eq!(answer?.status, 200);
    }
    assert_eq!(called(&rig).len(), 3);
    Ok(())
}

#[tokio::test]
async fn a_failure_leaves_nobody_waiting() -> Result<()> {
    let rig = start(&json!({"cache_ttl": 3600, "cache_coalesce": true})).await?;
    let good = Answer::json(200, &completion("pong"));
    rig.upstream.script("openai", [Answer::new(500).after(SLOW), good]);
    let request = ask("a");
    let answers = join_all((0..4).map(|_| rig.weir.send(&request))).await;
    let mut failed = 0;
    for answer in answers {
        let answer = answer?;
        assert!(matches!(answer.status, 200 | 500), "{}", answer.text());
        failed += usize::from(answer.status == 500);
    }
    assert!((1..=4).contains(&failed), "the one that asked must hear of it");
    assert_eq!(rig.weir.send(&request).await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn the_first_may_leave() -> Result<()> {
    let rig = start(&json!({"cache_ttl": 3600, "cache_coalesce": true})).await?;
    rig.upstream.script("openai", [Answer::json(200, &completion("pong")).after(SLOW)]);
    let mut first = Client::open(rig.weir.address()).await?;
    first.send(ask("a").to_bytes()).await?;
    rig.upstream.wait_for(|calls| calls.len() == 1).await?;
    let request = ask("a");
    let leave = async {
        tokio::time::sleep(SLOW / 4).await;
        drop(first);
    };
    let (second, ()) = tokio::join!(rig.weir.send(&request), leave);
    let second = second?;
    assert_eq!((second.status, second.json()?), (200, completion("pong")));
    assert!(called(&rig).len() <= 2, "one for each client at most");
    Ok(())
}

/// A key of the callers' own says nothing of who they are. What one of them is refused is not for
/// the others.
#[tokio::test]
async fn a_refusal_is_for_who_sent_the_key() -> Result<()> {
    let rig = start(&json!({"cache_ttl": 3600, "cache_coalesce": true})).await?;
    let good = Answer::json(200, &completion("pong"));
    rig.upstream.script("openai", [Answer::new(401).after(SLOW), good]);
    let request = ask("a").header("cf-aig-cache-key", "mine");
    let mut wrong = request.clone();
    wrong.headers.retain(|(name, _)| name != "authorization");
    let wrong = wrong.header("authorization", "Bearer sk-wrong");
    let right = async {
        rig.upstream.wait_for(|calls| calls.len() == 1).await?;
        rig.weir.send(&request).await
    };
    let (refused, answered) = tokio::join!(rig.weir.send(&wrong), right);
    assert_eq!((refused?.status, answered?.status), (401, 200));
    assert_eq!(called(&rig).len(), 2);
    Ok(())
}
