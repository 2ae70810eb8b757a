use super::*;

/// Decodes `wire` cut into pieces of each size; the result must not depend on the cuts.
fn check(wire: &str, content: &str, rest: usize) {
    for size in 1..=wire.len() {
        let mut decoder = Chunked::default();
        let mut decoded = Vec::new();
        let mut read = 0;
        let mut ended = false;
        for piece in wire.as_bytes().chunks(size) {
            if ended {
                break;
            }
            let (taken, done) =
                decoder.feed(piece, &mut |data: &[u8]| decoded.extend(data)).unwrap();
            read += taken;
            ended = done;
        }
        assert_eq!(std::str::from_utf8(&decoded).unwrap(), content);
        assert_eq!((read, ended), (wire.len() - rest, true), "pieces of {size}");
    }
}

#[test]
fn chunks_are_decoded_however_they_are_cut() {
    check("5\r\nhello\r\n0\r\n\r\n", "hello", 0);
    check("A;x=y\r\n0123456789\r\n1\r\n!\r\n0\r\n\r\n", "0123456789!", 0);
    check("0\r\ntrailer: 1\r\nother: 2\r\n\r\nHTTP", "", 4);
}

#[test]
fn heads_give_status_and_framing() {
    let head = |text: &str| parse_head(text.as_bytes()).unwrap();
    let ok = head("HTTP/1.1 200 OK\r\nserver: x\r\nContent-Length: 12");
    assert_eq!(ok, Head { status: 200, framing: Framing::Length(12) });
    let chunked = head("HTTP/1.1 503 No\r\nTransfer-Encoding: chunked");
    assert_eq!(chunked, Head { status: 503, framing: Framing::Chunked });
    assert_eq!(head("POST / HTTP/1.1").framing, Framing::Length(0));
    assert!(parse_head(b"HTTP/1.1 200 OK\r\ncontent-length: x").is_err());
}
