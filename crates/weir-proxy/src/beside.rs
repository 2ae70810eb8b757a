//! Work beside the calls that still has rows to leave: it must not be forgotten when the process
//! stops.

use std::future::Future;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::sync::watch;
use tokio::time::timeout;

/// Tasks that nobody waits for, until the end. Each holds a receiver, so the sender knows when all
/// of them are done.
pub(crate) struct Beside {
    stop: watch::Sender<bool>,
}

impl Default for Beside {
    fn default() -> Self {
        Self { stop: watch::Sender::new(false) }
    }
}

impl Beside {
    /// Does something in a task of its own. Whoever calls this bounds how many there are.
    pub(crate) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        let mut stop = self.stop.subscribe();
        drop(tokio::spawn(async move {
            tokio::select! {
                () = work => {}
                _ = stop.wait_for(|stop| *stop) => {}
            }
            // It is counted until all of it was dropped.
            drop(stop);
        }));
    }

    /// Waits for all tasks; after `patience` they are cut off.
    pub(crate) async fn settle(&self, patience: Duration) {
        if timeout(patience, self.stop.closed()).await.is_err() {
            self.stop.send_replace(true);
            self.stop.closed().await;
        }
    }
}

/// Does what nobody waits for and what mostly waits for nobody: at once where that is so, as with
/// counters in memory, else in a task of its own.
pub(crate) fn at_once_or_later(work: impl Future<Output = ()> + Send + 'static) {
    let mut work = Box::pin(work);
    if work.as_mut().now_or_never().is_some() {
        return;
    }
    match tokio::runtime::Handle::try_current() {
        Ok(runtime) => drop(runtime.spawn(work)),
        Err(_) => tracing::warn!("limits and budgets are not corrected: the process ends"),
    }
}

#[cfg(test)]
mod tests;
