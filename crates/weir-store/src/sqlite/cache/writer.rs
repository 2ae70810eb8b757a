//! The one thread that writes the file.

use std::path::{Path, PathBuf};
use std::sync::mpsc::RecvTimeoutError;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;
use weir_core::Timestamp;
use weir_core::cache::CacheKey;
use weir_core::store::StoreResult;

use super::file::{CacheFile, Change, Done};
use super::index::Index;
use super::queue::{Job, Jobs, Queue};
use super::row;
use crate::sqlite::aside;
use crate::sqlite::fault::Fault;

/// Jobs done in one transaction.
const BATCH: usize = 128;

/// How often expired rows are looked for.
const SWEEP_EVERY: Duration = Duration::from_secs(60);

/// The writer as the rest of the cache sees it.
pub(super) struct Writer {
    path: PathBuf,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    /// Starts the thread, which owns the file from now on.
    pub(super) fn start(
        path: &Path,
        file: CacheFile,
        jobs: Jobs,
        index: Arc<Index>,
    ) -> Result<Self, Fault> {
        let work = Work { path: path.to_owned(), file, jobs, index, failing: false };
        let name = "weir-cache-writer".to_owned();
        let thread = thread::Builder::new().name(name).spawn(move || work.run())?;
        Ok(Self { path: path.to_owned(), thread: Mutex::new(Some(thread)) })
    }

    /// Does what is in the queue, closes the file and ends the thread. Closing again does nothing.
    pub(super) async fn close(&self, queue: &Queue) -> StoreResult<()> {
        let Some(thread) = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take() else {
            return Ok(());
        };
        let sender = queue.sender();
        let end = move || {
            let (reply, answer) = oneshot::channel();
            // A thread that has given up the file has nothing to close.
            let result = match sender.send(Job::Close(reply)) {
                Ok(()) => answer.blocking_recv().unwrap_or(Ok(())),
                Err(_) => Ok(()),
            };
            // It has nothing left to do. How it ended no longer matters.
            let _ = thread.join();
            result
        };
        let result = tokio::task::spawn_blocking(end).await.unwrap_or(Err(Fault::Closed));
        result.map_err(|fault| fault.at(&self.path))
    }
}

/// What the thread has.
struct Work {
    path: PathBuf,
    file: CacheFile,
    jobs: Jobs,
    index: Arc<Index>,
    /// The disk refused the last time, and that was said.
    failing: bool,
}

impl Work {
    fn run(mut self) {
        match self.serve() {
            Ok(Some(reply)) => {
                let _ = reply.send(self.file.close());
            }
            // The cache was dropped without being closed: nobody waits for an answer.
            Ok(None) => {
                if let Err(fault) = self.file.close() {
                    tracing::warn!(error = %fault.at(&self.path), "the cache was not closed cleanly");
                }
            }
            Err(fault) => self.give_up(fault),
        }
    }

    /// Takes jobs until there can be no more, or until told to close. An error is damage.
    fn serve(&mut self) -> Result<Option<oneshot::Sender<Result<(), Fault>>>, Fault> {
        self.sweep()?;
        let shrunk = self.file.shrink();
        self.check(shrunk)?;
        let mut swept = Instant::now();
        loop {
            let wait = SWEEP_EVERY.saturating_sub(swept.elapsed());
            let first = match self.jobs.jobs.recv_timeout(wait) {
                Ok(job) => Some(job),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => return Ok(None),
            };
            let (mut batch, mut close) = (Vec::new(), None);
            let rest = std::iter::from_fn(|| self.jobs.jobs.try_recv().ok());
            for job in first.into_iter().chain(rest.take(BATCH)) {
                match job {
                    Job::Close(reply) => close = Some(reply),
                    job => batch.push(job),
                }
            }
            self.write(batch)?;
            if swept.elapsed() >= SWEEP_EVERY || close.is_some() {
                self.sweep()?;
                swept = Instant::now();
            }
            if close.is_some() {
                return Ok(close);
            }
        }
    }

    fn write(&mut self, batch: Vec<Job>) -> Result<(), Fault> {
        if batch.is_empty() {
            return Ok(());
        }
        let now = Timestamp::now();
        let mut changes = Vec::with_capacity(batch.len());
        for job in &batch {
            match job {
                // Those that were replaced or removed while they waited are not worth the disk.
                Job::Keep { key, number, answer } if self.index.is_current(key, *number) => {
                    match row::head(answer) {
                        Ok(head) => {
                            let (key, number) = (*key, *number);
                            changes.push(Change::Put { key, number, answer, head });
                        }
                        Err(fault) => {
                            tracing::warn!(error = %fault, "an answer cannot be written");
                            self.lose(key, *number);
                        }
                    }
                }
                Job::Forget(key) => changes.push(Change::Delete(*key)),
                Job::Keep { .. } | Job::Close(_) => {}
            }
        }
        let result = self.file.apply(&changes, self.index.len(), now);
        let written = match self.check(result) {
            Ok(Some(done)) => {
                self.report(&done);
                Ok(())
            }
            Ok(None) => {
                self.unwritten(&changes);
                Ok(())
            }
            Err(fault) => {
                self.unwritten(&changes);
                Err(fault)
            }
        };
        for job in batch {
            if let Job::Keep { answer, .. } = job {
                let weight = answer.weight() as u64;
                drop(answer);
                self.jobs.state.give_back(weight);
            }
        }
        written
    }

    /// Deletes rows that have expired, and those that the index does not know if there may be any.
    fn sweep(&mut self) -> Result<(), Fault> {
        let now = Timestamp::now();
        loop {
            // Without changes this makes room, too, if the budget is smaller than it was.
            let result = self.file.apply(&[], self.index.len(), now);
            let Some(done) = self.check(result)? else { return Ok(()) };
            self.report(&done);
            let result = self.file.delete_expired(now);
            let Some(done) = self.check(result)? else { return Ok(()) };
            self.report(&done);
            if done.deleted.is_empty() {
                break;
            }
        }
        if self.jobs.state.take_void() {
            let result = self.file.delete_void(&self.index);
            if self.check(result)?.is_none() {
                self.jobs.state.leave_void();
            }
        }
        Ok(())
    }

    fn report(&self, done: &Done) {
        for (key, number) in &done.written {
            self.index.confirm(key, *number);
        }
        for (key, number) in &done.deleted {
            self.index.cancel(key, *number);
        }
    }

    /// What could not be written is in memory only; what could not be deleted is void.
    fn unwritten(&self, changes: &[Change<'_>]) {
        for change in changes {
            if let Change::Put { key, number, .. } = change {
                self.lose(key, *number);
            }
        }
        self.jobs.state.leave_void();
    }

    fn lose(&self, key: &CacheKey, number: i64) {
        self.index.cancel(key, number);
        self.jobs.state.count_unwritten(1);
    }

    /// Lets damage through. Anything else is the disk's trouble, may pass, and gives `None`; it is
    /// said once, not at each batch.
    fn check<T>(&mut self, result: Result<T, Fault>) -> Result<Option<T>, Fault> {
        match result {
            Ok(value) => {
                self.failing = false;
                Ok(Some(value))
            }
            Err(fault) if fault.is_damage() => Err(fault),
            Err(fault) => {
                if !self.failing {
                    let error = fault.at(&self.path);
                    tracing::warn!(%error, "answers are not written to the disk at present");
                }
                self.failing = true;
                Ok(None)
            }
        }
    }

    /// Moves the damaged file away. The queue ends with this, so from now on everything that would
    /// be written is counted as unwritten.
    fn give_up(self, fault: Fault) {
        self.index.clear();
        let kept_as = aside::set_aside(&self.path);
        tracing::error!(
            error = %fault.at(&self.path),
            set_aside = kept_as.is_ok(),
            "the cache file is damaged; until the next start answers are kept in memory only"
        );
    }
}
