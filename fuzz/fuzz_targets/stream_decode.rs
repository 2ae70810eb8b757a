//! Any bytes as a stream of every wire format: as they are, as frames, and as server-sent events.
//! Cut anywhere, they become the same.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../crates/weir-llm/tests/translation/properties.rs"]
#[allow(dead_code, reason = "requests and answers are another target's")]
mod properties;

fuzz_target!(|input: (&[u8], &[u8])| {
    let (bytes, cuts) = input;
    properties::stream(bytes, cuts);
    properties::stream(&properties::framed(bytes), cuts);
    properties::stream(&properties::server_sent(bytes), cuts);
});
