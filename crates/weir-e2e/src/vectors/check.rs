//! Everything under `expect`, one key at a time.

use anyhow::{Context as _, Result};
use serde_json::{Map, Value};

use super::matching::{self, Mismatch};
use super::perform::Seen;
use super::world::World;
use super::{log, otel, seen};
use crate::http::Response;

/// Compares the expectations of a vector or of one of its steps with what was seen. `previous` is
/// the answer of the step before.
pub(super) async fn expectations(
    world: &World,
    expect: &Map<String, Value>,
    seen: &Seen,
    previous: Option<&Response>,
) -> Result<Vec<Mismatch>> {
    let mut out = Vec::new();
    let last = seen.responses.last();
    for (key, expected) in expect {
        match key.as_str() {
            "basis" | "note" | "steps" => {}
            "upstream_calls" => {
                let count = Value::from(seen.calls.len());
                matching::subset(key, expected, Some(&count), &mut out);
            }
            "upstream" => {
                let expected = expected.as_array().context("expect.upstream")?;
                seen::calls(world, expected, &seen.calls, &mut out);
            }
            "log" => log::check(world, expected, last, &mut out).await?,
            "otel" => otel::check(world, expected, &mut out).await?,
            "elapsed_ms_min" | "elapsed_ms_max" => elapsed(key, expected, seen, &mut out),
            "distribution" => distribution(expected, &seen.responses, &mut out)?,
            "first_chunk_before_last_upstream_chunk" => streamed(key, expected, seen, &mut out),
            "same_as_previous" => {
                let previous = previous.context("same_as_previous in the first step")?;
                for name in expected.as_array().into_iter().flatten().filter_map(Value::as_str) {
                    let before = previous.header(name).map_or(Value::Null, Value::from);
                    let now = last.and_then(|response| response.header(name));
                    matching::text(&format!("{key}.{name}"), &before, now, &mut out);
                }
            }
            _ => {
                for response in &seen.responses {
                    answer(key, expected, response, &mut out)?;
                }
            }
        }
    }
    out.dedup();
    Ok(out)
}

/// Keys that each answer must fulfil by itself.
fn answer(key: &str, expected: &Value, got: &Response, out: &mut Vec<Mismatch>) -> Result<()> {
    let table = || expected.as_object().with_context(|| format!("expect.{key}"));
    let before = out.len();
    match key {
        "status" => {
            matching::text(key, expected, Some(&got.status.to_string()), out);
            // The number is only half the news: the body usually says why.
            if out.len() > before {
                out.push(Mismatch::new("its body", "another", got.text()));
            }
        }
        "headers" => {
            for (name, expected) in table()? {
                matching::text(&format!("header {name}"), expected, got.header(name), out);
            }
        }
        "headers_equal" => headers_equal(expected, got, out),
        "headers_json" => {
            for (name, expected) in table()? {
                let json = got.header(name).and_then(|text| serde_json::from_str(text).ok());
                matching::subset(&format!("header {name}"), expected, json.as_ref(), out);
            }
        }
        "body" => match got.json() {
            Ok(body) => matching::subset(key, expected, Some(&body), out),
            Err(_) => out.push(Mismatch::new(key, expected, format!("{:?}", got.text()))),
        },
        "body_exact" => {
            if !got.json().is_ok_and(|body| matching::equal(expected, &body)) {
                out.push(Mismatch::new(key, expected, got.text()));
            }
        }
        "body_raw" => {
            if expected.as_str().map(str::as_bytes) != Some(&got.body) {
                out.push(Mismatch::new(key, expected, format!("{:?}", got.text())));
            }
        }
        _ => out.push(Mismatch::new(key, expected, "the runner cannot observe this")),
    }
    Ok(())
}

/// The named headers all carry one value: a list of names, or a list of such lists.
fn headers_equal(expected: &Value, got: &Response, out: &mut Vec<Mismatch>) {
    let list = expected.as_array().map(Vec::as_slice).unwrap_or_default();
    let names = list.iter().filter_map(Value::as_str);
    let values: Vec<_> = names.map(|name| (name, got.header(name))).collect();
    let differs =
        values.windows(2).any(|pair| pair.first().map(|x| x.1) != pair.get(1).map(|x| x.1));
    if differs || values.iter().any(|(_, value)| value.is_none()) {
        out.push(Mismatch::new("headers_equal", expected, format!("{values:?}")));
    }
    for inner in list.iter().filter(|entry| entry.is_array()) {
        headers_equal(inner, got, out);
    }
}

fn elapsed(key: &str, expected: &Value, seen: &Seen, out: &mut Vec<Mismatch>) {
    let (Some(first), Some(last)) = (seen.responses.first(), seen.responses.last()) else { return };
    let took = last.ended.duration_since(first.started).as_millis();
    let bound = u128::from(expected.as_u64().unwrap_or_default());
    let fits = if key == "elapsed_ms_min" { took >= bound } else { took <= bound };
    if !fits {
        out.push(Mismatch::new(key, bound, took));
    }
}

/// Whether the client had the first piece before the provider sent its last.
fn streamed(key: &str, expected: &Value, seen: &Seen, out: &mut Vec<Mismatch>) {
    let first = seen.responses.last().and_then(|response| response.pieces.first());
    let last = seen.calls.iter().filter_map(|call| call.last_sent).max();
    let (Some(first), Some(last)) = (first, last) else {
        out.push(Mismatch::new(key, expected, "no pieces to compare"));
        return;
    };
    let got = Value::from(first.at < last);
    if &got != expected {
        out.push(Mismatch::new(key, expected, got));
    }
}

/// How often a header had each value over a repeat: `{"header": name, "counts": {value: [min,
/// max]}}`, or short `{name: {value: [min, max]}}`.
fn distribution(expected: &Value, got: &[Response], out: &mut Vec<Mismatch>) -> Result<()> {
    let expected = expected.as_object().context("expect.distribution")?;
    let named = expected.get("header").and_then(Value::as_str);
    for (key, counts) in expected.iter().filter(|(_, value)| value.is_object()) {
        let name = named.unwrap_or(key);
        for (value, range) in counts.as_object().into_iter().flatten() {
            let bound = |index: usize, key: &str| {
                let bound = range.get(index).or_else(|| range.get(key)).and_then(Value::as_u64);
                bound.with_context(|| format!("expect.distribution: {range} is no range"))
            };
            let count = got.iter().filter(|answer| answer.header(name) == Some(value)).count();
            let within = bound(0, "min")?..=bound(1, "max")?;
            if !within.contains(&u64::try_from(count)?) {
                out.push(Mismatch::new(&format!("{name} = {value}"), range, count));
            }
        }
    }
    Ok(())
}
