//! What the log must hold.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::matching::{Mismatch, subset};
use super::world::World;
use crate::http::Response;

/// How long a row may take to appear.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long no row must appear, when none must.
const SILENCE: Duration = Duration::from_millis(400);
/// Gateways in which a row may be.
const GATEWAYS: [&str; 2] = ["gw1", "default"];

/// A row, and where it was found.
struct Row {
    gateway: &'static str,
    id: String,
    detail: Value,
}

/// Compares `expect.log` with the row of an answer: the one that its `cf-aig-log-id` names, or
/// else the newest.
pub(super) async fn check(
    world: &World,
    expected: &Value,
    response: Option<&Response>,
    out: &mut Vec<Mismatch>,
) -> Result<()> {
    let named = response.and_then(|response| response.header("cf-aig-log-id"));
    let wanted = !expected.is_null();
    let Some(row) = find(world, named, if wanted { PATIENCE } else { SILENCE }).await? else {
        if wanted {
            out.push(Mismatch::new("log", expected, "no row"));
        }
        return Ok(());
    };
    if !wanted {
        out.push(Mismatch::new("log", "no row", &row.detail));
        return Ok(());
    }
    for (key, expected) in expected.as_object().context("expect.log")? {
        let got = value(world, &row, key).await?;
        subset(&format!("log.{key}"), expected, got.as_ref(), out);
    }
    Ok(())
}

/// The value that the row has under a key of `expect.log`.
async fn value(world: &World, row: &Row, key: &str) -> Result<Option<Value>> {
    let body = match key {
        "request_body" => world.weir.body(row.gateway, &row.id, "request").await?,
        "response_body" => world.weir.body(row.gateway, &row.id, "response").await?,
        "gateway" => return Ok(Some(row.gateway.into())),
        "metadata" => {
            // The API has it as JSON text.
            let text = row.detail.get(key).and_then(Value::as_str);
            return Ok(text.map(|text| serde_json::from_str(text).unwrap_or_else(|_| text.into())));
        }
        _ => return Ok(row.detail.get(key).cloned()),
    };
    let as_text = |body: &[u8]| Value::from(String::from_utf8_lossy(body).into_owned());
    Ok(body.map(|body| serde_json::from_slice(&body).unwrap_or_else(|_| as_text(&body))))
}

async fn find(world: &World, named: Option<&str>, within: Duration) -> Result<Option<Row>> {
    let deadline = Instant::now() + within;
    loop {
        for gateway in GATEWAYS {
            let rows = world.weir.rows(gateway).await?;
            let id = |row: &Value| row.get("id").and_then(Value::as_str).map(str::to_owned);
            let mut ids = rows.iter().filter_map(id);
            let Some(id) = (match named {
                Some(named) => ids.find(|id| id == named),
                None => ids.next(),
            }) else {
                continue;
            };
            let detail = world.weir.row(gateway, &id).await?;
            return Ok(Some(Row { gateway, id, detail }));
        }
        if Instant::now() > deadline {
            return Ok(None);
        }
        tokio::time::sleep(Duration::from_millis(15)).await;
    }
}
