//! Keys in files.

use std::io::{ErrorKind, Read as _};
use std::path::Path;

use weir_core::Secret;

use super::Missing;

/// Longest file that is read, in bytes.
const LONGEST: u64 = 64 * 1024;

/// The text of a file, without the line break at its end. A file that a pattern permits must really
/// lie below the folder that the pattern begins with, wherever links lead; a file that the operator
/// named needs no pattern.
pub(super) async fn read(path: String, pattern: Option<String>) -> Result<Secret<String>, Missing> {
    let reading = move || read_now(Path::new(&path), pattern.as_deref());
    let read = tokio::task::spawn_blocking(reading).await;
    read.unwrap_or_else(|_| Err(Missing::passing("it could not be read")))
}

fn read_now(path: &Path, pattern: Option<&str>) -> Result<Secret<String>, Missing> {
    let failed = |error: std::io::Error| match error.kind() {
        ErrorKind::NotFound => Missing::gone("the file does not exist"),
        ErrorKind::PermissionDenied => Missing::gone("the file may not be read"),
        _ => Missing::passing("the file could not be read"),
    };
    let real = path.canonicalize().map_err(failed)?;
    if let Some(pattern) = pattern {
        let folder = Path::new(fixed_folder(pattern)).canonicalize().map_err(failed)?;
        if !real.starts_with(&folder) {
            return Err(Missing::gone("the file lies outside of the permitted folder"));
        }
    }
    // Asked before it is opened, too: opening a pipe waits for whoever writes into it.
    let is_file = |metadata: std::fs::Metadata| match metadata.is_file() {
        true => Ok(()),
        false => Err(Missing::gone("it is no file")),
    };
    is_file(real.symlink_metadata().map_err(failed)?)?;
    let file = std::fs::File::open(&real).map_err(failed)?;
    is_file(file.metadata().map_err(failed)?)?;
    let mut text = String::new();
    file.take(LONGEST + 1).read_to_string(&mut text).map_err(|error| match error.kind() {
        ErrorKind::InvalidData => Missing::gone("the file is no text"),
        _ => failed(error),
    })?;
    if text.len() as u64 > LONGEST {
        return Err(Missing::gone("the file is too long for a key"));
    }
    let kept =
        text.strip_suffix('\n').map_or(&*text, |line| line.strip_suffix('\r').unwrap_or(line));
    if kept.is_empty() {
        return Err(Missing::gone("the file is empty"));
    }
    text.truncate(kept.len());
    Ok(Secret::new(text))
}

/// The folder that a pattern begins with: the part before its first star, or the file's own folder.
fn fixed_folder(pattern: &str) -> &str {
    let fixed = pattern.split('*').next().unwrap_or_default();
    fixed.rsplit_once('/').map_or("/", |(folder, _)| if folder.is_empty() { "/" } else { folder })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_what_stands_before_the_first_star() {
        for (pattern, folder) in [
            ("/run/secrets/*", "/run/secrets"),
            ("/run/*/key", "/run"),
            ("/etc/keys/openai", "/etc/keys"),
            ("/*", "/"),
        ] {
            assert_eq!(fixed_folder(pattern), folder);
        }
    }

    #[test]
    fn links_lead_nowhere_else() {
        let folder = std::env::temp_dir().join(format!("weir-keys-{}", std::process::id()));
        let (inside, outside) = (folder.join("in"), folder.join("out"));
        for part in [&inside, &outside] {
            std::fs::create_dir_all(part).unwrap();
            std::fs::write(part.join("key"), "sk-1\r\n").unwrap();
        }
        std::os::unix::fs::symlink(outside.join("key"), inside.join("far")).unwrap();
        std::os::unix::fs::symlink(inside.join("key"), inside.join("near")).unwrap();
        let pattern = format!("{}/*", inside.display());
        let read = |name: &str| read_now(&inside.join(name), Some(&pattern));
        assert_eq!(read("key").unwrap().expose(), "sk-1");
        assert_eq!(read("near").unwrap().expose(), "sk-1");
        assert!(read("far").unwrap_err().reason.contains("outside"));
        assert!(read("none").unwrap_err().reason.contains("does not exist"));
        // The operator's own word needs no pattern.
        assert!(read_now(&inside.join("far"), None).is_ok());
        assert!(read_now(&inside, None).unwrap_err().reason.contains("no file"));
        // A pipe that nobody writes into holds nobody up.
        let pipe = inside.join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        assert!(read_now(&pipe, Some(&pattern)).unwrap_err().reason.contains("no file"));
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
