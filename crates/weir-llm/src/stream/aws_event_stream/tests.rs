use super::{AwsEventStream, Frames, Headers, MAX_FRAME};

#[derive(Default, Debug, PartialEq)]
struct Seen(Vec<(String, usize)>);

impl Frames for Seen {
    fn frame(&mut self, headers: &Headers<'_>, payload: &[u8]) {
        let name = headers.text(":event-type").unwrap_or("none");
        assert_eq!(headers.text(":absent"), None);
        self.0.push((name.to_owned(), payload.len()));
    }
}

fn frame(name: &str, payload: &[u8]) -> Vec<u8> {
    let mut headers = vec![4, b'f', b'l', b'a', b'g', 0, 3, b'n', b'u', b'm', 4, 0, 0, 0, 7];
    headers.extend([11]);
    headers.extend(b":event-type");
    headers.extend([7, 0, u8::try_from(name.len()).unwrap()]);
    headers.extend(name.as_bytes());
    let total = u32::try_from(12 + headers.len() + payload.len() + 4).unwrap();
    let mut bytes = total.to_be_bytes().to_vec();
    bytes.extend(u32::try_from(headers.len()).unwrap().to_be_bytes());
    bytes.extend(crc32fast::hash(&bytes).to_be_bytes());
    bytes.extend(headers);
    bytes.extend(payload);
    bytes.extend(crc32fast::hash(&bytes).to_be_bytes());
    bytes
}

fn read<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> (Seen, bool) {
    let (mut stream, mut seen) = (AwsEventStream::default(), Seen::default());
    for piece in pieces {
        stream.push(piece, &mut seen);
    }
    (seen, stream.is_cut())
}

#[test]
fn frames_come_out_whatever_the_chunks() {
    let bytes = [frame("one", b"{}"), frame("two", b""), frame("three", &[7; 300])].concat();
    let expected = vec![("one".to_owned(), 2), ("two".to_owned(), 0), ("three".to_owned(), 300)];
    for cut in 0..=bytes.len() {
        let (left, right) = bytes.split_at(cut);
        assert_eq!(read([left, right]), (Seen(expected.clone()), false), "cut at {cut}");
    }
    for size in 1..40 {
        assert_eq!(read(bytes.chunks(size)), (Seen(expected.clone()), false));
    }
}

#[test]
fn a_stream_that_ends_inside_a_frame_is_cut() {
    let bytes = frame("one", b"{}");
    for end in 1..bytes.len() {
        assert_eq!(read(bytes[..end].chunks(5)), (Seen::default(), true));
    }
    assert_eq!(read([]), (Seen::default(), false));
}

#[test]
fn every_flipped_byte_is_noticed() {
    let good = frame("one", b"{\"a\":1}");
    for at in 0..good.len() {
        let mut bytes = good.clone();
        bytes[at] ^= 0x10;
        assert_eq!(read([&bytes[..]]), (Seen::default(), true), "byte {at}");
    }
}

#[test]
fn an_overlong_frame_is_passed_over() {
    let bytes = [frame("long", &vec![0; MAX_FRAME]), frame("two", b"xy")].concat();
    for size in [7, 4096, bytes.len()] {
        assert_eq!(read(bytes.chunks(size)), (Seen(vec![("two".to_owned(), 2)]), false));
    }
}
