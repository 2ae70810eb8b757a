//! The way to the writer: bounded in jobs and in bytes, and never waited for.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use tokio::sync::oneshot;
use weir_core::cache::{CacheKey, CachedAnswer};

use crate::sqlite::fault::Fault;

/// Jobs that may wait.
const JOBS: usize = 4096;

/// Bytes of answers that may wait, beside the memory's budget when they are given up there before
/// they are written. One answer of the largest kind (25 MB) finds room.
const BYTES: u64 = 32 << 20;

/// What the writer is to do.
pub(super) enum Job {
    /// Write an answer if it is still the present one.
    Keep { key: CacheKey, number: i64, answer: Arc<CachedAnswer> },
    /// Delete the row of a key.
    Forget(CacheKey),
    /// Do what came before, and end.
    Close(oneshot::Sender<Result<(), Fault>>),
}

/// The end where jobs go in.
pub(super) struct Queue {
    jobs: SyncSender<Job>,
    state: Arc<State>,
}

/// The end where they come out.
pub(super) struct Jobs {
    pub(super) jobs: Receiver<Job>,
    pub(super) state: Arc<State>,
}

/// What both ends know.
#[derive(Default)]
pub(super) struct State {
    bytes: AtomicU64,
    unwritten: AtomicU64,
    void: AtomicBool,
}

/// Makes a queue.
pub(super) fn bounded() -> (Queue, Jobs) {
    let (sender, receiver) = sync_channel(JOBS);
    let state = Arc::new(State::default());
    (Queue { jobs: sender, state: Arc::clone(&state) }, Jobs { jobs: receiver, state })
}

impl Queue {
    /// Has an answer written. `false`, and counted, if there is no room or no writer any more.
    pub(super) fn keep(&self, key: CacheKey, number: i64, answer: Arc<CachedAnswer>) -> bool {
        let weight = answer.weight() as u64;
        let room = self.state.take(weight);
        let sent = room && self.jobs.try_send(Job::Keep { key, number, answer }).is_ok();
        if !sent {
            self.state.count_unwritten(1);
            if room {
                self.state.give_back(weight);
            }
        }
        sent
    }

    /// Has the row of a key deleted, by this or later.
    pub(super) fn forget(&self, key: CacheKey) {
        if self.jobs.try_send(Job::Forget(key)).is_err() {
            self.leave_void();
        }
    }

    /// Notes that the file may hold a row that the index does not know.
    pub(super) fn leave_void(&self) {
        self.state.leave_void();
    }

    /// Answers that were not written, so far.
    pub(super) fn unwritten(&self) -> u64 {
        self.state.unwritten.load(Ordering::Relaxed)
    }

    /// A way in that may be waited at.
    pub(super) fn sender(&self) -> SyncSender<Job> {
        self.jobs.clone()
    }
}

impl State {
    fn take(&self, bytes: u64) -> bool {
        let more = |taken: u64| taken.checked_add(bytes).filter(|sum| *sum <= BYTES);
        self.bytes.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).is_ok()
    }

    /// An answer left the queue.
    pub(super) fn give_back(&self, bytes: u64) {
        self.bytes.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// Counts answers that are in memory only.
    pub(super) fn count_unwritten(&self, answers: u64) {
        self.unwritten.fetch_add(answers, Ordering::Relaxed);
    }

    pub(super) fn leave_void(&self) {
        self.void.store(true, Ordering::Relaxed);
    }

    /// Whether there may be rows that the index does not know, since this was last asked.
    pub(super) fn take_void(&self) -> bool {
        self.void.swap(false, Ordering::Relaxed)
    }
}
