//! Streams that end before their end: the client is told in its own dialect, and the log knows.

use anyhow::{Context as _, Result, ensure};
use serde_json::json;

use super::door::{Door, WIRES, is_same};
use super::rig::{self, Simulated, is_done};

/// The trouble, and what the log calls it.
const TROUBLES: [(&str, &[&str]); 4] = [
    ("end-after=4", &["stream_truncated"]),
    ("cut-after=4", &["stream_truncated"]),
    ("hang-after=4", &["idle_timeout"]),
    ("malformed-after=4", &["unreadable_answer", "stream_truncated"]),
];

#[tokio::test]
async fn every_door_is_told_of_every_cut_of_every_provider() -> Result<()> {
    let limit =
        |config: weir_e2e::weir::Config| config.set(&["limits", "idle_timeout_ms"], json!(300));
    let world = Simulated::start_with(limit).await?;
    let mut cells = Vec::new();
    for door in Door::ALL {
        for wire in WIRES {
            let troubles = TROUBLES.into_iter().filter(|(it, _)| !is_harmless(wire.0, it));
            cells.extend(troubles.map(|trouble| (door, wire, trouble)));
        }
    }
    rig::all(cells.into_iter().map(|(door, wire, trouble)| {
        let world = &world;
        async move {
            let checked = cut(world, door, wire, trouble).await;
            checked.with_context(|| format!("{door:?} over {} with {}", wire.0, trouble.0))
        }
    }))
    .await
}

/// The simulator's broken event of Bedrock is one of a name that Bedrock does not have, and such
/// events say nothing.
fn is_harmless(slug: &str, trouble: &str) -> bool {
    slug == "aws-bedrock" && trouble.starts_with("malformed")
}

async fn cut(
    world: &Simulated,
    door: Door,
    (slug, model, own): (&str, &str, Option<Door>),
    (trouble, codes): (&str, &[&str]),
) -> Result<()> {
    let stream = world.weir.send(&door.request(&format!("{model};{trouble}"), true)).await?;
    let row = rig::row(&world.weir, &stream).await?;
    ensure!(row["provider"] == slug && row["stream"] == true, "{row}");
    if is_same(slug, door, own) {
        // Bytes pass as they are, so the end is the provider's own.
        if trouble.starts_with("malformed") {
            return Ok(());
        }
        ensure!(!is_done(&stream), "{}", stream.text());
        let broken = !trouble.starts_with("end");
        ensure!(stream.complete != broken, "complete: {} {}", stream.complete, stream.text());
    } else {
        ensure!(stream.complete, "the stream breaks off: {}", stream.text());
        door.stream_error(&stream)?;
    }
    ensure!(row["success"] == false && row["status_code"] == 200, "success: {}", stream.text());
    let code = row["error"]["code"].as_str().unwrap_or_default();
    ensure!(codes.contains(&code), "logged as {:#}", row["error"]);
    // Anthropic tells its input at the beginning.
    if slug == "anthropic" {
        ensure!(row["tokens_in"].as_u64().is_some_and(|count| count > 0), "{}", row["error"]);
    }
    Ok(())
}

#[tokio::test]
async fn an_answer_that_is_missing_in_part_or_whole_is_none() -> Result<()> {
    let world = Simulated::start().await?;
    let cells = translated();
    rig::all(cells.into_iter().flat_map(|(door, slug, model)| {
        let troubles = ["cut-after=1", "end-after=1", "malformed-after=1", "end-after=0"];
        let world = &world;
        troubles.into_iter().map(move |trouble| async move {
            let stream = trouble.ends_with('0');
            let request = door.request(&format!("{model};{trouble}"), stream);
            let answer = world.weir.send(&request).await?;
            let shown = format!("{door:?} over {slug} with {trouble}: {}", answer.text());
            if stream {
                door.stream_error(&answer).with_context(|| shown.clone())?;
            } else {
                ensure!(answer.status == 502, "{} {shown}", answer.status);
            }
            if !stream && answer.code().is_none() {
                door.error(&answer.json()?).with_context(|| shown.clone())?;
            }
            let row = rig::row(&world.weir, &answer).await?;
            ensure!(row["success"] == false, "logged as a success: {shown}");
            Ok(())
        })
    }))
    .await
}

/// Doors and providers that speak differently.
fn translated() -> Vec<(Door, &'static str, &'static str)> {
    let of = |door: Door| WIRES.into_iter().map(move |(slug, model, own)| (door, slug, model, own));
    let all = Door::ALL.into_iter().flat_map(of);
    let differ = all.filter(|(door, slug, _, own)| !is_same(slug, *door, *own));
    differ.map(|(door, slug, model, _)| (door, slug, model)).collect()
}
