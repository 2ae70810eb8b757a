//! What can go wrong with a file, and what the operator is told about it.

use std::io;
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;
use weir_core::store::StoreError;

use crate::vault::VaultFault;

/// A failure inside one operation, not yet tied to a file.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
    /// The file system, or the compressor.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// A stored value that this version cannot make sense of.
    #[error("{0}")]
    Content(String),
    /// A migration that was applied here differs from the one in the program.
    #[error("migration {0} was applied in a different form")]
    MigrationChanged(String),
    /// A migration was applied here that the program does not have.
    #[error("migration {0} is unknown to this version")]
    MigrationUnknown(String),
    /// An object of a kind that the program does not have.
    #[error("objects of the kind {0:?}")]
    KindUnknown(String),
    /// The store was closed, or its writer ended.
    #[error("the store is closed")]
    Closed,
    /// Another process does not let go of the file.
    #[error("locked")]
    Locked,
    /// A file that fails its own checks.
    #[error("{0}")]
    Unsound(String),
    /// Another change came first.
    #[error("changed by somebody else")]
    Conflict,
    /// An answer larger than its asker permits.
    #[error("too many groups")]
    TooManyGroups,
    /// An object that has no stored form.
    #[error("{0}")]
    Unwritable(String),
    /// Keys, or what is sealed with them.
    #[error(transparent)]
    Vault(#[from] VaultFault),
}

/// A fault as the operator reads it.
#[derive(Debug, thiserror::Error)]
#[error("{}: {advice} ({fault})", file.display())]
struct FileFault {
    file: PathBuf,
    advice: &'static str,
    // Not a #[source]: its text is in ours, and readers who print the chain would see it twice.
    fault: Fault,
}

impl Fault {
    /// Names the file and what to do about it.
    pub(super) fn at(self, file: &Path) -> StoreError {
        match self {
            Self::Conflict => StoreError::Conflict,
            Self::TooManyGroups => StoreError::TooManyGroups,
            // About another file, and said whole there.
            Self::Vault(
                fault @ (VaultFault::File { .. }
                | VaultFault::NotAKey { .. }
                | VaultFault::Exposed { .. }
                | VaultFault::NoNewKey),
            ) => StoreError::Other(Box::new(fault)),
            fault => {
                let advice = fault.advice();
                StoreError::Other(Box::new(FileFault { file: file.to_owned(), advice, fault }))
            }
        }
    }

    /// Whether the file itself is broken, as against the disk, its permissions or a lock.
    pub(super) fn is_damage(&self) -> bool {
        matches!(self, Self::Unsound(_))
            || matches!(self.code(), Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt))
    }

    fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Sqlite(error) => error.sqlite_error_code(),
            _ => None,
        }
    }

    fn advice(&self) -> &'static str {
        const DAMAGED: &str = "is damaged: restore a backup, or move it away together with the \
                               files of the same name that end in -wal and -shm; a new, empty one \
                               is then created";
        const LOCKED: &str = "another process keeps it locked: find and end that process";
        const FULL: &str = "the disk is full: free some space, it will then go on by itself";
        const DENIED: &str = "cannot be written: check owner and mode of the file and its folder, \
                              and whether the disk is mounted read-only";
        match self {
            Self::Io(error) => match error.kind() {
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => FULL,
                io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => DENIED,
                _ => "the file system refuses",
            },
            Self::Content(_) => "holds a value that this version of Weir cannot read",
            Self::MigrationChanged(_) => {
                "its tables were made by a different build of Weir: use that build, or restore a \
                 backup"
            }
            Self::MigrationUnknown(_) | Self::KindUnknown(_) => {
                "was written by a newer version of Weir: use that version or a later one"
            }
            Self::Locked => LOCKED,
            Self::Unsound(_) => DAMAGED,
            Self::Closed | Self::Conflict | Self::TooManyGroups => "not possible now",
            Self::Unwritable(_) => "is unchanged",
            Self::Vault(VaultFault::DoesNotOpen(_) | VaultFault::DataKeyMissing(_)) => {
                "holds a sealed value that was damaged, or moved from elsewhere: restore a backup, \
                 or give that one up and delete its row from the table `objects`"
            }
            Self::Vault(VaultFault::MasterKeyMissing { .. }) => {
                "cannot be used without its master key"
            }
            Self::Vault(_) => "its secrets cannot be sealed or opened",
            Self::Sqlite(_) => match self.code() {
                Some(ErrorCode::DiskFull) => FULL,
                Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
                    DENIED
                }
                Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => LOCKED,
                Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => DAMAGED,
                Some(ErrorCode::SystemIoFailure) => "the disk fails: look at the system's log",
                _ => "the database refuses",
            },
        }
    }
}

#[cfg(test)]
mod tests;
