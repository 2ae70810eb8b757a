//! Any bytes, as a request and as an answer, between every dialect and every wire format.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../crates/weir-llm/tests/translation/properties.rs"]
#[allow(dead_code, reason = "the streams are another target's")]
mod properties;

fuzz_target!(|body: &[u8]| {
    properties::request(body);
    properties::answer(body);
});
