//! The events, byte by byte.

use weir_core::Usage;

use super::super::{error, response, usage};
use crate::canonical::{Failure, Finish};
use crate::json::push_string;

const DELTA: &[u8] =
    b"event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":";
const START: &[u8] =
    b"event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":";
const STOP: &[u8] = b"event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":";

/// Events of blocks. They are numbered as they begin.
#[derive(Default)]
pub(super) struct Frames {
    /// Number of the open block, or of the next one.
    index: u64,
}

impl Frames {
    pub(super) fn start_text(&self, out: &mut Vec<u8>) {
        self.head(START, b"\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n", out);
    }

    pub(super) fn text(&self, text: &str, out: &mut Vec<u8>) {
        self.delta(b"\"delta\":{\"type\":\"text_delta\",\"text\":", text, out);
    }

    pub(super) fn start_thinking(&self, out: &mut Vec<u8>) {
        let block =
            b"\"content_block\":{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"}}\n\n";
        self.head(START, block, out);
    }

    pub(super) fn thinking(&self, text: &str, out: &mut Vec<u8>) {
        self.delta(b"\"delta\":{\"type\":\"thinking_delta\",\"thinking\":", text, out);
    }

    pub(super) fn signature(&self, seal: &str, out: &mut Vec<u8>) {
        self.delta(b"\"delta\":{\"type\":\"signature_delta\",\"signature\":", seal, out);
    }

    pub(super) fn start_tool(&self, id: &str, name: &str, out: &mut Vec<u8>) {
        self.head(START, b"\"content_block\":{\"type\":\"tool_use\",\"id\":", out);
        push_string(out, id);
        out.extend_from_slice(b",\"name\":");
        push_string(out, name);
        out.extend_from_slice(b",\"input\":{}}}\n\n");
    }

    pub(super) fn arguments(&self, json: &str, out: &mut Vec<u8>) {
        self.delta(b"\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":", json, out);
    }

    pub(super) fn stop(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(STOP);
        usage::number(out, "", self.index);
        out.extend_from_slice(b"}\n\n");
        self.index += 1;
    }

    /// A block that is told whole.
    pub(super) fn redacted(&mut self, data: &str, out: &mut Vec<u8>) {
        self.head(START, b"\"content_block\":{\"type\":\"redacted_thinking\",\"data\":", out);
        push_string(out, data);
        out.extend_from_slice(b"}}\n\n");
        self.stop(out);
    }

    fn delta(&self, kind: &[u8], text: &str, out: &mut Vec<u8>) {
        self.head(DELTA, kind, out);
        push_string(out, text);
        out.extend_from_slice(b"}}\n\n");
    }

    fn head(&self, event: &[u8], rest: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(event);
        usage::number(out, "", self.index);
        out.push(b',');
        out.extend_from_slice(rest);
    }
}

pub(super) fn message_start(id: &str, model: &str, counts: &Usage, out: &mut Vec<u8>) {
    out.extend_from_slice(
        b"event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":",
    );
    push_string(out, id);
    out.extend_from_slice(b",\"type\":\"message\",\"role\":\"assistant\",\"model\":");
    push_string(out, model);
    out.extend_from_slice(
        b",\"content\":[],\"stop_reason\":null,\"stop_sequence\":null,\"usage\":{",
    );
    usage::push(out, counts);
    out.extend_from_slice(b"}}}\n\n");
}

pub(super) fn message_end(finish: &Finish, has_calls: bool, counts: &Usage, out: &mut Vec<u8>) {
    out.extend_from_slice(
        b"event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":",
    );
    response::reason(finish, has_calls, out);
    out.extend_from_slice(b"},\"usage\":{");
    usage::push(out, counts);
    out.extend_from_slice(b"}}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n");
}

pub(super) fn error(failure: &Failure, out: &mut Vec<u8>) {
    out.extend_from_slice(b"event: error\ndata: ");
    out.extend_from_slice(&error::failure(failure));
    out.extend_from_slice(b"\n\n");
}
