//! The one thread that writes the log file.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};
use weir_core::store::StoreResult;

use super::ledger::Ledger;
use crate::sqlite::fault::Fault;

/// Jobs that may wait. Whoever appends has a queue of its own, bounded by rows and bytes, and waits
/// here only when the disk is slower than traffic; a deep second queue would just hide that.
const QUEUE: usize = 8;

/// Something to do to the file. It is to hold the thread for a few ten milliseconds at most.
type Job = Box<dyn FnOnce(&mut Ledger) + Send>;

/// The writer as the rest of the store sees it.
pub(super) struct Writer {
    path: PathBuf,
    commands: mpsc::Sender<Command>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

enum Command {
    Run(Job),
    Close(oneshot::Sender<Result<(), Fault>>),
}

impl Writer {
    /// Starts the thread, which owns the connection from now on.
    pub(super) fn start(path: &Path, connection: Connection) -> Result<Self, Fault> {
        let ledger = Ledger::new(connection)?;
        let (commands, queue) = mpsc::channel(QUEUE);
        let name = "weir-log-writer".to_owned();
        let file = path.to_owned();
        let thread = thread::Builder::new().name(name).spawn(move || {
            yield_to_requests();
            run(ledger, queue, &file);
        })?;
        Ok(Self { path: path.to_owned(), commands, thread: Mutex::new(Some(thread)) })
    }

    /// Does a job in its turn; returns once it is done. Dropping the future does not take the job
    /// back.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Ledger) -> Result<T, Fault> + Send + 'static,
    ) -> StoreResult<T> {
        let (reply, answer) = oneshot::channel();
        let job = move |ledger: &mut Ledger| {
            // Whoever gave up waiting does not need the answer.
            let _ = reply.send(job(ledger));
        };
        let result = match self.commands.send(Command::Run(Box::new(job))).await {
            Ok(()) => answer.await.unwrap_or(Err(Fault::Closed)),
            Err(_) => Err(Fault::Closed),
        };
        result.map_err(|fault| fault.at(&self.path))
    }

    /// Does what is in the queue, closes the file and ends the thread. Closing a closed store does
    /// nothing.
    pub(super) async fn close(&self) -> StoreResult<()> {
        let (reply, answer) = oneshot::channel();
        let sent = self.commands.send(Command::Close(reply)).await;
        let result = match sent {
            Ok(()) => answer.await.unwrap_or(Ok(())),
            Err(_) => Ok(()),
        };
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            // It has nothing left to do. How it ended no longer matters, every job was answered.
            let _ = tokio::task::spawn_blocking(move || thread.join()).await;
        }
        result.map_err(|fault| fault.at(&self.path))
    }
}

/// Takes commands until there can be no more, or until told to close. Work that nobody waits for is
/// done in pieces, one after each job and more while there is none.
fn run(mut ledger: Ledger, mut queue: mpsc::Receiver<Command>, file: &Path) {
    while let Some(command) = next(&mut ledger, &mut queue) {
        match command {
            Command::Run(job) => {
                job(&mut ledger);
                ledger.rebuild_some();
            }
            Command::Close(reply) => {
                // Those that were faster than we thought still count.
                while let Ok(Command::Run(job)) = queue.try_recv() {
                    job(&mut ledger);
                }
                let _ = reply.send(ledger.close());
                return;
            }
        }
    }
    // The store was dropped without being closed: nobody waits for an answer.
    if let Err(fault) = ledger.close() {
        let error = fault.at(file);
        tracing::warn!(%error, "log store was not closed cleanly");
    }
}

fn next(ledger: &mut Ledger, queue: &mut mpsc::Receiver<Command>) -> Option<Command> {
    while !ledger.kept.pending.is_empty() {
        match queue.try_recv() {
            Ok(command) => return Some(command),
            Err(mpsc::error::TryRecvError::Empty) => ledger.rebuild_some(),
            Err(mpsc::error::TryRecvError::Disconnected) => return None,
        }
    }
    queue.blocking_recv()
}

/// Lets threads that serve requests have the core first, by a little. On Linux the nice value
/// belongs to the calling thread; elsewhere it would be the whole process's, so it is left alone.
///
/// It is counted from the process's own value. An absolute one starved the writer of a process that
/// an operator had made more important: its queue filled up, and rows were dropped.
fn yield_to_requests() {
    #[cfg(target_os = "linux")]
    // A system that refuses makes logging dearer, not wrong.
    if let Ok(present) = rustix::process::getpriority_process(None) {
        let _ = rustix::process::setpriority_process(None, present.saturating_add(YIELD));
    }
}

/// Steps below the threads that serve requests. On a core that is full the writer still gets some
/// 40 % of it, more than it needs.
#[cfg(target_os = "linux")]
const YIELD: i32 = 2;
