//! Writes frames, for tests.

/// A frame with headers of text and a payload.
pub(crate) fn frame(headers: &[(&str, &str)], payload: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    for (name, value) in headers {
        packed.push(u8::try_from(name.len()).unwrap());
        packed.extend(name.as_bytes());
        packed.push(7);
        packed.extend(u16::try_from(value.len()).unwrap().to_be_bytes());
        packed.extend(value.as_bytes());
    }
    let total = u32::try_from(16 + packed.len() + payload.len()).unwrap();
    let mut bytes = total.to_be_bytes().to_vec();
    bytes.extend(u32::try_from(packed.len()).unwrap().to_be_bytes());
    bytes.extend(crc32fast::hash(&bytes).to_be_bytes());
    bytes.extend(packed);
    bytes.extend(payload);
    bytes.extend(crc32fast::hash(&bytes).to_be_bytes());
    bytes
}

/// A stream out of lines `NAME JSON`, or `!NAME JSON` for an exception.
pub(crate) fn from_lines(lines: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for line in std::str::from_utf8(lines).unwrap().lines().filter(|line| !line.is_empty()) {
        let (name, payload) = line.split_once(' ').unwrap();
        let (kind, header, name) = match name.strip_prefix('!') {
            Some(name) => ("exception", ":exception-type", name),
            None => ("event", ":event-type", name),
        };
        let headers =
            [(header, name), (":content-type", "application/json"), (":message-type", kind)];
        bytes.extend(frame(&headers, payload.as_bytes()));
    }
    bytes
}
