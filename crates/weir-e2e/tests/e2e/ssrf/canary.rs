//! A listener that must never hear anything.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context as _, Result};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

pub(super) struct Canary {
    pub(super) port: u16,
    heard: Arc<AtomicUsize>,
    /// Ends with the canary.
    _tasks: JoinSet<()>,
}

impl Canary {
    /// Listens on one port of `127.0.0.1` and, where the machine has it, `::1`.
    pub(super) async fn start() -> Result<Self> {
        let first = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = first.local_addr()?.port();
        let heard = Arc::new(AtomicUsize::new(0));
        let mut tasks = JoinSet::new();
        let sixth = TcpListener::bind(("::1", port)).await.ok();
        for listener in std::iter::once(first).chain(sixth) {
            let heard = Arc::clone(&heard);
            tasks.spawn(async move {
                while listener.accept().await.is_ok() {
                    heard.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        Ok(Self { port, heard, _tasks: tasks })
    }

    /// Fails if anybody connected; then shows that it would have heard them.
    pub(super) async fn assert_silent(&self) -> Result<()> {
        assert_eq!(self.heard.load(Ordering::SeqCst), 0, "somebody came to the canary");
        TcpStream::connect(("127.0.0.1", self.port)).await.context("the canary is deaf")?;
        while self.heard.load(Ordering::SeqCst) == 0 {
            tokio::task::yield_now().await;
        }
        self.heard.store(0, Ordering::SeqCst);
        Ok(())
    }
}
