//! What can go wrong with keys and sealed values, told without showing either.

use std::io;
use std::path::PathBuf;

/// A failure of sealing or opening, or of finding the keys for it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum VaultFault {
    /// Altered, cut off, or moved from where it belongs.
    #[error("{0} does not open")]
    DoesNotOpen(String),
    /// Sealed under a data key that is not stored here.
    #[error("{0} was sealed with a data key that is not here")]
    DataKeyMissing(String),
    /// The master key that everything hangs on is not there.
    #[error(
        "secrets here are sealed with the master key {wanted}, but {place} {found}: put that key \
         there; where another key is in use now, add it on a line below"
    )]
    MasterKeyMissing {
        /// Ids of the keys that are wanted.
        wanted: String,
        /// Where keys are looked for.
        place: String,
        /// What is there instead.
        found: String,
    },
    /// A text that holds no key.
    #[error("{place}: {wrong}; a master key is 64 hex digits, or 32 bytes in base64")]
    NotAKey {
        /// Where it was read.
        place: String,
        /// What is wrong with it.
        wrong: String,
    },
    /// Our own key file can be read by others.
    #[error(
        "{}: may be read by others (mode {mode:03o}): run `chmod 600` on it, and rotate the keys \
         if it may have been seen", file.display()
    )]
    Exposed {
        /// The file.
        file: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// A key file that cannot be read or written.
    #[error("{}: {advice} ({cause})", file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// What to do about it.
        advice: &'static str,
        /// What the system says.
        cause: io::Error,
    },
    /// There is no new key to change to.
    #[error(
        "a master key that is given as a value is not ours to replace: put a new key on a line \
         above the present one, and run this again"
    )]
    NoNewKey,
    /// The system has no random numbers, or the cipher refuses its input.
    #[error("the cryptographic library refuses to {0}")]
    Refused(&'static str),
}
