//! A running simulator and a small client for it.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

/// Longer than any good answer takes, short enough to wait for a hang.
pub(super) const SOON: Duration = Duration::from_millis(800);

pub(super) const CHAT: &str = "/v1/chat/completions";
pub(super) const RESPONSES: &str = "/openai/v1/responses";
pub(super) const EMBEDDINGS: &str = "/custom-x/anything/v1/embeddings";
pub(super) const MESSAGES: &str = "/anthropic/v1/messages";

/// A simulator that stops when dropped.
pub(super) struct Simulator {
    pub(super) address: SocketAddr,
    _stop: oneshot::Sender<()>,
}

/// A response, read to its end.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
    /// How the transport ended.
    pub(super) end: End,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum End {
    Clean,
    Broken,
    /// Nothing more came for a while.
    Silent,
}

impl Simulator {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let shutdown = async {
            let _ = stopped.await;
        };
        tokio::spawn(super::super::serve(listener, shutdown));
        Self { address, _stop: stop }
    }

    /// Sends a request with good credentials on a new HTTP/1.1 connection.
    pub(super) async fn send(&self, request: Request<Full<Bytes>>) -> hyper::Result<Answer> {
        let stream = TcpStream::connect(self.address).await.unwrap();
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(read(sender.send_request(request).await?).await)
    }

    /// The same on HTTP/2 with prior knowledge.
    pub(super) async fn send_h2(&self, request: Request<Full<Bytes>>) -> hyper::Result<Answer> {
        let stream = TcpStream::connect(self.address).await.unwrap();
        let io = TokioIo::new(stream);
        let (mut sender, connection) = http2::handshake(TokioExecutor::new(), io).await?;
        tokio::spawn(connection);
        Ok(read(sender.send_request(request).await?).await)
    }

    pub(super) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(post(path, body.to_string())).await.unwrap()
    }
}

/// A good POST request with credentials that every dialect accepts.
pub(super) fn post(path: &str, body: String) -> Request<Full<Bytes>> {
    Request::post(format!("http://simulator{path}"))
        .header("host", "simulator")
        .header("authorization", "Bearer sk-test")
        .header("anthropic-version", "2023-06-01")
        .body(Full::new(body.into()))
        .unwrap()
}

async fn read(response: Response<Incoming>) -> Answer {
    let (head, mut incoming) = response.into_parts();
    let mut body = Vec::new();
    let end = loop {
        match tokio::time::timeout(SOON, incoming.frame()).await {
            Err(_) => break End::Silent,
            Ok(None) => break End::Clean,
            Ok(Some(Err(_))) => break End::Broken,
            Ok(Some(Ok(frame))) => body.extend(frame.into_data().unwrap_or_default()),
        }
    };
    Answer { status: head.status, headers: head.headers, body, end }
}

impl Answer {
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub(super) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Name (empty if none) and data of each event.
    pub(super) fn events(&self) -> Vec<(&str, &str)> {
        assert!(self.header("content-type").starts_with("text/event-stream"), "{self:?}");
        self.text()
            .split_terminator("\n\n")
            .map(|event| match event.split_once('\n') {
                Some((name, data)) => (field(name, "event: "), field(data, "data: ")),
                None => ("", field(event, "data: ")),
            })
            .collect()
    }

    /// The data of each event as JSON; others, such as OpenAI's last, are left out.
    pub(super) fn chunks(&self) -> Vec<Value> {
        self.events().iter().filter_map(|(_, data)| serde_json::from_str(data).ok()).collect()
    }
}

fn field<'a>(line: &'a str, name: &str) -> &'a str {
    line.strip_prefix(name).unwrap_or_else(|| panic!("{name} expected in {line}"))
}

/// All strings at `pointer` of all chunks, joined.
pub(super) fn join(chunks: &[Value], pointer: &str) -> String {
    chunks.iter().filter_map(|chunk| chunk.pointer(pointer)?.as_str()).collect()
}
