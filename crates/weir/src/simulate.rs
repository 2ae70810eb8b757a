//! A stand-in for model providers: it answers in the dialects of all of them, without a model.
//!
//! For trying Weir without keys, for tests, and as a benchmark upstream. Two properties matter:
//! the same request gets the same answer (ids, times, token counts, vectors), and trouble can be
//! ordered by the model name (`gpt-4o-mini;status=503`), so a test needs no second channel to
//! say what shall go wrong. The grammar is in [`script`], for users in `docs/simulator.md`.
//!
//! A request goes through [`handler`]: [`route`] reads the end of the path, [`credential`] checks
//! the key, [`dispatch`] finds the dialect, whose module makes a [`prompt::Prompt`] of the body, [`answer`] invents the
//! content, and the dialect writes it as one document or as a stream of [`events::Events`].

mod answer;
mod anthropic;
mod bedrock;
mod body;
mod cohere;
mod credential;
mod dispatch;
mod events;
mod failures;
mod fault;
mod gemini;
mod handler;
mod openai_audio;
mod openai_chat;
mod openai_completions;
mod openai_embeddings;
mod openai_images;
mod openai_models;
mod openai_moderations;
mod openai_responses;
mod prompt;
mod reply;
mod route;
mod schema;
mod script;
mod seed;
mod signature;
#[cfg(test)]
mod tests;
mod tokens;
mod vector;
mod vertex;
mod wire;
mod workers_ai;

use std::future::Future;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use self::failures::Failures;
use self::wire::Wire;

/// How long answers under way may take once shutdown has begun. Short: scripted hangs never end.
const GRACE: Duration = Duration::from_millis(500);

/// Pause after the system refused a socket for lack of descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves the simulated providers on `listener` until `shutdown` completes.
///
/// Speaks HTTP/1.1 and HTTP/2 with prior knowledge on the same port. Answers under way get half a
/// second to end, then their connections are dropped.
///
/// # Errors
/// When the listener itself fails; faults of single connections are not reported.
pub(crate) async fn serve(
    listener: TcpListener,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let failures = Arc::new(Failures::default());
    let (stop, stopping) = watch::channel(false);
    let mut connections = JoinSet::new();
    let mut shutdown = pin!(shutdown);
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(connection(stream, failures.clone(), stopping.clone()));
                }
                Err(error) if is_transient(&error) => tokio::time::sleep(ACCEPT_PAUSE).await,
                Err(error) => return Err(error),
            },
            Some(_) = connections.join_next() => {}
        }
    }
    drop(listener);
    stop.send_replace(true);
    let drained = async { while connections.join_next().await.is_some() {} };
    // What is still open after the grace period ends with the set.
    let _ = tokio::time::timeout(GRACE, drained).await;
    Ok(())
}

/// A peer that left while being accepted, or too many open files (ENFILE 23, EMFILE 24).
fn is_transient(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset)
        || matches!(error.raw_os_error(), Some(23 | 24))
}

/// Serves one connection to its end, or until asked to stop.
async fn connection(
    stream: TcpStream,
    failures: Arc<Failures>,
    mut stopping: watch::Receiver<bool>,
) {
    // Without it small stream events would wait for the peer's acknowledgement.
    let _ = stream.set_nodelay(true);
    let garble = Arc::new(AtomicBool::new(false));
    let io = TokioIo::new(Wire::new(stream, garble.clone()));
    let service =
        service_fn(move |request| handler::handle(request, failures.clone(), garble.clone()));
    let builder = auto::Builder::new(TokioExecutor::new());
    let mut connection = pin!(builder.serve_connection(io, service));
    tokio::select! {
        // A fault here is the peer's leaving or a cut we were told to make.
        _ = connection.as_mut() => return,
        _ = stopping.wait_for(|stop| *stop) => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = connection.await;
}
