//! One call for many, each with ids and a row of its own.

use super::*;

use std::collections::BTreeSet;

use anyhow::Context as _;
use weir_e2e::upstream::Answer;

use crate::traffic::rig::{assert_row, cache_status, completion, rows, start_with};

#[tokio::test]
async fn twenty_calls_are_one() -> Result<()> {
    let rig = sharing().await?;
    let answer = Answer::json(200, &completion("pong")).header("x-of-provider", "a").after(SLOW);
    rig.upstream.script("openai", [answer]);
    let answers = all_at_once(&rig, &ask("a"), 20).await?;
    let mut ids = BTreeSet::new();
    for answer in &answers {
        assert_eq!((answer.status, answer.json()?), (200, completion("pong")));
        assert!(answer.complete && answer.body == answers[0].body);
        assert_eq!(answer.header("x-of-provider"), Some("a"));
        ids.insert(answer.header("cf-aig-log-id").unwrap_or_default().to_owned());
    }
    assert_eq!(called(&rig).len(), 1);
    assert_eq!(ids.len(), 20, "each has a row of its own");
    let hits = answers.iter().filter(|answer| cache_status(answer) == "HIT").count();
    assert_eq!(hits, 19);

    let rows = rows(&rig, 20).await?;
    let (joined, made): (Vec<_>, Vec<_>) = rows.iter().partition(|row| row["cached"] == true);
    assert_eq!((joined.len(), made.len()), (19, 1));
    let figures = json!({"success": true, "cost": 0.02, "tokens_in": 10, "tokens_out": 5});
    assert_row(made[0], &figures);
    for row in joined {
        assert_row(row, &json!({"success": true, "cost": 0.0, "tokens_in": 0, "tokens_out": 0}));
        assert!(ids.contains(row["id"].as_str().unwrap_or_default()));
        let body = rig.weir.body("gw1", row["id"].as_str().unwrap_or_default(), "response").await?;
        assert_eq!(body.unwrap_or_default(), answers[0].body, "its row keeps what it got");
    }
    let again = rig.weir.send(&ask("a")).await?;
    assert_eq!((cache_status(&again), called(&rig).len()), ("HIT", 1));
    Ok(())
}

#[tokio::test]
async fn a_row_tells_whose_answer_it_was() -> Result<()> {
    let rig = sharing().await?;
    rig.upstream.script("openai", [Answer::json(200, &completion("pong")).after(SLOW)]);
    let request = ask("a").header("weir-explain", "1");
    let answers = all_at_once(&rig, &request, 3).await?;
    let id = |answer: &Response| answer.header("cf-aig-log-id").unwrap_or_default().to_owned();
    let (joined, made): (Vec<_>, Vec<_>) =
        answers.iter().partition(|answer| cache_status(answer) == "HIT");
    rows(&rig, 3).await?;
    for answer in joined {
        let told = serde_json::from_str(answer.header("weir-explain").unwrap_or_default());
        let told: Value = told.context("its own explanation")?;
        assert_eq!(told["cache"]["outcome"], "joined", "{told}");
        assert_eq!(told["cache"]["from"], id(made[0]), "{told}");
        assert_eq!(told["log_id"], id(answer), "{told}");
        let path = format!("/gateways/gw1/logs/{}/explain", id(answer));
        let explained = rig.weir.result("GET", &path, None).await?.to_string();
        assert!(explained.contains("\"saved\":0.02"), "{explained}");
    }
    Ok(())
}

#[tokio::test]
async fn who_joins_takes_nothing_from_limits() -> Result<()> {
    let rig = start(&json!({
        "cache_ttl": 3600, "cache_coalesce": true, "rate_limit_headers": true,
        "rate_limiting_interval": 60, "rate_limiting_limit": 2,
        "rate_limiting_technique": "fixed",
    }))
    .await?;
    rig.upstream.script("openai", [Answer::json(200, &completion("pong")).after(SLOW)]);
    let mut told = 0;
    for answer in all_at_once(&rig, &ask("a"), 5).await? {
        assert_eq!(answer.status, 200, "{}", answer.text());
        told += usize::from(answer.header("x-ratelimit-remaining").is_some());
    }
    assert_eq!(told, 1, "only the call that was made has to do with limits");
    for status in [200, 429] {
        assert_eq!(rig.weir.send(&ask(&status.to_string())).await?.status, status);
    }
    Ok(())
}

#[tokio::test]
async fn what_differs_is_not_shared() -> Result<()> {
    let rig = start_with(&settings(), |config| config.gateway("gw2", &settings())).await?;
    rig.upstream.script("openai", [Answer::json(200, &completion("pong")).after(SLOW)]);
    let plain = Request::post("/v1/acc1/gw1/openai/chat/completions")
        .header("cf-aig-authorization", "Bearer tok-run");
    let gateway = Request::post("/v1/acc1/gw2/openai/chat/completions")
        .header("cf-aig-authorization", "Bearer tok-run")
        .header("authorization", "Bearer sk-client")
        .json(&asking("a"));
    let requests = [
        plain.clone().header("authorization", "Bearer sk-client").json(&asking("a")),
        plain.clone().header("authorization", "Bearer sk-client").json(&asking("b")),
        plain.clone().header("authorization", "Bearer sk-other").json(&asking("a")),
        plain
            .header("authorization", "Bearer sk-client")
            .header("accept-encoding", "gzip")
            .json(&asking("a")),
        gateway,
        ask("a").header("cf-aig-skip-cache", "true"),
        ask("a").header("cf-aig-cache-ttl", "0"),
    ];
    let answers = join_all(requests.iter().map(|request| rig.weir.send(request))).await;
    for answer in answers {
        assert_eq!(cache_status(&answer?), "MISS");
    }
    assert_eq!(called(&rig).len(), requests.len());
    Ok(())
}

#[tokio::test]
async fn nothing_is_shared_unless_the_gateway_says_so() -> Result<()> {
    for settings in [json!({"cache_ttl": 3600}), json!({"cache_coalesce": true})] {
        let rig = start(&settings).await?;
        rig.upstream.script("openai", [Answer::json(200, &completion("pong")).after(SLOW)]);
        all_at_once(&rig, &ask("a"), 3).await?;
        assert_eq!(called(&rig).len(), 3, "{settings}");
    }
    Ok(())
}

#[tokio::test]
async fn a_key_of_the_callers_own_shares_in_each_form() -> Result<()> {
    let rig = sharing().await?;
    rig.upstream.script("openai", [Answer::json(200, &completion("pong")).after(SLOW)]);
    let keyed = |request: Request| request.header("cf-aig-cache-key", "k");
    let requests =
        [keyed(ask("a")), keyed(ask("a")), keyed(ask_stream("a")), keyed(ask_stream("a"))];
    for answer in join_all(requests.iter().map(|request| rig.weir.send(request))).await {
        assert_eq!(answer?.status, 200);
    }
    assert_eq!(called(&rig).len(), 2, "one whole answer and one stream");
    Ok(())
}
