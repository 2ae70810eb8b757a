use super::*;

fn stream(framing: Framing) -> Events {
    let mut stream = Events::new(framing, |count| ("oops", json!({ "message": count })));
    stream.data(&json!({"n": 1}));
    stream.named("two", &json!({"n": 2}));
    stream.finish();
    stream
}

fn disturbed(framing: Framing, events: usize, trouble: Trouble) -> (Vec<String>, Ending) {
    let mut stream = stream(framing);
    stream.disturb(After { events, trouble });
    let mut start = 0;
    let mut parts = Vec::new();
    for end in stream.ends {
        parts.push(String::from_utf8_lossy(&stream.buffer[start..end]).into_owned());
        start = end;
    }
    assert_eq!(start, stream.buffer.len());
    (parts, stream.ending)
}

#[test]
fn trouble_keeps_the_events_before_it() {
    let first = "data: {\"n\":1}\n\n".to_owned();
    let kept = vec![first.clone()];
    let check = |events, trouble, expected: (Vec<String>, Ending)| {
        assert_eq!(disturbed(Framing::Sse, events, trouble), expected);
    };
    check(1, Trouble::End, (kept.clone(), Ending::Clean));
    check(1, Trouble::Cut, (kept.clone(), Ending::Cut));
    check(1, Trouble::Hang, (kept, Ending::Hang));
    let error = "event: oops\ndata: {\"message\":1}\n\n".to_owned();
    check(1, Trouble::Error, (vec![first, error], Ending::Clean));
    check(0, Trouble::Cut, (Vec::new(), Ending::Cut));
}

#[test]
fn a_malformed_event_is_added_between() {
    let (parts, ending) = disturbed(Framing::Sse, 1, Trouble::Malformed);
    let broken = "data: {\"broken\": [1, 2,\n\n";
    assert_eq!(parts, ["data: {\"n\":1}\n\n", broken, "event: two\ndata: {\"n\":2}\n\n"]);
    assert_eq!(ending, Ending::Clean);
    assert_eq!(disturbed(Framing::Sse, 99, Trouble::Malformed).0.len(), 3);
}

#[test]
fn an_array_grows_and_closes() {
    let whole = String::from_utf8(stream(Framing::JsonArray).buffer).unwrap();
    assert_eq!(whole, "[{\"n\":1},\r\n{\"n\":2}]");
    let (parts, _) = disturbed(Framing::JsonArray, 1, Trouble::Error);
    assert_eq!(parts.concat(), "[{\"n\":1},\r\n{\"message\":1}]");
}

#[test]
fn frames_have_both_checksums() {
    let stream = stream(Framing::AwsEvents);
    let frame = &stream.buffer[stream.ends[0]..];
    let number = |at: usize| u32::from_be_bytes(frame[at..at + 4].try_into().unwrap());
    assert_eq!(number(0) as usize, frame.len());
    assert_eq!(number(8), crc32fast::hash(&frame[..8]));
    assert_eq!(number(frame.len() - 4), crc32fast::hash(&frame[..frame.len() - 4]));
    let headers = 12 + number(4) as usize;
    assert_eq!(&frame[headers..frame.len() - 4], br#"{"n":2,"p":"abcdefgh"}"#);
}
