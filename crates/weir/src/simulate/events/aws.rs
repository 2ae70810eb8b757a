//! Frames of the AWS event stream: two lengths and their CRC, headers, payload, CRC of it all.

/// Header value type: a string with a length of two bytes.
const STRING: u8 = 7;
/// Lengths and their checksum before the headers, and the checksum at the end.
const FIXED: usize = 16;

/// Appends the frame of an event.
pub(super) fn event(out: &mut Vec<u8>, name: &str, payload: &[u8]) {
    frame(out, [(":event-type", name), (":message-type", "event")], payload);
}

/// Appends the frame of an exception, after which nothing may follow.
pub(super) fn exception(out: &mut Vec<u8>, name: &str, payload: &[u8]) {
    frame(out, [(":exception-type", name), (":message-type", "exception")], payload);
}

/// Adds the field of filling that Bedrock puts into each event against guessing by length.
pub(super) fn padded(mut payload: Vec<u8>) -> Vec<u8> {
    if payload.pop() == Some(b'}') {
        payload.extend_from_slice(b",\"p\":\"abcdefgh\"}");
    }
    payload
}

fn frame(out: &mut Vec<u8>, [kind, message]: [(&str, &str); 2], payload: &[u8]) {
    let mut headers = Vec::with_capacity(96);
    for (name, value) in [kind, (":content-type", "application/json"), message] {
        // Names and values here are ours and short.
        headers.push(u8::try_from(name.len()).unwrap_or(u8::MAX));
        headers.extend_from_slice(name.as_bytes());
        headers.push(STRING);
        headers.extend_from_slice(&u16::try_from(value.len()).unwrap_or(u16::MAX).to_be_bytes());
        headers.extend_from_slice(value.as_bytes());
    }
    let start = out.len();
    for length in [FIXED + headers.len() + payload.len(), headers.len()] {
        out.extend_from_slice(&u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes());
    }
    checksum(out, start);
    out.extend_from_slice(&headers);
    out.extend_from_slice(payload);
    checksum(out, start);
}

/// Appends the CRC-32 of everything from `start`.
fn checksum(out: &mut Vec<u8>, start: usize) {
    let sum = crc32fast::hash(out.get(start..).unwrap_or_default());
    out.extend_from_slice(&sum.to_be_bytes());
}
