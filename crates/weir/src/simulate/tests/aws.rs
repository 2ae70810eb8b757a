//! Frames of the AWS event stream taken apart, and a signer.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac;
use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use serde_json::Value;

/// One frame: its kind (`event` or `exception`), its name, its payload.
pub(super) struct Frame {
    pub(super) message: String,
    pub(super) name: String,
    pub(super) payload: Value,
}

/// Takes a body apart; checks lengths and both checksums.
pub(super) fn frames(mut body: &[u8]) -> Vec<Frame> {
    let number = |bytes: &[u8], at: usize| {
        u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap()) as usize
    };
    let mut frames = Vec::new();
    while !body.is_empty() {
        let (frame, rest) = body.split_at(number(body, 0));
        assert_eq!(number(frame, 8), crc32fast::hash(&frame[..8]) as usize);
        let end = frame.len() - 4;
        assert_eq!(number(frame, end), crc32fast::hash(&frame[..end]) as usize);
        let headers_end = 12 + number(frame, 4);
        let headers = headers(&frame[12..headers_end]);
        let value = |name: &str| headers.iter().find(|(key, _)| key == name).unwrap().1.clone();
        let message = value(":message-type");
        frames.push(Frame {
            name: value(&format!(":{message}-type")),
            message,
            payload: serde_json::from_slice(&frame[headers_end..end]).unwrap(),
        });
        body = rest;
    }
    frames
}

fn headers(mut bytes: &[u8]) -> Vec<(String, String)> {
    let mut take = |count: usize| {
        let (taken, rest) = bytes.split_at(count);
        bytes = rest;
        taken.to_vec()
    };
    let mut all = Vec::new();
    for _ in 0..3 {
        let length = take(1)[0] as usize;
        let name = String::from_utf8(take(length)).unwrap();
        assert_eq!(take(1), [7]);
        let length = u16::from_be_bytes(take(2).try_into().unwrap()) as usize;
        all.push((name, String::from_utf8(take(length)).unwrap()));
    }
    all
}

/// Signs a request with the simulator's key pair. `path` is the canonical one: encoded twice.
pub(super) fn sign(request: &mut Request<Full<Bytes>>, path: &str, body: &str, date: &str) {
    let day = &date[..8];
    let scope = format!("{day}/us-east-1/bedrock/aws4_request");
    let hash = |bytes: &[u8]| hex(digest(&SHA256, bytes).as_ref());
    let names = "host;x-amz-date";
    let canonical = format!(
        "POST\n{path}\n\nhost:simulator\nx-amz-date:{date}\n\n{names}\n{}",
        hash(body.as_bytes())
    );
    let text = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{}", hash(canonical.as_bytes()));
    let mut key = b"AWS4simulator-secret".to_vec();
    for part in scope.split('/') {
        key = keyed(&key, part.as_bytes());
    }
    let signature = hex(&keyed(&key, text.as_bytes()));
    let header = format!(
        "AWS4-HMAC-SHA256 Credential=AKIASIMULATOR/{scope}, SignedHeaders={names}, \
         Signature={signature}"
    );
    let headers = request.headers_mut();
    headers.insert("authorization", header.parse().unwrap());
    headers.insert("x-amz-date", date.parse().unwrap());
}

fn keyed(key: &[u8], bytes: &[u8]) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), bytes).as_ref().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Now, in the form of AWS.
pub(super) fn now() -> String {
    let seconds = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let (days, rest) = (seconds.as_secs() / 86_400, seconds.as_secs() % 86_400);
    // Counted forward a year and a month at a time, unlike what it tests.
    let (mut year, mut month, mut day) = (1970, 1, days);
    loop {
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let length = match month {
            2 => 28 + u64::from(leap),
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
        if day < length {
            break;
        }
        day -= length;
        (year, month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    }
    let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
    format!("{year:04}{month:02}{:02}T{hour:02}{minute:02}{second:02}Z", day + 1)
}
