//! Which answers are worth keeping.

use std::time::Duration;

use anyhow::Result;
use serde_json::json;
use weir_e2e::http::Request;
use weir_e2e::upstream::{Answer, Ending};

use crate::traffic::rig::{ask, cache_status, called, completion, numbered, start, tell};

#[tokio::test]
async fn only_a_200_is_kept() -> Result<()> {
    let rig = start(&json!({"cache_ttl": 3600})).await?;
    for status in [201, 202, 204, 206, 301, 400, 401, 404, 429, 500, 503] {
        let good = Answer::json(200, &completion("good"));
        rig.upstream.script("openai", [Answer::new(status), good]);
        let request = ask(&status.to_string());
        let told = (tell(&rig, &request).await?, tell(&rig, &request).await?);
        assert_eq!(told.0, (status, "MISS".to_owned()));
        assert_eq!(told.1, (200, "MISS".to_owned()), "{status} was kept");
        assert_eq!(tell(&rig, &request).await?.1, "HIT");
    }
    Ok(())
}

#[tokio::test]
async fn an_answer_that_broke_off_is_not_kept() -> Result<()> {
    let rig = start(&json!({"cache_ttl": 3600})).await?;
    let half = Answer::chunked("application/json", ["{\"id\":".into()]).without_end();
    let half = half.end_delay(Duration::from_millis(50)).ending(Ending::Close);
    rig.upstream.script("openai", [half, Answer::json(200, &completion("whole"))]);
    assert!(!rig.weir.send(&ask("a")).await?.complete);
    let again = rig.weir.send(&ask("a")).await?;
    assert_eq!((cache_status(&again), again.json()?), ("MISS", completion("whole")));
    Ok(())
}

#[tokio::test]
async fn a_get_needs_a_key_and_a_head_is_never_kept() -> Result<()> {
    let rig = start(&json!({"cache_ttl": 3600})).await?;
    let get = Request::get("/v1/acc1/gw1/openai/models").with_keys();
    let keyed = get.clone().header("cf-aig-cache-key", "k");
    let mut head = keyed.clone();
    head.method = "HEAD".to_owned();
    for (what, request, status) in [
        ("plain", &get, "MISS"),
        ("plain again", &get, "MISS"),
        ("head", &head, "MISS"),
        ("keyed", &keyed, "MISS"),
    ] {
        assert_eq!(tell(&rig, request).await?, (200, status.to_owned()), "{what}");
    }
    let hit = rig.weir.send(&keyed).await?;
    assert_eq!((hit.status, cache_status(&hit)), (200, "HIT"));
    assert_eq!(hit.json()?["object"], "list", "what a HEAD left, or half an answer");
    for method in ["PUT", "PATCH", "DELETE"] {
        let mut other = keyed.clone();
        other.method = method.to_owned();
        assert_eq!(tell(&rig, &other).await?.1, "MISS", "{method}");
        assert_eq!(tell(&rig, &other).await?.1, "MISS", "{method}");
    }
    Ok(())
}

#[tokio::test]
async fn the_largest_answer_is_25_mebibytes() -> Result<()> {
    const LARGEST: u64 = 25 * 1024 * 1024;
    let rig = start(&json!({"cache_ttl": 3600, "collect_logs": false})).await?;
    for (size, second) in [(LARGEST, "HIT"), (LARGEST + 1, "MISS")] {
        rig.upstream.script("openai", [Answer::filled(size)]);
        let request = ask(&size.to_string());
        for status in ["MISS", second] {
            let answer = rig.weir.send(&request).await?;
            assert_eq!((answer.status, cache_status(&answer)), (200, status), "{size} bytes");
            assert_eq!(answer.body.len() as u64, size);
            assert!(answer.body.iter().all(|byte| *byte == b'x'));
        }
    }
    Ok(())
}

#[tokio::test]
async fn answers_of_other_requests_stay_apart() -> Result<()> {
    let rig = start(&json!({"cache_ttl": 3600})).await?;
    rig.upstream.script("openai", numbered(20));
    for number in 0..20 {
        rig.weir.send(&ask(&number.to_string())).await?;
    }
    for number in (0..20).rev() {
        let hit = rig.weir.send(&ask(&number.to_string())).await?;
        assert_eq!(hit.json()?, completion(&format!("answer {number}")));
        assert_eq!(cache_status(&hit), "HIT");
    }
    assert_eq!(called(&rig).len(), 20);
    Ok(())
}
