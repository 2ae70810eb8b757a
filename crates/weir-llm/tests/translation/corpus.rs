//! The documents of the golden folders.
#![expect(clippy::unwrap_used, reason = "without its documents a test is worth nothing")]

use std::fs;
use std::path::Path;

/// What clients sent.
pub(crate) fn requests() -> Vec<Vec<u8>> {
    files("request.json")
}

/// What providers answered in one piece.
pub(crate) fn answers() -> Vec<Vec<u8>> {
    files("answer.json")
}

/// What providers streamed.
pub(crate) fn streams() -> Vec<Vec<u8>> {
    files("answer.sse")
}

/// What providers streamed in frames: their lines.
pub(crate) fn frames() -> Vec<Vec<u8>> {
    files("answer.frames")
}

/// Never empty, so that there is something to choose from.
fn files(name: &str) -> Vec<Vec<u8>> {
    let mut found = vec![b"{}\n".to_vec()];
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("golden"), name, &mut found);
    found
}

fn collect(folder: &Path, name: &str, found: &mut Vec<Vec<u8>>) {
    let mut entries: Vec<_> = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            collect(&path, name, found);
        } else if path.ends_with(name) {
            found.push(fs::read(path).unwrap());
        }
    }
}
