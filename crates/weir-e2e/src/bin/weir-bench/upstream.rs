//! The provider: a fixed answer of about 1 KB, or a stream of chunks at a steady pace.

use std::io::{self, Write as _};
use std::rc::Rc;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::MissedTickBehavior;

use super::http::Reader;

/// Chunks of one stream, the last event not counted.
const CHUNKS: usize = 100;
/// Pause between two chunks.
const INTERVAL: Duration = Duration::from_millis(10);
/// Where in a request body the wish for a stream is looked for.
const STREAM_WITHIN: usize = 160;

/// The bytes of all answers, made once.
struct Answers {
    plain: Vec<u8>,
    stream_head: Vec<u8>,
    /// One event as one transfer chunk.
    chunk: Vec<u8>,
    stream_end: Vec<u8>,
}

/// Answers requests on `listener` for ever.
pub(crate) async fn serve(listener: TcpListener) -> io::Result<()> {
    let answers = Rc::new(Answers::new()?);
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::task::spawn_local(connection(stream, answers.clone()));
    }
}

async fn connection(mut stream: TcpStream, answers: Rc<Answers>) -> io::Result<()> {
    let mut reader = Reader::new();
    while let Some(head) = reader.head(&mut stream).await? {
        let mut opening = Vec::with_capacity(STREAM_WITHIN);
        reader
            .body(&mut stream, head, |data| {
                let room = STREAM_WITHIN.saturating_sub(opening.len());
                opening.extend_from_slice(data.get(..room).unwrap_or(data));
            })
            .await?;
        if contains(&opening, b"\"stream\":true") {
            answers.stream(&mut stream).await?;
        } else {
            stream.write_all(&answers.plain).await?;
        }
    }
    Ok(())
}

fn contains(text: &[u8], word: &[u8]) -> bool {
    text.windows(word.len()).any(|window| window == word)
}

impl Answers {
    fn new() -> io::Result<Self> {
        let text = "The river runs over the weir and falls into the quiet pool below. ".repeat(10);
        let body = format!(
            "{{\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion\",\"created\":1767225600,\
             \"model\":\"gpt-4o-mini\",\"choices\":[{{\"index\":0,\"message\":{{\"role\":\"assistant\",\
             \"content\":\"{text}\",\"refusal\":null}},\"logprobs\":null,\"finish_reason\":\"stop\"}}],\
             \"usage\":{{\"prompt_tokens\":230,\"completion_tokens\":170,\"total_tokens\":400}},\
             \"system_fingerprint\":\"fp_bench\"}}"
        );
        let event = "data: {\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion.chunk\",\
             \"created\":1767225600,\"model\":\"gpt-4o-mini\",\"choices\":[{\"index\":0,\"delta\":\
             {\"content\":\" river\"},\"logprobs\":null,\"finish_reason\":null}]}\n\n";
        let mut plain = Vec::new();
        let length = body.len();
        write!(
            plain,
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
        )?;
        let mut chunk = Vec::new();
        write!(chunk, "{:x}\r\n{event}\r\n", event.len())?;
        Ok(Self {
            plain,
            stream_head: b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\
                transfer-encoding: chunked\r\n\r\n"
                .to_vec(),
            chunk,
            stream_end: b"e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n".to_vec(),
        })
    }

    async fn stream(&self, stream: &mut TcpStream) -> io::Result<()> {
        stream.write_all(&self.stream_head).await?;
        let mut clock = tokio::time::interval(INTERVAL);
        clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
        for _ in 0..CHUNKS {
            clock.tick().await;
            stream.write_all(&self.chunk).await?;
        }
        stream.write_all(&self.stream_end).await
    }
}
