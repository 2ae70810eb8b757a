//! The one thread that writes the log file.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};
use weir_core::LogRecord;
use weir_core::store::StoreResult;

use super::batch::Batches;
use crate::sqlite::fault::Fault;

/// Batches that may wait. The caller has a queue of its own, bounded by rows and bytes, and waits
/// here only when the disk is slower than traffic; a deep second queue would just hide that.
const QUEUE: usize = 8;

/// The writer as the rest of the store sees it.
pub(super) struct Writer {
    path: PathBuf,
    commands: mpsc::Sender<Command>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

enum Command {
    Append(Arc<Vec<LogRecord>>, oneshot::Sender<Result<(), Fault>>),
    Close(oneshot::Sender<Result<(), Fault>>),
}

impl Writer {
    /// Starts the thread, which owns the connection from now on.
    pub(super) fn start(path: &Path, connection: Connection) -> Result<Self, Fault> {
        let batches = Batches::new(connection)?;
        let (commands, queue) = mpsc::channel(QUEUE);
        let name = "weir-log-writer".to_owned();
        let file = path.to_owned();
        let thread = thread::Builder::new().name(name).spawn(move || {
            yield_to_requests();
            run(batches, queue, &file);
        })?;
        Ok(Self { path: path.to_owned(), commands, thread: Mutex::new(Some(thread)) })
    }

    /// Writes a batch; returns once it is committed. Dropping the future does not take the batch
    /// back.
    pub(super) async fn append(&self, batch: Arc<Vec<LogRecord>>) -> StoreResult<()> {
        if batch.is_empty() {
            return Ok(());
        }
        let (reply, answer) = oneshot::channel();
        let sent = self.commands.send(Command::Append(batch, reply)).await;
        let result = match sent {
            Ok(()) => answer.await.unwrap_or(Err(Fault::Closed)),
            Err(_) => Err(Fault::Closed),
        };
        result.map_err(|fault| fault.at(&self.path))
    }

    /// Writes what is in the queue, closes the file and ends the thread. Closing a closed store
    /// does nothing.
    pub(super) async fn close(&self) -> StoreResult<()> {
        let (reply, answer) = oneshot::channel();
        let sent = self.commands.send(Command::Close(reply)).await;
        let result = match sent {
            Ok(()) => answer.await.unwrap_or(Ok(())),
            Err(_) => Ok(()),
        };
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            // It has nothing left to do. How it ended no longer matters, every batch was answered.
            let _ = tokio::task::spawn_blocking(move || thread.join()).await;
        }
        result.map_err(|fault| fault.at(&self.path))
    }
}

/// Takes commands until there can be no more, or until told to close.
fn run(mut batches: Batches, mut queue: mpsc::Receiver<Command>, file: &Path) {
    while let Some(command) = queue.blocking_recv() {
        match command {
            Command::Append(records, reply) => append(&mut batches, &records, reply),
            Command::Close(reply) => {
                // Those that were faster than we thought still count.
                while let Ok(Command::Append(records, reply)) = queue.try_recv() {
                    append(&mut batches, &records, reply);
                }
                let _ = reply.send(batches.close());
                return;
            }
        }
    }
    // The store was dropped without being closed: nobody waits for an answer.
    if let Err(fault) = batches.close() {
        let error = fault.at(file);
        tracing::warn!(%error, "log store was not closed cleanly");
    }
}

fn append(batches: &mut Batches, records: &[LogRecord], reply: oneshot::Sender<Result<(), Fault>>) {
    // Whoever gave up waiting does not need the answer.
    let _ = reply.send(batches.append(records));
}

/// Lets threads that serve requests have the core first. On Linux the nice value belongs to the
/// calling thread; elsewhere it would be the whole process's, so it is left alone.
fn yield_to_requests() {
    #[cfg(target_os = "linux")]
    // A system that refuses makes logging dearer, not wrong.
    let _ = rustix::process::setpriority_process(None, 5);
}
