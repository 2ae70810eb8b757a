//! Calls of tools. The call of a custom tool came as a function with one text argument and is
//! unwrapped when it is whole: half of a JSON string is of no use to its reader.

use serde_json::{Map, Value};

use super::frames::{self, Frames};

/// How a call begins.
pub(super) struct Start<'a> {
    pub(super) number: u32,
    pub(super) id: &'a str,
    pub(super) name: &'a str,
    pub(super) custom: bool,
}

/// A call that grows.
pub(super) struct Call {
    /// The provider's count of calls.
    pub(super) number: u32,
    id: String,
    call_id: String,
    name: String,
    custom: bool,
    index: usize,
    place: Vec<u8>,
    arguments: String,
}

impl Call {
    pub(super) fn open(
        start: &Start<'_>,
        base: &str,
        index: usize,
        frames: &mut Frames,
        out: &mut Vec<u8>,
    ) -> Self {
        let id = format!("{}_{base}_{index}", if start.custom { "ctc" } else { "fc" });
        let place = frames::place(&id, index);
        let call = Self {
            number: start.number,
            id,
            call_id: start.id.to_owned(),
            name: start.name.to_owned(),
            custom: start.custom,
            index,
            place,
            arguments: String::new(),
        };
        let item = call.item("in_progress", "");
        frames::item(frames, out, "response.output_item.added", index, &item);
        call
    }

    pub(super) fn arguments(&mut self, json: &str, frames: &mut Frames, out: &mut Vec<u8>) {
        self.arguments.push_str(json);
        if !self.custom {
            self.delta("response.function_call_arguments.delta", json, frames, out);
        }
    }

    pub(super) fn close(
        mut self,
        status: &str,
        frames: &mut Frames,
        out: &mut Vec<u8>,
    ) -> (usize, Vec<u8>) {
        let done = if self.custom {
            let input = unwrapped(&self.arguments);
            self.delta("response.custom_tool_call_input.delta", &input, frames, out);
            frames.begin(out, "response.custom_tool_call_input.done");
            out.extend_from_slice(&self.place);
            frames::text(out, "input", &input);
            input
        } else {
            if self.arguments.is_empty() {
                self.arguments("{}", frames, out);
            }
            frames.begin(out, "response.function_call_arguments.done");
            out.extend_from_slice(&self.place);
            frames::text(out, "name", &self.name);
            frames::text(out, "arguments", &self.arguments);
            std::mem::take(&mut self.arguments)
        };
        frames::end(out);
        let item = self.item(status, &done);
        frames::item(frames, out, "response.output_item.done", self.index, &item);
        (self.index, item)
    }

    fn delta(&self, event: &str, delta: &str, frames: &mut Frames, out: &mut Vec<u8>) {
        frames.begin(out, event);
        out.extend_from_slice(&self.place);
        frames::text(out, "delta", delta);
        frames::end(out);
    }

    fn item(&self, status: &str, text: &str) -> Vec<u8> {
        let (kind, member) = if self.custom {
            ("custom_tool_call", "input")
        } else {
            ("function_call", "arguments")
        };
        let mut out = b"{\"type\":\"".to_vec();
        out.extend_from_slice(kind.as_bytes());
        out.push(b'"');
        frames::text(&mut out, "id", &self.id);
        frames::text(&mut out, "status", status);
        frames::text(&mut out, "call_id", &self.call_id);
        frames::text(&mut out, "name", &self.name);
        frames::text(&mut out, member, text);
        out.push(b'}');
        out
    }
}

/// The text in the one argument. A model that did not keep to the schema may have named it otherwise,
/// or written the text itself; that is passed on, for the tool to judge.
fn unwrapped(arguments: &str) -> String {
    let Ok(mut members) = serde_json::from_str::<Map<String, Value>>(arguments) else {
        return arguments.to_owned();
    };
    let named = members.remove("input");
    let only = named.or_else(|| match members.len() {
        1 => members.into_iter().next().map(|(_, value)| value),
        _ => None,
    });
    match only {
        Some(Value::String(text)) => text,
        _ => arguments.to_owned(),
    }
}
