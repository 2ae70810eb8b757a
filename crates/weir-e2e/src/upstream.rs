//! Every provider, played by one listener.
//!
//! The first segment of the path names the provider (`/openai/v1/...`): the configuration of the
//! binary under test points each provider's origin at its own prefix. Answers are taken from a
//! script for each provider, the last one repeating; a provider without a script gives a small
//! valid answer. Every call is kept as it was seen on the wire.

mod answer;
mod call;
mod connection;
mod defaults;
mod script;
mod state;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

pub use answer::{Answer, Ending};
pub use call::Call;
pub use script::{UnknownKey, answer_from_json};

use state::State;

/// The listener. Dropping it closes it and every connection.
#[derive(Debug)]
pub struct Upstream {
    address: SocketAddr,
    state: Arc<State>,
    /// Ends with the listener when dropped.
    _tasks: JoinSet<()>,
}

impl Upstream {
    /// Starts to listen on a free loopback port.
    ///
    /// # Errors
    /// When there is none.
    pub async fn start() -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let state = Arc::new(State::default());
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, Arc::clone(&state)));
        Ok(Self { address, state, _tasks: tasks })
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://127.0.0.1:PORT`, to which a provider's prefix is added.
    pub fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Sets the answers of a provider, in the order in which they are given.
    pub fn script(&self, provider: &str, answers: impl Into<Vec<Answer>>) {
        self.state.script(provider, answers.into());
    }

    /// The calls so far, in the order in which their heads arrived.
    pub fn calls(&self) -> Vec<Call> {
        self.state.calls()
    }

    /// Waits until the calls are as wanted, and returns them.
    ///
    /// # Errors
    /// When they are not within five seconds.
    pub async fn wait_for(&self, wanted: impl Fn(&[Call]) -> bool) -> Result<Vec<Call>> {
        let deadline = Instant::now() + Duration::from_secs(5);
        loop {
            let calls = self.calls();
            if wanted(&calls) {
                return Ok(calls);
            }
            if Instant::now() > deadline {
                bail!("the provider did not see what was expected, but {calls:#?}");
            }
            tokio::time::sleep(Duration::from_millis(3)).await;
        }
    }

    /// Closes the connections on which no call is running.
    pub fn close_idle(&self) {
        self.state.close_idle();
    }
}

async fn accept(listener: TcpListener, state: Arc<State>) {
    let mut connections = JoinSet::new();
    for id in 0.. {
        let Ok((stream, _)) = listener.accept().await else { return };
        connections.spawn(connection::serve(stream, id, Arc::clone(&state)));
        while connections.try_join_next().is_some() {}
    }
}

#[cfg(test)]
mod tests;
