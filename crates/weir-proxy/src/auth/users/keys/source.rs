//! The keys of one issuer, and when to ask for them.

use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Mutex as AsyncMutex;
use tokio::time::Instant;
use weir_llm::auth::jwt::KeySet;

/// Keys of this age are asked for again.
const RENEWED: Duration = Duration::from_secs(8 * 60);
/// Keys of this age are old: the issuer has not answered for some time.
const STALE: Duration = Duration::from_secs(15 * 60);
/// Keys of this age are not used any more: one that was taken back must not hold for ever because
/// its issuer cannot be reached.
const LONGEST: Duration = Duration::from_secs(24 * 3600);
/// An issuer that failed is asked again after this time.
const RETRY: Duration = Duration::from_secs(15);
/// Whatever tokens come, an issuer is not asked more often than this.
const PAUSE: Duration = Duration::from_secs(5);

/// One issuer.
#[derive(Default)]
pub(super) struct Source {
    held: Mutex<Held>,
    /// Held while somebody asks, so that the others wait for that answer.
    turn: AsyncMutex<()>,
}

#[derive(Default)]
struct Held {
    keys: Option<(Arc<KeySet>, Instant)>,
    tried: Option<Instant>,
    failures: u32,
}

impl Source {
    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The keys, unless they are too old for anything.
    pub(super) fn usable(&self) -> Option<Arc<KeySet>> {
        let held = self.held();
        let (keys, since) = held.keys.as_ref()?;
        (since.elapsed() < LONGEST).then(|| Arc::clone(keys))
    }

    /// Whether there are keys that should be younger.
    pub(super) fn is_stale(&self) -> bool {
        self.held().keys.as_ref().is_some_and(|(_, since)| since.elapsed() >= STALE)
    }

    /// Whether they should be asked for before anybody needs them.
    pub(super) fn is_due(&self) -> bool {
        let held = self.held();
        match (&held.keys, held.tried) {
            (_, Some(tried)) if held.failures > 0 => tried.elapsed() >= RETRY,
            (Some((_, since)), _) => since.elapsed() >= RENEWED,
            (None, tried) => tried.is_none_or(|tried| tried.elapsed() >= RETRY),
        }
    }

    /// Whether asking is of no use, because it was done a moment ago.
    pub(super) fn was_just_tried(&self) -> bool {
        self.held().tried.is_some_and(|tried| tried.elapsed() < PAUSE)
    }

    /// How often in a row it was asked in vain.
    pub(super) fn failures(&self) -> u32 {
        self.held().failures
    }

    /// Asks, unless another one did while this one waited for its turn. Keys that have not changed
    /// stay the same object: what was found good by them stays so.
    pub(super) async fn renew<F>(&self, fetch: impl FnOnce() -> F) -> Option<Result<(), String>>
    where
        F: Future<Output = Result<KeySet, String>>,
    {
        let _turn = self.turn.lock().await;
        if self.was_just_tried() {
            return None;
        }
        let fetched = fetch().await;
        let mut held = self.held();
        let now = Instant::now();
        held.tried = Some(now);
        Some(match fetched {
            Ok(fresh) => {
                let keys = match held.keys.take() {
                    Some((keys, _)) if *keys == fresh => keys,
                    _ => Arc::new(fresh),
                };
                held.keys = Some((keys, now));
                held.failures = 0;
                Ok(())
            }
            Err(reason) => {
                held.failures = held.failures.saturating_add(1);
                Err(reason)
            }
        })
    }
}

#[cfg(test)]
mod tests;
