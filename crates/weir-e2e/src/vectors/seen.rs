//! What the providers must have seen.

use serde_json::Value;

use super::matching::{Mismatch, subset, text};
use super::world::World;
use crate::upstream::Call;

/// Compares `expect.upstream`: each entry must fit a call, in order; other calls may lie between.
pub(super) fn calls(world: &World, expected: &[Value], calls: &[Call], out: &mut Vec<Mismatch>) {
    let mut rest = calls;
    for (index, expected) in expected.iter().enumerate() {
        let place = format!("upstream[{index}]");
        let fits = |call: &Call| {
            let mut found = Vec::new();
            one(world, &place, expected, call, &mut found);
            found.is_empty()
        };
        if let Some(at) = rest.iter().position(fits) {
            rest = &rest[at + 1..];
        } else if let Some(call) = rest.first() {
            // Nothing fits: the differences to the call that was due tell most.
            one(world, &place, expected, call, out);
        } else {
            out.push(Mismatch::new(&place, expected, "no further call"));
        }
    }
}

fn one(world: &World, place: &str, expected: &Value, call: &Call, out: &mut Vec<Mismatch>) {
    for (key, expected) in expected.as_object().into_iter().flatten() {
        let place = format!("{place}.{key}");
        match key.as_str() {
            "provider" => text(&place, expected, Some(&call.provider), out),
            "method" => text(&place, expected, Some(&call.method), out),
            "url" => text(&place, expected, world.real_url(call).as_deref(), out),
            "headers" => {
                for (name, expected) in expected.as_object().into_iter().flatten() {
                    text(&format!("{place}.{name}"), expected, call.header(name), out);
                }
            }
            "absent_headers" => {
                for name in expected.as_array().into_iter().flatten().filter_map(Value::as_str) {
                    text(&format!("{place}.{name}"), &Value::Null, call.header(name), out);
                }
            }
            "body" if expected.is_string() => {
                text(&place, expected, Some(&String::from_utf8_lossy(&call.body)), out);
            }
            "body" => subset(&place, expected, Some(&call.json()), out),
            _ => out.push(Mismatch::new(&place, expected, "the runner cannot observe this")),
        }
    }
}
