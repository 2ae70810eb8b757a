//! One connection of the listener: calls in, answers out, and a watch on the caller leaving.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};

use super::answer::{Answer, Body, Ending};
use super::call::Call;
use super::state::State;
use crate::http::{Head, wire::Decoder};

/// Serves calls until one side closes the connection. What the caller does wrong ends it too:
/// the call so far is kept, and a test that cares sees it there.
pub(super) async fn serve(stream: TcpStream, id: u64, state: Arc<State>) {
    let _nodelay = stream.set_nodelay(true);
    let (mut reader, mut writer) = stream.into_split();
    let mut buffer = BytesMut::new();
    let mut closing = state.closing();
    loop {
        let head = tokio::select! {
            head = read_head(&mut reader, &mut buffer) => head,
            _ = closing.changed() => return,
        };
        let Ok(Some(head)) = head else { return };
        let call = state.begin(begun(&head, id));
        if read_body(&head, &mut reader, &mut buffer, &state, call).await.is_err() {
            state.update(call, |call| call.left = Some(Instant::now()));
            return;
        }
        let answer = state.answer(call);
        let sent = tokio::select! {
            biased;
            sent = play(&answer, head.word(0), &mut writer, &state, call) => sent,
            () = gone(&mut reader, &mut buffer) => Err(io::ErrorKind::BrokenPipe.into()),
        };
        match (sent, answer.ending) {
            (Ok(()), Ending::KeepAlive) => {}
            (Ok(()), Ending::Reset) => {
                if let Ok(stream) = reader.reunite(writer) {
                    let _reset = stream.set_zero_linger();
                }
                return;
            }
            (Ok(()), _) => return,
            (Err(_), _) => {
                state.update(call, |call| call.left = Some(Instant::now()));
                return;
            }
        }
    }
}

/// A call whose head has arrived.
fn begun(head: &Head, connection: u64) -> Call {
    let path = head.word(1).strip_prefix('/').unwrap_or(head.word(1));
    let cut = path.find(['/', '?']).unwrap_or(path.len());
    let (provider, target) = path.split_at(cut);
    Call {
        provider: provider.to_owned(),
        method: head.word(0).to_owned(),
        target: target.to_owned(),
        headers: head.headers.clone(),
        body: Vec::new(),
        body_complete: false,
        connection,
        arrived: Instant::now(),
        left: None,
        last_sent: None,
        answered: false,
    }
}

async fn fill(reader: &mut OwnedReadHalf, buffer: &mut BytesMut) -> io::Result<()> {
    buffer.reserve(64 * 1024);
    match reader.read_buf(buffer).await? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        _ => Ok(()),
    }
}

/// Returns when the caller closes its side.
async fn gone(reader: &mut OwnedReadHalf, buffer: &mut BytesMut) {
    while fill(reader, buffer).await.is_ok() {}
}

async fn read_head(
    reader: &mut OwnedReadHalf,
    buffer: &mut BytesMut,
) -> anyhow::Result<Option<Head>> {
    loop {
        if let Some(head) = Head::parse(buffer)? {
            let _head = buffer.split_to(head.raw.len());
            return Ok(Some(head));
        }
        fill(reader, buffer).await?;
    }
}

async fn read_body(
    head: &Head,
    reader: &mut OwnedReadHalf,
    buffer: &mut BytesMut,
    state: &State,
    call: usize,
) -> anyhow::Result<()> {
    let mut decoder = Decoder::for_request(head)?;
    loop {
        let mut piece = Vec::new();
        decoder.feed(buffer, &mut piece)?;
        let complete = decoder.is_done();
        state.update(call, |call| {
            call.body.extend_from_slice(&piece);
            call.body_complete = complete;
        });
        if complete {
            return Ok(());
        }
        fill(reader, buffer).await?;
    }
}

/// Waits; a timer would round even no time up to a millisecond.
async fn pause(time: Duration) {
    if !time.is_zero() {
        tokio::time::sleep(time).await;
    }
}

/// Sends an answer as its script says.
async fn play(
    answer: &Answer,
    method: &str,
    writer: &mut OwnedWriteHalf,
    state: &State,
    call: usize,
) -> io::Result<()> {
    pause(answer.delay).await;
    match &answer.body {
        Body::Nothing => {}
        Body::Raw(bytes) => send(bytes, writer, state, call).await?,
        body => {
            send(&head(answer, body), writer, state, call).await?;
            pause(answer.first_delay).await;
            if method != "HEAD" {
                play_body(body, answer.chunk_delay, writer, state, call).await?;
            }
        }
    }
    state.update(call, |call| call.answered = answer.ending == Ending::KeepAlive);
    pause(answer.end_delay).await;
    if answer.ending == Ending::Stall {
        std::future::pending::<()>().await;
    }
    Ok(())
}

fn head(answer: &Answer, body: &Body) -> Bytes {
    let mut head = format!("HTTP/1.1 {} {}\r\n", answer.status, reason(answer.status));
    for (name, value) in &answer.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    match body {
        _ if matches!(answer.status, 100..200 | 204 | 304) => {}
        Body::Whole(bytes) => head.push_str(&format!("content-length: {}\r\n", bytes.len())),
        Body::Filled(size) => head.push_str(&format!("content-length: {size}\r\n")),
        _ => head.push_str("transfer-encoding: chunked\r\n"),
    }
    head.push_str("\r\n");
    head.into()
}

const fn reason(status: u16) -> &'static str {
    match status {
        200..300 => "OK",
        300..400 => "Redirected",
        _ => "Failed",
    }
}

async fn play_body(
    body: &Body,
    delay: Duration,
    writer: &mut OwnedWriteHalf,
    state: &State,
    call: usize,
) -> io::Result<()> {
    match body {
        Body::Whole(bytes) => send(bytes, writer, state, call).await,
        Body::Filled(size) => {
            let block = Bytes::from(vec![b'x'; 64 * 1024]);
            let mut left = *size;
            while left > 0 {
                let count = usize::try_from(left).unwrap_or(usize::MAX).min(block.len());
                send(&block.slice(..count), writer, state, call).await?;
                left -= u64::try_from(count).unwrap_or(left);
            }
            Ok(())
        }
        Body::Chunked { pieces, ended } => {
            for (index, piece) in pieces.iter().enumerate() {
                if index > 0 {
                    pause(delay).await;
                }
                let size = format!("{:x}\r\n", piece.len());
                let chunk = [size.as_bytes(), piece, b"\r\n"].concat();
                send(&chunk.into(), writer, state, call).await?;
            }
            if *ended { writer.write_all(b"0\r\n\r\n").await } else { Ok(()) }
        }
        Body::Default | Body::Raw(_) | Body::Nothing => Ok(()),
    }
}

/// The moment is noted before the bytes leave: a reader may have them before we run again.
async fn send(
    bytes: &Bytes,
    writer: &mut OwnedWriteHalf,
    state: &State,
    call: usize,
) -> io::Result<()> {
    state.update(call, |call| call.last_sent = Some(Instant::now()));
    writer.write_all(bytes).await
}
