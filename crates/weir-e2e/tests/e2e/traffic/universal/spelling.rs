//! How steps may be written.

use anyhow::Result;
use serde_json::{Value, json};
use weir_e2e::http::Request;

use super::rig::{request, step, step_with};
use crate::traffic::rig::{assert_row, called, code, expect, rows, start};

#[tokio::test]
async fn a_single_step_needs_no_list() -> Result<()> {
    let rig = start(&json!({})).await?;
    for target in ["/v1/acc1/gw1", "/v1/acc1/gw1/"] {
        let alone = Request::post(target)
            .header("cf-aig-authorization", "Bearer tok-run")
            .json(&step_with("OpenAI", "endpoint", json!("/chat/completions")));
        let answer = rig.weir.send(&alone).await?;
        assert_eq!((answer.status, answer.header("cf-aig-step")), (200, Some("0")), "{target}");
    }
    assert_eq!(called(&rig), ["openai", "openai"]);
    Ok(())
}

#[tokio::test]
async fn lists_that_cannot_be_read_are_refused_whole() -> Result<()> {
    let rig = start(&json!({})).await?;
    let without = |member: &str| {
        let mut step = step("openai");
        step.as_object_mut().map(|step| step.remove(member));
        step
    };
    let lists = [
        json!([]),
        json!(7),
        json!("openai"),
        json!([7]),
        json!([step("openai"), without("provider")]),
        json!([without("endpoint")]),
        json!([without("query")]),
        Value::Array(vec![step("openai"); 21]),
    ];
    for list in lists {
        let request = Request::post("/v1/acc1/gw1")
            .header("cf-aig-authorization", "Bearer tok-run")
            .json(&list);
        let answer = rig.weir.send(&request).await?;
        assert_eq!(code(&answer), (400, Some(2900)), "{list}");
    }
    assert!(called(&rig).is_empty());
    assert_eq!(rig.weir.send(&request(&vec![step("openai"); 20])).await?.status, 200);
    Ok(())
}

/// A step's option that cannot be read is none, so what the request says holds.
#[tokio::test]
async fn a_bad_option_of_a_step_hides_nothing() -> Result<()> {
    let rig = start(&json!({})).await?;
    for (number, (name, value)) in [
        ("cf-aig-cache-ttl", json!("soon")),
        ("cf-aig-cache-ttl", json!(null)),
        ("cf-aig-cache-ttl", json!("6\n0")),
        ("cf-cache-ttl", json!(-1)),
        ("cf-aig-skip-cache", json!("yes")),
    ]
    .into_iter()
    .enumerate()
    {
        let mut step = step("openai");
        step["headers"][name] = value;
        step["query"]["user"] = json!(number);
        let request = request(&[step]).header("cf-aig-cache-ttl", "60");
        expect(&rig, &[(name, &request, "MISS"), (name, &request, "HIT")]).await?;
    }
    Ok(())
}

/// Booleans and numbers as JSON has them, and as text in any case.
#[tokio::test]
async fn options_may_be_values_or_text() -> Result<()> {
    let rig = start(&json!({"cache_ttl": 3600})).await?;
    expect(&rig, &[("kept", &request(&[step("openai")]), "MISS")]).await?;
    for (name, value) in [
        ("cf-aig-skip-cache", json!(true)),
        ("cf-aig-skip-cache", json!("TRUE")),
        ("cf-skip-cache", json!("True")),
        ("cf-aig-cache-ttl", json!(0)),
        ("CF-AIG-Cache-TTL", json!("0")),
        ("cf-cache-ttl", json!(0)),
    ] {
        let mut step = step("openai");
        step["headers"][name] = value.clone();
        expect(&rig, &[(&format!("{name}: {value}"), &request(&[step]), "MISS")]).await?;
    }
    expect(&rig, &[("it is still there", &request(&[step("openai")]), "HIT")]).await
}

#[tokio::test]
async fn labels_are_an_object_in_any_language() -> Result<()> {
    let rig = start(&json!({})).await?;
    let mut own = step("openai");
    own["headers"]["cf-aig-metadata"] = json!({"team": "Zürich", "seats": 5, "beta": true});
    let request = request(&[own]).header("cf-aig-metadata", r#"{"team":"other"}"#);
    let answer = rig.weir.send(&request).await?;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let row = rows(&rig, 1).await?.remove(0);
    let metadata: Value = serde_json::from_str(row["metadata"].as_str().unwrap_or_default())?;
    assert_eq!(metadata, json!({"team": "Zürich", "seats": 5, "beta": true}));
    assert_row(&row, &json!({"step": 0, "attempt_index": 0}));
    Ok(())
}
