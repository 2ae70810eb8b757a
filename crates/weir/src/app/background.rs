//! Tasks beside all calls. None of them ends by itself, and one that panics is begun anew: a
//! process that looks well and no longer follows its configuration would be the worse failure.

use std::future::Future;
use std::time::Duration;

use tokio::task::{JoinHandle, JoinSet};

/// Pause before a task is begun anew.
const PAUSE: Duration = Duration::from_secs(1);

/// Spawns `task`. Aborting the handle ends it.
pub(super) fn keep<F>(name: &'static str, task: impl Fn() -> F + Send + 'static) -> JoinHandle<()>
where
    F: Future<Output = ()> + Send + 'static,
{
    tokio::spawn(async move {
        loop {
            // A set ends what is in it when it is dropped.
            let mut running = JoinSet::new();
            running.spawn(task());
            match running.join_next().await {
                Some(Err(failure)) if failure.is_panic() => {
                    tracing::error!(name, %failure, "a background task failed; it begins anew");
                    tokio::time::sleep(PAUSE).await;
                }
                _ => return,
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_task_that_panics_begins_anew() {
        let begun = Arc::new(AtomicUsize::new(0));
        let handle = keep("test", {
            let begun = Arc::clone(&begun);
            move || {
                let begun = Arc::clone(&begun);
                async move { assert!(begun.fetch_add(1, Ordering::Relaxed) > 1, "not yet") }
            }
        });
        handle.await.unwrap();
        assert_eq!(begun.load(Ordering::Relaxed), 3);
    }
}
