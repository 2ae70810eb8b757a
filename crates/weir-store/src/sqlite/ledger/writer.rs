//! The one thread that writes the file.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;
use weir_core::Clock;
use weir_core::ledger::CreditEntry;
use weir_core::store::StoreResult;

use super::file::{LedgerFile, Safety};
use crate::memory::ledger::Books;
use crate::sqlite::fault::Fault;

/// Jobs that may wait. Calls leave none but one to wake the thread: what they change waits in the
/// books.
const QUEUE: usize = 64;

/// How long changes gather before they are written together: with the write itself, what a crash
/// can lose.
const GATHER: Duration = Duration::from_millis(2);

/// How long what is written may wait to be made safe from the loss of power, too.
const SYNC_EVERY: Duration = Duration::from_secs(1);

/// How long to wait before trying a disk again that refused.
const RETRY: Duration = Duration::from_millis(500);

/// How often rows are deleted that count for nothing.
const DELETE_EVERY: Duration = Duration::from_secs(600);

type Reply<T> = oneshot::Sender<Result<T, Fault>>;

enum Job {
    /// Something changed.
    Wake,
    /// Write everything that changed, safe from the loss of power; end the growing lines first.
    Flush { end_lines: bool, reply: Reply<()> },
    /// Write a line and put it into force.
    Credit(Box<CreditEntry>, Reply<bool>),
    /// Write everything and end.
    Close(Reply<()>),
    /// End at once.
    #[cfg(test)]
    Crash,
}

/// The writer as the rest of the ledger sees it.
pub(super) struct Writer {
    path: PathBuf,
    jobs: SyncSender<Job>,
    /// A wake-up is on its way.
    woken: Arc<AtomicBool>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    /// Starts the thread, which owns the file from now on.
    pub(super) fn start(
        path: &Path,
        file: LedgerFile,
        books: Arc<Books>,
        lease: Duration,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Fault> {
        let (sender, jobs) = sync_channel(QUEUE);
        let woken = Arc::new(AtomicBool::new(false));
        let work = Work {
            path: path.to_owned(),
            file,
            books,
            clock,
            jobs,
            woken: Arc::clone(&woken),
            tick: (lease / 4).clamp(Duration::from_millis(10), Duration::from_secs(15)),
            refused: None,
            unsynced: None,
        };
        let name = "weir-ledger".to_owned();
        let thread = thread::Builder::new().name(name).spawn(move || work.run())?;
        let thread = Mutex::new(Some(thread));
        Ok(Self { path: path.to_owned(), jobs: sender, woken, thread })
    }

    /// Has written what changed, soon. Does not wait.
    pub(super) fn wake(&self) {
        // The thread says that it is awake no more before it takes what changed, under the locks
        // under which that is changed: so whatever finds it said is taken.
        if !self.woken.load(Ordering::Relaxed) && !self.woken.swap(true, Ordering::AcqRel) {
            // A thread with a full queue is awake, and one that is gone wakes for nobody.
            let _ = self.jobs.try_send(Job::Wake);
        }
    }

    pub(super) async fn flush(&self, end_lines: bool) -> StoreResult<()> {
        self.ask(|reply| Job::Flush { end_lines, reply }).await
    }

    pub(super) async fn credit(&self, entry: CreditEntry) -> StoreResult<bool> {
        self.ask(|reply| Job::Credit(Box::new(entry), reply)).await
    }

    async fn ask<T: Send + 'static>(&self, job: impl FnOnce(Reply<T>) -> Job) -> StoreResult<T> {
        let (reply, answer) = oneshot::channel();
        let (job, sender) = (job(reply), self.jobs.clone());
        // The queue may be full, and is waited for beside the runtime's threads.
        let sent = tokio::task::spawn_blocking(move || sender.send(job).is_ok()).await;
        let result = match sent {
            Ok(true) => answer.await.unwrap_or(Err(Fault::Closed)),
            _ => Err(Fault::Closed),
        };
        result.map_err(|fault| fault.at(&self.path))
    }

    /// Writes everything, closes the file and ends the thread. Closing again does nothing.
    pub(super) async fn close(&self) -> StoreResult<()> {
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(thread) = thread else { return Ok(()) };
        let result = self.ask(Job::Close).await;
        // It has nothing left to do. How it ended no longer matters, its last word is told.
        let _ = tokio::task::spawn_blocking(move || thread.join()).await;
        result
    }

    /// Ends the thread without a last write, and waits for that.
    #[cfg(test)]
    pub(super) fn crash(&self) {
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            let _ = self.jobs.send(Job::Crash);
            let _ = thread.join();
        }
    }
}

/// What the thread has.
struct Work {
    path: PathBuf,
    file: LedgerFile,
    books: Arc<Books>,
    clock: Arc<dyn Clock>,
    jobs: Receiver<Job>,
    woken: Arc<AtomicBool>,
    /// How long to wait for a job: signs of life and lines that end are due without any, too.
    tick: Duration,
    /// When the disk last refused, if it has not been in order since.
    refused: Option<Instant>,
    /// Since when there is something in the file that the loss of power would take.
    unsynced: Option<Instant>,
}

/// How the thread ends.
enum End {
    Told(Reply<()>),
    /// The ledger was dropped without being closed.
    Left,
    #[cfg(test)]
    Crashed,
}

impl Work {
    fn run(mut self) {
        let end = self.serve();
        #[cfg(test)]
        if matches!(end, End::Crashed) {
            return;
        }
        let written = self.write(true, Safety::Power);
        let closed = written.and(self.file.close());
        match end {
            End::Told(reply) => {
                let _ = reply.send(closed);
            }
            _ => {
                if let Err(fault) = closed {
                    let error = fault.at(&self.path);
                    tracing::warn!(%error, "the ledger was not closed cleanly");
                }
            }
        }
    }

    fn serve(&mut self) -> End {
        let mut deleted = Instant::now();
        loop {
            let wait = match (self.refused, self.unsynced) {
                (Some(_), _) => RETRY,
                (None, Some(_)) => self.tick.min(SYNC_EVERY),
                (None, None) => self.tick,
            };
            match self.jobs.recv_timeout(wait) {
                Ok(Job::Wake) => {
                    thread::sleep(GATHER);
                    self.write_some();
                }
                Err(RecvTimeoutError::Timeout) => self.write_some(),
                Ok(Job::Flush { end_lines, reply }) => {
                    let result = self.write(end_lines, Safety::Power);
                    // Whoever gave up waiting does not need the answer, here and below.
                    let _ = reply.send(result);
                }
                Ok(Job::Credit(entry, reply)) => {
                    let _ = reply.send(self.credit(&entry));
                }
                Ok(Job::Close(reply)) => return End::Told(reply),
                Err(RecvTimeoutError::Disconnected) => return End::Left,
                #[cfg(test)]
                Ok(Job::Crash) => return End::Crashed,
            }
            if deleted.elapsed() >= DELETE_EVERY {
                deleted = Instant::now();
                let result = self.file.delete_idle(self.clock.now()).map(drop);
                self.note(&result);
            }
        }
    }

    /// Writes what changed, unless the disk refused just before.
    fn write_some(&mut self) {
        if self.refused.is_some_and(|at| at.elapsed() < RETRY) {
            // Nobody needs to wake us for what waits already.
            return;
        }
        // What goes wrong is said there.
        let _ = self.write(false, Safety::Process);
        if self.unsynced.is_some_and(|since| since.elapsed() >= SYNC_EVERY) {
            self.unsynced = None;
            let result = self.file.sync(self.clock.now());
            self.note(&result);
        }
    }

    fn write(&mut self, end_lines: bool, safety: Safety) -> Result<(), Fault> {
        self.woken.store(false, Ordering::Release);
        let now = self.clock.now();
        let changes = self.books.take_changes(now, end_lines);
        let result = match self.file.apply(&changes, self.books.holds_any(), safety, now) {
            Ok(wrote) => {
                if wrote && safety == Safety::Process {
                    self.unsynced.get_or_insert_with(Instant::now);
                } else if wrote {
                    self.unsynced = None;
                }
                Ok(())
            }
            Err(fault) => {
                self.books.put_back(changes);
                Err(fault)
            }
        };
        self.note(&result);
        result
    }

    fn credit(&mut self, entry: &CreditEntry) -> Result<bool, Fault> {
        let result = self.file.credit(entry);
        if let Ok(true) = result {
            self.books.grant(entry);
        }
        result
    }

    /// Tells of a disk that refuses once, not at each write.
    fn note(&mut self, result: &Result<(), Fault>) {
        match result {
            Ok(()) => {
                if self.refused.take().is_some() {
                    tracing::info!(file = %self.path.display(), "the ledger is on the disk again");
                }
            }
            Err(fault) => {
                if self.refused.replace(Instant::now()).is_none() {
                    tracing::error!(
                        file = %self.path.display(),
                        error = %fault,
                        "the ledger cannot be written: what is spent from now on is kept in memory \
                         alone until the disk is in order, and is lost if the process ends"
                    );
                }
            }
        }
    }
}
