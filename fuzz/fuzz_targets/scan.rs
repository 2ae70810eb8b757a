//! A body of any bytes, cut anywhere, is read without a panic and like the whole.
#![no_main]

use libfuzzer_sys::fuzz_target;
use weir_llm::answer::{Encoding, Framing, Reader};

fuzz_target!(|input: (u8, &[u8])| {
    let (size, body) = input;
    let mut whole = Reader::new(Framing::Json, Encoding::Identity);
    whole.push(body);
    let mut pieces = Reader::new(Framing::Json, Encoding::Identity);
    for piece in body.chunks(usize::from(size).max(1)) {
        pieces.push(piece);
    }
    assert_eq!(pieces.finish(), whole.finish());
});
