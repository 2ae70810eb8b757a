//! Listeners: accept, speak HTTP/1.1 and HTTP/2 (TLS when configured), stop gracefully.

mod front;
pub(crate) mod tls;

use std::future::Future;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

pub(crate) use self::front::Front;

/// A client has this long for its request head, and for its part of the TLS handshake.
const HEAD_TIME: Duration = Duration::from_secs(30);

/// Bytes of a request head, or of a stalled write, that a connection buffers at most.
const BUFFER: usize = 64 * 1024;

/// A client that takes nothing of what was sent to it for this long is cut off.
const STALLED_CLIENT: Duration = Duration::from_secs(120);

/// Serves until `stop` completes; then finishes open calls for up to `drain`.
pub(crate) async fn run(
    listener: TcpListener,
    admin: Option<TcpListener>,
    tls: Option<TlsAcceptor>,
    front: Front,
    stop: impl Future<Output = ()>,
    drain: Duration,
) {
    let graceful = GracefulShutdown::new();
    let mut connections = JoinSet::new();
    let mut stop = pin!(stop);
    loop {
        let (accepted, is_admin) = tokio::select! {
            accepted = listener.accept() => (accepted, false),
            accepted = accept_optional(admin.as_ref()) => (accepted, true),
            // Finished tasks are collected, or the set would grow for ever.
            Some(_) = connections.join_next() => continue,
            () = &mut stop => break,
        };
        match accepted {
            Ok((stream, peer)) => {
                prepare(&stream);
                let front = if is_admin { front.for_admin(peer) } else { front.for_peer(peer) };
                let tls = if is_admin { None } else { tls.clone() };
                connections.spawn(serve(stream, tls, front, graceful.watcher()));
            }
            // Most often there are no file descriptors left; accepting at once would spin.
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
    front.stop_being_ready();
    drop((listener, admin));
    tracing::info!(open = connections.len(), "stopping; finishing open calls");
    let finished = async {
        graceful.shutdown().await;
        while connections.join_next().await.is_some() {}
    };
    let again = stop_signal();
    tokio::select! {
        done = timeout(drain, finished) => {
            if done.is_err() {
                tracing::warn!("the drain time is over; cutting open calls off");
            }
        }
        () = again => tracing::warn!("told to stop again; cutting open calls off"),
    }
    // Aborted calls still finish their log rows: that happens when they are dropped.
    connections.shutdown().await;
}

async fn accept_optional(
    listener: Option<&TcpListener>,
) -> std::io::Result<(TcpStream, SocketAddr)> {
    match listener {
        Some(listener) => listener.accept().await,
        None => std::future::pending().await,
    }
}

fn prepare(stream: &TcpStream) {
    // Failing to set either only makes things slower, never wrong.
    let _ = stream.set_nodelay(true);
    let limit = u32::try_from(STALLED_CLIENT.as_millis()).unwrap_or(u32::MAX);
    let _ = rustix::net::sockopt::set_tcp_user_timeout(stream, limit);
}

async fn serve(
    stream: TcpStream,
    tls: Option<TlsAcceptor>,
    front: front::Client,
    watcher: Watcher,
) {
    let Some(tls) = tls else { return speak(stream, front, watcher).await };
    // Boxed, or plain connections would carry the size of a handshake.
    match timeout(HEAD_TIME, Box::pin(tls.accept(stream))).await {
        Ok(Ok(stream)) => speak(stream, front, watcher).await,
        Ok(Err(error)) => tracing::debug!(%error, "TLS handshake failed"),
        Err(_) => tracing::debug!("TLS handshake took too long"),
    }
}

async fn speak<S>(stream: S, front: front::Client, watcher: Watcher)
where
    S: AsyncRead + AsyncWrite + Unpin + 'static,
{
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEAD_TIME).max_buf_size(BUFFER);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(HEAD_TIME)
        .max_concurrent_streams(256)
        .max_send_buf_size(BUFFER);
    // Boxed: a connection keeps the room of its service's future for as long as the answer takes,
    // which for a stream is long.
    let service =
        service_fn(|request: http::Request<Incoming>| Box::pin(front.clone().answer(request)));
    let connection = builder.serve_connection(TokioIo::new(stream), service);
    if let Err(error) = watcher.watch(connection).await {
        tracing::debug!(%error, "connection ended");
    }
}

/// Completes when the process is told to stop: SIGTERM, or SIGINT from a terminal. Holds from the
/// call on, not from the first wait: a signal that comes in between is not lost, nor does it end
/// the process.
pub(crate) fn stop_signal() -> impl Future<Output = ()> {
    use tokio::signal::unix::{SignalKind, signal};
    let terminate = signal(SignalKind::terminate());
    let interrupt = signal(SignalKind::interrupt());
    async {
        match (terminate, interrupt) {
            (Ok(mut terminate), Ok(mut interrupt)) => {
                tokio::select! {
                    _ = terminate.recv() => {}
                    _ = interrupt.recv() => {}
                }
            }
            // Without handlers the signals end the process by themselves.
            _ => std::future::pending().await,
        }
    }
}
