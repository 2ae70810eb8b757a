//! Where master keys come from, and how a key file is replaced.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use weir_core::Secret;
use zeroize::Zeroizing;

use super::fault::VaultFault;
use super::master::{MasterKey, MasterKeys};

/// Name of the file that we make ourselves, in the folder of the databases.
pub(crate) const GENERATED_FILE: &str = "master.key";

/// More than any number of keys that makes sense.
const LONGEST: u64 = 64 * 1024;

/// Where the master key comes from.
///
/// A key is 64 hex digits, or 32 bytes in base64. There may be several, one on each line, of which
/// the first is the present one; `#` begins a comment.
#[derive(Clone, Debug)]
pub enum MasterKeySource {
    /// The key itself, from the environment or a setting.
    Value(Secret<String>),
    /// A file that the operator provides.
    File(PathBuf),
    /// The file `master.key` in the folder of the databases, mode 0600; made when it is not there
    /// and nothing is sealed yet.
    Generated,
}

/// A source of master keys, with the path of its file.
#[derive(Clone)]
pub(crate) enum KeyPlace {
    Value(Secret<String>),
    /// Belongs to the operator.
    File(PathBuf),
    /// Belongs to us.
    Own(PathBuf),
}

impl KeyPlace {
    pub(crate) fn new(source: &MasterKeySource, data_dir: &Path) -> Self {
        match source {
            MasterKeySource::Value(text) => Self::Value(text.clone()),
            MasterKeySource::File(path) => Self::File(path.clone()),
            MasterKeySource::Generated => Self::Own(data_dir.join(GENERATED_FILE)),
        }
    }

    /// The keys, or `None` when our own file is not there.
    pub(crate) fn read(&self) -> Result<Option<MasterKeys>, VaultFault> {
        let path = match self {
            Self::Value(text) => {
                return MasterKeys::parse(text.expose(), &self.to_string()).map(Some);
            }
            Self::File(path) | Self::Own(path) => path,
        };
        match read_file(path) {
            Ok((text, mode)) => {
                self.check_mode(path, mode)?;
                MasterKeys::parse(&text, &self.to_string()).map(Some)
            }
            Err(error)
                if error.kind() == io::ErrorKind::NotFound && matches!(self, Self::Own(_)) =>
            {
                Ok(None)
            }
            Err(error) => Err(file_fault(path, "the key file cannot be read", error)),
        }
    }

    /// Our own file was made with mode 0600, so another mode is an accident and is refused. A file
    /// of the operator's may be a mounted secret whose mode the platform chooses (0444 or 0644 are
    /// usual inside a container of its own), and refusing those would only teach people to put
    /// keys into variables; so there it is a warning.
    fn check_mode(&self, path: &Path, mode: u32) -> Result<(), VaultFault> {
        if mode & 0o077 == 0 {
            return Ok(());
        }
        if matches!(self, Self::Own(_)) {
            return Err(VaultFault::Exposed { file: path.to_owned(), mode });
        }
        tracing::warn!(
            file = %path.display(), mode = %format_args!("{mode:03o}"),
            "the master key file may be read by others; it should have mode 600",
        );
        Ok(())
    }

    /// Puts a fresh key where none is, if the place is ours.
    pub(crate) fn generate(&self) -> Result<MasterKeys, VaultFault> {
        let keys = MasterKeys::new(Arc::new(MasterKey::generate()?), Vec::new());
        self.write(&keys)?;
        if let Self::Own(path) = self {
            tracing::info!(
                file = %path.display(), key = keys.present().id(),
                "made a master key; keep a copy of the file apart from backups",
            );
        }
        Ok(keys)
    }

    /// Puts `keys` in the place of those that are there, at once and for good: whoever reads finds
    /// the former file or this one, after a loss of power, too.
    pub(crate) fn write(&self, keys: &MasterKeys) -> Result<(), VaultFault> {
        let path = match self {
            Self::Value(_) => return Err(VaultFault::NoNewKey),
            Self::File(path) | Self::Own(path) => path,
        };
        replace_file(path, keys.to_text().as_bytes())
            .map_err(|error| file_fault(path, "the key file cannot be replaced", error))
    }

    /// The place and what it lacks.
    pub(crate) fn missing(&self, wanted: &[&str], found: Option<&MasterKeys>) -> VaultFault {
        let found = match found {
            None => "is not there".to_owned(),
            Some(keys) => {
                let ids: Vec<_> = keys.iter().map(|key| key.id()).collect();
                format!("holds {}", ids.join(", "))
            }
        };
        VaultFault::MasterKeyMissing {
            wanted: wanted.join(" and "),
            place: self.to_string(),
            found,
        }
    }
}

impl std::fmt::Display for KeyPlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Value(_) => f.write_str("the given master key"),
            Self::File(path) | Self::Own(path) => write!(f, "{}", path.display()),
        }
    }
}

/// Text and mode of a file.
fn read_file(path: &Path) -> io::Result<(Zeroizing<String>, u32)> {
    let file = File::open(path)?;
    let mode = file.metadata()?.permissions().mode() & 0o777;
    let mut text = Zeroizing::new(String::with_capacity(4096));
    file.take(LONGEST + 1).read_to_string(&mut text)?;
    if text.len() as u64 > LONGEST {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "longer than 64 KiB"));
    }
    Ok((text, mode))
}

/// Writes a file beside `path`, and then moves it there. It keeps owner and mode of the one it
/// replaces, so that a command that root ran leaves a file the server can read.
pub(crate) fn replace_file(path: &Path, content: &[u8]) -> io::Result<()> {
    // A link stays a link.
    let path = match fs::canonicalize(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => path.to_owned(),
        resolved => resolved?,
    };
    let mut beside = path.clone().into_os_string();
    beside.push(".new");
    let beside = PathBuf::from(beside);
    let written = || {
        // Left over from a crash; a fresh file has the right mode from its first byte on.
        match fs::remove_file(&beside) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
        if let Ok(former) = fs::metadata(&path) {
            let ours = file.metadata()?;
            if (former.uid(), former.gid()) != (ours.uid(), ours.gid()) {
                chown(&beside, Some(former.uid()), Some(former.gid()))?;
            }
            file.set_permissions(Permissions::from_mode(former.permissions().mode() & 0o777))?;
        }
        file.write_all(content)?;
        file.sync_all()?;
        fs::rename(&beside, &path)?;
        sync_folder_of(&path)
    };
    written().inspect_err(|_| {
        // The error that is told is the first one.
        let _ = fs::remove_file(&beside);
    })
}

/// Makes a rename durable.
fn sync_folder_of(path: &Path) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    File::open(folder)?.sync_all()
}

fn file_fault(file: &Path, advice: &'static str, cause: io::Error) -> VaultFault {
    VaultFault::File { file: file.to_owned(), advice, cause }
}

#[cfg(test)]
mod tests;
