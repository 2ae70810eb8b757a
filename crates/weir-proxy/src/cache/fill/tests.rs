use http::HeaderValue;

use super::*;

fn fill(streams: bool) -> Fill {
    Fill::new(CacheKey([1; 32]), Duration::from_secs(60), streams)
}

fn headers(content_type: &'static str, encoding: Option<&'static str>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    if let Some(encoding) = encoding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    headers
}

fn answer(fill: Fill) -> Option<CachedAnswer> {
    let kept = Kept { usage: None, cost: None, model: "m".into() };
    fill.into_answer(Timestamp::from_millis(1_000), LogId::generate(), kept)
}

#[test]
fn only_whole_successes_are_stored() {
    let fills = Fills::new(1 << 20);
    for (status, kind, encoding, streams, stored) in [
        (200, "application/json", None, false, true),
        (201, "application/json", None, false, false),
        (500, "application/json", None, false, false),
        (200, "text/event-stream", None, false, false),
        (200, "text/event-stream", None, true, true),
        (200, "application/json", Some("br"), false, false),
        (200, "image/png", None, false, true),
    ] {
        let mut fill = fill(streams);
        fill.begin(StatusCode::from_u16(status).unwrap(), &headers(kind, encoding), &fills);
        fill.push(&Bytes::from_static(b"a"));
        fill.push(&Bytes::from_static(b"bc"));
        let answer = answer(fill);
        assert_eq!(answer.is_some(), stored, "{status} {kind} {encoding:?}");
        if let Some(answer) = answer {
            assert_eq!(answer.body, "abc");
            assert_eq!(answer.expires_at.as_millis(), 61_000);
            assert_eq!(answer.frames.len(), if streams { 2 } else { 0 });
        }
    }
    assert_eq!(fills.held.load(Ordering::Relaxed), 0);
}

#[test]
fn what_is_too_large_is_let_go() {
    let fills = Fills::new(10);
    let json = headers("application/json", None);
    let mut first = fill(false);
    first.begin(StatusCode::OK, &json, &fills);
    first.push(&Bytes::from_static(b"12345678"));
    let mut second = fill(false);
    second.begin(StatusCode::OK, &json, &fills);
    second.push(&Bytes::from_static(b"12345678"));
    second.push(&Bytes::from_static(b"9"));
    assert!(answer(second).is_none());
    assert_eq!(fills.held.load(Ordering::Relaxed), 8);
    assert_eq!(answer(first).unwrap().body, "12345678");
    assert_eq!(fills.held.load(Ordering::Relaxed), 0);
}

#[test]
fn a_compressed_answer_is_stored_as_everyone_can_read_it() {
    use std::io::Write;
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(b"hello").unwrap();
    let packed = Bytes::from(packed.finish().unwrap());
    let mut fill = fill(false);
    fill.begin(StatusCode::OK, &headers("application/json", Some("gzip")), &Fills::new(1 << 20));
    fill.push(&packed.slice(..5));
    fill.push(&packed.slice(5..));
    assert_eq!(answer(fill).unwrap().body, "hello");
}
