//! What empties the cache.

use anyhow::{Context as _, Result};
use serde_json::json;
use weir_e2e::http::Request;

use crate::traffic::rig::{ask, asking, change, expect, start, start_with};

#[tokio::test]
async fn a_change_of_the_gateway_empties_it_where_that_is_asked_for() -> Result<()> {
    for (empties, status) in [(false, "HIT"), (true, "MISS")] {
        let rig = start(&json!({"cache_ttl": 3600, "cache_invalidate_on_update": empties})).await?;
        let keyed = ask("b").header("cf-aig-cache-key", "k");
        expect(&rig, &[("first", &ask("a"), "MISS"), ("keyed", &keyed, "MISS")]).await?;
        change(&rig, &json!({})).await?;
        expect(&rig, &[("after it", &ask("a"), status), ("keyed", &keyed, status)]).await?;
        expect(&rig, &[("kept anew", &ask("a"), "HIT"), ("keyed", &keyed, "HIT")]).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_new_time_holds_from_the_next_answer_on() -> Result<()> {
    let rig = start(&json!({"cache_ttl": 3600})).await?;
    expect(&rig, &[("first", &ask("a"), "MISS"), ("kept", &ask("a"), "HIT")]).await?;
    change(&rig, &json!({"cache_ttl": 0})).await?;
    expect(&rig, &[("off", &ask("a"), "MISS")]).await?;
    change(&rig, &json!({"cache_ttl": 3600})).await?;
    expect(&rig, &[("on", &ask("a"), "HIT")]).await
}

#[tokio::test]
async fn a_changed_custom_provider_begins_anew() -> Result<()> {
    let upstreams = ["one", "two"];
    let rig = start_with(&json!({"cache_ttl": 3600}), |config| config).await?;
    let mut ids = Vec::new();
    for slug in upstreams {
        let made = json!({"slug": slug, "name": slug, "enable": true,
            "base_url": format!("{}/custom-{slug}", rig.upstream.base())});
        let made = rig.weir.result("POST", "/custom-providers", Some(&made)).await?;
        ids.push(made["id"].as_str().context("id")?.to_owned());
    }
    let request =
        |slug: &str| Request::call(&format!("custom-{slug}/v1/chat/completions"), &asking("a"));
    let (one, two) = (request("one"), request("two"));
    expect(&rig, &[("one", &one, "MISS"), ("two", &two, "MISS"), ("one", &one, "HIT")]).await?;
    let path = format!("/custom-providers/{}", ids[0]);
    rig.weir.result("PATCH", &path, Some(&json!({"description": "new"}))).await?;
    expect(&rig, &[("changed", &one, "MISS"), ("the other", &two, "HIT")]).await?;
    expect(&rig, &[("kept anew", &one, "HIT")]).await?;
    rig.weir.result("DELETE", &path, None).await?;
    assert_eq!(rig.weir.send(&one).await?.status, 400, "it is gone");
    let again = json!({"slug": "one", "name": "one", "enable": true,
        "base_url": format!("{}/custom-one", rig.upstream.base())});
    rig.weir.result("POST", "/custom-providers", Some(&again)).await?;
    expect(&rig, &[("made anew", &one, "MISS")]).await
}

#[tokio::test]
async fn a_gateway_made_anew_begins_anew() -> Result<()> {
    let rig = start(&json!({"cache_ttl": 3600})).await?;
    expect(&rig, &[("first", &ask("a"), "MISS"), ("kept", &ask("a"), "HIT")]).await?;
    let mut gateway = rig.weir.result("GET", "/gateways/gw1", None).await?;
    rig.weir.result("DELETE", "/gateways/gw1", None).await?;
    gateway["id"] = json!("gw1");
    rig.weir.result("POST", "/gateways", Some(&gateway)).await?;
    expect(&rig, &[("made anew", &ask("a"), "MISS")]).await
}
