//! Measures what one stream event costs on its way between dialects, and what a large request
//! costs. Run it in release mode.

use std::hint::black_box;
use std::io::{self, Write};
use std::time::Instant;

use weir_llm::capability::Capabilities;
use weir_llm::dialect::{Asked, Dialect, ReplyContext};
use weir_llm::fault::{Fault, Losses, Strictness};
use weir_llm::provider::{DecodeContext, Place, Wire, rewrite_openai};
use weir_llm::translate::StreamTranslator;

const EVENTS: u32 = 1_000_000;

fn main() -> io::Result<()> {
    for dialect in [Dialect::OpenAiChat, Dialect::Anthropic, Dialect::Gemini] {
        events(dialect)?;
    }
    let line = r#"Some words, a \"quote\", and a line.\nAnd more of it."#;
    request(line, 12_000).map_err(io::Error::other)??;
    request(&line.repeat(20), 1_000).map_err(io::Error::other)?
}

fn events(dialect: Dialect) -> io::Result<()> {
    let chunk = r#"{"id":"chatcmpl-Cq1","object":"chat.completion.chunk","created":1795206896,"model":"gpt-4o-mini","choices":[{"index":0,"delta":{"content":" word"},"logprobs":null,"finish_reason":null}],"usage":null}"#;
    let event = format!("data: {chunk}\n\n");
    let decoding = DecodeContext { provider: "openai".into(), ..DecodeContext::default() };
    let context = ReplyContext { sse: true, ..ReplyContext::default() };
    let mut translator = StreamTranslator::new(Wire::OpenAi, decoding, dialect, context);
    let start = Instant::now();
    for _ in 0..EVENTS {
        black_box(translator.push(black_box(event.as_bytes())));
    }
    let each = start.elapsed() / EVENTS;
    writeln!(io::stdout(), "{dialect:?}: {} bytes, {each:?} an event", event.len())
}

/// A body of so many messages of this text, written as JSON.
fn request(text: &str, count: usize) -> Result<io::Result<()>, Fault> {
    let messages = format!(r#"{{"role":"user","content":"{text}"}},"#).repeat(count);
    let body = format!(r#"{{"messages":[{}],"model":"m"}}"#, messages.trim_end_matches(','));
    let place = Place {
        provider: "groq",
        path: "chat/completions",
        region: "",
        project: "",
        capabilities: Capabilities::default(),
    };
    let mut losses = Losses::new(Strictness::Lenient, Dialect::OpenAiChat, "groq");
    let start = Instant::now();
    for _ in 0..100 {
        let request = Dialect::OpenAiChat.read(black_box(body.as_bytes()), &Asked::default())?;
        black_box(Wire::OpenAi.prepare(&request, &place, &mut losses)?);
    }
    let translated = start.elapsed() / 100;
    let start = Instant::now();
    for _ in 0..100 {
        let body = black_box(body.as_bytes());
        black_box(rewrite_openai("groq", true, body, "x", &place.capabilities, &mut losses)?);
    }
    let rewritten = start.elapsed() / 100;
    let bytes = body.len();
    let line =
        format!("request: {bytes} bytes, {translated:?} translated, {rewritten:?} rewritten");
    Ok(writeln!(io::stdout(), "{line}"))
}
