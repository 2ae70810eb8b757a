use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue};

use super::*;

fn check(body: &str, expected: Option<(&str, &[u8])>) {
    let mut headers = HeaderMap::new();
    let kind = HeaderValue::from_static("multipart/form-data; boundary=\"xx\"");
    headers.insert(CONTENT_TYPE, kind);
    let form = Form::read(&headers, body.as_bytes()).ok();
    let read = form.as_ref().and_then(|form| Some((form.text("model")?, form.file("file")?)));
    assert_eq!(read, expected, "{body}");
}

#[test]
fn a_form_is_taken_apart() {
    let whole = "--xx\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper-1\r\n--xx\r\n\
         content-disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n\
         Content-Type: audio/wav\r\n\r\nRI\r\nFF\r\n--xx--\r\n";
    check(whole, Some(("whisper-1", b"RI\r\nFF")));
    check(&whole[..whole.len() - 8], None);
    check("nothing", None);
}

#[test]
fn silence_has_its_length_in_its_head() {
    let file = wav(800);
    assert_eq!(file.len(), 844);
    assert_eq!(file[4..8], 836_u32.to_le_bytes());
    assert_eq!(file[40..44], 800_u32.to_le_bytes());
}
