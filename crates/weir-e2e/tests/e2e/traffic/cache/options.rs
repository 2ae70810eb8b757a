//! What decides whether and how long an answer is kept: headers before the gateway's settings.

use anyhow::Result;
use serde_json::json;
use weir_e2e::http::Request;

use crate::traffic::rig::{advance, ask, called, expect, start};

#[tokio::test]
async fn nothing_is_kept_unless_somebody_asks_for_it() -> Result<()> {
    for settings in [json!({}), json!({"cache_ttl": 0}), json!({"cache_ttl": null})] {
        let rig = start(&settings).await?;
        expect(&rig, &[("first", &ask("a"), "MISS"), ("again", &ask("a"), "MISS")]).await?;
        assert_eq!(called(&rig).len(), 2, "{settings}");
    }
    Ok(())
}

#[tokio::test]
async fn the_gateways_time_holds_to_the_second() -> Result<()> {
    let rig = start(&json!({"cache_ttl": 300})).await?;
    expect(&rig, &[("first", &ask("a"), "MISS")]).await?;
    advance(&rig, 295)?;
    expect(&rig, &[("before it ends", &ask("a"), "HIT")]).await?;
    // A hit does not prolong it.
    advance(&rig, 6)?;
    expect(&rig, &[("after", &ask("a"), "MISS"), ("kept anew", &ask("a"), "HIT")]).await?;
    Ok(())
}

#[tokio::test]
async fn a_header_goes_before_the_gateway() -> Result<()> {
    let rig = start(&json!({"cache_ttl": 3600})).await?;
    let short = ask("a").header("cf-aig-cache-ttl", "100");
    expect(&rig, &[("kept shorter", &short, "MISS")]).await?;
    advance(&rig, 101)?;
    expect(&rig, &[("over", &ask("a"), "MISS")]).await?;
    let off = ask("b").header("cf-aig-cache-ttl", "0");
    expect(&rig, &[("off", &off, "MISS"), ("nothing was kept", &ask("b"), "MISS")]).await?;
    expect(&rig, &[("kept", &ask("b"), "HIT"), ("nor is it read", &off, "MISS")]).await?;
    expect(&rig, &[("it is still there", &ask("b"), "HIT")]).await
}

#[tokio::test]
async fn a_header_keeps_an_answer_where_the_gateway_does_not() -> Result<()> {
    let rig = start(&json!({})).await?;
    let kept = ask("a").header("cf-aig-cache-ttl", "60");
    expect(&rig, &[("kept", &kept, "MISS"), ("given", &kept, "HIT")]).await?;
    expect(&rig, &[("who does not ask is not given it", &ask("a"), "MISS")]).await
}

#[tokio::test]
async fn times_out_of_range_are_moved_into_it_and_others_ignored() -> Result<()> {
    let rig = start(&json!({})).await?;
    let with = |value: &str| ask(value).header("cf-aig-cache-ttl", value);
    let (short, long) = (with("1"), with("99999999999999999999999"));
    expect(&rig, &[("short", &short, "MISS"), ("long", &long, "MISS")]).await?;
    advance(&rig, 55)?;
    expect(&rig, &[("a minute at least", &short, "HIT")]).await?;
    advance(&rig, 6)?;
    expect(&rig, &[("and not more", &short, "MISS")]).await?;
    advance(&rig, 2_592_000 - 100)?;
    expect(&rig, &[("a month", &long, "HIT")]).await?;
    advance(&rig, 60)?;
    expect(&rig, &[("and not more", &long, "MISS")]).await?;
    for bad in ["soon", "-5", "1.5", "", "0x10"] {
        let request = with(bad);
        expect(&rig, &[(bad, &request, "MISS"), (bad, &request, "MISS")]).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_key_alone_keeps_five_minutes_or_the_gateways_time() -> Result<()> {
    for (settings, seconds) in [(json!({}), 300), (json!({"cache_ttl": 120}), 120)] {
        let rig = start(&settings).await?;
        let keyed = |question: &str| ask(question).header("cf-aig-cache-key", "k");
        expect(&rig, &[("first", &keyed("a"), "MISS")]).await?;
        advance(&rig, seconds - 5)?;
        expect(&rig, &[("before it ends", &keyed("b"), "HIT")]).await?;
        advance(&rig, 6)?;
        expect(&rig, &[("after", &keyed("c"), "MISS")]).await?;
        let none = keyed("d").header("cf-aig-cache-ttl", "0");
        expect(&rig, &[("a time of 0 is stronger than a key", &none, "MISS")]).await?;
    }
    Ok(())
}

#[tokio::test]
async fn skipping_neither_reads_nor_writes() -> Result<()> {
    let rig = start(&json!({"cache_ttl": 3600})).await?;
    let skip = ask("a").header("cf-aig-skip-cache", "TRUE");
    expect(&rig, &[("skipped", &skip, "MISS"), ("nothing was kept", &ask("a"), "MISS")]).await?;
    expect(&rig, &[("skipped", &skip, "MISS"), ("what was kept stays", &ask("a"), "HIT")]).await?;
    for value in ["false", "1", "yes", ""] {
        let request = ask("a").header("cf-aig-skip-cache", value);
        expect(&rig, &[(value, &request, "HIT")]).await?;
    }
    let both = skip.header("cf-aig-cache-ttl", "60").header("cf-aig-cache-key", "k");
    expect(&rig, &[("skipping is the strongest", &both, "MISS"), ("so", &both, "MISS")]).await
}

#[tokio::test]
async fn the_old_names_still_hold_and_the_new_ones_win() -> Result<()> {
    let rig = start(&json!({})).await?;
    let named = |question: &str, pairs: &[(&str, &str)]| {
        let with = |request: Request, (name, value): &(&str, &str)| request.header(name, value);
        pairs.iter().fold(ask(question), with)
    };
    let old = named("a", &[("cf-cache-ttl", "60")]);
    let skipped = named("a", &[("cf-cache-ttl", "60"), ("cf-skip-cache", "true")]);
    let unskipped = named(
        "a",
        &[("cf-cache-ttl", "60"), ("cf-skip-cache", "true"), ("cf-aig-skip-cache", "false")],
    );
    let off = named("b", &[("cf-cache-ttl", "60"), ("cf-aig-cache-ttl", "0")]);
    expect(
        &rig,
        &[
            ("kept by the old name", &old, "MISS"),
            ("given by it", &old, "HIT"),
            ("skipped by the old name", &skipped, "MISS"),
            ("the new name wins over the old", &unskipped, "HIT"),
            ("so for the time", &off, "MISS"),
            ("again", &off, "MISS"),
        ],
    )
    .await?;
    for call in rig.upstream.calls() {
        for name in ["cf-cache-ttl", "cf-skip-cache", "cf-aig-cache-ttl", "cf-aig-skip-cache"] {
            assert_eq!(call.header(name), None, "{name} is for us alone");
        }
    }
    Ok(())
}
