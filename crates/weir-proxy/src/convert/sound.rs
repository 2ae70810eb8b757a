//! Sound in an answer, as `ai/run` shows it: `{"audio": ...}`, for an envelope of JSON holds no bytes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{self, HeaderMap};

/// The sound as a data URL; `None` for what is JSON already.
pub(super) fn of(answer: &[u8], headers: &HeaderMap) -> Option<Bytes> {
    let named = headers.get(header::CONTENT_TYPE).and_then(|it| it.to_str().ok());
    let media_type = named.and_then(|it| it.split(';').next()).unwrap_or("audio/mpeg").trim();
    if media_type == "application/json" {
        return None;
    }
    let bytes = STANDARD.encode(answer);
    let shown = serde_json::json!({"audio": format!("data:{media_type};base64,{bytes}")});
    Some(shown.to_string().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_become_a_data_url() {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, http::HeaderValue::from_static("audio/wav; x=1"));
        assert_eq!(of(b"\x00\xff", &headers).unwrap(), r#"{"audio":"data:audio/wav;base64,AP8="}"#);
        headers.insert(header::CONTENT_TYPE, http::HeaderValue::from_static("application/json"));
        assert!(of(b"{}", &headers).is_none());
    }
}
