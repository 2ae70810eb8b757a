//! Shares of the calls.

use anyhow::{Context as _, Result};
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::rig::{answered, call, deploy, element, end, model, start, world};
use crate::traffic;
use crate::unified::rig::store;

fn shared(ways: &[(&str, &str)]) -> Vec<Value> {
    vec![
        start("p"),
        element("p", "percentage", &json!({}), ways),
        model("a", "openai/a", "end", None),
        model("b", "groq/b", "end", None),
        model("c", "mistral/c", "end", None),
        end(),
    ]
}

/// How often each of three models answered 300 calls.
async fn counts(ways: &[(&str, &str)]) -> Result<[usize; 3]> {
    let rig = world(&json!({"collect_logs": false})).await?;
    deploy(&rig.weir, "r", &shared(ways)).await?;
    let request = call("r");
    let mut counts = [0; 3];
    for _ in 0..15 {
        for answer in join_all((0..20).map(|_| rig.weir.send(&request))).await {
            let answer = answer?;
            assert_eq!(answer.status, 200, "{}", answer.text());
            let names = ["openai/a", "groq/b", "mistral/c"];
            let index = names.iter().position(|name| *name == answered(&answer));
            counts[index.context("a model of the route")?] += 1;
        }
    }
    Ok(counts)
}

/// Six standard deviations to each side: a right build fails once in a thousand million runs.
fn assert_share(count: usize, percent: f64) {
    let (calls, share) = (300.0_f64, percent / 100.0);
    let (mean, spread) = (calls * share, (calls * share * (1.0 - share)).sqrt());
    let count = count as f64;
    assert!((count - mean).abs() <= 6.0 * spread, "{count} of 300 are not {percent} %");
}

#[tokio::test]
async fn the_shares_are_those_of_the_keys_and_the_rest_is_elses() -> Result<()> {
    let counts = counts(&[("10%", "a"), ("25.5%", "b"), ("else", "c")]).await?;
    for (count, percent) in counts.into_iter().zip([10.0, 25.5, 64.5]) {
        assert_share(count, percent);
    }
    Ok(())
}

#[tokio::test]
async fn a_hundred_per_cent_are_all() -> Result<()> {
    let rig = world(&json!({"collect_logs": false})).await?;
    let ways = [("100%", "b")];
    let elements = [
        start("p"),
        element("p", "percentage", &json!({}), &ways),
        model("b", "groq/b", "end", None),
        end(),
    ];
    deploy(&rig.weir, "r", &elements).await?;
    for _ in 0..20 {
        assert_eq!(answered(&rig.weir.send(&call("r")).await?), "groq/b");
    }
    Ok(())
}

/// With a seed the draws are the same ones in the same order.
#[tokio::test]
async fn chance_can_be_repeated() -> Result<()> {
    let mut told = Vec::new();
    for seed in [7, 7, 8] {
        let rig = traffic::rig::start_with(&json!({"collect_logs": false}), |config| {
            config.set(&["testing", "seed"], json!(seed))
        })
        .await?;
        for slug in ["openai", "groq"] {
            store(&rig.weir, slug, "default", "sk-stored").await?;
        }
        let ways = [("50%", "a"), ("else", "b")];
        deploy(
            &rig.weir,
            "r",
            &shared(&ways)[..4].iter().cloned().chain([end()]).collect::<Vec<_>>(),
        )
        .await?;
        let mut answers = Vec::new();
        for _ in 0..40 {
            answers.push(answered(&rig.weir.send(&call("r")).await?));
        }
        told.push(answers);
    }
    assert_eq!(told[0], told[1]);
    assert_ne!(told[0], told[2], "another seed draws otherwise");
    Ok(())
}
