//! The bytes that clients send: a chat of about 1 KB, in the form each target wants.

/// A request, ready to be written to a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Plain,
    Stream,
}

/// Builds the request for `path` with `headers` beside those that all targets get.
pub(crate) fn build(kind: Kind, path: &str, headers: &[(&str, &str)]) -> Vec<u8> {
    let stream = match kind {
        Kind::Plain => "",
        Kind::Stream => "\"stream\":true,",
    };
    let text = "Tell me, in plain words, how a weir holds back the water of a river. ".repeat(12);
    let body = format!(
        "{{\"model\":\"gpt-4o-mini\",{stream}\"messages\":[\
         {{\"role\":\"system\",\"content\":\"You are a patient engineer of waterways.\"}},\
         {{\"role\":\"user\",\"content\":\"{text}\"}}],\"temperature\":0.2}}"
    );
    let mut request = format!(
        "POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer sk-test\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n",
        body.len()
    );
    for (name, value) in headers {
        request.extend([*name, ": ", *value, "\r\n"]);
    }
    request.push_str("\r\n");
    request.push_str(&body);
    request.into_bytes()
}
