//! Measures what one ordinary stream event costs the reader. Run it in release mode.

use std::hint::black_box;
use std::io::{self, Write};
use std::time::Instant;

use weir_llm::answer::{Encoding, Framing, Reader};
use weir_llm::request::RequestReader;

const EVENTS: u32 = 1_000_000;

fn main() -> io::Result<()> {
    let chat = r#"{"id":"chatcmpl-Cq1","object":"chat.completion.chunk","created":1795206896,"model":"gpt-4o-mini","choices":[{"index":0,"delta":{"content":" word"},"logprobs":null,"finish_reason":null}],"usage":null}"#;
    let claude = r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":" and some more words"}}"#;
    let gemini = r#"{"candidates":[{"content":{"parts":[{"text":" word"}],"role":"model"}}],"usageMetadata":{"promptTokenCount":12,"candidatesTokenCount":7,"totalTokenCount":19},"modelVersion":"gemini-2.5-flash"}"#;
    for (name, data) in [("chat", chat), ("anthropic", claude), ("gemini", gemini)] {
        let event = format!("data: {data}\n\n");
        events(name, &event, &[event.as_bytes()])?;
        let (left, right) = event.as_bytes().split_at(event.len() / 2);
        events(&format!("{name}, cut in two"), &event, &[left, right])?;
    }
    request()
}

/// Nanoseconds for an event that arrives in these pieces.
fn events(name: &str, event: &str, pieces: &[&[u8]]) -> io::Result<()> {
    let mut reader = Reader::new(Framing::Sse, Encoding::Identity);
    let start = Instant::now();
    for _ in 0..EVENTS {
        for piece in pieces {
            reader.push(black_box(piece));
        }
    }
    let each = start.elapsed() / EVENTS;
    black_box(reader.finish());
    writeln!(io::stdout(), "{name}: {} bytes, {each:?} an event", event.len())
}

fn request() -> io::Result<()> {
    let message =
        r#"{"role":"user","content":"Some words, a \"quote\", and a line.\nAnd more of it."},"#;
    let body = format!(r#"{{"messages":[{}{{}}],"model":"m","stream":true}}"#, message.repeat(500));
    let start = Instant::now();
    for _ in 0..1000 {
        let mut reader = RequestReader::new();
        reader.push(black_box(body.as_bytes()));
        black_box(reader.finish());
    }
    let each = start.elapsed() / 1000;
    writeln!(io::stdout(), "request: {} bytes, {each:?} a body", body.len())
}
