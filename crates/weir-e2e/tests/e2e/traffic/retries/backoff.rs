//! How long is waited before each try.

use std::time::Duration;

use anyhow::Result;
use serde_json::json;
use weir_e2e::http::Client;
use weir_e2e::upstream::Answer;

use crate::rig::chat;
use crate::traffic::rig::{called, gaps, start};

fn failing(times: usize) -> Vec<Answer> {
    let failed = (0..times).map(|_| Answer::new(503));
    failed.chain([Answer::new(200)]).collect()
}

/// The waits are at least these milliseconds, each.
async fn assert_waits(headers: &[(&str, &str)], script: Vec<Answer>, least: &[u64]) -> Result<()> {
    let rig = start(&json!({})).await?;
    rig.upstream.script("openai", script);
    let request = headers.iter().fold(chat(), |request, (name, value)| request.header(name, value));
    let answer = rig.weir.send(&request).await?;
    assert_eq!(answer.status, 200, "{headers:?}: {}", answer.text());
    let gaps = gaps(&rig.upstream.calls());
    assert_eq!(gaps.len(), least.len(), "{headers:?}");
    for (gap, least) in gaps.iter().zip(least) {
        // What the answer's own way took is in it; a timer may round down.
        assert!(*gap >= Duration::from_millis(*least), "{headers:?}: {gaps:?} against {least}");
    }
    Ok(())
}

#[tokio::test]
async fn each_form_has_its_waits() -> Result<()> {
    let with = |form| {
        [("cf-aig-max-attempts", "4"), ("cf-aig-retry-delay", "60"), ("cf-aig-backoff", form)]
    };
    assert_waits(&with("constant"), failing(3), &[60, 60, 60]).await?;
    assert_waits(&with("linear"), failing(3), &[60, 120, 180]).await?;
    assert_waits(&with("exponential"), failing(3), &[60, 120, 240]).await?;
    assert_waits(&with("unheard-of"), failing(3), &[60, 60, 60]).await
}

#[tokio::test]
async fn without_a_delay_it_is_a_second() -> Result<()> {
    assert_waits(&[("cf-aig-max-attempts", "2")], failing(1), &[1000]).await
}

#[tokio::test]
async fn a_delay_of_nothing_is_none() -> Result<()> {
    let rig = start(&json!({})).await?;
    rig.upstream.script("openai", failing(4));
    let request = chat().header("cf-aig-max-attempts", "5").header("cf-aig-retry-delay", "0");
    let answer = rig.weir.send(&request).await?;
    assert_eq!((answer.status, called(&rig).len()), (200, 5));
    // Four waits of the second that holds without a word would be four seconds.
    assert!(answer.elapsed() < Duration::from_secs(4), "{:?}", answer.elapsed());
    Ok(())
}

#[tokio::test]
async fn a_provider_may_ask_for_more_but_not_for_less() -> Result<()> {
    let asked = |seconds: &str, delay: &'static str| {
        let script = vec![Answer::new(429).header("retry-after", seconds), Answer::new(200)];
        ([("cf-aig-max-attempts", "2"), ("cf-aig-retry-delay", delay)], script)
    };
    let (headers, script) = asked("1", "10");
    assert_waits(&headers, script, &[1000]).await?;
    let (headers, script) = asked("0", "80");
    assert_waits(&headers, script, &[80]).await?;
    let (headers, script) = asked("soon", "80");
    assert_waits(&headers, script, &[80]).await
}

#[tokio::test]
async fn nobody_is_asked_for_a_client_that_left() -> Result<()> {
    let rig = start(&json!({})).await?;
    rig.upstream.script("openai", failing(1));
    let request = chat().header("cf-aig-max-attempts", "3").header("cf-aig-retry-delay", "400");
    let mut client = Client::open(rig.weir.address()).await?;
    client.send(request.to_bytes()).await?;
    rig.upstream.wait_for(|calls| calls.iter().any(|call| call.answered)).await?;
    drop(client);
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert_eq!(called(&rig).len(), 1, "asked again for nobody");
    rig.assert_alive().await
}
